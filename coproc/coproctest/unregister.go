package coproctest

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// testUnregister takes back a hash whose key is not registered, by two acts of
// two officers, and nothing else: not by one of them, in no other order, and no
// hash that has its key.
func testUnregister(t *testing.T, f Family) {
	s := Setup("ONE", 2, 3)
	// Two nodes in one coprocessor can have officers of their own: OFFICER asks, too.
	for i := range s.Roles {
		if s.Roles[i].Name == "R-"+Officer {
			s.Roles[i].Permissions = append(s.Roles[i].Permissions, coproc.PermAskUnregister)
		}
	}
	d := newDevice(t, f, s)
	sa, wrong := f.newSigner(t), coproc.Thumbprint{1}
	right := sa.public.Thumbprint()
	unregistrar := func(who string) coproc.Unregistrar { return as[coproc.Unregistrar](d, who) }
	ask := func(want error, who string, hash coproc.Thumbprint) {
		t.Helper()
		u := unregistrar(who)
		d.refused(want, func() error { return u.AskUnregister(hash) })
	}
	take := func(want error, who string, hash coproc.Thumbprint) {
		t.Helper()
		u := unregistrar(who)
		d.refused(want, func() error { return u.UnregisterHash(hash) })
	}
	is := func(hash *coproc.Thumbprint, by string, asked *coproc.Thumbprint, askedBy string) {
		t.Helper()
		d.close()
		d.openAgain()
		i := d.info()
		equal(t, "SA-key hash", i.SAHash, hash)
		equal(t, "asked to unregister", i.Unregister, asked)
		equal(t, "by", [2]string{i.SAHashBy, i.UnregisterBy}, [2]string{by, askedBy})
	}

	ask(coproc.ErrNoHash, Hasher, wrong)
	take(coproc.ErrNoHash, Keyer, wrong)
	ok(t, as[coproc.Registrar](d, Hasher).RegisterHash(wrong))
	take(coproc.ErrNotAsked, Keyer, wrong) // the confirmation comes second
	ask(coproc.ErrRegistered, Hasher, right)
	ok(t, unregistrar(Hasher).AskUnregister(wrong))
	is(&wrong, Hasher, &wrong, Hasher)
	ok(t, unregistrar(Officer).AskUnregister(wrong)) // again: nothing changes
	is(&wrong, Hasher, &wrong, Hasher)
	take(coproc.ErrAccess, Hasher, wrong)
	ask(coproc.ErrAccess, Keyer, wrong)
	take(coproc.ErrRegistered, Keyer, right)
	d.refused(coproc.ErrRegistered, func() error { return as[coproc.Registrar](d, Hasher).RegisterHash(right) })

	ok(t, unregistrar(Hasher).WithdrawUnregister())
	is(&wrong, Hasher, nil, "")
	ok(t, unregistrar(Hasher).WithdrawUnregister())
	take(coproc.ErrNotAsked, Keyer, wrong)
	ok(t, unregistrar(Hasher).AskUnregister(wrong))
	ok(t, unregistrar(Keyer).UnregisterHash(wrong))
	is(nil, "", nil, "")
	take(coproc.ErrNoHash, Keyer, wrong)

	// A hash that has its key stays, and a request ends with it.
	ok(t, as[coproc.Registrar](d, Hasher).RegisterHash(right))
	ok(t, unregistrar(Hasher).AskUnregister(right))
	ok(t, as[coproc.Registrar](d, Keyer).RegisterKey(sa.public))
	is(&right, Hasher, nil, "")
	take(coproc.ErrKeyRegistered, Keyer, right)
	ask(coproc.ErrKeyRegistered, Hasher, right)
	equal(t, "SA key", d.info().SAKey, sa.public)
}
