package coproctest

import (
	"errors"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// testRestart has a source and a target begin anew in the middle of a clone, by
// two acts of two officers: whatever the SA vouched for is gone, the master keys
// stay, and another SA can be registered.
func testRestart(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	r.css.loadAndSet(r.class, KnownKey(r.class))
	shares, statement := r.obtainAll()
	r.csr.loadAndSet(r.class, KnownKey(coproc.AsymMK)) // its own key, until it is cloned to
	r.accept(statement)
	r.install(shares, []int{1, 2})
	next := f.newSigner(t)
	for name, d := range map[string]*device{"css": r.css, "csr1": r.csr} {
		before := d.info()
		hash, wrong := before.SAKey.Thumbprint(), coproc.Thumbprint{1}
		asker, other := as[coproc.Restarter](d, Hasher), func(want error, hash coproc.Thumbprint) {
			t.Helper()
			k := as[coproc.Restarter](d, Keyer)
			d.refused(want, func() error { return k.Restart(hash) })
		}
		d.refused(coproc.ErrRegistered, func() error { return asker.AskRestart(wrong) })
		other(coproc.ErrNotAsked, hash) // the confirmation comes second
		ok(t, as[coproc.Restarter](d, Hasher).AskRestart(hash))
		ok(t, as[coproc.Restarter](d, Hasher).AskRestart(hash)) // again: nothing changes
		d.close()
		d.openAgain()
		asked := d.info()
		equal(t, "asked", [2]any{*asked.Unregister, asked.UnregisterBy}, [2]any{hash, Hasher})
		equal(t, "SA key", asked.SAKey, before.SAKey)
		equal(t, "retained keys", asked.Retained, before.Retained)
		other(coproc.ErrRegistered, wrong)
		ok(t, as[coproc.Restarter](d, Hasher).WithdrawRestart())
		other(coproc.ErrNotAsked, hash)
		ok(t, as[coproc.Restarter](d, Hasher).AskRestart(hash))
		// An SA key that is registered is not taken back as a hash that is typed.
		u := as[coproc.Unregistrar](d, Keyer)
		d.refused(coproc.ErrKeyRegistered, func() error { return u.UnregisterHash(hash) })
		ok(t, as[coproc.Restarter](d, Keyer).Restart(hash))
		d.close()
		d.openAgain()

		after := d.info()
		want := before
		want.SAHash, want.SAHashBy, want.SAKey, want.SAKeyBy, want.Retained, want.Shares, want.Receiving = nil, "", coproc.PublicKey{}, "", nil, nil, nil
		want.Acts, want.JournalCount, want.JournalHead = after.Acts, after.JournalCount, after.JournalHead
		for i := range want.Registers {
			if d == r.csr && want.Registers[i].Class == r.class {
				want.Registers[i].New = coproc.Register{} // shares made it
			}
		}
		equal(t, "after", after, want)
		other(coproc.ErrNoSAKey, hash)

		role := coproc.CSS
		if d == r.csr {
			role = coproc.CSR
		}
		keys := d.enrol(name, role, next.public)
		if keys.Sign == before.Retained[0].Keys.Sign || keys.Box == before.Retained[0].Keys.Box || keys.Audit != before.AuditKey {
			t.Errorf("%s has the keys %+v", name, keys)
		}
	}
	// What the former SA certified counts for nothing.
	source := as[coproc.Source](r.css, ShareOfficer(1))
	if _, err := source.BeginShareSet(r.request(1)); !errors.Is(err, coproc.ErrCertificate) {
		t.Errorf("error is %v, want %v", err, coproc.ErrCertificate)
	}
	target := as[coproc.Target](r.csr, ShareOfficer(1))
	if err := target.AcceptStatement(r.acceptance(statement)); !errors.Is(err, coproc.ErrCertificate) {
		t.Errorf("error is %v, want %v", err, coproc.ErrCertificate)
	}
}

// testRestartBesideSA: where the SA's own key is in the same coprocessor, it
// stays, and its registration with it.
func testRestartBesideSA(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 2))
	sa := try(as[coproc.KeyOwner](d, Officer).GenerateKey("sa", coproc.SA)).must(t).Sign
	d.enrol("css", coproc.CSS, sa)
	before := d.info()
	ok(t, as[coproc.Restarter](d, Hasher).AskRestart(sa.Thumbprint()))
	ok(t, as[coproc.Restarter](d, Keyer).Restart(sa.Thumbprint()))
	after := d.info()
	equal(t, "SA key", [2]any{after.SAKey, *after.SAHash}, [2]any{sa, sa.Thumbprint()})
	equal(t, "retained keys", after.Retained, before.Retained[:1])
}
