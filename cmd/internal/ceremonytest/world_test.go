package ceremonytest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// A ceremony in which nothing goes wrong: nobody wonders at anything, and its
// transcript verifies.
func TestNothingGoesWrong(t *testing.T) {
	w, err := Begin("one", 7)
	if err != nil {
		t.Fatal(err)
	}
	defer CloseStages()
	defer w.Close()
	o := &operator{w: w}
	for _, c := range o.receivers() {
		if err := w.Receipts(c, Faults{}); err != nil {
			t.Error(err)
		}
	}
	o.exportAll()
	r, err := w.Transcript()
	if err != nil || r.Verdict() > transcript.VerifiedWithExceptions {
		t.Errorf("%v, %s", err, r.Headline())
	}
	if w.Current("csr1") != w.noted || w.noted == "" {
		t.Errorf("csr1 has %q, the worksheet %q", w.Current("csr1"), w.noted)
	}
	if len(w.Wrong)+len(w.Odd) > 0 {
		t.Errorf("%q %q\n%s", w.Wrong, w.Odd, strings.Join(w.Trace, "\n"))
	}
}

// What must not be is seen: each guard of the World goes off where it has to.
func TestGuards(t *testing.T) {
	w, err := Begin("one", 6)
	if err != nil {
		t.Fatal(err)
	}
	defer CloseStages()
	defer w.Close()
	guard := func(what, want string, do func(*World)) {
		t.Helper()
		c, err := w.Clone()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		do(c)
		if len(c.Wrong) == 0 || !strings.Contains(c.Wrong[0], want) {
			t.Errorf("%s: %q", what, c.Wrong)
		}
	}
	guard("a master key from nowhere", "neither its own nor the source's", func(c *World) {
		_ = c.MasterKey("csr1", "generate", nil, Faults{})
		c.rooms["csr1"].own = map[string]bool{}
		_ = c.MasterKey("csr1", "set", nil, Faults{})
	})
	guard("a set that nobody verified", "no record says that it was verified", func(c *World) {
		_ = c.MasterKey("csr1", "generate", nil, Faults{})
		c.rooms["csr1"].own = map[string]bool{}
		c.stated["csr1 "+c.rooms["csr1"].holds.Register(c.class()).New.Pattern.String()] = true
		_ = c.MasterKey("csr1", "set", nil, Faults{})
	})
	guard("an error that is no refusal", "no refusal", func(c *World) {
		_ = c.command("csr1", "an act", Faults{}, func(*ceremony.Node, *people, deliver) error { return strings.NewReader("").UnreadByte() })
	})
	guard("a panic", "panic", func(c *World) {
		_ = c.command("csr1", "an act", Faults{}, func(*ceremony.Node, *people, deliver) error { panic("at the disco") })
	})
	guard("an accusation", "accused", func(c *World) {
		c.tear("csr1", 0)
		c.judgeError("an act", &refusal.Error{Code: refusal.CodeJournal})
	})
}

// A walk that fails gets shorter, and stays what it was.
func TestMinimise(t *testing.T) {
	if testing.Short() {
		t.Skip("some walks")
	}
	defer CloseStages()
	moves = append(moves, move{"a bad day", 0, 0, func(w *World, _ *rand.Rand) { w.wrong("a bad day") }})
	defer func() { moves = moves[:len(moves)-1] }()
	k := Walk{Seed: 1, Plan: "one", Stage: 7, Moves: []Move{{"fresh sticks", 1}, {"a bad day", 2}, {"lose files", 3}}}
	r, err := k.Minimise(nil, 6)
	if err != nil || len(r.Moves) != 1 || r.Moves[0].Kind != "a bad day" {
		t.Errorf("%v, %v", r.Moves, err)
	}
}
