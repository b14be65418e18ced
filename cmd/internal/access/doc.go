// Package access compares the access controls of a coprocessor, as it reads
// them back itself, with the plan: who could do what, what differs, and what
// must not be whether the plan has it or not, such as one officer able to do
// both halves of a dual act.
//
// Audit is pure. It asks no coprocessor and writes no journal; package ceremony
// has the auditor log on, and keeps what was found.
package access
