package ceremony

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// What happens to a coprocessor whose state is put back to an earlier copy of
// it, while everything else in the store stays.

// statePath is the file with the state of a node's coprocessor.
func (w *world) statePath(node string) string {
	return filepath.Join(w.store(w.plan.Node(node).Coprocessor), store.DeviceDir, "state.age")
}

// putBack puts an old state back and lets somebody log on.
func (w *world) putBack(node string, old []byte) error {
	w.t.Helper()
	writeFile(w.t, w.statePath(node), old)
	_, err := w.visit(node)
	return err
}

const oldState = "an old state of the coprocessor was put back"

// Each state that a phase saved on its way is refused when it is put back
// alone. The last ones may lack the journal's mark, and nothing else: they are
// what a kill leaves, and every act is in them.
func TestOldStateOfAPhase(t *testing.T) {
	beforePhase(t, func(t *testing.T, phase procedure.PhaseID, node string, s snapshot) {
		w := s.restore(t)
		states := [][]byte{readFile(t, w.statePath(node))}
		k := &killer{each: func() {
			if now := readFile(t, w.statePath(node)); !bytes.Equal(now, states[len(states)-1]) {
				states = append(states, now)
			}
		}}
		if err := w.killed(node, phase, k); err != nil {
			t.Fatal(err)
		}
		end, last := w.snapshot(), w.info(node)
		refused := 0
		for i, old := range states {
			w := end.restore(t)
			writeFile(t, w.statePath(node), old)
			then := w.info(node)
			_, err := w.visit(node)
			if then.Acts < last.Acts {
				mustRefuse(t, err, refusal.CodeJournal, oldState)
				refused++
				continue
			}
			then.JournalCount, then.JournalHead = last.JournalCount, last.JournalHead
			if err != nil || !reflect.DeepEqual(then, last) {
				t.Errorf("state %d of %d has every act, and is\n%+v\nwant\n%+v\nerror %v", i+1, len(states), then, last, err)
			}
		}
		if refused < 3 {
			t.Errorf("of %d states %d are old", len(states), refused)
		}
	})
}

// An act of every kind outside of the phases, also one that changes nothing in
// the coprocessor: the state of before it is refused at the next log-on.
func TestOldStateOfAnAct(t *testing.T) {
	class := coproc.SymMK
	registers := func(name string, do func(ActSession) error) func(*world, *Node) error {
		return func(w *world, n *Node) error {
			_, err := n.RunAct(Act{Text: name, Officer: func(p *plan.Node) string {
				return map[string]string{
					"first": p.Officers.FirstPart, "last": p.Officers.LastPart, "generate": p.Officers.Random,
					"set": p.Officers.Set, "clear": p.Officers.Set,
				}[name]
			}, Do: func(s ActSession) (string, error) { return "", do(s) }}, w.people)
			return err
		}
	}
	part := func(p coproc.Part) func(ActSession) error {
		return func(s ActSession) error {
			_, err := s.Keys.LoadPart(class, p, bytes.Repeat([]byte{byte(len(p))}, class.Size()))
			return err
		}
	}
	generate := func(s ActSession) error { _, err := s.Keys.GenerateMasterKey(class); return err }
	set := func(s ActSession) error { _, err := s.Keys.SetMasterKey(class); return err }
	empty := func(s ActSession) error { _, err := s.Keys.ClearNew(class); return err }
	for _, c := range []struct {
		name, node string
		after      procedure.PhaseID
		before     func(*world) // what comes first, and is in the old state
		act        func(*world, *Node) error
	}{
		{"load the first part", "css", "1", nil, registers("first", part(coproc.First))},
		{"load the last part", "css", "1", func(w *world) {
			w.do("css", registers("first", part(coproc.First)))
		}, registers("last", part(coproc.Last))},
		{"generate", "css", "1", nil, registers("generate", generate)},
		{"set", "css", "1", func(w *world) { w.do("css", registers("generate", generate)) }, registers("set", set)},
		{"clear", "css", "1", func(w *world) { w.do("css", registers("generate", generate)) }, registers("clear", empty)},
		{"remark", "css", "2a", nil, func(w *world, n *Node) error {
			return n.Note(Remark{Profile: "SHARE1", Text: "the lamp went out"}, w.people)
		}},
		{"audit", "css", "2a", nil, func(w *world, n *Node) error { _, err := n.Audit(w.people); return err }},
		{"audit journal", "css", "2a", nil, func(w *world, n *Node) error { return n.AuditJournal(w.people) }},
		{"unlock", "css", "2a", nil, func(w *world, n *Node) error { _, err := n.Unlock("SHARE1", w.people); return err }},
		{"change a passphrase", "css", "2a", nil, func(w *world, n *Node) error {
			return n.ChangePassphrase("SHARE1", &typing{people: w.people, chosen: "a new passphrase"})
		}},
		{"export", "css", "2a", nil, func(w *world, n *Node) error {
			_, err := n.Export(Options{Deliver: w.stick.deliver}, w.people)
			return err
		}},
		{"cancel", "css", "3c", nil, func(w *world, n *Node) error {
			_, err := n.Cancel("csr1", whyCancelled, Options{Deliver: w.stick.deliver}, w.people)
			return err
		}},
		{"take in a cancel", "csr1", "3c", func(w *world) { must(w.cancel("csr1")) }, func(w *world, n *Node) error {
			_, err := n.TakeCancels(Options{Incoming: read(n.Databases(), w.stick)}, w.people)
			return err
		}},
		{"revoke", "sa", "3b", nil, func(w *world, n *Node) error {
			_, err := n.Revoke("csr1", "stolen", Options{Deliver: w.stick.deliver}, w.people)
			return err
		}},
		{"take in a receipt", "css", "3d", nil, func(w *world, n *Node) error {
			_, err := n.Receipts(Options{Incoming: read(n.Databases(), w.stick)}, w.people)
			return err
		}},
		{"nobody says yes", "css", "3c", nil, func(w *world, n *Node) error {
			_, err := n.Cancel("csr1", whyCancelled, Options{}, &people{no: true})
			mustRefuse(w.t, err, refusal.CodeNotConfirmed, "")
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, c.after)
			if c.before != nil {
				c.before(w)
			}
			old := readFile(t, w.statePath(c.node))
			w.do(c.node, c.act)
			mustRefuse(t, w.putBack(c.node, old), refusal.CodeJournal, oldState)
		})
	}
}

// do does something at a node that must succeed.
func (w *world) do(node string, act func(*world, *Node) error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	if err := act(w, n); err != nil {
		w.t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return v
}
