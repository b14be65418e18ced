// Package ceremony does the procedure in one room: it opens the store of this
// room's coprocessor, has the officers log on one after the other, and does with
// each the tasks that are theirs.
//
// A caller opens a Node and calls one of its methods: one for a phase of the
// procedure or a single task of it, and one for each act outside of the phases
// (cancel, revoke, receipts, journal export, remarks, master-key registers). The
// caller brings what the carriers held, somebody who asks the officers, and a
// function that hands bundles out: no carrier and no terminal is known here. Each
// method can be called again after any interruption: what was done stays done, and
// the same bundles are handed out.
//
// What a bundle from another room claims is believed only after it was verified
// up to the SA-key hash that this room's officers registered. What is not done comes
// back as a *refusal.Error; every act and every refusal is in the journal.
package ceremony
