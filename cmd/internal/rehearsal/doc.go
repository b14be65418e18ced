// Package rehearsal does a whole ceremony in one process, through the same code as the
// real commands: every room has a store of its own, sticks are directories, every
// officer a random passphrase, and the card is passed on in memory.
package rehearsal
