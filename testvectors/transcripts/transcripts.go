// Package transcripts holds a good transcript and others that differ from it by a
// bundle or two, with the verdict and the findings of each: vectors for whoever
// writes another verifier from TRANSCRIPT.md. README.md says how to use them.
//
// EVERY KEY IN HERE IS PUBLIC. They guard nothing and must guard nothing, ever.
package transcripts

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed *.gft *.gfb index.json
var files embed.FS

// Vector is a transcript, what is wrong with it or worth telling, and what
// verifying it comes to.
type Vector struct {
	Name string `json:"name"`
	What string `json:"what"` // in words
	// It is good.gft without the bundles with these SHA-256 digests (hex), and with
	// those in these files.
	Without []string `json:"without,omitempty"`
	With    []string `json:"with,omitempty"`
	Hash    string   `json:"hash,omitempty"` // SA-key hash in hex, where it is not that of Good
	Verdict string   `json:"verdict"`        // "good", "excepted", "incomplete" or "bad"
	// Findings are all that there are, in any order.
	Findings []Finding `json:"findings"`
}

// Finding is what a rule says of a record, of a node, or of neither.
type Finding struct {
	Weight string `json:"weight"` // "fault", "open", "exception" or "note"
	Rule   string `json:"rule"`
	Node   string `json:"node,omitempty"`
	Record uint64 `json:"record,omitempty"`
}

// Index is what index.json has.
type Index struct {
	Ceremony string   `json:"ceremony"` // id, hex
	Hash     string   `json:"hash"`     // SA-key hash, hex
	Vectors  []Vector `json:"vectors"`
}

// All returns the index.
func All() Index {
	var all Index
	if err := json.Unmarshal(Read("index.json"), &all); err != nil {
		panic(fmt.Sprintf("testvectors/transcripts: %v", err)) // what is embedded does not change at run time
	}
	return all
}

// Read returns one of the files: "good.gft", or one that a Vector names.
func Read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("testvectors/transcripts: %v", err))
	}
	return b
}
