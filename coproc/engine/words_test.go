package engine

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/soft"
)

func errorOf[T any](_ T, err error) error { return err }

// words are an error's text, "" of none.
func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestWords holds what an operator reads.
func TestWords(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	d := r.target
	sealed := [][]byte{r.seal(r.info(1)), r.seal(r.info(2)), r.seal(r.info(3))}
	wrong := r.info(3)
	wrong.Index = 2
	sealed[2] = r.seal(wrong)
	r.accept(r.good.Pattern, sealed...)
	csrCert := r.sa.certify(r.good.Target, coproc.CSR, r.keys)
	auditor, officer, setter := d.logOn(coproctest.Auditor), d.logOn(coproctest.Officer), d.logOn(coproctest.Setter)
	setup := func(change func(*coproc.Setup)) error {
		s := coproctest.Setup("TWO", 2, 3)
		change(&s)
		return Create(context.Background(), filepath.Join(t.TempDir(), "two"), s, soft.Chip{})
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{setup(func(s *coproc.Setup) { s.N = 16 }), "cannot set up the coprocessor: 2 of 16 shares, where 1 ≤ m ≤ n ≤ 15"},
		{setup(func(s *coproc.Setup) { s.Profiles[1].Role = "NO" }), `cannot set up the coprocessor: profile AUDIT has role "NO", which is not there`},
		{setup(func(s *coproc.Setup) { s.Profiles[1].Passphrase = nil }), "cannot set up the coprocessor: the passphrase of profile AUDIT: no passphrase is like that: nothing was typed"},
		{setup(func(s *coproc.Setup) { s.Roles[1].Permissions = []coproc.Permission{0x211, 0x212} }), "cannot set up the coprocessor: role R-AUDIT could do both halves of a dual act: obtain share 1, and obtain share 2; one person has to do with one share only"},
		{setup(func(s *coproc.Setup) { s.Profiles = s.Profiles[1:] }), "cannot set up the coprocessor: no profile may manage roles and profiles"},
		{errorOf(d.LogOn("NOBODY", []byte("12345678"), testNow)), `no such profile: "NOBODY"`},
		{errorOf(d.LogOn("AUDIT", []byte("12345678"), testNow)), "wrong passphrase"},
		{errorOf(auditor.GenerateKey("x", coproc.CSR)), "not permitted to this profile: AUDIT may not generate retained key"},
		{auditor.MarkDistributed("csr2", 1), "not permitted to this profile: AUDIT may not obtain share 1"},
		{auditor.MarkDistributed("csr2", 4), "there is no share of this index: share 4 of 3"},
		{auditor.AcceptStatement(coproc.StatementAccept{}), "not permitted to this profile: AUDIT may not install any share"},
		{errorOf(officer.GenerateKey("csr1", coproc.CSR)), `the key exists already: node "csr1"`},
		{errorOf(officer.GenerateKey("CSR1", coproc.CSR)), `generate key: node name "CSR1" is not 1 to 12 of a-z, 0-9, hyphen`},
		{errorOf(officer.GenerateMasterKey(coproc.SymMK)), "the master-key register is not in the state for this: shares of a SYM-MK are being received"},
		{errorOf(setter.SetMasterKey(coproc.SymMK)), "the master-key register is not in the state for this: the new SYM-MK register is empty"},
		{errorOf(officer.ClearNew("DES-MK")), `master keys of this class are not cloned: unknown class "DES-MK"`},
		{errorOf(r.install(1, sealed[1])), "it is of another share set: it is not the share 1 that the statement lists"},
		{errorOf(r.install(3, sealed[2])), "there is no share of this index: it is share 2, not 3"},
		{errorOf(r.install(1, sealed[0])), ""},
		{errorOf(r.install(1, sealed[0])), "the share was handled already: share 1 was installed by SHARE-1"},
		{errorOf(r.install(2, sealed[1])), ""},
		{errorOf(r.install(3, sealed[2])), "the share set is not in the state for this: enough shares were installed"},
		{errorOf(officer.GenerateMasterKey(coproc.SymMK)), "the master-key register is not in the state for this: the new SYM-MK register is full, it must be empty"},
		{errorOf(setter.SetMasterKey(coproc.SymMK)), "the new master key was not verified: SYM-MK was built from shares"},
		{d.logOn("SHARE-1").AcceptStatement(coproc.StatementAccept{Node: "csr1", Certificate: csrCert, Now: testNow}), "certificate is not good: it is of a CSR node, not of a CSS node"},
		{auditor.CommitJournal(0, coproc.Digest{1}), "the journal does not fit what the coprocessor remembers: record 0 is not the one that was signed last"},
	} {
		if got := words(test.err); got != test.want {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
	r.accept(r.good.Pattern, sealed[0])
	const want = "it is of another share set: the statement says that share 3 was never given out"
	if got := words(errorOf(r.install(3, sealed[2]))); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
