package ceremony

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Every kind of bundle, as it is left by a whole ceremony and by what is taken back
// after it, is judged in every room: what is of use, what is here, and what is for
// others. No bundle of an honest ceremony is refused anywhere, but for what was taken
// back.
func TestJudgeEveryKindInEveryRoom(t *testing.T) {
	seen := map[bundle.Kind]bool{}
	for _, step := range []procedure.PhaseID{"1", "2a", "2b", "3a", "3b", "3c", "3d"} {
		w := after(t, standard, step)
		w.judgeEverywhere("after phase "+string(step), seen)
		if step == "3c" {
			w.takenBack(seen)
		}
	}
	w := after(t, standard, "3d")
	w.receipt("csr1")
	w.judgeEverywhere("when receipts are taken in", seen)
	n := w.open("sa")
	if _, err := n.Export(Options{Deliver: w.stick.deliver}, w.people); err != nil {
		t.Error(err)
	}
	n.Close()
	w.judgeEverywhere("when a journal is handed out", seen)
	for _, k := range bundle.Kinds {
		if !seen[k] {
			t.Errorf("no %s was judged", k)
		}
	}
}

// receipt has SA and source take in the receipt of a target.
func (w *world) receipt(target string) {
	w.t.Helper()
	for _, room := range []string{"sa", "css"} {
		if _, err := w.receipts(room, Options{Targets: []string{target}}); err != nil {
			w.t.Error(err)
		}
	}
}

// takenBack cancels a set and takes a certificate back, and has both judged before
// they are known, and after.
func (w *world) takenBack(seen map[bundle.Kind]bool) {
	w.t.Helper()
	if _, err := w.cancel("csr1"); err != nil {
		w.t.Fatal(err)
	}
	w.judgeEverywhere("when a set is cancelled", seen)
	for _, room := range []string{"sa", "csr1"} {
		if _, err := w.takeCancels(room); err != nil {
			w.t.Error(err)
		}
	}
	w.judgeEverywhere("when the cancel is taken in", seen)
	if _, err := w.revoke("csr2"); err != nil {
		w.t.Fatal(err)
	}
	w.judgeEverywhere("when a certificate is taken back", seen)
	n := w.open("css")
	if _, err := n.TakeRevokes(Options{Incoming: read([]string{"sa.db"}, w.stick)}, w.people); err != nil {
		w.t.Error(err)
	}
	n.Close()
	w.judgeEverywhere("when the revoke is taken in", seen)
}

// judgeEverywhere holds what the judge of each room says of each bundle on the stick
// against the tables of the procedure and the room's journal.
func (w *world) judgeEverywhere(when string, seen map[bundle.Kind]bool) {
	w.t.Helper()
	for _, room := range []string{"sa", "css", "csr1", "csr2"} {
		if _, err := os.Stat(w.store(room)); err != nil {
			continue // not set up yet
		}
		n := w.open(room)
		judge := n.Judge()
		for _, in := range read(n.Databases(), w.stick) {
			it := judge.Judge(in)
			seen[it.Header.Kind] = true
			where := fmt.Sprintf("%s, %s in the room of %s", when, it.Header.Kind, room)
			if void := n.Void(it.Sealed) != nil; void != (it.Standing == Refused) || (it.Err != nil) != void {
				w.t.Errorf("%s: %s, %v", where, it.Standing, it.Err)
			}
			if want := n.standingOf(room, it); it.Standing != Refused && it.Standing != want {
				w.t.Errorf("%s: %s, want %s", where, it.Standing, want)
			}
			// Whoever scans until nothing is missing, and whoever is told why a file
			// is of no use, hear the same.
			if unfit := n.Unfit(in); (unfit != nil) != (it.Standing == Here || it.Standing == Refused) {
				w.t.Errorf("%s: %s, and a scan says %v", where, it.Standing, unfit)
			}
		}
		n.Close()
	}
}

// standingOf is what a bundle is to a room by the tables: here, if the journal says
// that it was taken in; for others, unless a phase of the room's node reads it, or an
// act of it takes it in.
func (n *Node) standingOf(room string, it Judged) Standing {
	node, h := n.Plan().Node(room), it.Header
	reads := slices.ContainsFunc(procedure.Table1, func(p procedure.PhaseInfo) bool {
		return p.Role == node.Role && slices.Contains(procedure.Reads(p.Phase), h.Kind)
	})
	to := len(h.To) == 0 || slices.Contains(h.To, room)
	switch d := it.Sealed.Digest(); {
	case (len(it.Phases) > 0) != (reads && to):
		return Standing(fmt.Sprintf("phases %v, to %v", it.Phases, to))
	case n.History().Seen[d] && !n.takenAgain(h, d):
		return Here
	case to && reads:
		return Fits
	}
	outside := map[bundle.Kind][]coproc.NodeRole{
		bundle.KindReceipt: {coproc.SA, coproc.CSS}, bundle.KindCancel: {coproc.SA, coproc.CSR}, bundle.KindRevoke: {coproc.CSS, coproc.CSR},
	}
	if to && slices.Contains(outside[h.Kind], node.Role) {
		return Fits
	}
	return Elsewhere
}

// What is wrong with a file has one code, whoever asks: the judge alone, a judge
// with nothing but the plan, a scan, and the phase that would read it.
func TestOneJudge(t *testing.T) {
	w := after(t, standard, "3b")
	other := newWorld(t, nil)
	other.upTo("3b")
	for _, kind := range []string{"sa.db/sa-key", "sa.db/css-key", "sa.db/css-cert", "csr1.db/csr-key", "csr1.db/csr-cert"} {
		folder, _, _ := strings.Cut(kind, "/")
		_, good := w.one(kind)
		_, foreign := other.one(kind)
		elsewhere := map[string]string{"sa.db": "csr1.db", "csr1.db": "csr2.db"}[folder]
		for _, c := range []struct {
			name string
			in   bundle.Incoming
			code refusal.Code
		}{
			{"of another ceremony", bundle.Incoming{Folder: folder, Name: "x", Data: foreign}, refusal.CodeWrongCeremony},
			{"moved", bundle.Incoming{Folder: elsewhere, Name: "x", Data: good}, refusal.CodeWrongPlace},
			{"cut", bundle.Incoming{Folder: folder, Name: "x", Data: good[:len(good)/2]}, refusal.CodeFormat},
			{"unreadable", bundle.Incoming{Folder: folder, Name: "x", Problem: "input/output error"}, refusal.CodeFormat},
		} {
			for _, room := range []string{"sa", "css", "csr1", "csr2"} {
				n := w.open(room)
				r := &intake{officerSession: &officerSession{n: n, opts: Options{Incoming: []bundle.Incoming{c.in}}}}
				r.classify()
				for who, err := range map[string]error{
					"the room":  n.Judge().Judge(c.in).Err,
					"the plan":  JudgeOf(n.Plan()).Judge(c.in).Err,
					"a scan":    n.Unfit(c.in),
					"the phase": r.items[0].err,
				} {
					var why *refusal.Error
					if !errors.As(refusal.Wrap(err, "file"), &why) || why.Code != c.code {
						t.Errorf("%s %s, in the room of %s: %s says %v, want %s", kind, c.name, room, who, err, c.code)
					}
				}
				n.Close()
			}
		}
	}
	_, key := w.one("sa.db/sa-key")
	if err := (Judge{}).Judge(bundle.Incoming{Folder: "csr2.db", Name: "x", Data: key}).Err; err != nil {
		t.Errorf("a judge without a plan says %v", err)
	}
}
