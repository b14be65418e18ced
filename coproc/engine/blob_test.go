package engine

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip/chiptest"
	"github.com/gapferry/gapferry/coproc/coproctest"
)

// tokens are an SA, a source with a master key and a target over chips that
// wrap, who trust one another.
type tokens struct {
	sa, source, target testDevice
	css, csr           []byte // certificates
}

func newTokens(t *testing.T) tokens {
	t.Helper()
	device := func(name string) testDevice {
		dir, token := filepath.Join(t.TempDir(), "coprocessor"), chiptest.New()
		noError(t, Create(t.Context(), dir, coproctest.Setup(name, 2, 2), token))
		c, err := Open(t.Context(), dir, token)
		noError(t, err)
		return testDevice{c, t}
	}
	w := tokens{sa: device("SA"), source: device("SOURCE"), target: device("CSR1")}
	root, err := w.sa.logOn(coproctest.Officer).GenerateKey("sa", coproc.SA)
	noError(t, err)
	joined := func(d testDevice, name string, role coproc.NodeRole) []byte {
		noError(t, d.logOn(coproctest.Hasher).RegisterHash(root.Sign.Thumbprint()))
		noError(t, d.logOn(coproctest.Keyer).RegisterKey(root.Sign))
		keys, err := d.logOn(coproctest.Officer).GenerateKey(name, role)
		noError(t, err)
		setup := coproctest.Setup(map[string]string{"css": "SOURCE", "csr1": "CSR1"}[name], 2, 2)
		c, err := w.sa.logOn(coproctest.Grantor).Certify("sa", coproc.Claims{
			Ceremony: setup.Ceremony, Rehearsal: true, Role: role, Generation: 1, Keys: keys,
			Node:      coproc.NodeID{Name: name, Serial: setup.Serial, EID: setup.EID},
			NotBefore: testNow.Unix(), NotAfter: testNow.Add(time.Hour).Unix(),
		})
		noError(t, err)
		return c.Bytes()
	}
	w.css, w.csr = joined(w.source, "css", coproc.CSS), joined(w.target, "csr1", coproc.CSR)
	noError(t, errorOf(w.source.logOn(coproctest.Officer).GenerateMasterKey(coproc.SymMK)))
	noError(t, errorOf(w.source.logOn(coproctest.Setter).SetMasterKey(coproc.SymMK)))
	return w
}

// TestBlob: shares that do not come to what the source's chip wrapped are
// refused before the target's chip is asked, which would not say why.
func TestBlob(t *testing.T) {
	t.Parallel()
	w := newTokens(t)
	for name, test := range map[string]struct {
		lie  func(*state, *outgoingSet) // before the second share is obtained
		want error
		says string
	}{
		"honest": {},
		"another share": {func(st *state, s *outgoingSet) {
			var err error
			s.Shares[1].Value, err = st.keep(readDelta, 2, make([]byte, st.chip.BlobSize(coproc.SymMK, nil)))
			noError(t, err)
		}, coproc.ErrShareDamaged, "together the shares are not what css wrapped"},
		"another blob":          {func(_ *state, s *outgoingSet) { s.Blob[0] ^= 1 }, coproc.ErrShareSet, "css wrapped something else"},
		"as software writes it": {func(_ *state, s *outgoingSet) { s.Blob = nil }, coproc.ErrShareDamaged, "not of a coprocessor of family test"},
	} {
		noError(t, w.source.logOn(coproctest.Officer).Cancel("csr1"))
		context := coproc.Digest{1}
		shares := map[int][]byte{}
		for i := 1; i <= 2; i++ {
			if i == 2 && test.lie != nil {
				w.source.tamper(func(st *state) { test.lie(st, &st.Sending[0]) })
			}
			s := w.source.logOn(coproctest.ShareOfficer(i))
			sealed, err := s.Obtain(coproc.ObtainRequest{Source: "css", Target: w.csr, Class: coproc.SymMK, Index: i, Context: context, Now: testNow})
			noError(t, err)
			noError(t, s.MarkDistributed("csr1", i))
			shares[i] = sealed
		}
		statement, err := w.source.logOn(coproctest.ShareOfficer(1)).SignStatement("css", "csr1")
		noError(t, err)
		noError(t, errorOf(w.target.logOn(coproctest.Officer).ClearNew(coproc.SymMK)))
		noError(t, w.target.logOn(coproctest.ShareOfficer(1)).AcceptStatement(coproc.StatementAccept{Node: "csr1", Certificate: w.css, Statement: statement, Now: testNow}))
		_, err = w.target.logOn(coproctest.ShareOfficer(1)).Install("csr1", 1, shares[1], context)
		noError(t, err)
		done, err := w.target.logOn(coproctest.ShareOfficer(2)).Install("csr1", 2, shares[2], context)
		if done != (test.want == nil) || !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: done %v, %v", name, done, err)
		}
	}
}

// TestNoDigestOfKey: a share of the key itself has no digest of it.
func TestNoDigestOfKey(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	ci := r.info(1)
	ci.Blob = &coproc.Digest{1}
	sealed := r.seal(ci)
	r.accept(r.good.Pattern, sealed)
	if _, err := r.install(1, sealed); !errors.Is(err, coproc.ErrShareDamaged) {
		t.Errorf("it was taken: %v", err)
	}
}
