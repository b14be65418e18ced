package coproctest

import (
	"fmt"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// enrol makes the keys of a node and lets its coprocessor trust an SA key.
// The second node of one coprocessor finds the SA key registered.
func (d *device) enrol(name string, role coproc.NodeRole, sa coproc.PublicKey) coproc.Keys {
	d.t.Helper()
	ok(d.t, as[coproc.Registrar](d, Hasher).RegisterHash(sa.Thumbprint()))
	ok(d.t, as[coproc.Registrar](d, Keyer).RegisterKey(sa))
	return try(as[coproc.KeyOwner](d, Officer).GenerateKey(name, role)).must(d.t)
}

// id is who a node of the device is.
func (d *device) id(name string) coproc.NodeID {
	return coproc.NodeID{Name: name, Serial: d.setup.Serial, EID: d.setup.EID}
}

// context is what the suite binds into share i.
func context(i int) coproc.Digest { return coproc.Digest{0xc0, byte(i)} }

// obtain obtains share i and lets it be handed out.
func (d *device) obtain(r coproc.ObtainRequest, target string) []byte {
	d.t.Helper()
	r.Context = context(r.Index)
	sealed := try(as[coproc.Source](d, ShareOfficer(r.Index)).Obtain(r)).must(d.t)
	ok(d.t, as[coproc.Source](d, ShareOfficer(r.Index)).MarkDistributed(target, r.Index))
	return sealed
}

// rig is a ceremony with the coprocessors of an SA, a source and a target.
type rig struct {
	t            *testing.T
	sa, css, csr *device
	cssCert      []byte
	csrCert      []byte
	class        coproc.Class
}

// newRig plays phases 1 to 3b.
func newRig(t *testing.T, f Family, c coproc.Class, m, n int, change func(*coproc.Setup)) *rig {
	t.Helper()
	device := func(name string) *device {
		s := Setup(name, m, n)
		change(&s)
		return newDevice(t, f, s)
	}
	r := &rig{t: t, sa: device("SA"), css: device("CSS"), csr: device("CSR1"), class: c}
	sa := try(as[coproc.KeyOwner](r.sa, Officer).GenerateKey("sa", coproc.SA)).must(t).Sign
	css := r.css.enrol("css", coproc.CSS, sa)
	csr := r.csr.enrol("csr1", coproc.CSR, sa)
	r.cssCert = r.certify(claims(r.css.id("css"), coproc.CSS, css))
	r.csrCert = r.certify(claims(r.csr.id("csr1"), coproc.CSR, csr))
	return r
}

func (r *rig) certify(c coproc.Claims) []byte {
	r.t.Helper()
	return try(as[coproc.Certifier](r.sa, Grantor).Certify("sa", c)).must(r.t).Bytes()
}

func (r *rig) request(index int) coproc.ObtainRequest {
	return coproc.ObtainRequest{Source: "css", Target: r.csrCert, Class: r.class, Index: index, Now: now}
}

// obtainAll plays phase 3c.
func (r *rig) obtainAll() (shares [][]byte, statement []byte) {
	r.t.Helper()
	for i := 1; i <= r.css.setup.N; i++ {
		shares = append(shares, r.css.obtain(r.request(i), "csr1"))
	}
	statement = try(as[coproc.Source](r.css, ShareOfficer(1)).SignStatement("css", "csr1")).must(r.t)
	return shares, statement
}

func (r *rig) accept(statement []byte) {
	r.t.Helper()
	ok(r.t, as[coproc.Target](r.csr, ShareOfficer(1)).AcceptStatement(r.acceptance(statement)))
}

func (r *rig) acceptance(statement []byte) coproc.StatementAccept {
	return coproc.StatementAccept{Node: "csr1", Certificate: r.cssCert, Statement: statement, Now: now}
}

// install installs shares of the indices given; the last one must complete the key.
func (r *rig) install(shares [][]byte, indices []int) {
	r.t.Helper()
	for k, i := range indices {
		done := try(as[coproc.Target](r.csr, ShareOfficer(i)).Install("csr1", i, shares[i-1], context(i))).must(r.t)
		if want := k == len(indices)-1; done != want {
			r.t.Fatalf("done is %v after %d of %d shares", done, k+1, len(indices))
		}
	}
}

// verifyAndSet plays the end of phase 3d.
func (r *rig) verifyAndSet(p coproc.Pattern) {
	r.t.Helper()
	v := try(masterKeys(r.csr).VerifyNew(r.class)).must(r.t)
	equal(r.t, "verified", v, coproc.Verification{New: p, Expected: p, Shares: true})
	after := try(masterKeys(r.csr).SetMasterKey(r.class)).must(r.t)
	equal(r.t, "set", after, coproc.Registers{Class: r.class, Current: full(p)})
}

func testClone(t *testing.T, f Family) {
	for _, test := range []struct {
		class   coproc.Class
		m, n    int
		indices []int // in the order they are installed
	}{
		{coproc.SymMK, 1, 1, []int{1}},
		{coproc.SymMK, 2, 3, []int{3, 1}},
		{coproc.AsymMK, 2, 3, []int{2, 3}},
		{coproc.AsymMK, 3, 3, []int{2, 3, 1}},
		{coproc.SymMK, 3, 5, []int{5, 1, 4}},
		{coproc.SymMK, 2, 15, []int{15, 8}},
	} {
		t.Run(fmt.Sprintf("%s %v of %d", test.class, test.indices, test.n), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, f, test.class, test.m, test.n, nothing)
			r.css.loadAndSet(test.class, KnownKey(test.class))
			shares, statement := r.obtainAll()
			r.accept(statement)
			r.install(shares, test.indices)
			r.verifyAndSet(f.knownPattern(test.class))
		})
	}
}

// testCloneReopening is one cloning in which nothing but the medium joins one
// act with the next.
func testCloneReopening(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 3, nothing)
	for _, d := range []*device{r.sa, r.css, r.csr} {
		d.reopening = true
	}
	key := masterKeys(r.css)
	pattern := try(key.GenerateMasterKey(coproc.SymMK)).must(t).New.Pattern
	try(masterKeys(r.css).SetMasterKey(coproc.SymMK)).must(t)

	var shares [][]byte
	none := coproc.Digest{}
	source := coproc.ShareTable{
		Peer: "csr1", M: 2, N: 3, Pattern: pattern,
		States:  []coproc.ShareState{coproc.SharePossible, coproc.SharePossible, coproc.SharePossible},
		Digests: []coproc.Digest{none, none, none},
		By:      []string{"", "", ""},
	}
	for i := 1; i <= 3; i++ {
		request := r.request(i)
		request.Context = context(i)
		sealed := try(as[coproc.Source](r.css, ShareOfficer(i)).Obtain(request)).must(t)
		source.ShareSet = r.css.info().Shares[0].ShareSet
		source.States[i-1], source.Digests[i-1], source.By[i-1] = coproc.ShareGenerated, coproc.DigestOf(sealed), ShareOfficer(i)
		equal(t, "shares at the source", r.css.info().Shares, []coproc.ShareTable{source})
		ok(t, as[coproc.Source](r.css, ShareOfficer(i)).MarkDistributed("csr1", i))
		source.States[i-1] = coproc.ShareDone
		equal(t, "shares at the source", r.css.info().Shares, []coproc.ShareTable{source})
		shares = append(shares, sealed)
	}
	signed := try(as[coproc.Source](r.css, ShareOfficer(2)).SignStatement("css", "csr1")).must(t)
	equal(t, "statement again", try(as[coproc.Source](r.css, ShareOfficer(3)).SignStatement("css", "csr1")).must(t), signed)
	equal(t, "shares at the source", r.css.info().Shares, []coproc.ShareTable{source})
	cert := try(coproc.ParseCertificate(r.cssCert, r.css.info().SAKey)).must(t)
	equal(t, "statement", try(coproc.ParseStatement(signed, cert)).must(t), coproc.Statement{
		Ceremony: ceremony, ShareSet: source.ShareSet, Class: coproc.SymMK, M: 2, N: 3, Pattern: pattern,
		Source: r.css.id("css"), Target: r.csr.id("csr1"),
		Certificate: coproc.DigestOf(r.csrCert), Shares: source.Digests,
	})

	r.accept(signed)
	target := source
	target.Peer = "css"
	target.States = []coproc.ShareState{coproc.SharePossible, coproc.SharePossible, coproc.SharePossible}
	target.By = []string{"", "", ""}
	equal(t, "shares at the target", r.csr.info().Receiving, []coproc.ShareTable{target})
	r.accept(signed)
	equal(t, "shares at the target", r.csr.info().Receiving, []coproc.ShareTable{target})

	if try(as[coproc.Target](r.csr, ShareOfficer(3)).Install("csr1", 3, shares[2], context(3))).must(t) {
		t.Error("one share of two is enough")
	}
	target.States[2], target.By[2] = coproc.ShareDone, ShareOfficer(3)
	equal(t, "shares at the target", r.csr.info().Receiving, []coproc.ShareTable{target})
	equal(t, "register", r.csr.info().Register(coproc.SymMK), empty(coproc.SymMK))
	if !try(as[coproc.Target](r.csr, ShareOfficer(1)).Install("csr1", 1, shares[0], context(1))).must(t) {
		t.Error("two shares of two are not enough")
	}
	target.States[0], target.By[0] = coproc.ShareDone, ShareOfficer(1)
	target.States[1] = coproc.ShareNone // cannot be received any more
	equal(t, "shares at the target", r.csr.info().Receiving, []coproc.ShareTable{target})
	equal(t, "register", r.csr.info().Register(coproc.SymMK), coproc.Registers{Class: coproc.SymMK, New: full(pattern)})
	r.verifyAndSet(pattern)
	if left := r.csr.info().Receiving; left != nil {
		t.Errorf("shares at the target after set: %v", left)
	}
}

func testCloneAES(t *testing.T, f Family) {
	for _, c := range []coproc.Class{coproc.AesMK, coproc.ApkaMK} {
		r := newRig(t, f, c, 2, 2, func(s *coproc.Setup) { s.AllowAES = true })
		r.css.loadAndSet(c, KnownKey(c))
		shares, statement := r.obtainAll()
		r.accept(statement)
		r.install(shares, []int{1, 2})
		r.verifyAndSet(f.knownPattern(c))
	}
}

// testTargets clones to two targets and lets each refuse what is the other's.
func testTargets(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 2, nothing)
	r.css.loadAndSet(coproc.SymMK, KnownKey(coproc.SymMK))
	other := &rig{t: t, sa: r.sa, css: r.css, csr: newDevice(t, f, Setup("CSR2", 2, 2)), cssCert: r.cssCert, class: r.class}
	keys := other.csr.enrol("csr2", coproc.CSR, r.css.info().SAKey)
	other.csrCert = r.certify(claims(other.csr.id("csr2"), coproc.CSR, keys))

	shares, statement := r.obtainAll()
	var others [][]byte
	for i := 1; i <= 2; i++ {
		others = append(others, r.css.obtain(other.request(i), "csr2"))
	}
	otherStatement := try(as[coproc.Source](r.css, ShareOfficer(1)).SignStatement("css", "csr2")).must(t)
	tables := r.css.info().Shares
	if len(tables) != 2 || tables[0].Peer != "csr1" || tables[1].Peer != "csr2" || tables[0].ShareSet == tables[1].ShareSet {
		t.Errorf("share tables %+v", tables)
	}

	target := as[coproc.Target](r.csr, ShareOfficer(1))
	r.csr.refused(coproc.ErrShareTarget, func() error { return target.AcceptStatement(r.acceptance(otherStatement)) })
	r.accept(statement)
	target = as[coproc.Target](r.csr, ShareOfficer(1))
	r.csr.refused(coproc.ErrShareSet, func() error { return try(target.Install("csr1", 1, others[0], context(1))).err })
	r.install(shares, []int{2, 1})
	r.verifyAndSet(f.knownPattern(coproc.SymMK))

	accept := other.acceptance(otherStatement)
	accept.Node = "csr2"
	ok(t, as[coproc.Target](other.csr, ShareOfficer(2)).AcceptStatement(accept))
	for i := 1; i <= 2; i++ {
		done := try(as[coproc.Target](other.csr, ShareOfficer(i)).Install("csr2", i, others[i-1], context(i))).must(t)
		equal(t, "done", done, i == 2)
	}
	other.verifyAndSet(f.knownPattern(coproc.SymMK))
}
