package transcript

import (
	"slices"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// otherKey is the pattern of a master key that nobody cloned.
var otherKey = coproc.Pattern{9, 9, 9, 9, 9, 9, 9, 9}

// findingsOf are the texts of a rule's findings of one weight.
func findingsOf(r *Result, rule string, weight Severity) []string {
	var texts []string
	for _, f := range r.Findings {
		if f.Rule == rule && f.Severity == weight {
			texts = append(texts, f.Ref.Node+": "+f.Text)
		}
	}
	return texts
}

// What officers do to the registers of a target after its receipt decides what
// is said of it: not what was once set.
func TestAfterTheReceipt(t *testing.T) {
	cloned := coproc.Pattern{1, 2, 3, 4, 5, 6, 7, 8}
	random := journal.ActData{New: full(otherKey), Current: full(cloned)}
	set := journal.ActData{Current: full(otherKey), Old: full(cloned)}
	for name, c := range map[string]struct {
		act     func(w *world)
		state   TargetState
		pattern coproc.Pattern
		fault   string
		told    string
	}{
		"another key set": {func(w *world) {
			w.act("csr1", "KEYGEN", "random", random)
			w.act("csr1", "SETTER", "set", set)
		}, ReplacedT, otherKey, "csr1: csr1 DOES NOT HAVE THE MASTER KEY any more: it was set in record 16, and after that set: its current register is full 0909090909090909, its old one still has it", ""},
		"found without a record of the act": {func(w *world) {
			w.nodes["csr1"].b.write("AUDITOR", journal.Record{Event: journal.EventFound, Node: "csr1", Text: "it is another one", Data: w.registers(set)})
		}, ReplacedT, otherKey, "csr1: csr1 DOES NOT HAVE THE MASTER KEY any more: it was set in record 16, and after that it is another one: its current register is full 0909090909090909, its old one still has it", ""},
		"and again": {func(w *world) {
			w.act("csr1", "SETTER", "set", set)
			w.act("csr1", "SETTER", "set", journal.ActData{Current: full(cloned), Old: full(otherKey)})
		}, HasKey, cloned, "", ""},
		"another key made and not set": {func(w *world) {
			w.act("csr1", "KEYGEN", "random", random)
		}, HasKey, cloned, "", "csr1: the new register of csr1 is full 0909090909090909: set, it would take the place of the master key"},
		"new register cleared": {func(w *world) {
			w.act("csr1", "SETTER", "clear", journal.ActData{Current: full(cloned)})
		}, HasKey, cloned, "", ""},
		"another class": {func(w *world) {
			w.nodes["csr1"].b.write("SETTER", journal.Record{Event: journal.EventAct, Node: "csr1", Task: "set", Text: "set",
				Data: data(journal.ActData{Class: coproc.AsymMK, Current: full(otherKey)})})
		}, HasKey, cloned, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.at = func(point string) {
				if point == "received" {
					c.act(w)
				}
			}
			r := Verify(w.run().file(t), w.hash)
			NoteWeights(r)
			x := r.Targets[0]
			if x.State != c.state || x.Pattern != c.pattern.String() || x.Equal != (c.fault == "") {
				t.Errorf("target %q with %s, equal %v", x.State, x.Pattern, x.Equal)
			}
			if want := words(c.fault); !slices.Equal(findingsOf(r, "target", Fault), want) || r.Count(Fault) != len(want) {
				t.Errorf("%d faults: %q\nwant %q", r.Count(Fault), texts(r), want)
			}
			if want := words(c.told); !slices.Equal(findingsOf(r, "target", Exception), want) {
				t.Errorf("told %q\nwant %q", findingsOf(r, "target", Exception), want)
			}
			if bad := r.Verdict() == NotVerified; bad != (c.fault != "") {
				t.Errorf("verdict: %s", r.Headline())
			}
		})
	}
}

func words(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// The source's key is not the ceremony's result: that it was replaced after
// shares were given out is told, in the findings and beside its pattern.
func TestSourceReplaced(t *testing.T) {
	for _, point := range []string{"obtained", "received"} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p == point {
				w.act("css", "SETTER", "set", journal.ActData{Current: full(otherKey)})
			}
		}
		r := Verify(w.run().file(t), w.hash)
		want := []string{"css: css HAS ANOTHER MASTER KEY than the one that was cloned from it: 0102030405060708 was given out, its current register is full 0909090909090909"}
		if got := findingsOf(r, "target", Exception); !slices.Equal(got, want) || r.Verdict() != VerifiedWithExceptions {
			t.Errorf("%s: %s\n%q", point, r.Headline(), texts(r))
		}
		if r.Now != "full 0909090909090909" || r.Pattern != "0102030405060708" {
			t.Errorf("pattern %s, now %s", r.Pattern, r.Now)
		}
	}
	w := newWorld(shape{m: 2, n: 2, targets: 1}) // before it was obtained: a key of its own
	w.at = func(p string) {
		if p == "begun" {
			w.act("css", "SETTER", "set", journal.ActData{Current: full(w.pattern)})
		}
	}
	if r := Verify(w.run().file(t), w.hash); r.Now != "" {
		t.Errorf("now %s", r.Now)
	}
}

// The source obtained another master key than the one that the last act left in
// its current register: an old state of its coprocessor was put back, and its
// journal was not.
func TestObtainedIsNotWhatWasSet(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		if p == "begun" {
			w.act("css", "SETTER", "set", journal.ActData{Current: full(w.pattern)})
			w.act("css", "SETTER", "set", journal.ActData{Current: full(otherKey), Old: full(w.pattern)})
		}
	}
	r := Verify(w.run().file(t), w.hash)
	want := []string{"css: the master key that was obtained has pattern 0102030405060708, record 8 left the current register full 0909090909090909"}
	if got := findingsOf(r, "pattern", Fault); !slices.Equal(got, want) || r.Verdict() != NotVerified {
		t.Errorf("%s\n%q", r.Headline(), texts(r))
	}
}
