package ceremony

import (
	"bytes"
	"compress/flate"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// spoiled is a request on the stick whose body was changed by its own maker, who
// seals and signs it again: no program of ours makes it.
func (w *world) spoiled(node, path string, change func(body []byte) []byte) []byte {
	w.t.Helper()
	m, err := cosesig.Parse(w.stick[path])
	vNoError(w.t, err)
	var body []byte
	var box string
	w.as("sa", "CERTIFIER", func(s insider) error {
		id, err := s.Identity("sa")
		vNoError(w.t, err)
		opened, err := vMust(vMust(bundle.Parse(w.stick[path])).Verify(bundle.Anchors{Now: w.now})).Open(id)
		vNoError(w.t, err)
		request, err := bundle.BodyAs[bundle.RequestBody](opened)
		body = vectorEncode(request)
		return err
	})
	box = w.keys("sa").Box

	context := coproc.DigestOf(m.Protected)
	plain := bytes.NewBuffer(bytes.Clone(context[:]))
	deflate, err := flate.NewWriterDict(plain, flate.BestCompression, m.Protected)
	vNoError(w.t, err)
	vMust(deflate.Write(change(body)))
	vNoError(w.t, deflate.Close())
	m.Payload = vectorAge(plain.Bytes(), vMust(age.ParseX25519Recipient(box)))
	w.as(node, "KEYGEN", func(s insider) (err error) {
		m.Signature, err = s.SignBundle(node, m.Protected, m.Payload)
		return err
	})
	return vMust(m.Bytes())
}

// badRequests spoil one key of a request each; see FORMAT.md §5 and §7.
func badRequests(w *world, csr bool) map[string]func([]byte) []byte {
	set := func(key int, value any) func([]byte) []byte {
		return func(b []byte) []byte { return edited(b, 3, key, value) }
	}
	sa := w.keys("sa").Box
	all := map[string]func([]byte) []byte{
		"Box is nonsense": set(2, vectorBoxBad), "Box in upper case": set(2, strings.ToUpper(sa)), "Box of order 8": set(2, vectorBoxOrder8),
		"Box with bit 255": set(2, vectorBoxHigh), "Box is P-256": set(2, vectorBoxP256),
		"Audit key signs everything": set(4, edwards(vectorIdentity)), "Audit key is no point": set(4, edwards(vectorNoPoint)),
	}
	if csr {
		all["ShareBox is classic"], all["ShareBox is nonsense"], all["no ShareBox"] = set(3, sa), set(3, vectorShareBad), set(3, nil)
	} else {
		all["ShareBox of a source"] = set(3, vectorShareBad)
	}
	return all
}

// One target's request with a key that nothing can be sealed to neither
// becomes a certificate nor keeps the other target waiting.
func TestBadKeysOfTarget(t *testing.T) {
	w := after(t, standard, "3a")
	path, good := w.one("csr1.db/csr-key")
	for name, change := range badRequests(w, true) {
		w.stick[path] = good
		w.stick[path] = w.spoiled("csr1", path, change)
		_, err := w.try("sa", "3b", Options{})
		mustRefuse(t, err, refusal.CodeInside, "csr-key-csr1-")
		if n := len(w.stick.sent("csr1.db/csr-cert")); n != 0 {
			t.Fatalf("%s: csr1 was certified", name)
		}
		if n := len(w.stick.sent("csr2.db/csr-cert")); n != 1 {
			t.Fatalf("%s: csr2 waits: %v", name, err)
		}
	}
	w.stick[path] = good
	if r := w.phase("sa", "3b"); !r.Complete || len(w.stick.sent("csr1.db/csr-cert")) != 1 {
		t.Errorf("the good request: %+v", r)
	}
}

// The same with the source's, after which its good request is still taken.
func TestBadKeysOfSource(t *testing.T) {
	w := after(t, small, "2a")
	path, good := w.one("sa.db/css-key")
	for name, change := range badRequests(w, false) {
		w.stick[path] = good
		w.stick[path] = w.spoiled("css", path, change)
		_, err := w.try("sa", "2b", Options{})
		mustRefuse(t, err, refusal.CodeInside, "css-key-css-")
		if n := len(w.stick.sent("sa.db/css-cert")); n != 0 {
			t.Fatalf("%s: css was certified", name)
		}
	}
	w.stick[path] = good
	if r := w.phase("sa", "2b"); !r.Complete {
		t.Errorf("the good request: %+v", r)
	}
}

// No coprocessor certifies such keys, whoever asks it.
func TestCoprocessorCertifiesNoBadKeys(t *testing.T) {
	w := after(t, small, "2a")
	keys := w.keys("css")
	keys.Box = vectorBoxBad
	w.as("sa", "CERTIFIER", func(s insider) error {
		node := w.plan.Node("css")
		_, err := s.Certify("sa", coproc.Claims{
			Ceremony: w.plan.CeremonyID(), Node: w.plan.ID(node), Role: node.Role, Generation: 1, Keys: keys, Answers: coproc.Digest{1},
			NotBefore: w.now.Unix(), NotAfter: w.now.AddDate(0, 0, 30).Unix(), Rehearsal: w.plan.Rehearsal,
		})
		mustRefuse(t, refusal.Wrap(err, "certify"), refusal.CodeCertificate, "nothing can be sealed to the key")
		return nil
	})
}
