package transcript

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// compared fits the record by which an officer of csr1 compared the source's keys.
func compared(profile string) func(*journal.Record) bool {
	return func(r *journal.Record) bool {
		return r.Event == journal.EventCompared && r.Node == "csr1" && r.Profile == profile
	}
}

// uncompared changes what an officer compared, and says which record is wrong
// because of it.
func uncompared(profile string, wrong func(*journal.Record) bool, change func(*world, *journal.Record) sign) func(*liar) {
	return func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			how := signed
			if compared(profile)(r) {
				how = change(l.world, r)
			}
			if wrong(r) {
				l.told, l.record = true, r.Seq
			}
			return how
		}
	}
}

func left(*world, *journal.Record) sign { return skipped }

// anotherSource changes the certificate or the share set that was compared.
func anotherSource(change func(*journal.ComparedData)) func(*world, *journal.Record) sign {
	return func(_ *world, r *journal.Record) sign {
		d, err := journal.DataOf[journal.ComparedData](*r)
		if err != nil {
			panic(err)
		}
		change(&d)
		r.Data = data(d)
		return signed
	}
}

const (
	noInstaller = "share 1 was installed, and no share officer had compared the keys of css with its key card"
	noSetter    = "SETTER (Set) set the master key, and had not compared the keys of css with its key card"
)

// compareTampers are targets that believed a source which nobody compared.
var compareTampers = []tamper{
	{name: "source that no share officer compared", lie: uncompared("SHARE1", task("csr1", procedure.TaskInstallShares, 1), left),
		rule: "compare", node: "csr1", text: noInstaller},
	{name: "source that the setter did not compare", lie: uncompared("SETTER", task("csr1", procedure.TaskSet, 0), left),
		rule: "compare", node: "csr1", text: noSetter},
	{name: "another certificate was compared", lie: uncompared("SETTER", task("csr1", procedure.TaskSet, 0),
		anotherSource(func(d *journal.ComparedData) { d.Certificate = *unknown() })),
		rule: "compare", node: "csr1", text: noSetter},
	{name: "compared for another share set", lie: uncompared("SHARE1", task("csr1", procedure.TaskInstallShares, 1),
		anotherSource(func(d *journal.ComparedData) { d.ShareSet = coproc.ShareSetID{1} })),
		rule: "compare", node: "csr1", text: noInstaller},
	{name: "compared by somebody else", lie: func(l *liar) {
		l.change(compared("SETTER"), func(r *journal.Record) { r.Profile = "VERIFIER" })
	}, rule: "officer", node: "csr1", text: "the plan has SETTER or SHARE1 or SHARE2 or SHARE3"},
	{name: "comparison that cannot be read", lie: func(l *liar) {
		l.change(compared("SHARE1"), func(r *journal.Record) { r.Data = []byte("x") })
	}, rule: "compare", node: "csr1", text: "the record of what was compared cannot be read"},
	{name: "compared where there is no target", lie: func(l *liar) {
		l.when("received", func() {
			l.here("sa")
			l.books["sa"].write("AUDITOR", journal.Record{Event: journal.EventCompared, Node: "sa", Peer: "css", Text: "the same"})
		})
	}, rule: "officer", node: "sa", text: "the plan has nobody for compared"},
}

// The result says who compared.
func TestComparedBy(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	if got := Verify(w.file(t), w.hash).Targets[0].Compared; len(got) != 2 || got[0] != "SHARE1" || got[1] != "SETTER" {
		t.Errorf("compared by %v", got)
	}
}
