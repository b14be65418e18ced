// Package media carries bundles between rooms: names and bytes, nothing else.
//
// A Dir is one medium in this room: a directory that OpenDir was given, or a
// stick that package media/usb found. On it lie databases: folders named like
// "csr1.db", which hold files named like "csr-cert-sa-0003-9f86d081.gfb" and
// are only ever added to. The package does not look into a file; what it
// returns is unverified.
//
//	<root>/sa.db/sa-key-sa-0001-1a2b3c4d.gfb
//	<root>/csr1.db/…
//
// Whoever carries the stick is the adversary, so Read follows no link, opens
// nothing that is not a regular file, reads each file once into memory with a
// bound on everything, and says what it left out (Skipped).
//
// A stick is pulled out early, is full, is worn out, so Write says "written"
// only after the bytes were read back from the device itself. See the recipe in
// write_linux.go: the textbook way to replace a file is not safe on FAT. What
// it cannot know is what a stick's own controller still holds back: a record
// should say "written and read back", never "delivered".
//
// Dir.Prepare marks a medium, Dir.Check tells what is on it, Dir.Verify reads a
// file again after the stick was unplugged, Dir.Wipe removes a folder.
// WriteFileNew writes a file of this computer with the same care.
//
// Linux is the platform this package is for. Elsewhere directories work with
// the weaker steps that write_other.go names.
package media
