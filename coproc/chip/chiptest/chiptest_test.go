package chiptest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/chip/chiptest"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// TestConformance: nothing above a chip knows the one in software.
func TestConformance(t *testing.T) {
	coproctest.Run(t, coproctest.Family{
		Create: func(t *testing.T, s coproc.Setup) (coproctest.Open, error) {
			dir, token := filepath.Join(t.TempDir(), "coprocessor"), chiptest.New()
			if err := engine.Create(t.Context(), dir, s, token); err != nil {
				if n := token.Len(); n != 0 {
					t.Errorf("a coprocessor that was not created left %d keys", n)
				}
				return nil, err
			}
			ctx := t.Context()
			return func() (coproc.Coprocessor, error) { return engine.Open(ctx, dir, token) }, nil
		},
		Name: chiptest.Family,
		Signer: func(t *testing.T) crypto.Signer {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return key
		},
		Box: func(t *testing.T, shares bool) (age.Identity, string) {
			id, recipient, err := chiptest.NewBoxKey(shares)
			if err != nil {
				t.Fatal(err)
			}
			return id, recipient
		},
		Pattern: func(c coproc.Class) coproc.Pattern { return chiptest.PatternOf(c, coproctest.KnownKey(c)) },
		Wrap: func(t *testing.T) coproc.WrapKey {
			key, err := chiptest.NewWrapKey()
			if err != nil {
				t.Fatal(err)
			}
			return key
		},
		Blind: true,
	})
}

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// logOn opens a coprocessor over a chip and logs an officer on.
func logOn(t *testing.T, c chip.Chip, profile string) coproc.Session {
	t.Helper()
	return officer(t, open(t, c), profile)
}

func open(t *testing.T, c chip.Chip) coproc.Coprocessor {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "coprocessor")
	if err := engine.Create(t.Context(), dir, coproctest.Setup("ONE", 2, 2), c); err != nil {
		t.Fatal(err)
	}
	device, err := engine.Open(t.Context(), dir, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	return device
}

func officer(t *testing.T, device coproc.Coprocessor, profile string) coproc.Session {
	t.Helper()
	s, err := device.LogOn(profile, coproctest.Passphrase(profile), now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDrop counts the keys in the token: what no register has any more is gone,
// and a refused act leaves none.
func TestDrop(t *testing.T) {
	token := chiptest.New()
	keys := logOn(t, token, coproctest.Officer).(interface {
		coproc.MasterKeys
		coproc.KeyOwner
	})
	before := token.Len() // the audit key
	for _, step := range []struct {
		what string
		do   func() error
		want int
	}{
		{"generate", func() error { _, err := keys.GenerateMasterKey(coproc.SymMK); return err }, 1},
		{"generate where one is", func() error {
			if _, err := keys.GenerateMasterKey(coproc.SymMK); !errors.Is(err, coproc.ErrRegister) {
				t.Errorf("error is %v", err)
			}
			return nil
		}, 1},
		{"clear", func() error { _, err := keys.ClearNew(coproc.SymMK); return err }, 0},
		{"keys of a target", func() error { _, err := keys.GenerateKey("csr1", coproc.CSR); return err }, 6},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := token.Len() - before; got != step.want {
			t.Errorf("%s: %d keys more, want %d", step.what, got, step.want)
		}
	}
}

// TestAnotherDevice: a coprocessor opens over its own chip alone, and says which
// that is, before anybody logs on; whoever changes the file that says so is
// found out at log-on.
func TestAnotherDevice(t *testing.T) {
	token, other := chiptest.New(), chiptest.New()
	serial, err := token.Device()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]chip.Chip{"a token": token, "software": soft.Chip{}}
	for name, own := range of {
		dir := filepath.Join(t.TempDir(), "coprocessor")
		if err := engine.Create(t.Context(), dir, coproctest.Setup("ONE", 2, 2), own); err != nil {
			t.Fatal(err)
		}
		at, wants := filepath.Join(dir, "device"), "software"
		if own == token {
			wants = "the test device \"" + serial + "\""
		}
		said, _ := os.ReadFile(at)
		for _, with := range []chip.Chip{token, other, soft.Chip{}} {
			if with == own {
				continue
			}
			_, err := engine.Open(t.Context(), dir, with)
			if !errors.Is(err, coproc.ErrDevice) || errors.Is(err, coproc.ErrFamily) != (with.Family() != own.Family()) {
				t.Errorf("%s opened with another: %v", name, err)
			} else if !strings.Contains(err.Error(), wants+", which alone opens it") {
				t.Errorf("%v does not say %s", err, wants)
			}
			// What another coprocessor's file says.
			lie, _ := with.Device()
			if err := os.WriteFile(at, []byte(string(with.Family())+"\n"+lie+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if lie == "" {
				os.Remove(at)
			}
			c, err := engine.Open(t.Context(), dir, with)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := c.LogOn(coproctest.Auditor, coproctest.Passphrase(coproctest.Auditor), now); !errors.Is(err, coproc.ErrDevice) {
				t.Errorf("%s logged on with another: %v", name, err)
			}
			os.Remove(at)
			if len(said) > 0 {
				if err := os.WriteFile(at, said, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, bad := range []string{"", "test", "test\n", "test\n\n", "\n" + serial + "\n", "test\n" + serial + "\n\n", "test\n\x1b\n"} {
			if err := os.WriteFile(at, []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Open(t.Context(), dir, own); !errors.Is(err, coproc.ErrDamaged) {
				t.Errorf("%s, the file says %q: %v", name, bad, err)
			}
		}
	}
}

// nameless is a chip that cannot be told from others.
type nameless struct {
	chip.Chip
	name string
}

func (n nameless) Device() (string, error) { return n.name, nil }

// TestNameless: nothing is made over a chip that has no name to tell it by.
func TestNameless(t *testing.T) {
	for _, c := range []chip.Chip{
		nameless{chiptest.New(), ""}, nameless{chiptest.New(), "two\nlines"}, nameless{chiptest.New(), strings.Repeat("x", 257)}, nameless{soft.Chip{}, "a name"},
	} {
		if err := engine.Create(t.Context(), filepath.Join(t.TempDir(), "coprocessor"), coproctest.Setup("ONE", 2, 2), c); !errors.Is(err, coproc.ErrSetup) {
			t.Errorf("%v: %v", c.Family(), err)
		}
	}
}

// TestMixedFamilies: an SA over one chip certifies no keys of another.
func TestMixedFamilies(t *testing.T) {
	for name, pair := range map[string][2]chip.Chip{
		"a token at software": {soft.Chip{}, chiptest.New()},
		"software at a token": {chiptest.New(), soft.Chip{}},
	} {
		sa, node := open(t, pair[0]), logOn(t, pair[1], coproctest.Officer)
		if _, err := officer(t, sa, coproctest.Officer).(coproc.KeyOwner).GenerateKey("sa", coproc.SA); err != nil {
			t.Fatal(err)
		}
		keys, err := node.(coproc.KeyOwner).GenerateKey("csr1", coproc.CSR)
		if err != nil {
			t.Fatal(err)
		}
		if keys.Family != pair[1].Family() || (keys.Wrap == "") != (keys.Family == coproc.Software) {
			t.Errorf("%s: family %q, wrap key %q", name, keys.Family, keys.Wrap)
		}
		_, err = officer(t, sa, coproctest.Grantor).(coproc.Certifier).Certify("sa", coproc.Claims{
			Ceremony: coproctest.Setup("", 1, 1).Ceremony, Rehearsal: true, Role: coproc.CSR, Generation: 1, Keys: keys,
			Node:      coproc.NodeID{Name: "csr1", Serial: coproc.Serial{'T'}, EID: coproc.EID{'T'}},
			NotBefore: now.Unix(), NotAfter: now.Add(time.Hour).Unix(),
		})
		if !errors.Is(err, coproc.ErrFamily) || !errors.Is(err, coproc.ErrCertificate) {
			t.Errorf("%s: error is %v, want %v", name, err, coproc.ErrFamily)
		}
	}
}
