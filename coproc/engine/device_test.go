package engine

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/soft"
)

// testDevice is a coprocessor of which the tests see the inside.
type testDevice struct {
	*Coprocessor
	t *testing.T
}

func newTestDevice(t *testing.T, name string, m, n int) testDevice {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "coprocessor")
	if err := Create(context.Background(), dir, coproctest.Setup(name, m, n), soft.Chip{}); err != nil {
		t.Fatal(err)
	}
	return openTestDevice(t, dir)
}

func openTestDevice(t *testing.T, dir string) testDevice {
	t.Helper()
	c, err := Open(context.Background(), dir, soft.Chip{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return testDevice{c, t}
}

// logOn gives a session of its own, beside those that are open.
func (d testDevice) logOn(profile string) *session {
	d.t.Helper()
	s, err := d.LogOn(profile, coproctest.Passphrase(profile), testNow)
	if err != nil {
		d.t.Fatal(err)
	}
	return s.(*session)
}

// tamper changes the state in a way that no act would.
func (d testDevice) tamper(f func(*state)) {
	d.t.Helper()
	s := d.logOn(coproctest.Auditor)
	err := s.change(anyProfile, func(st *state) error {
		f(st)
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// files has the content of every file below dir.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	content := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handNode is a node whose keys are in the test's own hands.
type handNode struct {
	keys coproc.Keys
	ref  chip.Ref
}

// newNode has keys of the chip in software.
func newNode(t *testing.T, role coproc.NodeRole) (n handNode) {
	t.Helper()
	var err error
	n.ref, n.keys.Sign, err = soft.Chip{}.NewSigner(context.Background())
	noError(t, err)
	_, n.keys.Box, err = soft.Chip{}.NewBox(context.Background(), false)
	noError(t, err)
	if role == coproc.CSR {
		_, n.keys.ShareBox, err = soft.Chip{}.NewBox(context.Background(), true)
		noError(t, err)
		n.keys.Receipt, n.keys.Shares = n.keys.Sign, coproctest.ShareKeys(2)
	}
	n.keys.Intake = n.keys.Box
	n.keys.Audit, n.keys.Officers = n.keys.Sign, coproc.Digest{1}
	return n
}

func (n handNode) sign(d cosesig.Domain, v any) ([]byte, error) {
	return signWith(context.Background(), soft.Chip{}, n.ref, n.keys.Sign, d, v)
}

// testSA is an SA key in the test's own hands.
type testSA struct {
	t *testing.T
	handNode
}

func newTestSA(t *testing.T) testSA {
	t.Helper()
	return testSA{t, newNode(t, coproc.SA)}
}

var testNow = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// certify certifies a node's keys in the ceremony of coproctest.Setup.
func (sa testSA) certify(id coproc.NodeID, role coproc.NodeRole, keys coproc.Keys) []byte {
	sa.t.Helper()
	b, err := sa.sign(cosesig.DomainCertificate, coproc.Claims{
		Ceremony: coproctest.Setup("", 1, 1).Ceremony, Rehearsal: true,
		Node: id, Role: role, Generation: 1, Keys: keys,
		NotBefore: testNow.Unix(), NotAfter: testNow.Add(time.Hour).Unix(),
	})
	noError(sa.t, err)
	return b
}

// trust registers the SA key.
func (sa testSA) trust(d testDevice) {
	sa.t.Helper()
	noError(sa.t, d.logOn(coproctest.Hasher).RegisterHash(sa.keys.Sign.Thumbprint()))
	noError(sa.t, d.logOn(coproctest.Keyer).RegisterKey(sa.keys.Sign))
}
