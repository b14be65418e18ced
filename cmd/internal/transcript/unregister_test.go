package transcript

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

var madeUp = journal.UnregisterData{Hash: coproc.Thumbprint{0xba, 0xd0}, Reason: "it was made up"}

// act writes an act of taking a hash back.
func (n *node) unregister(profile string, task procedure.TaskID, d journal.UnregisterData) {
	n.b.write(profile, journal.Record{Event: journal.EventAct, Node: n.name, Task: task, Data: data(d), Text: string(task) + ": " + d.Reason})
}

// takeBack has a hash registered that nobody has the key of, and taken back.
func (n *node) takeBack() {
	n.task("HASH", procedure.TaskRegisterHash, journal.Record{})
	n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
	n.unregister("HASH", procedure.TaskWithdrawUnregister, madeUp)
	n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
	n.unregister("KEYREG", procedure.TaskUnregister, madeUp)
}

// TestUnregistered: a hash that was taken back by two officers, and registered
// again, is told and is no fault.
func TestUnregistered(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(point string) {
		if point == "audited css" || point == "audited csr1" {
			w.nodes[strings.TrimPrefix(point, "audited ")].takeBack()
		}
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	for _, node := range []string{"css", "csr1"} {
		mustFind(t, r, VerifiedWithExceptions,
			"exception act "+node+":4 HASH (Hal): ask-unregister: it was made up",
			"exception act "+node+":5 HASH (Hal): withdraw-unregister: it was made up",
			"exception act "+node+":6 HASH (Hal): ask-unregister: it was made up",
			"exception act "+node+":7 KEYREG (Reg): unregister-hash: it was made up",
		)
	}
	if r.Count(Exception) != 8 {
		t.Errorf("%d exceptions:\n%s", r.Count(Exception), texts(r))
	}
	for _, row := range r.Rows {
		if row.Task == procedure.TaskRegisterHash && (row.State != RowDone || row.Ref.Record != map[string]uint64{"sa": 6, "css": 8, "csr1": 8}[row.Node]) {
			t.Errorf("row %+v", row)
		}
	}
}

// TestUnregisteredOfTwoNodes: the source registered a wrong hash before the SA
// came to the coprocessor that they share. It is taken back for both.
func TestUnregisteredOfTwoNodes(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1, saWith: "css"})
	early := false
	w.at = func(point string) {
		if point == "hash shown" {
			css := w.nodes["css"]
			css.task("AUDITOR", procedure.TaskAudit, journal.Record{})
			early = true
			css.task("HASH", procedure.TaskRegisterHash, journal.Record{})
			w.nodes["sa"].takeBack()
		}
	}
	w.onRecord = func(_ *book, r *journal.Record) sign {
		if early && task("css", procedure.TaskAudit, 0)(r) {
			return skipped // it was done
		}
		return signed
	}
	r := w.run().verify(t, w.hash)
	mustFind(t, r, VerifiedWithExceptions, "exception act sa:12 KEYREG (Reg): unregister-hash: it was made up")
}

// TestUnregisteredOnly: a hash that was taken back and not registered again is
// an open row.
func TestUnregisteredOnly(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(point string) {
		if point == "audited csr1" {
			w.nodes["csr1"].takeBack()
			w.onRecord = func(_ *book, r *journal.Record) sign {
				if task("csr1", procedure.TaskRegisterHash, 0)(r) {
					return skipped
				}
				return signed
			}
		}
	}
	r := w.run().verify(t, w.hash)
	for _, row := range r.Rows {
		if row.Task == procedure.TaskRegisterHash && (row.State == RowOpen) != (row.Node == "csr1") {
			t.Errorf("row %+v", row)
		}
	}
}

// unregisterTampers are hashes that were not taken back as they must be.
var unregisterTampers = []tamper{
	{name: "hash taken back that nobody asked for", lie: takingBack(func(n *node) {
		n.unregister("KEYREG", procedure.TaskUnregister, madeUp)
	}), rule: "order", node: "csr1", text: "unregister-hash, and nobody had asked for it"},
	{name: "hash taken back after the request was withdrawn", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("HASH", procedure.TaskWithdrawUnregister, madeUp)
		n.unregister("KEYREG", procedure.TaskUnregister, madeUp)
	}), rule: "order", node: "csr1", text: "unregister-hash, and nobody had asked for it"},
	{name: "another hash taken back than was asked for", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("KEYREG", procedure.TaskUnregister, journal.UnregisterData{Reason: madeUp.Reason})
	}), rule: "order", node: "csr1", text: "unregister-hash of another hash"},
	{name: "asked twice", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
	}), rule: "order", node: "csr1", text: "ask-unregister was done before, in record 4"},
	{name: "hash registered again that nobody took back", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.task("HASH", procedure.TaskRegisterHash, journal.Record{})
	}), rule: "order", node: "csr1", text: "was done before, in record 3"},
	{name: "hash taken back after its key was registered", lie: func(l *liar) {
		l.when("established", func() {
			l.nodes["csr1"].unregister("HASH", procedure.TaskAskUnregister, madeUp)
			l.here("csr1")
			l.nodes["csr1"].unregister("KEYREG", procedure.TaskUnregister, madeUp)
		})
	}, rule: "order", node: "csr1", text: "unregister-hash after the SA key was registered, in record 5"},
	{name: "asked to take back what is not registered", lie: func(l *liar) {
		l.when("audited csr1", func() {
			l.here("csr1")
			l.nodes["csr1"].unregister("HASH", procedure.TaskAskUnregister, madeUp)
		})
	}, rule: "order", node: "csr1", text: "ask-unregister before the task register-hash"},
	{name: "asked to take back what was taken back", lie: func(l *liar) {
		l.when("audited csr1", func() {
			l.nodes["csr1"].takeBack()
			l.here("csr1")
			l.nodes["csr1"].unregister("HASH", procedure.TaskAskUnregister, madeUp)
		})
	}, rule: "order", node: "csr1", text: "ask-unregister before the task register-hash"},
	{name: "SA key registered after its hash was taken back", lie: func(l *liar) {
		l.when("audited csr1", func() { l.nodes["csr1"].takeBack() })
		l.onRecord = func(_ *book, r *journal.Record) sign {
			switch {
			case task("csr1", procedure.TaskRegisterHash, 0)(r) && r.Seq > 3:
				return skipped
			case task("csr1", procedure.TaskRegisterKey, 0)(r):
				l.told, l.record = true, r.Seq-1 // where the sa-key is taken in
			}
			return signed
		}
	}, rule: "order", node: "csr1", text: "before the task register-hash"},
	{name: "hash taken back by who asked", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("HASH", procedure.TaskUnregister, madeUp)
	}), rule: "dual-control", node: "csr1", text: "HASH (Hal) did this and ask-unregister: it was made up in record 4: two persons must"},
	{name: "hash taken back by who registered it", lie: func(l *liar) {
		l.when("audited csr1", func() {
			n := l.nodes["csr1"]
			n.task("KEYREG", procedure.TaskRegisterHash, journal.Record{})
			n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
			l.here("csr1")
			n.unregister("KEYREG", procedure.TaskUnregister, madeUp)
		})
	}, rule: "dual-control", node: "csr1", text: "KEYREG (Reg) did this and Register SA-key hash in record 3: two persons must"},
	{name: "hash taken back by the officer who asks", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("HASH", procedure.TaskUnregister, madeUp)
	}), rule: "officer", node: "csr1", text: "the plan has KEYREG for unregister-hash"},
	{name: "asked for by who confirms", lie: takingBack(func(n *node) {
		n.unregister("KEYREG", procedure.TaskAskUnregister, madeUp)
	}), rule: "officer", node: "csr1", text: "the plan has HASH for ask-unregister"},
	{name: "withdrawn by who confirms", lie: takingBack(func(n *node) {
		n.unregister("HASH", procedure.TaskAskUnregister, madeUp)
		n.unregister("KEYREG", procedure.TaskWithdrawUnregister, madeUp)
	}), rule: "officer", node: "csr1", text: "the plan has HASH for withdraw-unregister"},
	{name: "nobody knows what is taken back", lie: takingBack(func(n *node) {
		n.b.write("HASH", journal.Record{Event: journal.EventAct, Node: n.name, Task: procedure.TaskAskUnregister, Text: "x"})
	}), rule: "record", node: "csr1", text: "it does not say which hash, and why"},
}

// takingBack has csr1 register a hash, and then do what is told of its last
// record.
func takingBack(do func(n *node)) func(*liar) {
	return func(l *liar) {
		l.when("audited csr1", func() {
			n := l.nodes["csr1"]
			n.task("HASH", procedure.TaskRegisterHash, journal.Record{})
			do(n)
			l.told, l.record = true, uint64(len(n.b.records))
		})
	}
}
