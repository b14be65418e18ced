package bundle

import "github.com/gapferry/gapferry/coproc"

// Incoming is a file from a carrier. Nothing of it has been verified.
type Incoming struct {
	Folder string // "csr1.db"
	Name   string
	Data   []byte
	// Problem says why the carrier could not give the file's data, or is "".
	Problem string
}

// Outgoing is a bundle for a carrier.
type Outgoing struct {
	Folder string
	Name   string
	Data   []byte
	Kind   Kind
	Peer   string // the target concerned, or ""
	Share  int
	Digest coproc.Digest
	Copies []string // the carriers that it was put on before
}

// ScreenCarrier is the name of a screen as a carrier: it shows a bundle to whoever
// reads it, and keeps nothing.
const ScreenCarrier = "screen:"

// Delivery says what became of a bundle that a carrier took.
type Delivery struct {
	Carrier string // its name; empty if it did not take the bundle this time
	How     string // what was done, in words: "wrote csr1.db/… to dir:STICK and read it back"
	New     bool   // it was not there before, though a medium of that name may have had it
}
