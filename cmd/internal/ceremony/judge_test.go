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
)

// Every kind of bundle, as it is left by a whole ceremony, is judged in every
// room: what is of use, what is here, and what is for others. No bundle of an
// honest ceremony is refused anywhere.
func TestJudgeEveryKindInEveryRoom(t *testing.T) {
	for _, step := range []procedure.PhaseID{"1", "2a", "2b", "3a", "3b", "3c", "3d"} {
		w := after(t, standard, step)
		for _, room := range []string{"sa", "css", "csr1", "csr2"} {
			if _, err := os.Stat(w.store(room)); err != nil {
				continue // not set up yet
			}
			n := w.open(room)
			judge := n.Judge()
			role := n.Plan().Node(room).Role
			for _, in := range read(n.Databases(), w.stick) {
				it := judge.Judge(in)
				where := fmt.Sprintf("after phase %s, %s in the room of %s", step, it.Header.Kind, room)
				if it.Err != nil || it.Standing == Refused {
					t.Errorf("%s: %s, %v", where, it.Standing, it.Err)
				}
				// Who is said to read it is who reads it.
				reads := slices.ContainsFunc(procedure.Table1, func(p procedure.PhaseInfo) bool {
					return p.Role == role && slices.Contains(procedure.Reads(p.Phase), it.Header.Kind)
				})
				to := len(it.Header.To) == 0 || slices.Contains(it.Header.To, room)
				if (len(it.Phases) > 0) != (reads && to) {
					t.Errorf("%s: phases %v, to %v", where, it.Phases, it.Header.To)
				}
				// Whoever scans until nothing is missing, and whoever is told why a file
				// is of no use, hear the same.
				if unfit := n.Unfit(in); (unfit != nil) != (it.Standing == Here || it.Standing == Refused) {
					t.Errorf("%s: %s, and a scan says %v", where, it.Standing, unfit)
				}
			}
			n.Close()
		}
	}
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
