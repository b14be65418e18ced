package coproctest

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// testVoid cancels a share set at its source, and voids it at the target with
// nothing, with one share and with all of them installed.
func testVoid(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	r.css.loadAndSet(r.class, KnownKey(r.class))
	for _, indices := range [][]int{nil, {1}, {2, 1}} {
		shares, statement := r.obtainAll()
		set := r.css.info().Shares[0].ShareSet
		r.accept(statement)
		for _, i := range indices {
			try(as[coproc.Target](r.csr, ShareOfficer(i)).Install("csr1", i, shares[i-1], context(i))).must(t)
		}
		ok(t, as[coproc.Target](r.csr, Officer).Void("csr1", coproc.ShareSetID{9})) // another set: nothing is lost
		equal(t, "share sets", len(r.csr.info().Receiving), 1)
		for range 2 {
			ok(t, as[coproc.Target](r.csr, Officer).Void("csr1", set))
			equal(t, "register", r.csr.info().Register(r.class), empty(r.class))
			equal(t, "share sets", len(r.csr.info().Receiving), 0)
		}
		target := as[coproc.Target](r.csr, ShareOfficer(1))
		r.csr.refused(coproc.ErrVoid, func() error { return target.AcceptStatement(r.acceptance(statement)) })
		r.csr.close()
		r.csr.openAgain()
		target = as[coproc.Target](r.csr, ShareOfficer(1))
		r.csr.refused(coproc.ErrVoid, func() error { return target.AcceptStatement(r.acceptance(statement)) })
		r.csr.refused(coproc.ErrShareState, func() error { return try(target.Install("csr1", 1, shares[0], context(1))).err })
		ok(t, as[coproc.Canceller](r.css, Officer).Cancel("csr1"))
	}
	shares, statement := r.obtainAll() // a new set is as good as the first
	r.accept(statement)
	r.install(shares, []int{2, 1})
	r.verifyAndSet(f.knownPattern(r.class))
}

// testVoidAfterSet comes too late: the master key stays, and so does a new one
// that no share made.
func testVoidAfterSet(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	r.css.loadAndSet(r.class, KnownKey(r.class))
	shares, statement := r.obtainAll()
	set := r.css.info().Shares[0].ShareSet
	r.accept(statement)
	r.install(shares, []int{1, 2})
	r.verifyAndSet(f.knownPattern(r.class))
	made := try(masterKeys(r.csr).GenerateMasterKey(r.class)).must(t)
	ok(t, as[coproc.Target](r.csr, Officer).Void("csr1", set))
	equal(t, "registers", r.csr.info().Register(r.class), made)
}

func testExport(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	protected, payload := []byte{0xa1, 1, 0x27}, []byte("a sealed journal")
	m := cosesig.Message{
		Protected: protected, Payload: payload,
		Signature: try(as[coproc.JournalExporter](d, Auditor).SignExport(protected, payload)).must(t),
	}
	ok(t, m.Verify(cosesig.DomainBundle, d.info().AuditKey))
}
