package transcript

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

func (f Finding) text() string {
	weight := [...]string{Note: "note", Exception: "exception", Open: "open", Fault: "FAULT"}[f.Severity]
	return fmt.Sprintf("%s %s %s:%d %s", weight, f.Rule, f.Ref.Node, f.Ref.Record, f.Text)
}

func texts(r *Result) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.text())
	}
	return strings.Join(all, "\n")
}

// TestUntouched: a ceremony as it should be verifies, and all that is told are
// the shares that nobody needed.
func TestUntouched(t *testing.T) {
	for _, s := range []shape{
		{m: 2, n: 3, targets: 2},
		{m: 2, n: 2, targets: 1, rehearsal: true},
		{m: 3, n: 5, targets: 3, saWith: "css"},
		{m: 2, n: 2, targets: 2, saWith: "csr1"},
	} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			w := newWorld(s).run()
			r := Verify(w.file(t), w.hash)
			want := VerifiedWithExceptions
			if s.m == s.n {
				want = Verified
			}
			if r.Verdict() != want {
				t.Errorf("verdict %d, want %d:\n%s", r.Verdict(), want, texts(r))
			}
			for _, x := range r.Targets {
				if x.State != HasKey || !x.Equal || x.Pattern != "0102030405060708" {
					t.Errorf("target %+v", x)
				}
			}
			if r.Pattern != "0102030405060708" || len(r.Targets) != s.targets {
				t.Errorf("pattern %s, %d targets", r.Pattern, len(r.Targets))
			}
			for _, row := range r.Rows {
				if row.State == RowOpen || row.State == RowDone && row.By != row.Profile {
					t.Errorf("row %+v", row)
				}
			}
			for _, j := range r.Journals {
				if j.Missing || !j.Certified || j.By != "AUDITOR" {
					t.Errorf("journal %+v", j)
				}
			}
		})
	}
}

// Making the source's master key, and a target's key of its own, belongs to a
// ceremony; after that key had its part in it, an auditor wants to know.
func TestPlainActs(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	act := func(node string, task procedure.TaskID, profile string) {
		w.nodes[node].b.write(profile, journal.Record{Event: journal.EventAct, Node: node, Task: task, Text: string(task), Data: w.registers(journal.ActData{})})
	}
	w.onRecord = func(_ *book, r *journal.Record) sign {
		if r.Event == journal.EventTask && r.Task == procedure.TaskAudit && r.Node == "css" {
			r.Event, r.Task, r.Text, r.Data = journal.EventAct, "random", "random", w.registers(journal.ActData{})
			r.Profile = "KEYGEN"
		}
		return signed
	}
	w.at = func(point string) {
		switch point {
		case "certified":
			act("csr1", "first-part", "PART1")
			act("csr1", "last-part", "PART2")
			act("csr1", "set", "SETTER")
			act("sa", procedure.TaskAudit, "AUDITOR")
			w.books["css"].changePassphrase("SHARE1")
		case "received":
			act("csr1", "set", "SETTER")
			act("css", "random", "KEYGEN")
		}
	}
	var got []string
	for _, f := range Verify(w.run().file(t), w.hash).Findings {
		if f.Rule == "act" {
			got = append(got, f.Ref.Node+" "+f.Text)
		}
	}
	if want := []string{"csr1 SETTER (Set): set", "css KEYGEN (Kay): random"}; !slices.Equal(got, want) {
		t.Errorf("told: %q, want %q", got, want)
	}
}

// A revoke is taken in by whoever comes first in a phase, and that is as it
// should be.
func TestRevokeInAPhase(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.onRecord = func(_ *book, r *journal.Record) sign {
		if r.Event == journal.EventReceived && r.Kind == bundle.KindRevoke {
			r.Phase, r.Profile = "3c", "SHARE1"
		}
		return signed
	}
	w.at = func(point string) {
		if point == "received" {
			w.takeRevoke("css", "csr1", w.revoke("csr1"))
		}
	}
	r := Verify(w.run().file(t), w.hash)
	for _, f := range r.Findings {
		if f.Severity == Fault {
			t.Error(f.text())
		}
	}
	if r.Targets[0].Revoked == "" {
		t.Errorf("nobody told of it: %s", texts(r))
	}
}
