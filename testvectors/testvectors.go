// Package testvectors holds one whole ceremony, frozen, and one file for each
// way in which a bundle can be wrong. README.md says how to test another
// implementation with them, and what they cannot test.
//
// EVERY KEY, PASSPHRASE AND MASTER KEY IN HERE IS PUBLIC. They guard nothing
// and must guard nothing, ever.
package testvectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Embedded, so that a folder that is missing does not compile.
//
//go:embed ceremony wrong
var files embed.FS

// Ceremony is the frozen ceremony:
//
//	plan.toml                 the plan, in its canonical text
//	hash.txt                  the SA-key hash, in words
//	secrets.json              what Known returns
//	stick/NAME.db/*.gfb       every bundle, as the last phase left the stick
//	notices/NAME.db/*.gfb     a cancel, a revoke and a journal, made after it
//	stores/NODE-PHASE/        the store of a node after a phase
//	journals/COPROCESSOR.cbor the journals at the end
func Ceremony() fs.FS {
	sub, err := fs.Sub(files, "ceremony")
	if err != nil {
		panic(err) // the path is a constant, and good
	}
	return sub
}

// Facts are the frozen ceremony's time and secrets.
type Facts struct {
	Warning     string            `json:"warning"`
	Now         int64             `json:"now"` // Unix seconds: the clock of every node
	Ceremony    string            `json:"ceremony"`
	SAKeyHash   string            `json:"sa_key_hash"`
	Class       string            `json:"class"`
	MasterKey   string            `json:"master_key"`       // the two parts, combined
	Parts       []string          `json:"master_key_parts"` // first and last
	Pattern     string            `json:"pattern"`
	Nodes       []NodeSecrets     `json:"nodes"`
	Passphrases map[string]string `json:"passphrases"` // by profile; the same at every node
}

// NodeSecrets are the private keys of one node. Binary values are in hex.
type NodeSecrets struct {
	Name     string `json:"name"`
	Sign     string `json:"sign"`                // Ed25519 seed, 32 bytes
	Box      string `json:"box"`                 // age identity "AGE-SECRET-KEY-1…"
	ShareBox string `json:"share_box,omitempty"` // age identity "AGE-SECRET-KEY-PQ-1…", of a target
	Audit    string `json:"audit"`               // Ed25519 seed of its coprocessor's audit key, 32 bytes
	Intake   string `json:"intake"`              // age identity "AGE-SECRET-KEY-1…"
	Receipt  string `json:"receipt,omitempty"`   // Ed25519 seed, 32 bytes, of a target
	// Shares are the keys of a target's share officers: X25519, 32 bytes each.
	Shares  []string `json:"shares,omitempty"`
	KeyCard string   `json:"key_card"` // FORMAT.md §5: the words, and the digits in brackets

	Officers map[string]string `json:"officers"` // Ed25519 seed of each officer's key at its coprocessor, 32 bytes
}

// Known returns what is in secrets.json.
func Known() Facts {
	var f Facts
	decode("ceremony/secrets.json", &f)
	return f
}

// Node returns the secrets of a node; zero for an unknown one.
func (f Facts) Node(name string) NodeSecrets {
	for _, n := range f.Nodes {
		if n.Name == name {
			return n
		}
	}
	return NodeSecrets{}
}

// Merge is the phase of a vector that no node meets: journals are read by
// whoever merges the transcript.
const Merge = "merge"

// Take is the phase of a vector that a node meets when it takes in what was
// cancelled (gapferry cancel --from): no phase opens a cancel.
const Take = "cancel"

// Layer is what must refuse a vector. Every layer before it accepts.
type Layer string

// The layers, in the order in which a bundle meets them.
const (
	AtParse       Layer = "parse"       // FORMAT.md §9, steps 1 to 7
	AtVerify      Layer = "verify"      // steps 8 to 10
	AtOpen        Layer = "open"        // steps 11 to 14; shares are never opened here
	AtCeremony    Layer = "ceremony"    // a node with its plan and its journal
	AtCoprocessor Layer = "coprocessor" // the target's coprocessor, with its accepted statement
)

// Layers lists them in that order.
var Layers = []Layer{AtParse, AtVerify, AtOpen, AtCeremony, AtCoprocessor}

// Vector is a file that is wrong in one way.
type Vector struct {
	Name  string `json:"name"`  // of its file, without .gfb
	Wrong string `json:"wrong"` // what is wrong with it
	Layer Layer  `json:"layer"`
	// Step is that of FORMAT.md §9, 1 to 14; 0 behind it.
	Step int `json:"step,omitempty"`
	// Error is the Go error that the layer refuses with, "bundle.ErrFormat" or
	// "coproc.ErrShareSet"; empty where it is the ceremony.
	Error string `json:"error,omitempty"`
	// Code is the refusal of a node that finds it on a stick.
	Code string `json:"code"`
	// Says is a part of what this implementation says of it.
	Says string `json:"says"`

	// Where a node meets it: the node and the phase; its store, which is
	// below stores/ of the ceremony, or empty for a store just made from the
	// plan; and the database on the stick that it lies in.
	Node   string `json:"node"`
	Store  string `json:"store,omitempty"`
	Phase  string `json:"phase"`
	Folder string `json:"folder"`
	// WithPaths are the good files that lie on the stick beside it; BasePath is the
	// good file in whose place it is, where there is one.
	WithPaths []string `json:"with,omitempty"`
	BasePath  string   `json:"base,omitempty"`
	Recipe    *Recipe  `json:"recipe,omitempty"`

	data []byte
}

// Recipe makes a file too large to be kept: the head, Count zero bytes, the tail.
type Recipe struct {
	Head  string `json:"head"` // paths
	Count int    `json:"zeros"`
	Tail  string `json:"tail"`
}

// File is a file on a stick.
type File struct {
	Folder string // "csr1.db"
	Name   string
	Data   []byte
}

// Bytes is the wrong bundle.
func (v Vector) Bytes() []byte { return slices.Clone(v.data) }

// File is the wrong bundle as it lies on the stick.
func (v Vector) File() File { return File{v.Folder, v.Name + ".gfb", v.Bytes()} }

// With are the good files beside it.
func (v Vector) With() []File {
	var with []File
	for _, p := range v.WithPaths {
		with = append(with, v.file(p))
	}
	return with
}

// Base is the good file in whose place it is; without data where there is none.
func (v Vector) Base() File {
	if v.BasePath == "" {
		return File{}
	}
	return v.file(v.BasePath)
}

// file reads a file. What does not lie in a database lies in the vector's.
func (v Vector) file(p string) File {
	folder := path.Base(path.Dir(p))
	if !strings.HasSuffix(folder, ".db") {
		folder = v.Folder
	}
	return File{folder, path.Base(p), read(p)}
}

// Wrong lists the vectors, sorted by name.
func Wrong() []Vector {
	var all []Vector
	decode("wrong/index.json", &all)
	for i := range all {
		v := &all[i]
		if r := v.Recipe; r != nil {
			v.data = slices.Concat(read(r.Head), make([]byte, r.Count), read(r.Tail))
			continue
		}
		v.data = read("wrong/" + v.Name + ".gfb")
	}
	slices.SortFunc(all, func(a, b Vector) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// read and decode panic: what is embedded does not change at run time.
func read(p string) []byte {
	b, err := files.ReadFile(p)
	if err != nil {
		panic(fmt.Sprintf("testvectors: %v", err))
	}
	return b
}

func decode(p string, v any) {
	if err := json.Unmarshal(read(p), v); err != nil {
		panic(fmt.Sprintf("testvectors: %s: %v", p, err))
	}
}
