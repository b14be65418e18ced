package engine

import (
	"context"
	"errors"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/soft"
)

// rogue is a source that the SA certified and that then says and seals what
// it likes to a target.
type rogue struct {
	t      *testing.T
	sa     testSA
	css    handNode
	id     coproc.NodeID
	target testDevice
	keys   coproc.Keys // the target's
	cert   []byte      // the rogue's
	good   coproc.Statement
	key    []byte
	points []point
}

var rogueContext = coproc.Digest{0xc0}

func newRogue(t *testing.T) *rogue {
	t.Helper()
	target := newTestDevice(t, "CSR1", 2, 3)
	sa := newTestSA(t)
	sa.trust(target)
	keys, err := target.logOn(coproctest.Officer).GenerateKey("csr1", coproc.CSR)
	noError(t, err)
	css := newNode(t, coproc.CSS)
	id := coproc.NodeID{Name: "css", Serial: coproc.Serial{'R'}, EID: coproc.EID{'R'}}
	setup := coproctest.Setup("CSR1", 2, 3)
	key := coproctest.KnownKey(coproc.SymMK)
	points, err := split(key, 2, 3)
	noError(t, err)
	pattern, err := soft.Chip{}.Pattern(context.Background(), coproc.SymMK, key)
	noError(t, err)
	return &rogue{
		t: t, sa: sa, css: css, id: id, target: target, keys: keys, key: key, points: points,
		cert: sa.certify(id, coproc.CSS, css.keys),
		good: coproc.Statement{
			Ceremony: setup.Ceremony, ShareSet: coproc.ShareSetID{7}, Class: coproc.SymMK, M: 2, N: 3,
			Pattern: pattern, Source: id,
			Target:      coproc.NodeID{Name: "csr1", Serial: setup.Serial, EID: setup.EID},
			Certificate: coproc.Digest{1}, Shares: make([]coproc.Digest, 3),
		},
	}
}

// info is an honest clone info of share i.
func (r *rogue) info(i int) cloneInfo {
	return cloneInfo{
		Ceremony: r.good.Ceremony, ShareSet: r.good.ShareSet, Class: r.good.Class, M: r.good.M, N: r.good.N,
		Pattern: r.good.Pattern, Source: r.good.Source, Target: r.good.Target, Certificate: r.good.Certificate,
		Index: uint8(i), Share: r.inner(i, r.points[i-1].y), Context: rogueContext,
	}
}

// inner seals a share to its officer.
func (r *rogue) inner(i int, share []byte) []byte {
	r.t.Helper()
	sealed, err := coproc.SealShare(r.keys.Shares.Key(i), rogueContext, share)
	noError(r.t, err)
	return sealed
}

func (r *rogue) seal(ci cloneInfo) []byte {
	r.t.Helper()
	to, err := age.ParseHybridRecipient(r.keys.ShareBox)
	noError(r.t, err)
	sealed, err := ci.seal(r.css.sign, to)
	noError(r.t, err)
	return sealed
}

// accept makes the target accept a statement that lists these shares.
func (r *rogue) accept(pattern coproc.Pattern, shares ...[]byte) {
	r.t.Helper()
	s := r.good
	s.Pattern = pattern
	s.Shares = make([]coproc.Digest, 3)
	for i, sealed := range shares {
		s.Shares[i] = coproc.DigestOf(sealed)
	}
	signed, err := r.css.sign(cosesig.DomainStatement, s)
	noError(r.t, err)
	_, err = r.target.logOn(coproctest.Officer).ClearNew(coproc.SymMK)
	noError(r.t, err)
	noError(r.t, r.target.logOn(coproctest.ShareOfficer(1)).AcceptStatement(coproc.StatementAccept{
		Node: "csr1", Certificate: r.cert, Statement: signed, Now: testNow,
	}))
}

func (r *rogue) install(index int, sealed []byte) (bool, error) {
	return r.target.logOn(coproctest.ShareOfficer(index)).Install("csr1", index, sealed, rogueContext)
}

// TestEveryCoveredField changes one field of a share that is otherwise good,
// signed, sealed and listed in the statement.
func TestEveryCoveredField(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	honest := r.seal(r.info(1))
	r.accept(r.good.Pattern, honest)
	if _, err := r.install(1, honest); err != nil {
		t.Fatalf("the honest share: %v", err)
	}
	for _, test := range []struct {
		name   string
		want   error
		change func(*cloneInfo)
	}{
		{"ceremony", coproc.ErrShareSet, func(c *cloneInfo) { c.Ceremony[0]++ }},
		{"share set", coproc.ErrShareSet, func(c *cloneInfo) { c.ShareSet[0]++ }},
		{"class", coproc.ErrShareSet, func(c *cloneInfo) { c.Class = coproc.AsymMK }},
		{"m", coproc.ErrShareSet, func(c *cloneInfo) { c.M = 1 }},
		{"n", coproc.ErrShareSet, func(c *cloneInfo) { c.N = 4 }},
		{"pattern", coproc.ErrOtherMasterKey, func(c *cloneInfo) { c.Pattern[0]++ }},
		{"source", coproc.ErrShareSet, func(c *cloneInfo) { c.Source.EID[0]++ }},
		{"target", coproc.ErrShareTarget, func(c *cloneInfo) { c.Target.Name = "csr2" }},
		{"target's serial number", coproc.ErrShareTarget, func(c *cloneInfo) { c.Target.Serial[0]++ }},
		{"certificate", coproc.ErrShareTarget, func(c *cloneInfo) { c.Certificate[0]++ }},
		{"index", coproc.ErrShareIndex, func(c *cloneInfo) { c.Index = 2 }},
		{"context", coproc.ErrShareDamaged, func(c *cloneInfo) { c.Context[0]++ }},
		{"short share", coproc.ErrShareDamaged, func(c *cloneInfo) { c.Share = c.Share[1:] }},
		{"for another officer", coproc.ErrShareDamaged, func(c *cloneInfo) { c.Share = r.inner(2, r.points[0].y) }},
		{"a short share inside", coproc.ErrShareDamaged, func(c *cloneInfo) { c.Share = r.inner(1, r.points[0].y[1:]) }},
		{"no share", coproc.ErrShareDamaged, func(c *cloneInfo) { c.Share = nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			ci := r.info(1)
			test.change(&ci)
			sealed := r.seal(ci)
			r.accept(r.good.Pattern, sealed)
			if _, err := r.install(1, sealed); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

// TestUnopenedShares lists in the statement what does not open, or is not signed.
func TestUnopenedShares(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	stranger, err := age.GenerateHybridIdentity()
	noError(t, err)
	forStranger, err := r.info(1).seal(r.css.sign, stranger.Recipient())
	noError(t, err)
	other := newNode(t, coproc.CSS)
	own, err := age.ParseHybridRecipient(r.keys.ShareBox)
	noError(t, err)
	byOther, err := r.info(1).seal(other.sign, own)
	noError(t, err)
	garbage, err := encrypt([]byte("garbage"), own)
	noError(t, err)
	signed, err := r.css.sign(cosesig.DomainStatement, r.info(1)) // for another purpose
	noError(t, err)
	otherDomain, err := encrypt(signed, own)
	noError(t, err)
	box, err := age.ParseX25519Recipient(r.keys.Box)
	noError(t, err)
	toBox, err := encrypt([]byte("not to the share box"), box)
	noError(t, err)
	honest := r.seal(r.info(1))
	for _, test := range []struct {
		name   string
		sealed []byte
		want   error
	}{
		{"for a stranger", forStranger, coproc.ErrShareTarget},
		{"to the Box key", toBox, coproc.ErrShareTarget},
		{"by another source", byOther, coproc.ErrShareDamaged},
		{"garbage", garbage, coproc.ErrShareDamaged},
		{"signed for another purpose", otherDomain, coproc.ErrShareDamaged},
		{"empty", []byte{}, coproc.ErrShareDamaged},
		{"cut", honest[:len(honest)-1], coproc.ErrShareDamaged},
		{"changed", append(honest[:len(honest)-1:len(honest)-1], honest[len(honest)-1]^1), coproc.ErrShareDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.accept(r.good.Pattern, test.sealed)
			if _, err := r.install(1, test.sealed); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

// TestOtherPattern is a rogue whose shares make another key than its
// statement and every share say.
func TestOtherPattern(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	claimed := coproc.Pattern{0xde, 0xad}
	var sealed [][]byte
	for i := 1; i <= 2; i++ {
		ci := r.info(i)
		ci.Pattern = claimed
		sealed = append(sealed, r.seal(ci))
	}
	r.accept(claimed, sealed...)
	for i, done := range []bool{false, true} {
		if got, err := r.install(i+1, sealed[i]); err != nil || got != done {
			t.Fatalf("install share %d: %v, error %v", i+1, got, err)
		}
	}
	o := r.target.logOn(coproctest.Officer)
	for range 2 {
		v, err := o.VerifyNew(coproc.SymMK)
		if !errors.Is(err, coproc.ErrPattern) {
			t.Errorf("verify: error is %v, want %v", err, coproc.ErrPattern)
		}
		if want := (coproc.Verification{New: r.good.Pattern, Expected: claimed, Shares: true}); v != want {
			t.Errorf("verification %+v, want %+v", v, want)
		}
		if _, err := r.target.logOn(coproctest.Setter).SetMasterKey(coproc.SymMK); !errors.Is(err, coproc.ErrNotVerified) {
			t.Errorf("set: error is %v, want %v", err, coproc.ErrNotVerified)
		}
	}
}
