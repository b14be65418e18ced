package coproctest

import (
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
)

// source is a source's coprocessor alone; SA and targets are played by hand.
type source struct {
	*device
	sa     signer
	target handNode
	cert   []byte // the target's
}

// newSource has the known SYM-MK and is ready to give out shares of it.
func newSource(t *testing.T, f Family, m, n int) source {
	t.Helper()
	s := source{device: newDevice(t, f, Setup("CSS", m, n)), sa: f.newSigner(t), target: f.newHandNode(t, "csr1", coproc.CSR)}
	s.target.keys.Shares = ShareKeys(n)
	s.enrol("css", coproc.CSS, s.sa.public)
	s.cert = s.sa.certify(t, claims(s.target.id, coproc.CSR, s.target.keys))
	s.loadAndSet(coproc.SymMK, KnownKey(coproc.SymMK))
	return s
}

func (s source) request(index int) coproc.ObtainRequest {
	return coproc.ObtainRequest{
		Source: "css", Target: s.cert, Class: coproc.SymMK, Index: index, Context: context(index), Now: now,
	}
}

// refuse lets the officer of share by ask for something that is refused, to
// be begun and to be obtained.
func (s source) refuse(want error, by int, change func(*coproc.ObtainRequest)) {
	s.t.Helper()
	r := s.request(by)
	change(&r)
	o := as[coproc.Source](s.device, ShareOfficer(by))
	s.refused(want, func() error { return try(o.BeginShareSet(r)).err })
	s.refused(want, func() error { return try(o.Obtain(r)).err })
}

func testObtainRefused(t *testing.T, f Family) {
	bare := newDevice(t, f, Setup("CSS", 2, 3))
	try(as[coproc.KeyOwner](bare, Officer).GenerateKey("css", coproc.CSS)).must(t)
	s := newSource(t, f, 2, 3)
	o := as[coproc.Source](bare, ShareOfficer(1))
	bare.refused(coproc.ErrNoSAKey, func() error { return try(o.BeginShareSet(s.request(1))).err })
	bare.refused(coproc.ErrNoSAKey, func() error { return try(o.Obtain(s.request(1))).err })

	for _, index := range []int{-1, 0, 4, 15, 16, 17, 1 << 16, 1<<16 + 1} {
		s.refuse(coproc.ErrShareIndex, 1, func(r *coproc.ObtainRequest) { r.Index = index })
	}
	s.refuse(coproc.ErrAccess, 1, func(r *coproc.ObtainRequest) { r.Index = 2 })
	s.refuse(coproc.ErrNoKey, 1, func(r *coproc.ObtainRequest) { r.Source = "csr1" })
	s.refuse(coproc.ErrRegister, 1, func(r *coproc.ObtainRequest) { r.Class = coproc.AsymMK }) // empty
	s.refuse(coproc.ErrClass, 1, func(r *coproc.ObtainRequest) { r.Class = "" })
	for _, c := range []coproc.Class{coproc.AesMK, coproc.ApkaMK} {
		s.loadAndSet(c, KnownKey(c))
		s.refuse(coproc.ErrClass, 1, func(r *coproc.ObtainRequest) { r.Class = c })
	}
	s.refuse(coproc.ErrExpired, 1, func(r *coproc.ObtainRequest) { r.Now = now.Add(2 * time.Hour) })
	s.refuse(coproc.ErrExpired, 1, func(r *coproc.ObtainRequest) { r.Now = now.Add(-2*time.Hour - coproc.ClockSkew) })

	cert := func(want error, by signer, change func(*coproc.Claims)) {
		t.Helper()
		c := claims(s.target.id, coproc.CSR, s.target.keys)
		change(&c)
		s.refuse(want, 1, func(r *coproc.ObtainRequest) { r.Target = by.certify(t, c) })
	}
	cert(coproc.ErrCertificate, f.newSigner(t), func(*coproc.Claims) {}) // not the SA
	cert(coproc.ErrCertificate, s.target.signer, func(*coproc.Claims) {})
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Ceremony[0]++ })
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Rehearsal = false })
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Role, c.Keys = coproc.CSS, f.newHandNode(t, "x", coproc.CSS).keys })
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Keys.ShareBox = c.Keys.Box }) // not a hybrid key
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Keys.Shares = ShareKeys(2) }) // there are 3
	cert(coproc.ErrCertificate, s.sa, func(c *coproc.Claims) { c.Keys.Shares = ShareKeys(4) })
	cert(coproc.ErrShareTarget, s.sa, func(c *coproc.Claims) { c.Node.Serial = s.setup.Serial })
	s.refuse(coproc.ErrCertificate, 1, func(r *coproc.ObtainRequest) { r.Target = nil })

	try(as[coproc.Source](s.device, ShareOfficer(1)).Obtain(s.request(1))).must(t)
	// The share set is begun: nothing of it may change from here on.
	cert(coproc.ErrShareSet, s.sa, func(c *coproc.Claims) { c.Generation = 2 })
	s.loadAndSet(coproc.AsymMK, KnownKey(coproc.AsymMK))
	s.refuse(coproc.ErrShareSet, 1, func(r *coproc.ObtainRequest) { r.Class = coproc.AsymMK })
	try(as[coproc.KeyOwner](s.device, Officer).GenerateKey("css2", coproc.CSS)).must(t)
	s.refuse(coproc.ErrShareSet, 1, func(r *coproc.ObtainRequest) { r.Source = "css2" })
}

func testShareStates(t *testing.T, f Family) {
	s := newSource(t, f, 2, 4)
	const target = "csr1"
	states := func(want ...coproc.ShareState) {
		t.Helper()
		equal(t, "states", s.info().Shares[0].States, want)
	}
	obtain := func(want error, i int) {
		t.Helper()
		if want != nil {
			s.refuse(want, i, func(*coproc.ObtainRequest) {})
			return
		}
		sealed := try(as[coproc.Source](s.device, ShareOfficer(i)).Obtain(s.request(i))).must(t)
		equal(t, "digest", s.info().Shares[0].Digests[i-1], coproc.DigestOf(sealed))
		if plain := try(openWith(sealed, s.target.shareBox)).must(t); len(plain) == 0 {
			t.Error("there is nothing in the share")
		}
	}
	distributed := func(want error, i int) {
		t.Helper()
		o := as[coproc.Source](s.device, ShareOfficer(i))
		if want != nil {
			s.refused(want, func() error { return o.MarkDistributed(target, i) })
			return
		}
		ok(t, o.MarkDistributed(target, i))
	}
	giveUp := func(want error, i int) {
		t.Helper()
		o := as[coproc.Source](s.device, ShareOfficer(i))
		if want != nil {
			s.refused(want, func() error { return o.GiveUp(target, i) })
			return
		}
		ok(t, o.GiveUp(target, i))
	}
	state := func(want error) []byte {
		t.Helper()
		o := as[coproc.Source](s.device, ShareOfficer(4))
		if want != nil {
			s.refused(want, func() error { return try(o.SignStatement("css", target)).err })
			return nil
		}
		return try(o.SignStatement("css", target)).must(t)
	}
	const possible, generated, done, none = coproc.SharePossible, coproc.ShareGenerated, coproc.ShareDone, coproc.ShareNone

	distributed(coproc.ErrShareState, 1) // there is no set yet
	giveUp(coproc.ErrShareState, 1)
	state(coproc.ErrShareState)
	for i := range 3 {
		id := try(as[coproc.Source](s.device, ShareOfficer(2+i%2)).BeginShareSet(s.request(2 + i%2))).must(t)
		states(possible, possible, possible, possible)
		equal(t, "share set", s.info().Shares[0].ShareSet, id)
	}
	id := s.info().Shares[0].ShareSet
	obtain(nil, 1)
	equal(t, "share set", s.info().Shares[0].ShareSet, id)
	states(generated, possible, possible, possible)
	distributed(coproc.ErrShareState, 2)
	obtain(nil, 1) // not handed out: sealed again
	distributed(nil, 1)
	states(done, possible, possible, possible)
	distributed(nil, 1)
	obtain(coproc.ErrShareDone, 1)
	giveUp(coproc.ErrShareDone, 1)
	state(coproc.ErrShareState)
	giveUp(nil, 2)
	giveUp(nil, 2)
	states(done, none, possible, possible)
	obtain(coproc.ErrShareState, 2)
	distributed(coproc.ErrShareState, 2)
	obtain(nil, 3)
	giveUp(nil, 3) // obtained, but on no stick
	states(done, none, none, possible)
	giveUp(coproc.ErrShareState, 4) // m must remain
	obtain(nil, 4)
	state(coproc.ErrShareState)
	distributed(nil, 4)
	states(done, none, none, done)

	o := as[coproc.Source](s.device, ShareOfficer(1))
	for _, i := range []int{0, 5} {
		s.refused(coproc.ErrShareIndex, func() error { return o.MarkDistributed(target, i) })
		s.refused(coproc.ErrShareIndex, func() error { return o.GiveUp(target, i) })
	}
	s.refused(coproc.ErrAccess, func() error { return o.MarkDistributed(target, 2) })
	s.refused(coproc.ErrAccess, func() error { return o.GiveUp(target, 2) })
	s.refused(coproc.ErrShareState, func() error { return try(o.SignStatement("css", "csr2")).err })
	s.refused(coproc.ErrShareSet, func() error { return try(o.SignStatement("css2", target)).err })

	digests := s.info().Shares[0].Digests
	if digests[0].IsZero() || !digests[1].IsZero() || !digests[2].IsZero() || digests[3].IsZero() {
		t.Errorf("digests %v", digests)
	}
	signed := state(nil)
	s.close()
	s.openAgain()
	equal(t, "statement again", state(nil), signed)
	obtain(coproc.ErrShareDone, 4)
}

// testSourceForgets checks what ends a share set: Cancel, and SetMasterKey.
func testSourceForgets(t *testing.T, f Family) {
	s := newSource(t, f, 2, 2)
	begin := func() coproc.ShareSetID {
		t.Helper()
		try(as[coproc.Source](s.device, ShareOfficer(1)).Obtain(s.request(1))).must(t)
		return s.info().Shares[0].ShareSet
	}
	gone := func() {
		t.Helper()
		if left := s.info().Shares; left != nil {
			t.Errorf("share tables %+v", left)
		}
	}
	ids := map[coproc.ShareSetID]bool{begin(): true}
	ok(t, as[coproc.Canceller](s.device, Officer).Cancel("csr1"))
	gone()
	ok(t, as[coproc.Canceller](s.device, Officer).Cancel("csr1"))
	ids[begin()] = true

	s.loadAndSet(coproc.AsymMK, KnownKey(coproc.AsymMK)) // another class
	equal(t, "share tables", len(s.info().Shares), 1)
	k := masterKeys(s.device)
	try(k.GenerateMasterKey(coproc.SymMK)).must(t)
	try(k.SetMasterKey(coproc.SymMK)).must(t)
	gone()
	ids[begin()] = true
	equal(t, "different share sets", len(ids), 3)
}
