package main

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// long is whether the long loops try every case, as CI does; without it each
// takes a sample. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""

// sampled says in a test's log that it is not the whole loop.
func sampled(t testing.TB) {
	t.Helper()
	if !long {
		t.Log("a sample; GAPFERRY_LONG=1 tries every case")
	}
}

// stages are the states of the plain ceremony, one target and cheap
// passphrases, in their order: "init" (three rooms, and the known key at the
// source), and behind each phase.
var stages = []struct{ room, phase string }{
	{"", "init"}, {"sa", "1"}, {"css", "2a"}, {"csr1", "3a"}, {"sa", "2b"}, {"sa", "3b"}, {"css", "3c"}, {"csr1", "3d"},
}

// plain is the plain ceremony, played once: a copy of its directory behind
// each stage, its card, and what its processes printed.
var plain struct {
	sync.Mutex
	dir   string // removed when all tests have run
	done  int    // stages that were played
	last  *rooms
	hash  []string
	words [][]string
}

// after gives a ceremony behind a stage, for a test of its own to go on with.
// The stages before it are played once for all tests.
func after(t testing.TB, stage string) *rooms {
	t.Helper()
	skipUnderRace(t)
	skipShort(t)
	plain.Lock()
	defer plain.Unlock()
	at := slices.IndexFunc(stages, func(s struct{ room, phase string }) bool { return s.phase == stage })
	for ; plain.done <= at; plain.done++ {
		playStage(t, stages[plain.done].room, stages[plain.done].phase)
	}
	r := &rooms{t: t, dir: t.TempDir(), hash: plain.hash[at], words: slices.Clone(plain.words[at])}
	r.plan = filepath.Join(r.dir, "plan.toml")
	copyTree(t, filepath.Join(plain.dir, stage), r.dir)
	return r
}

// playStage goes on with the plain ceremony by one stage.
func playStage(t testing.TB, room, phase string) {
	t.Helper()
	if plain.dir == "" {
		dir, err := os.MkdirTemp("", "gapferry-test-")
		if err != nil {
			t.Fatal(err)
		}
		plain.dir = dir
	}
	r := plain.last
	if r == nil {
		r = &rooms{dir: filepath.Join(plain.dir, "now")}
	}
	r.t = t
	switch phase {
	case "init":
		r.furnish("--targets", "1", "--rehearsal")
		for _, node := range []string{"sa", "css", "csr1"} {
			r.init(node, node)
		}
		r.loadKnownKey("css")
	case "1":
		r.phase1(room)
	default:
		r.must(r.phaseCall(room, phase))
	}
	copyTree(t, r.dir, filepath.Join(plain.dir, phase))
	plain.last, plain.hash, plain.words = r, append(plain.hash, r.hash), append(plain.words, slices.Clone(r.words))
}
