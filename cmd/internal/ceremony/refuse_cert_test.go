package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// sealedCert is a certificate in a csr-cert or css-cert bundle, both signed
// with the real SA key by somebody at the SA.
func (w *world) sealedCert(kind bundle.Kind, c coproc.Certificate, answers coproc.Digest) []byte {
	f := forgery{
		from: "sa", body: bundle.CertificateBody{Certificate: c.Bytes()}, boxes: []string{w.keys("css").Box},
		header: bundle.Header{Kind: kind, To: []string{"css"}, Answers: answers},
	}
	if kind == bundle.KindCSRCert {
		f.header.About, f.header.To = "csr1", []string{"csr1", "css"}
		f.boxes = append(f.boxes, w.keys("csr1").Box)
	}
	return w.forge(f)
}

// What the SA's own key signed is still held against the plan, the request and
// the role.
func TestCertificateRefusedAtSource(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*coproc.Claims)
		code   refusal.Code
		want   string
	}{
		{"role CSS", func(c *coproc.Claims) {
			c.Role, c.Keys.ShareBox, c.Keys.Shares, c.Keys.Receipt = coproc.CSS, "", "", coproc.PublicKey{}
		}, refusal.CodeCertificate, "the certificate is for a CSS node, csr1 is a CSR node"},
		{"another coprocessor", func(c *coproc.Claims) { c.Node.Serial[7]++ }, refusal.CodeWrongTarget, "wanted is csr1 (serial SOFT0003"},
		{"another name", func(c *coproc.Claims) { c.Node.Name = "csr2" }, refusal.CodeWrongTarget, "the certificate is for csr2"},
		{"another request", func(c *coproc.Claims) { c.Answers[0]++ }, refusal.CodeOtherRequest, "the certificate and the bundle around it answer different requests"},
		{"expired", func(c *coproc.Claims) { c.NotBefore -= 9e6; c.NotAfter = testNow.Unix() - 1 }, refusal.CodeExpired, "outside of its validity: valid from 2026-08-11 to 2026-11-23, the clock here says 2026-11-23"},
		{"not yet", func(c *coproc.Claims) { c.NotBefore = testNow.AddDate(0, 0, 2).Unix() }, refusal.CodeExpired, "outside of its validity: valid from 2026-11-25"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "3b")
			path, good := w.one("csr1.db/csr-cert")
			answers := header(t, good).Answers
			cert := w.certify("csr1", w.keys("csr1"), answers, c.change)
			w.stick[path] = w.sealedCert(bundle.KindCSRCert, cert, answers)
			_, err := w.try("css", "3c", Options{})
			mustRefuse(t, err, c.code, c.want)
			if len(w.stick.sent("csr1.db/share")) != 0 || len(w.info("css").Shares) != 0 {
				t.Error("shares were begun")
			}
			// Beside the real one it does no harm.
			w.stick[path+".gfb"] = good
			r, err := w.try("css", "3c", Options{})
			if err != nil || !r.Complete {
				t.Fatalf("with the real one beside it: %+v, %v", r, err)
			}
			if len(r.Refused) != 1 || !strings.Contains(r.Refused[0], c.want) {
				t.Errorf("set aside is %q: nobody hears of the bad certificate", r.Refused)
			}
		})
	}
}

// One kind of bundle in the place of another.
func TestKindInOthersPlace(t *testing.T) {
	w := after(t, small, "3b")
	path, _ := w.one("csr1.db/csr-cert")
	_, cssCert := w.one("sa.db/css-cert")
	w.stick[path] = cssCert // moved, under the right name
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeWrongPlace, "it is a css-cert and belongs into sa.db")

	// A copy in the wrong place does not hide the one in the right place.
	w = after(t, small, "3b")
	w.stick["csr1.db/a-copy.gfb"] = cssCert
	if r, err := w.try("css", "3c", Options{}); err != nil || !r.Complete || len(r.Refused) != 1 {
		t.Errorf("a copy of the css-cert in csr1.db: %+v, %v", r, err)
	}

	// A certificate for CSR1 presented as the source's.
	w = after(t, small, "3b")
	cssPath, cssCert := w.one("sa.db/css-cert")
	answers := header(t, cssCert).Answers
	w.stick[cssPath] = w.sealedCert(bundle.KindCSSCert, w.certify("csr1", w.keys("csr1"), answers, nil), answers)
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeCertificate, "the certificate is for a CSR node, css is a CSS node")
}

// An answer to another request than this node's, and for other keys.
func TestCertificateOfOtherRequest(t *testing.T) {
	w := after(t, small, "3b")
	cssPath, cssCert := w.one("sa.db/css-cert")
	answers := header(t, cssCert).Answers
	answers[3]++
	w.stick[cssPath] = w.sealedCert(bundle.KindCSSCert, w.certify("css", w.keys("css"), answers, nil), answers)
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherRequest, "the certificate answers request ")

	answers[3]--
	other := w.keys("css")
	other.Sign = w.keys("csr1").Sign
	w.stick[cssPath] = w.sealedCert(bundle.KindCSSCert, w.certify("css", other, answers, nil), answers)
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherRequest, "the certificate is for other keys than css has")

	// A target that was set up anew has no use for the old answer.
	w = after(t, small, "3c")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeNotSealedToMe, "not sealed to this node")
}

// A csr-cert that another SA signed.
func TestCertificateOfOtherSA(t *testing.T) {
	w := after(t, small, "3b")
	rogue := w.twin("sa", "css")
	rogue.phase("sa", "1")
	path, good := w.one("csr1.db/csr-cert")
	answers := header(t, good).Answers
	keys := w.keys("csr1")
	cert := rogue.certify("csr1", keys, answers, nil)
	w.stick[path] = rogue.forge(forgery{
		from: "sa", body: bundle.CertificateBody{Certificate: cert.Bytes()}, boxes: []string{w.keys("css").Box},
		header: bundle.Header{Kind: bundle.KindCSRCert, To: []string{"csr1", "css"}, About: "csr1", Answers: answers},
	})
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "it is signed with another SA key than the registered one")
}

// The clock has passed the end of the certificates.
func TestCertificatesExpire(t *testing.T) {
	w := after(t, standard, "3b")
	w.now = testNow.AddDate(0, 0, 31)
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeExpired, "valid from 2026-11-23 to 2026-12-23, the clock here says 2026-12-24")

	w = after(t, standard, "3c")
	w.now = testNow.AddDate(0, 0, 31)
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeExpired, "the clock here says 2026-12-24")
	w.now = testNow.AddDate(0, 0, -2)
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeExpired, "the clock here says 2026-11-21")
	w.now = testNow
	w.phase("csr1", "3d")

	// Shares that were begun are not gone on with later.
	w = after(t, standard, "3b")
	if _, err := w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	w.now = testNow.AddDate(0, 0, 31)
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeExpired, "the clock here says 2026-12-24")
}
