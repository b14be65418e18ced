// Package journal is what a node's store remembers: an append-only, chained
// list of records, each signed with a key of the officer who did what it tells.
//
// A journal file is a CBOR sequence (RFC 8742) in deterministic encoding. Parse
// and Open check the whole chain; Append adds a record while an officer is
// logged on. What the records of one journal come to is in package history;
// TRANSCRIPT.md says what an auditor makes of several journals.
package journal
