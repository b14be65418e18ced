package engine_test

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
	"github.com/gapferry/gapferry/testvectors"
)

// vectorErrors are the errors of the coprocessor's vectors, by their names.
var vectorErrors = map[string]error{
	"coproc.ErrShareSet":       coproc.ErrShareSet,
	"coproc.ErrShareTarget":    coproc.ErrShareTarget,
	"coproc.ErrShareIndex":     coproc.ErrShareIndex,
	"coproc.ErrShareDamaged":   coproc.ErrShareDamaged,
	"coproc.ErrOtherMasterKey": coproc.ErrOtherMasterKey,
	"coproc.ErrPattern":        coproc.ErrPattern,
}

// frozenDevice is a copy of a frozen coprocessor.
type frozenDevice struct {
	coproc.Coprocessor
	t *testing.T
}

func thaw(t *testing.T, store string) frozenDevice {
	t.Helper()
	sub, err := fs.Sub(testvectors.Ceremony(), "stores/"+store+"/coprocessor")
	must(t, err)
	dir := filepath.Join(t.TempDir(), "coprocessor")
	must(t, os.CopyFS(dir, sub))
	c, err := engine.Open(context.Background(), dir, soft.Chip{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return frozenDevice{c, t}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// as logs a profile on with its frozen passphrase.
func (d frozenDevice) as(profile string) coproc.Session {
	d.t.Helper()
	s, err := d.LogOn(profile, []byte(testvectors.Known().Passphrases[profile]), time.Unix(testvectors.Known().Now, 0))
	must(d.t, err)
	return s
}

// outside is what a bundle shows without a key, read here without the package
// that makes bundles, which a coprocessor does not know.
type outside struct {
	message cosesig.Message
	header  struct {
		Kind  string `cbor:"3,keyasint"`
		Share struct {
			Index int `cbor:"2,keyasint"`
		} `cbor:"11,keyasint"`
		Certificate []byte `cbor:"13,keyasint"`
	}
}

func look(t *testing.T, b []byte) (o outside) {
	t.Helper()
	var err error
	o.message, err = cosesig.Parse(b)
	must(t, err)
	var p map[int]cbor.RawMessage
	must(t, cbor.Unmarshal(o.message.Protected, &p))
	must(t, cbor.Unmarshal(p[-65537], &o.header))
	return o
}

// accept opens a statement's bundle and gives what is in it to csr1.
func (d frozenDevice) accept(o outside) error {
	d.t.Helper()
	s := d.as("SHARE1")
	id, err := s.(coproc.KeyOwner).Identity("csr1")
	must(d.t, err)
	r, err := age.Decrypt(bytes.NewReader(o.message.Payload), id)
	must(d.t, err)
	context := make([]byte, 32)
	_, err = io.ReadFull(r, context)
	must(d.t, err)
	if want := coproc.DigestOf(o.message.Protected); !bytes.Equal(context, want[:]) {
		d.t.Fatal("it was sealed under another header")
	}
	body, err := io.ReadAll(flate.NewReaderDict(r, o.message.Protected))
	must(d.t, err)
	var fields map[int][]byte
	must(d.t, cbor.Unmarshal(body, &fields))
	return s.(coproc.Target).AcceptStatement(coproc.StatementAccept{
		Node: "csr1", Certificate: o.header.Certificate, Statement: fields[1], Now: time.Unix(testvectors.Known().Now, 0),
	})
}

func (d frozenDevice) install(o outside) (done bool, err error) {
	d.t.Helper()
	i := o.header.Share.Index
	s := d.as([]string{"", "SHARE1", "SHARE2", "SHARE3"}[i])
	return s.(coproc.Target).Install("csr1", i, o.message.Payload, coproc.DigestOf(o.message.Protected))
}

// TestVectorsGood opens the frozen coprocessors, and clones the frozen key.
func TestVectorsGood(t *testing.T) {
	known := testvectors.Known()
	for store, node := range map[string]string{"css-2a": "css", "css-3c": "css", "csr1-3a": "csr1", "sa-1": "sa", "sa-3b": "sa"} {
		info, err := thaw(t, store).as("AUDITOR").Info()
		must(t, err)
		if key := info.Key(node); key == nil || key.Keys.Sign.IsZero() || info.Ceremony.String() != known.Ceremony {
			t.Errorf("%s: %+v", store, info)
		}
		current := info.Register(coproc.SymMK).Current
		if node == "css" && current.Pattern.String() != known.Pattern {
			t.Errorf("%s: %s, want pattern %s", store, current, known.Pattern)
		}
		if node != "css" && current.State != coproc.Empty {
			t.Errorf("%s: the current register is %s", store, current)
		}
	}
	var statement outside
	shares := map[int]outside{}
	names, err := fs.Glob(testvectors.Ceremony(), "stick/csr1.db/*.gfb")
	must(t, err)
	for _, name := range names {
		b, err := fs.ReadFile(testvectors.Ceremony(), name)
		must(t, err)
		switch o := look(t, b); o.header.Kind {
		case "statement":
			statement = o
		case "share":
			shares[o.header.Share.Index] = o
		}
	}
	for _, pair := range [][2]int{{1, 2}, {3, 1}, {2, 3}} {
		d := thaw(t, "csr1-3a")
		must(t, d.accept(statement))
		for k, i := range pair {
			if done, err := d.install(shares[i]); err != nil || done != (k == 1) {
				t.Fatalf("shares %v: share %d: done %v, %v", pair, i, done, err)
			}
		}
		v, err := d.as("VERIFIER").(coproc.MasterKeys).VerifyNew(coproc.SymMK)
		if err != nil || v.New.String() != known.Pattern || v.Expected != v.New {
			t.Errorf("shares %v: %+v, %v", pair, v, err)
		}
		after, err := d.as("SETTER").(coproc.MasterKeys).SetMasterKey(coproc.SymMK)
		if err != nil || after.Current.Pattern.String() != known.Pattern {
			t.Errorf("shares %v: %+v, %v", pair, after, err)
		}
	}
}

// TestVectorsWrong gives csr1's coprocessor what every layer before it accepts.
func TestVectorsWrong(t *testing.T) {
	tested := 0
	for _, v := range testvectors.Wrong() {
		if v.Layer != testvectors.AtCoprocessor {
			continue
		}
		tested++
		t.Run(v.Name, func(t *testing.T) {
			want, known := vectorErrors[v.Error]
			if !known {
				t.Fatalf("unknown error %q", v.Error)
			}
			d := thaw(t, v.Store)
			err := d.give(v)
			if !errors.Is(err, want) {
				t.Fatalf("%v, want %s", err, v.Error)
			}
			// The pattern is told by the coprocessor in numbers, by the ceremony in words.
			if want != coproc.ErrPattern && !strings.Contains(err.Error(), v.Says) {
				t.Errorf("it says %q, want %q in it", err, v.Says)
			}
			for name, other := range vectorErrors {
				if name != v.Error && errors.Is(err, other) {
					t.Errorf("it is %s, too: %v", name, err)
				}
			}
			for _, r := range d.registers() {
				if r.Current.State != coproc.Empty {
					t.Errorf("the current register is %s", r.Current)
				}
			}
		})
	}
	if tested < 10 {
		t.Errorf("%d vectors", tested)
	}
}

// give does with a vector what phase 3d does.
func (d frozenDevice) give(v testvectors.Vector) error {
	d.t.Helper()
	wrong := look(d.t, v.Bytes())
	if wrong.header.Kind == "statement" {
		return d.accept(wrong)
	}
	var others []outside
	for _, f := range v.With() {
		switch o := look(d.t, f.Data); o.header.Kind {
		case "statement":
			must(d.t, d.accept(o))
		case "share":
			others = append(others, o)
		}
	}
	if _, err := d.install(wrong); err != nil {
		return err
	}
	for _, o := range others {
		if _, err := d.install(o); err != nil {
			return err
		}
	}
	verification, err := d.as("VERIFIER").(coproc.MasterKeys).VerifyNew(coproc.SymMK)
	if _, setErr := d.as("SETTER").(coproc.MasterKeys).SetMasterKey(coproc.SymMK); !errors.Is(setErr, coproc.ErrNotVerified) {
		d.t.Errorf("set: %v", setErr)
	}
	if verification.New == verification.Expected {
		d.t.Errorf("verification %+v", verification)
	}
	return err
}

func (d frozenDevice) registers() []coproc.Registers {
	d.t.Helper()
	info, err := d.as("AUDITOR").Info()
	must(d.t, err)
	return info.Registers
}
