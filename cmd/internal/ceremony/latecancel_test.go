package ceremony

import (
	"maps"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// secondSet cancels the set of csr1 and gives out another one. The cancel is
// held back; so is what else the stick had of the first set.
func (w *world) secondSet() (cancel string, bundleOf []byte, old stick) {
	w.t.Helper()
	old = maps.Clone(w.stick)
	r, err := w.cancel("csr1")
	if err != nil {
		w.t.Fatal(err)
	}
	cancel = r.Written[0].Folder + "/" + r.Written[0].Name
	bundleOf = w.stick[cancel]
	for _, kind := range []string{"csr1.db/cancel", "csr1.db/share", "csr1.db/statement"} {
		for _, path := range w.stick.sent(kind) {
			delete(w.stick, path)
		}
	}
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}}); err != nil {
		w.t.Fatal(err)
	}
	return cancel, bundleOf, old
}

// A cancel that somebody held back arrives when its target is at work with
// another share set: it voids the set that it names, and that alone.
func TestCancelOfAnOlderSet(t *testing.T) {
	for name, c := range map[string]struct {
		seen bool // the target installed a share of the first set, and cleared
		task procedure.TaskID
		need int // shares that are needed when the cancel has come
	}{
		"never seen here":       {task: procedure.TaskInstallShares, need: 0},
		"seen and cleared":      {seen: true, task: procedure.TaskInstallShares, need: 0},
		"before anything":       {task: "", need: 2},
		"when the key was set":  {task: procedure.TaskSet, need: 0},
		"when it was verified":  {seen: true, task: procedure.TaskVerify, need: 0},
		"seen, cleared and set": {seen: true, task: procedure.TaskSet, need: 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := after(t, small, "3c")
			if c.seen {
				if _, err := w.try("csr1", "3d", Options{Shares: []int{1}}); err == nil {
					t.Fatal("one share of two was enough")
				}
			}
			path, late, old := w.secondSet()
			if c.seen {
				w.act("csr1", clearAct())
			}
			for _, task := range []procedure.TaskID{procedure.TaskInstallShares, procedure.TaskVerify, procedure.TaskSet} {
				if c.task == "" {
					break
				}
				if _, err := w.try("csr1", "3d", Options{Task: task}); err != nil {
					t.Fatal(err)
				}
				if task == c.task {
					break
				}
			}
			w.stick[path] = late
			for range 2 {
				all, err := w.takeCancels("csr1")
				if err != nil || len(all) > 0 && all[0].Late {
					t.Fatalf("%+v, %v", all, err)
				}
			}
			n := w.open("csr1")
			if got := n.SharesNeeded(); got != c.need {
				t.Errorf("%d shares are needed, want %d", got, c.need)
			}
			board := n.Board()[0]
			if c.task != "" && (!board.Statement || board.Cancelled != "") {
				t.Errorf("status: %+v", board)
			}
			for _, of := range []struct {
				stick stick
				void  bool
			}{{w.stick, false}, {old, true}} {
				for _, path := range append(of.stick.sent("csr1.db/share"), of.stick.sent("csr1.db/statement")...) {
					sealed, err := bundle.Parse(of.stick[path])
					if err != nil {
						t.Fatal(err)
					}
					known := !strings.Contains(path, "/statement") || c.seen
					if err := n.Void(sealed); of.void && known != (err != nil) || !of.void && err != nil {
						t.Errorf("%s, of the first set %v: %v", path, of.void, err)
					}
				}
			}
			n.Close()
			if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
				t.Errorf("%+v", r)
			}
			if _, err := w.takeCancels("sa"); err != nil {
				t.Fatal(err)
			}
			for _, node := range []string{"css", "sa"} {
				if _, err := w.receipts(node, Options{}); err != nil {
					t.Errorf("%s: %v", node, err)
				}
				n := w.open(node)
				if why := n.Board()[0].Cancelled; why != "" {
					t.Errorf("%s: status says that it is cancelled: %s", node, why)
				}
				n.Close()
			}
		})
	}
}

// At the SA, too, a late cancel says nothing of the set whose receipt is there.
func TestCancelAfterReceiptOfAnotherSet(t *testing.T) {
	w := after(t, small, "3c")
	path, late, _ := w.secondSet()
	w.phase("csr1", "3d")
	if _, err := w.receipts("sa", Options{}); err != nil {
		t.Fatal(err)
	}
	w.stick[path] = late
	if _, err := w.takeCancels("sa"); err != nil {
		t.Fatal(err)
	}
	n := w.open("sa")
	defer n.Close()
	if board := n.Board()[0]; board.Cancelled != "" || board.Receipt == nil {
		t.Errorf("%+v", board)
	}
}
