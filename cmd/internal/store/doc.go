// Package store is the folder in which one coprocessor's side of a ceremony lies:
// the plan that it was made with, the journal, the outbox of bundles that were
// made, the coprocessor itself, and the lock that lets one process work in it.
//
// A store is made once, whole or not at all (SiteFor, Site.Make), is opened to work in
// it (Open) or only to read what its journal says (Look), and says in words why
// neither can be done. Whatever is done goes into its journal first (Append); a
// bundle is kept before it leaves (Keep), and is handed out again as it was
// written (Load).
//
// It knows no phases and asks nobody: what is to be done here, and by whom, is for
// package ceremony.
package store
