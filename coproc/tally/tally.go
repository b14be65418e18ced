// Package tally counts the work that a file from outside can cause. Nothing
// but tests reads it: they bound by it what hostile files cost, on any machine
// and under any load.
package tally

import "sync/atomic"

var (
	// Signatures counts signatures that were checked.
	Signatures atomic.Int64
	// Hashed counts bytes: those that a signature was checked over, and those
	// of files whose digest was taken.
	Hashed atomic.Int64
	// Formatted counts bytes: the texts of other parsers' errors, before they
	// were clipped.
	Formatted atomic.Int64
	// Decrypted counts age files that were to be opened. One that is sealed to
	// words costs as much as a hundred signatures.
	Decrypted atomic.Int64
)
