package bundle

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/testvectors"
)

// sentinels are the errors of errors.go, by the names that the vectors use.
var sentinels = map[string]error{
	"bundle.ErrTooLarge": ErrTooLarge, "bundle.ErrFormat": ErrFormat, "bundle.ErrLevel": ErrLevel, "bundle.ErrKind": ErrKind,
	"bundle.ErrCeremony": ErrCeremony, "bundle.ErrUnknownKey": ErrUnknownKey, "bundle.ErrCertificate": ErrCertificate,
	"bundle.ErrSignature": ErrSignature, "bundle.ErrNotSealedToMe": ErrNotSealedToMe, "bundle.ErrInside": ErrInside,
}

// frozen is the frozen ceremony as its adversary knows it: with every key.
type frozen struct {
	bundles map[string][]byte // by path on the stick
	trust   Anchors
}

func openFrozen(tb testing.TB) frozen {
	tb.Helper()
	known := testvectors.Known()
	f := frozen{bundles: map[string][]byte{}}
	for _, dir := range []string{"stick", "notices"} {
		err := fs.WalkDir(testvectors.Ceremony(), dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				f.bundles[strings.TrimPrefix(p, dir+"/")], err = fs.ReadFile(testvectors.Ceremony(), p)
			}
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	words := must(fs.ReadFile(testvectors.Ceremony(), "hash.txt"))
	hash := must(coproc.ParseThumbprint(string(words)))
	if hash != must(coproc.ParseThumbprint(known.SAKeyHash)) {
		tb.Fatal("hash.txt and secrets.json differ")
	}
	f.trust = Anchors{SAHash: &hash, Now: time.Unix(known.Now, 0)}
	for _, b := range f.of(KindSAKey) {
		v := must(must(Parse(b)).Verify(f.trust))
		f.trust.SAKey, f.trust.Ceremony = v.Key(), v.Header().Ceremony
	}
	for _, k := range []Kind{KindCSSCert, KindCSRCert} {
		for _, b := range f.of(k) {
			v := must(must(Parse(b)).Verify(f.trust))
			body := must(BodyAs[CertificateBody](must(v.Open(identityOf(v.Header().Kind, v.Header().To[0])))))
			c := must(coproc.ParseCertificate(body.Certificate, f.trust.SAKey))
			if k == KindCSSCert {
				f.trust.Sources = append(f.trust.Sources, c)
			} else {
				f.trust.Targets = append(f.trust.Targets, c)
			}
		}
	}
	return f
}

// of gives the bundles of a kind.
func (f frozen) of(k Kind) (found [][]byte) {
	for p, b := range f.bundles {
		if strings.HasPrefix(path.Base(p), string(k)+"-") {
			found = append(found, b)
		}
	}
	return found
}

// identityOf opens a kind of bundle at a node.
func identityOf(k Kind, node string) age.Identity {
	secrets := testvectors.Known().Node(node)
	if k == KindReceipt || k == KindCancel {
		return must(age.ParseX25519Identity(secrets.Intake))
	}
	return must(age.ParseX25519Identity(secrets.Box))
}

// read takes a bundle through all layers of this package, and gives the first
// that refuses it.
func (f frozen) read(b []byte, node string) (testvectors.Layer, error) {
	s, err := Parse(b)
	if err != nil {
		return testvectors.AtParse, err
	}
	v, err := s.Verify(f.trust)
	if err != nil {
		return testvectors.AtVerify, err
	}
	if v.Header().Kind == KindShare {
		return "", nil
	}
	id := identityOf(v.Header().Kind, node)
	if len(v.Header().To) == 0 {
		id = must(HashIdentity(*f.trust.SAHash))
	}
	if _, err := v.Open(id); err != nil {
		return testvectors.AtOpen, err
	}
	return "", nil
}

// TestVectorsGood reads the frozen ceremony.
func TestVectorsGood(t *testing.T) {
	f := openFrozen(t)
	count := map[Kind]int{}
	for p, b := range f.bundles {
		s, err := Parse(b)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		h := s.UnverifiedHeader()
		count[h.Kind]++
		if !bytes.Equal(s.Bytes(), b) {
			t.Errorf("%s: Parse and Bytes are not the identity", p)
		}
		if want := path.Join(h.Database(), h.FileName(s.Digest())); p != want {
			t.Errorf("%s: its path is %s", p, want)
		}
		to := h.To
		if len(to) == 0 {
			to = []string{"css"}
		}
		for _, node := range to {
			if layer, err := f.read(b, node); err != nil {
				t.Errorf("%s, at %s: %s: %v", p, node, layer, err)
			}
		}
	}
	want := map[Kind]int{
		KindSAKey: 1, KindCSSKey: 1, KindCSSCert: 1, KindCSRKey: 2,
		KindCSRCert: 2, KindStatement: 2, KindShare: 6, KindReceipt: 2,
		KindCancel: 1, KindRevoke: 1, KindJournal: 1,
	}
	for _, k := range Kinds {
		if count[k] != want[k] {
			t.Errorf("%d bundles of kind %s, want %d", count[k], k, want[k])
		}
	}
	pattern := testvectors.Known().Pattern
	for _, b := range f.of(KindReceipt) {
		v := must(must(Parse(b)).Verify(f.trust))
		if r := must(BodyAs[ReceiptBody](must(v.Open(identityOf(KindReceipt, "css"))))); r.Current.Pattern.String() != pattern {
			t.Errorf("receipt of %s: %s, want pattern %s", v.Header().From.Name, r.Current, pattern)
		}
	}
}

// TestVectorsWrong holds that each is refused by its layer with its error, and
// by none before; and that every error of errors.go is among them.
func TestVectorsWrong(t *testing.T) {
	f := openFrozen(t)
	hit := map[string]bool{}
	for _, v := range testvectors.Wrong() {
		t.Run(v.Name, func(t *testing.T) {
			layer, err := f.read(v.Bytes(), v.Node)
			if v.Layer == testvectors.AtCeremony || v.Layer == testvectors.AtCoprocessor {
				if err != nil {
					t.Errorf("refused before %s, by %s: %v", v.Layer, layer, err)
				}
				return
			}
			want, known := sentinels[v.Error]
			if !known {
				t.Fatalf("unknown error %q", v.Error)
			}
			hit[v.Error] = true
			if layer != v.Layer || !errors.Is(err, want) {
				t.Fatalf("%s refused it: %v; want %s: %v", layer, err, v.Layer, want)
			}
			if !strings.Contains(err.Error(), v.Says) {
				t.Errorf("it says %q, want %q in it", err, v.Says)
			}
			for name, other := range sentinels {
				if name != v.Error && errors.Is(err, other) {
					t.Errorf("it is %s, too: %v", name, err)
				}
			}
			if _, err := f.read(v.Base().Data, v.Node); err != nil {
				t.Errorf("the good file in its place: %v", err)
			}
		})
	}
	for _, name := range declaredErrors(t) {
		if !hit["bundle."+name] {
			t.Errorf("no vector is refused with %s", name)
		}
	}
}

// TestVectorTooLarge: nothing but its size is wrong.
func TestVectorTooLarge(t *testing.T) {
	vectors := testvectors.Wrong()
	b := vectors[slices.IndexFunc(vectors, func(v testvectors.Vector) bool { return v.Name == "too-large" })].Bytes()
	if len(b) != MaxSize+1 {
		t.Fatalf("%d bytes", len(b))
	}
	m, err := cosesig.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parseProtected(m.Protected)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkRecipients(m.Payload, must(rulesOf(p.Header.Kind))); err != nil {
		t.Error(err)
	}
	if err := m.Verify(cosesig.DomainBundle, openFrozen(t).trust.Sources[0].Claims().Keys.Sign); err != nil {
		t.Error(err)
	}
}

// declaredErrors are the names of the errors of errors.go, out of its source,
// so that a new one cannot be forgotten.
func declaredErrors(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok {
			names = append(names, s.Names[0].Name)
		}
		return true
	})
	if len(names) != len(sentinels) {
		t.Errorf("errors.go has %d errors, the vectors know %d", len(names), len(sentinels))
	}
	return names
}

// FuzzVectors parses and verifies whatever becomes of the vectors. What is
// accepted by its own key comes back bit for bit.
func FuzzVectors(f *testing.F) {
	seeds := 0
	known := openFrozen(f)
	for _, b := range known.bundles {
		f.Add(b)
		seeds++
	}
	for _, v := range testvectors.Wrong() {
		if v.Recipe == nil {
			f.Add(v.Bytes())
			seeds++
		}
	}
	if seeds < 40 {
		f.Fatalf("%d seeds", seeds)
	}
	known.trust.SAHash = nil // opening sa-key costs milliseconds each time
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(s.Bytes(), b) {
			t.Fatal("Parse and Bytes are not the identity")
		}
		v, err := s.Verify(known.trust)
		if err != nil {
			return
		}
		if h := v.Header(); h.Ceremony != known.trust.Ceremony {
			t.Fatalf("verified for ceremony %s", h.Ceremony)
		}
	})
}
