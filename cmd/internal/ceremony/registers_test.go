package ceremony

import (
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// act is an officer's act on the registers of a node.
func (w *world) act(node string, a Act) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	if _, err := n.RunAct(a, w.people); err != nil {
		w.t.Fatal(err)
	}
}

func clearAct() Act {
	return Act{
		Text: "clear", Task: "set", Clears: true, Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Set },
		Do: func(s ActSession) (string, error) { _, err := s.Keys.ClearNew(coproc.SymMK); return "", err },
	}
}

// Another key set at a target that was done: nothing there says any more that
// it has the source's, and its receipt is not handed out again.
func TestReplaced(t *testing.T) {
	w := after(t, small, "3d")
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal || r.Targets[0].LoggedOn {
		t.Errorf("before: %+v", r.Targets)
	}
	now := w.masterKey("csr1")
	r, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeReplaced, "csr1 was given the master key "+w.pattern.String()+" and does not have it as its current one any more: the current SYM-MK register is full "+now.String())
	if len(r.Targets) != 1 || r.Targets[0].Equal || r.Targets[0].Pattern != now.String() || r.Complete || len(r.Written) > 0 {
		t.Errorf("%+v", r)
	}
	n := w.open("csr1")
	_, err = n.Resend(Resend{Kind: bundle.KindReceipt}, w.stick.deliver)
	mustRefuse(t, err, refusal.CodeReplaced, "")
	board := n.Board()
	n.Close()
	if x := board[0].Replaced; x == nil || x.Cloned != w.pattern.String() || x.Current != "full "+now.String() || x.Record == 0 {
		t.Errorf("status: %+v", x)
	}
}

// The source replaces its key after it gave out shares: whoever compares
// receipts there is told.
func TestReplacedAtSource(t *testing.T) {
	w := after(t, small, "3d")
	now := w.masterKey("css")
	all, err := w.receipts("css", Options{})
	if err != nil || len(all) != 1 || all[0].SourceNow != "full "+now.String() || all[0].Pattern != w.pattern.String() {
		t.Errorf("%+v, %v", all, err)
	}
	n := w.open("css")
	defer n.Close()
	if s := n.Status(); s.Replaced == nil || s.Replaced.Current != "full "+now.String() {
		t.Errorf("status: %+v", s.Replaced)
	}
}

// An act whose record was lost in a crash is found by whoever logs on next.
func TestRegistersFound(t *testing.T) {
	w := after(t, small, "3d")
	for _, a := range []Act{
		{Text: "make", Officer: func(p *plan.Node) string { return p.Officers.Random },
			Do: func(s ActSession) (string, error) { _, err := s.Keys.GenerateMasterKey(coproc.SymMK); return "", err }},
		{Text: "set, and no word of it", Officer: func(p *plan.Node) string { return p.Officers.Set },
			Do: func(s ActSession) (string, error) { _, err := s.Keys.SetMasterKey(coproc.SymMK); return "", err }},
	} {
		w.act("csr1", a) // without Class the record has no data
	}
	n := w.open("csr1")
	defer n.Close()
	if _, err := n.Audit(w.people); err != nil {
		t.Fatal(err)
	}
	records := n.Records()
	if found := records[len(records)-2]; found.Event != journal.EventFound || found.Profile != "AUDITOR" || found.Node != "csr1" {
		t.Errorf("%+v", found)
	}
	if err := n.refuseReplaced(n.Plan().Node("csr1")); err == nil {
		t.Error("it counts as having the key")
	}
	if _, err := n.Audit(w.people); err != nil {
		t.Fatal(err)
	}
	if again := n.Records(); len(again) != len(records)+1 {
		t.Errorf("it was found twice: %d records, then %d", len(records), len(again))
	}
}

// The new register is cleared when all is done: it was empty, and all stays
// done.
func TestClearedAfterSet(t *testing.T) {
	w := after(t, small, "3d")
	w.act("csr1", clearAct())
	n := w.open("csr1")
	for _, p := range n.Status().Phases {
		if !p.Done {
			t.Errorf("phase %s of %s is open", p.Phase, p.Node)
		}
	}
	if need := n.SharesNeeded(); need != 0 {
		t.Errorf("%d shares are needed", need)
	}
	n.Close()
	w.people.asked = nil
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal || len(w.people.asked) > 0 {
		t.Errorf("%+v, asked %v", r, w.people.asked)
	}
}
