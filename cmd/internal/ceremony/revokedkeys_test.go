package ceremony

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// ask makes the request of a node with whatever keys; own is whose coprocessor
// signs it.
func (w *world) ask(own, node string, change func(*coproc.Keys)) (path string, request []byte) {
	w.t.Helper()
	keys := w.keys(own)
	if change != nil {
		change(&keys)
	}
	body := bundle.RequestBody{Node: w.plan.ID(w.plan.Node(node)), Role: coproc.CSR, Keys: keys}
	rand.Read(body.Nonce[:])
	_, saKey := w.one("sa.db/sa-key")
	request = w.forge(forgery{
		from: own, body: body, boxes: []string{w.keys("sa").Box},
		header: bundle.Header{
			Kind: bundle.KindCSRKey, From: w.plan.ID(w.plan.Node(node)), To: []string{"sa"},
			Answers: coproc.DigestOf(saKey), Key: keys.Sign.Bytes(),
		},
	})
	h := header(w.t, request)
	return h.Database() + "/" + h.FileName(coproc.DigestOf(request)), request
}

// A coprocessor that was stolen asks with its keys again: under its own name,
// under another one, or with one of its keys among new ones. The SA certifies none
// of it.
func TestRevokedKeysAtSA(t *testing.T) {
	for name, c := range map[string]struct {
		node   string
		change func(w *world) func(*coproc.Keys)
		which  string
	}{
		"the same keys": {"csr1", func(*world) func(*coproc.Keys) { return nil }, "signing key"},
		"another name":  {"csr2", func(*world) func(*coproc.Keys) { return nil }, "signing key"},
		"its audit key": {"csr1", func(w *world) func(*coproc.Keys) {
			other := w.keys("csr2")
			return func(k *coproc.Keys) { k.Box, k.ShareBox = other.Box, other.ShareBox }
		}, "key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := after(t, standard, "3b")
			if _, err := w.revoke("csr1"); err != nil {
				t.Fatal(err)
			}
			for _, path := range append(w.stick.sent(c.node+".db/csr-key"), w.stick.sent(c.node+".db/csr-cert")...) {
				delete(w.stick, path)
			}
			path, request := w.ask("csr1", c.node, c.change(w))
			w.stick[path] = request
			_, err := w.try("sa", "3b", Options{Renew: []string{c.node}, Targets: []string{c.node}})
			mustRefuse(t, err, refusal.CodeRevokedKey, c.which+" that was in certificate 1 of csr1, which was revoked by CERTIFIER: "+whyRevoked)
			if len(w.stick.sent(c.node+".db/csr-cert")) != 0 {
				t.Error("a certificate was handed out")
			}
			n := w.open("sa")
			defer n.Close()
			for _, rec := range n.Records() {
				if claims, err := coproc.UnverifiedClaims(rec.Data); err == nil && rec.Event == journal.EventTask && claims.Generation > 1 {
					t.Errorf("record %d certifies %s again", rec.Seq, claims.Node)
				}
			}
		})
	}
}

// Each key counts by itself, whatever it is used for.
func TestEachRevokedKey(t *testing.T) {
	w := after(t, small, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	old, sa := w.keys("csr1"), w.keys("sa")
	n := w.open("sa")
	defer n.Close()
	fresh := coproc.Keys{Sign: sa.Sign, Audit: sa.Audit, Box: sa.Box}
	if err := n.notRevokedKeys("it", "csr1", fresh); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*coproc.Keys){
		"signing key":   func(k *coproc.Keys) { k.Sign = old.Sign },
		"audit key":     func(k *coproc.Keys) { k.Audit = old.Audit },
		"box key":       func(k *coproc.Keys) { k.Box = old.Box },
		"share box key": func(k *coproc.Keys) { k.ShareBox = strings.ToUpper(old.ShareBox) },
	} {
		k := fresh
		change(&k)
		mustRefuse(t, n.notRevokedKeys("it", "csr1", k), refusal.CodeRevokedKey, "it has a "+name+" that was in certificate 1 of csr1")
	}
	k := fresh
	k.Sign = old.Audit
	mustRefuse(t, n.notRevokedKeys("it", "csr1", k), refusal.CodeRevokedKey, "it has a signing key that was in certificate 1 of csr1")
}

// Beside the request of the target that was set up anew it is set aside: it
// stops nobody.
func TestRevokedKeysBesideOthers(t *testing.T) {
	w := after(t, small, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	path, request := w.ask("csr1", "csr1", nil)
	certificate, _ := w.one("csr1.db/csr-cert")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, certificate)
	w.stick[path] = request
	r, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}})
	if err != nil || len(w.stick.sent("csr1.db/csr-cert")) != 1 || len(r.Refused) == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	w.phase("css", "3c")
	w.phase("csr1", "3d")
}

// An SA that certifies them all the same: the source, which knows what was
// revoked, takes no such certificate in, and gives out no share for one that it
// took in before it knew.
func TestRevokedKeysAtSource(t *testing.T) {
	refused := func(w *world, node string) {
		t.Helper()
		before := len(w.stick.sent(node + ".db/share"))
		_, err := w.try("css", "3c", Options{Targets: []string{node}})
		mustRefuse(t, err, refusal.CodeRevokedKey, "certificate 2 of "+node+" has a signing key that was in certificate 1 of csr1, which was revoked by CERTIFIER")
		if len(w.stick.sent(node+".db/share")) != before {
			t.Error("shares were handed out")
		}
	}
	for _, node := range []string{"csr1", "csr2"} {
		w := after(t, standard, "3b")
		if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}, Shares: []int{1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.revoke("csr1"); err != nil {
			t.Fatal(err)
		}
		w.inject(node, w.keys("csr1"))
		refused(w, node)
	}
	w := after(t, standard, "3b")
	w.inject("csr2", w.keys("csr1"))
	if _, err := w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	refused(w, "csr2")
}

// inject puts a second certificate of a node onto the stick, for any keys: the
// SA's own keys sign it behind the ceremony's back.
func (w *world) inject(node string, keys coproc.Keys) {
	w.t.Helper()
	path, _ := w.one(node + ".db/csr-cert")
	delete(w.stick, path)
	answers := coproc.DigestOf([]byte("a request that nobody has"))
	c := w.certify(node, keys, answers, func(c *coproc.Claims) { c.Generation = 2 })
	bundled := w.forge(forgery{
		from: "sa", body: bundle.CertificateBody{Certificate: c.Bytes()}, boxes: []string{w.keys("css").Box, w.keys("csr1").Box},
		header: bundle.Header{Kind: bundle.KindCSRCert, To: []string{"css", node}, Answers: answers, About: node},
	})
	h := header(w.t, bundled)
	w.stick[h.Database()+"/"+h.FileName(coproc.DigestOf(bundled))] = bundled
}
