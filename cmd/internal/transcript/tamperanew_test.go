package transcript

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

func (n *node) beginAnew(profile string, task procedure.TaskID, d journal.AnewData) {
	n.b.write(profile, journal.Record{Event: journal.EventAct, Node: n.name, Task: task, Data: data(d), Text: string(task) + ": " + d.Reason})
}

// TestAnewTampered: acts of beginning anew that two officers did not do, or that
// are about another SA key than the one that is registered.
func TestAnewTampered(t *testing.T) {
	for _, c := range []struct {
		name, want string
		lie        func(n *node, d journal.AnewData)
	}{
		{"nobody asked", "FAULT order csr1:9 anew, and nobody had asked for it", func(n *node, d journal.AnewData) {
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
		{"asked twice", "ask-anew was done before, in record ", func(n *node, d journal.AnewData) {
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
		{"one officer", "it was done by HASH (Hal), the plan has KEYREG for", func(n *node, d journal.AnewData) {
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("HASH", procedure.TaskAnew, d)
		}},
		{"one person", "HASH (Hal) did this and ", func(n *node, d journal.AnewData) {
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("HASH", procedure.TaskAnew, d)
		}},
		{"withdrawn before", "anew, and nobody had asked for it", func(n *node, d journal.AnewData) {
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("HASH", procedure.TaskWithdrawAnew, d)
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
		{"for another reason", "or for another reason, than was asked for", func(n *node, d journal.AnewData) {
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			d.Reason = "another"
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
		{"of another SA key", "and the one that is registered is", func(n *node, d journal.AnewData) {
			d.Hash = coproc.Thumbprint{1}
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
		{"the SA key is not its own", "says the wrong thing of whether the SA key is this coprocessor's own", func(n *node, d journal.AnewData) {
			d.Keeps = true
			n.beginAnew("HASH", procedure.TaskAskAnew, d)
			n.beginAnew("KEYREG", procedure.TaskAnew, d)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.bare = true
			w.at = func(point string) {
				if point == "established" {
					c.lie(w.nodes["csr1"], journal.AnewData{Hash: w.hash, Reason: "why"})
				}
			}
			mustFind(t, w.run().verify(t, w.hash), NotVerified, c.want)
		})
	}
}

// One officer with a program of their own gives out an SA key of their own as the
// former one: nothing that was done before is set aside for that.
func TestOneOfficerSetsNothingAside(t *testing.T) {
	for name, lie := range map[string][3]string{ // who takes the key in, asks and confirms
		"one officer":      {"HASH", "HASH", "HASH"},
		"the key officer":  {"KEYREG", "KEYREG", "KEYREG"},
		"nobody asked":     {"KEYREG", "", "KEYREG"},
		"the wrong halves": {"KEYREG", "KEYREG", "HASH"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.bare = true
			w.at = func(point string) {
				if point != "obtained" {
					return
				}
				n, own := w.nodes["css"], w.nodes["css"].keys
				d := journal.AnewData{Hash: own.Sign.Thumbprint(), Reason: "why"}
				n.took(lie[0], bundle.KindSAKey, "sa", coproc.Digest{1}, data(own))
				if lie[1] != "" {
					n.beginAnew(lie[1], procedure.TaskAskAnew, d)
				}
				n.beginAnew(lie[2], procedure.TaskAnew, d)
			}
			r := w.run().verify(t, w.hash)
			mustFind(t, r, NotVerified)
			if all := texts(r); strings.Contains(all, "of another SA key, and are") || strings.Contains(all, "are of another SA key, ") {
				t.Errorf("set aside:\n%s", all)
			}
		})
	}
}
