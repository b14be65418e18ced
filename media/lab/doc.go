// Package lab has no code, only tests: machines in QEMU without a network
// card, between which a stick is carried, pulled out while it is written to,
// and whose writes are replayed up to every point. See README.md.
package lab
