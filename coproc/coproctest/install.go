package coproctest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

func nothing(*coproc.Setup) {}

// testStatementRefused plays SA and source by hand.
func testStatementRefused(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("CSR1", 2, 3))
	try(as[coproc.KeyOwner](d, Officer).GenerateKey("csr1", coproc.CSR)).must(t)
	sa, css := f.newSigner(t), f.newHandNode(t, "css", coproc.CSS)
	good := coproc.Statement{
		Ceremony: ceremony, ShareSet: coproc.ShareSetID{5}, Class: coproc.SymMK, M: 2, N: 3,
		Pattern: f.knownPattern(coproc.SymMK), Source: css.id, Target: d.id("csr1"),
		Certificate: coproc.Digest{1}, Shares: []coproc.Digest{{1}, {2}, {3}},
	}
	goodCert := claims(css.id, coproc.CSS, css.keys)
	acceptance := coproc.StatementAccept{
		Node: "csr1", Certificate: sa.certify(t, goodCert),
		Statement: css.sign(t, cosesig.DomainStatement, good), Now: now,
	}
	refuse := func(want error, change func(*coproc.StatementAccept)) {
		t.Helper()
		a := acceptance
		change(&a)
		target := as[coproc.Target](d, ShareOfficer(3))
		d.refused(want, func() error { return target.AcceptStatement(a) })
	}
	refuse(coproc.ErrNoSAKey, func(*coproc.StatementAccept) {})
	ok(t, as[coproc.Registrar](d, Hasher).RegisterHash(sa.public.Thumbprint()))
	ok(t, as[coproc.Registrar](d, Keyer).RegisterKey(sa.public))

	refuse(coproc.ErrNoKey, func(a *coproc.StatementAccept) { a.Node = "csr2" })
	refuse(coproc.ErrExpired, func(a *coproc.StatementAccept) { a.Now = now.Add(2 * time.Hour) })
	refuse(coproc.ErrExpired, func(a *coproc.StatementAccept) { a.Now = now.Add(-2*time.Hour - coproc.ClockSkew) })
	refuse(coproc.ErrCertificate, func(a *coproc.StatementAccept) { a.Certificate = nil })
	refuse(cosesig.ErrMessage, func(a *coproc.StatementAccept) { a.Statement = nil })
	refuse(cosesig.ErrSignature, func(a *coproc.StatementAccept) {
		a.Statement = f.newSigner(t).sign(t, cosesig.DomainStatement, good)
	})
	refuse(cosesig.ErrSignature, func(a *coproc.StatementAccept) {
		a.Statement = css.sign(t, cosesig.DomainBundle, good)
	})

	cert := func(want error, by signer, change func(*coproc.Claims)) {
		t.Helper()
		c := goodCert
		change(&c)
		refuse(want, func(a *coproc.StatementAccept) { a.Certificate = by.certify(t, c) })
	}
	cert(coproc.ErrCertificate, f.newSigner(t), func(*coproc.Claims) {})
	cert(coproc.ErrCertificate, css.signer, func(*coproc.Claims) {})
	cert(coproc.ErrCertificate, sa, func(c *coproc.Claims) { c.Ceremony[0]++ })
	cert(coproc.ErrCertificate, sa, func(c *coproc.Claims) { c.Rehearsal = false })
	cert(coproc.ErrCertificate, sa, func(c *coproc.Claims) {
		c.Role, c.Keys = coproc.CSR, f.newHandNode(t, "x", coproc.CSR).keys
	})

	statement := func(want error, change func(*coproc.Statement)) {
		t.Helper()
		s := good
		s.Shares = slices.Clone(good.Shares)
		change(&s)
		refuse(want, func(a *coproc.StatementAccept) { a.Statement = css.sign(t, cosesig.DomainStatement, s) })
	}
	statement(coproc.ErrShareTarget, func(s *coproc.Statement) { s.Target.Name = "csr2" })
	statement(coproc.ErrShareTarget, func(s *coproc.Statement) { s.Target.Serial[0]++ })
	statement(coproc.ErrShareTarget, func(s *coproc.Statement) { s.Target.EID[0]++ })
	statement(coproc.ErrShareSet, func(s *coproc.Statement) { s.M = 3 })
	statement(coproc.ErrShareSet, func(s *coproc.Statement) { s.N, s.Shares = 4, append(s.Shares, coproc.Digest{4}) })
	statement(coproc.ErrClass, func(s *coproc.Statement) { s.Class = coproc.AesMK })
	statement(coproc.ErrClass, func(s *coproc.Statement) { s.Class = coproc.ApkaMK })
	refuse(coproc.ErrShareTarget, func(a *coproc.StatementAccept) { // from the target's own coprocessor
		c, s := goodCert, good
		c.Node.Serial = d.setup.Serial
		s.Source = c.Node
		a.Certificate, a.Statement = sa.certify(t, c), css.sign(t, cosesig.DomainStatement, s)
	})
	for _, change := range []func(*coproc.Statement){
		func(s *coproc.Statement) { s.Source.Name = "css2" },
		func(s *coproc.Statement) { s.Ceremony[0]++ },
		func(s *coproc.Statement) { s.Class = "DES-MK" },
		func(s *coproc.Statement) { s.Shares = s.Shares[1:] },
	} {
		s := good
		change(&s)
		a := acceptance
		a.Statement = css.sign(t, cosesig.DomainStatement, s)
		if err := as[coproc.Target](d, ShareOfficer(1)).AcceptStatement(a); err == nil {
			t.Errorf("accepted %+v", s)
		}
	}

	d.load(coproc.SymMK, KnownKey(coproc.SymMK))
	refuse(coproc.ErrRegister, func(*coproc.StatementAccept) {})
	try(masterKeys(d).ClearNew(coproc.SymMK)).must(t)

	ok(t, as[coproc.Target](d, ShareOfficer(2)).AcceptStatement(acceptance))
	refuse(nil, func(*coproc.StatementAccept) {}) // again: nothing changes
	statement(coproc.ErrShareSet, func(s *coproc.Statement) { s.ShareSet[0]++ })
	statement(coproc.ErrShareSet, func(s *coproc.Statement) { s.Class = coproc.AsymMK })
}

func testInstallRefused(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 4, nothing)
	r.css.loadAndSet(coproc.SymMK, KnownKey(coproc.SymMK))

	// Share 1 of another set, which was cancelled.
	other := r.css.obtain(r.request(1), "csr1")
	ok(t, as[coproc.Canceller](r.css, Officer).Cancel("csr1"))
	shares := [][]byte{}
	for i := 1; i <= 3; i++ {
		shares = append(shares, r.css.obtain(r.request(i), "csr1"))
	}
	request := r.request(4)
	sealed := try(as[coproc.Source](r.css, ShareOfficer(4)).Obtain(request)).must(t)
	ok(t, as[coproc.Source](r.css, ShareOfficer(4)).GiveUp("csr1", 4))
	shares = append(shares, sealed)
	statement := try(as[coproc.Source](r.css, ShareOfficer(1)).SignStatement("css", "csr1")).must(t)

	refuse := func(want error, by int, node string, index int, sealed []byte, context coproc.Digest) {
		t.Helper()
		target := as[coproc.Target](r.csr, ShareOfficer(by))
		r.csr.refused(want, func() error { return try(target.Install(node, index, sealed, context)).err })
	}
	refuse(coproc.ErrShareState, 1, "csr1", 1, shares[0], context(1)) // no statement yet
	r.accept(statement)
	for _, index := range []int{-1, 0, 5, 15, 16, 1<<16 + 1} {
		refuse(coproc.ErrShareIndex, 1, "csr1", index, shares[0], context(1))
	}
	refuse(coproc.ErrAccess, 2, "csr1", 1, shares[0], context(1))
	refuse(coproc.ErrNoKey, 1, "csr2", 1, shares[0], context(1))
	refuse(coproc.ErrShareSet, 1, "csr1", 1, other, context(1))
	refuse(coproc.ErrShareSet, 1, "csr1", 1, shares[1], context(1))
	refuse(coproc.ErrShareSet, 2, "csr1", 2, shares[0], context(1))
	refuse(coproc.ErrShareSet, 4, "csr1", 4, shares[3], context(4)) // given up
	refuse(coproc.ErrShareSet, 1, "csr1", 1, nil, context(1))
	refuse(coproc.ErrShareSet, 1, "csr1", 1, shares[0][:len(shares[0])-1], context(1))
	refuse(coproc.ErrShareDamaged, 1, "csr1", 1, shares[0], context(2))
	for at := 0; at < len(shares[0]); at += 97 {
		changed := slices.Clone(shares[0])
		changed[at] ^= 1
		refuse(coproc.ErrShareSet, 1, "csr1", 1, changed, context(1))
	}

	// Nothing else may be put into the register that waits for shares.
	k := as[coproc.MasterKeys](r.csr, Part1)
	r.csr.refused(coproc.ErrRegister, func() error { return try(k.LoadPart(r.class, coproc.First, KnownKey(r.class))).err })
	k = masterKeys(r.csr)
	r.csr.refused(coproc.ErrRegister, func() error { return try(k.GenerateMasterKey(r.class)).err })

	try(as[coproc.Target](r.csr, ShareOfficer(1)).Install("csr1", 1, shares[0], context(1))).must(t)
	refuse(coproc.ErrShareDone, 1, "csr1", 1, shares[0], context(1))
	refuse(coproc.ErrShareSet, 1, "csr1", 1, other, context(1))
	k = masterKeys(r.csr)
	r.csr.refused(coproc.ErrRegister, func() error { return try(k.VerifyNew(r.class)).err })
	r.csr.refused(coproc.ErrRegister, func() error { return try(k.SetMasterKey(r.class)).err })
	r.install(shares, []int{3})
	refuse(coproc.ErrShareDone, 3, "csr1", 3, shares[2], context(3))
	refuse(coproc.ErrShareState, 2, "csr1", 2, shares[1], context(2)) // enough were installed
}

func testSetAfterShares(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	known := f.knownPattern(r.class)
	r.css.loadAndSet(r.class, KnownKey(r.class))
	shares, statement := r.obtainAll()
	r.accept(statement)
	r.install(shares, []int{1, 2})
	k := masterKeys(r.csr)
	r.csr.refused(coproc.ErrNotVerified, func() error { return try(k.SetMasterKey(r.class)).err })
	for range 2 {
		v := try(k.VerifyNew(r.class)).must(t)
		equal(t, "verified", v, coproc.Verification{New: known, Expected: known, Shares: true})
	}
	// Having verified outlasts the session.
	r.csr.close()
	r.csr.openAgain()
	k = masterKeys(r.csr)
	after := try(k.SetMasterKey(r.class)).must(t)
	equal(t, "set", after, coproc.Registers{Class: r.class, Current: full(known)})

	// The same share set again gives the same key, which is refused; the
	// share set was forgotten, so that it can be accepted at all.
	r.accept(statement)
	r.install(shares, []int{1, 2})
	k = masterKeys(r.csr)
	try(k.VerifyNew(r.class)).must(t)
	r.csr.refused(coproc.ErrSameKey, func() error { return try(k.SetMasterKey(r.class)).err })
}

// testTargetForgets clears the new register before and after it is full.
func testTargetForgets(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	r.css.loadAndSet(r.class, KnownKey(r.class))
	shares, statement := r.obtainAll()
	for _, indices := range [][]int{{1}, {2, 1}} {
		r.accept(statement)
		for _, i := range indices {
			try(as[coproc.Target](r.csr, ShareOfficer(i)).Install("csr1", i, shares[i-1], context(i))).must(t)
		}
		equal(t, "cleared", try(masterKeys(r.csr).ClearNew(r.class)).must(t), empty(r.class))
		if left := r.csr.info().Receiving; left != nil {
			t.Errorf("shares %+v", left)
		}
		_, err := as[coproc.Target](r.csr, ShareOfficer(1)).Install("csr1", 1, shares[0], context(1))
		if !errors.Is(err, coproc.ErrShareState) {
			t.Errorf("error is %v, want %v", err, coproc.ErrShareState)
		}
	}
	// A key of one's own after all: it needs no source to verify it.
	k := masterKeys(r.csr)
	made := try(k.GenerateMasterKey(r.class)).must(t).New
	equal(t, "set", try(k.SetMasterKey(r.class)).must(t), coproc.Registers{Class: r.class, Current: made})
}
