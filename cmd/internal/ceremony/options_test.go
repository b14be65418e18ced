package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

func TestUnknownOptions(t *testing.T) {
	w := after(t, standard, "3b")
	for _, c := range []struct {
		o    Options
		code refusal.Code
		want string
	}{
		{Options{Targets: []string{"csr3"}}, refusal.CodeNotHere, `"csr3" is not a target of the plan`},
		{Options{Targets: []string{"css"}}, refusal.CodeNotHere, `"css" is not a target of the plan`},
		{Options{Renew: []string{"sa"}}, refusal.CodeNotHere, `"sa" is neither the source nor a target of the plan`},
		{Options{Shares: []int{4}}, refusal.CodeShareIndex, "there is no share 4: the plan has shares 1 to 3"},
		{Options{Shares: []int{0}}, refusal.CodeShareIndex, "there is no share 0: the plan has shares 1 to 3"},
		{Options{GiveUp: []int{-1}}, refusal.CodeShareIndex, "there is no share -1: the plan has shares 1 to 3"},
	} {
		_, err := w.try("css", "3c", c.o)
		mustRefuse(t, err, c.code, c.want)
	}
}

// Each share officer comes alone, on a day of their own, and so at the target.
func TestEachShareAlone(t *testing.T) {
	w := after(t, standard, "3b")
	for _, i := range []int{3, 1, 2} {
		w.people.asked = nil
		r, err := w.try("css", "3c", Options{Shares: []int{i}})
		if err != nil {
			t.Fatal(err)
		}
		if want := i == 2; r.Complete != want {
			t.Errorf("after share %d: complete is %t, waiting for %q", i, r.Complete, r.Waiting)
		}
		for _, who := range w.people.asked {
			if who != w.plan.Source().Officers.ObtainShares[i-1] {
				t.Errorf("share %d: %s was asked to log on", i, who)
			}
		}
		if n := len(w.stick.sent("csr1.db/statement")); (n == 1) != (i == 2) {
			t.Errorf("after share %d there are %d statements", i, n)
		}
	}
	_, err := w.try("csr1", "3d", Options{Shares: []int{3}})
	mustRefuse(t, err, refusal.CodeMissing, "1 of 2 needed shares are installed; bring 1 more of share 1, 2")
	r, err := w.try("csr1", "3d", Options{Shares: []int{2}})
	if err != nil || !r.Complete || !r.Targets[0].Equal {
		t.Errorf("with the second share: %+v, %v", r, err)
	}
}

// One target now, the other later; a stick with one of them only.
func TestOneTarget(t *testing.T) {
	w := after(t, standard, "3b")
	r, err := w.try("css", "3c", Options{Targets: []string{"csr2"}})
	if err != nil || !r.Complete {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(w.stick.sent("csr1.db/share")) != 0 || len(w.stick.sent("csr2.db/share")) != 3 {
		t.Error("the wrong shares were made")
	}
	w = after(t, standard, "3b")
	for _, path := range w.stick.sent("csr1.db/") {
		delete(w.stick, path)
	}
	r, err = w.try("css", "3c", Options{})
	if err != nil || r.Complete || strings.Join(r.Waiting, "") != "csr1: its csr-cert is not here" {
		t.Errorf("without csr1's database: %+v, %v", r, err)
	}
}

// A share officer is ill: n of m remain, and the statement says so.
func TestGiveUpShare(t *testing.T) {
	w := after(t, standard, "3b")
	r, err := w.try("css", "3c", Options{GiveUp: []int{2}})
	if err != nil || !r.Complete {
		t.Fatalf("%+v, %v", r, err)
	}
	if n := len(w.stick.sent("csr1.db/share-02")); n != 0 {
		t.Error("the share that was given up is on the stick")
	}
	again := w.phase("css", "3c")
	if len(again.Written) != len(r.Written) {
		t.Errorf("again %d bundles were handed out, first %d", len(again.Written), len(r.Written))
	}
	w.phase("csr1", "3d")
	w.phase("csr2", "3d")
	if got := w.info("csr2").Register(coproc.SymMK).Current.Pattern; got != w.pattern {
		t.Errorf("csr2 has %s, want %s", got, w.pattern)
	}

	// Two of three are too many.
	w = after(t, standard, "3b")
	_, err = w.try("css", "3c", Options{GiveUp: []int{1, 3}})
	mustRefuse(t, err, refusal.CodeShareState, "1 shares would remain for csr1, 2 are needed")
	if len(w.stick.sent("csr1.db/statement")) != 0 {
		t.Error("a statement was made")
	}
	if r, err := w.try("css", "3c", Options{}); err != nil || !r.Complete {
		t.Errorf("going on with the others: %+v, %v", r, err)
	}

	// One that is on its way cannot be given up any more.
	w = after(t, standard, "3b")
	if _, err := w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	r, err = w.try("css", "3c", Options{GiveUp: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	n := w.open("css")
	defer n.Close()
	for _, rec := range n.Records() {
		if strings.Contains(rec.Text, "will not be obtained") {
			t.Errorf("the journal says %q of a share that was handed out", rec.Text)
		}
	}
	if !r.Complete {
		t.Errorf("%+v", r)
	}
}

// A target that was set up anew after its shares were made needs new ones:
// handing out the old ones again, as if all were done, helps nobody.
func TestRenewedAfterShares(t *testing.T) {
	w := after(t, small, "3c")
	certPath, _ := w.one("csr1.db/csr-cert")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, certPath)
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeShareSet, "there is a newer certificate of csr1 than the one that its shares were given out for")
	n := w.open("css")
	if _, err := n.Cancel("csr1", "it was set up anew", Options{}, w.people); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Resend(Resend{Kind: bundle.KindStatement}, w.stick.deliver); err == nil {
		t.Error("the voided statement was handed out again")
	}
	n.Close()
	for _, path := range append(w.stick.sent("csr1.db/share"), w.stick.sent("csr1.db/statement")...) {
		delete(w.stick, path)
	}
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if r := w.phase("csr1", "3d"); len(r.Targets) != 1 || !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
}

// A rehearsal's bundle in a live ceremony: see TestStrangeBundles for the
// reverse. Only the plan matters: it is refused before anybody logs on.
func TestRehearsalBundleLive(t *testing.T) {
	w := after(t, small, "3c")
	n := w.open("css")
	defer n.Close()
	n.Plan().Rehearsal = false
	for path, data := range w.stick {
		folder, name, _ := strings.Cut(path, "/")
		r := n.newRun(nil, nil, Options{Incoming: []bundle.Incoming{{Folder: folder, Name: name, Data: data}}}, nil)
		r.classify()
		mustRefuse(t, r.items[0].err, refusal.CodeRehearsal, "it was made in a rehearsal, and this is no rehearsal")
	}
	if len(w.stick) != 8 || len(bundle.Kinds) != 11 {
		t.Errorf("%d bundles on the stick, %d kinds", len(w.stick), len(bundle.Kinds))
	}
}

// A share that was made before an interruption is not given up: the statement
// would deny what is kept, and may be on a stick. It is finished instead.
func TestGiveUpAfterAKill(t *testing.T) {
	three := setting{"three shares, one target", func(o *draft.Options) { o.M, o.N, o.Targets = 2, 3, 1 }}
	s := after(t, three, "3b").snapshot()
	refused := 0
	for at := 1; ; at++ {
		w, k := s.restore(t), &killer{at: at}
		if err := w.killed("css", "3c", k); !k.dead {
			if err != nil || refused == 0 {
				t.Fatalf("%d calls, %d times refused: %v", at, refused, err)
			}
			return
		}
		made := map[int]bool{}
		w.now = w.now.Add(1e9)
		_, err := w.try("css", "3c", Options{GiveUp: []int{2}})
		if isCode(err, refusal.CodeShareState) {
			refused++
			mustHint(t, err, refusal.CodeShareState, "{phase 3c --share 2}")
			if _, err := w.try("css", "3c", Options{Shares: []int{2}}); err != nil {
				t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
			}
		} else if err != nil {
			t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
		}
		w.phase("css", "3c")
		n := w.open("css")
		for _, rec := range n.Records() {
			made[rec.Share] = made[rec.Share] || rec.Event == journal.EventWritten && rec.Kind == bundle.KindShare
			if made[rec.Share] && strings.Contains(rec.Text, "will not be obtained") {
				t.Errorf("killed after call %d, %s: the journal says %q of a share that was made", at, k.last, rec.Text)
			}
		}
		n.Close()
	}
}
