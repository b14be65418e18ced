package transcript

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// keyring has the certificates that the SA key signed, wherever they lie, and the
// keys that those vouch for.
type keyring struct {
	*root
	parsed    map[coproc.Digest]parsedCertificate
	vouched   map[string][]coproc.Certificate // by node
	auditKeys map[coproc.PublicKey]bool
	vouchers  map[voucher]bool
}

func newKeyring(r *root) *keyring {
	return &keyring{root: r, parsed: map[coproc.Digest]parsedCertificate{}, vouched: map[string][]coproc.Certificate{}, auditKeys: map[coproc.PublicKey]bool{}, vouchers: map[voucher]bool{}}
}

// parsedCertificate is what became of reading a certificate: each is verified
// once, however many journals have it.
type parsedCertificate struct {
	certificate coproc.Certificate
	err         error
}

func (c *keyring) certificate(raw []byte) (coproc.Certificate, error) {
	d := coproc.DigestOf(raw)
	p, ok := c.parsed[d]
	if !ok {
		p.certificate, p.err = coproc.ParseCertificate(raw, c.sa.Sign)
		c.parsed[d] = p
	}
	return p.certificate, p.err
}

// certificateIn gives the certificate that a record has, if it should have one.
func certificateIn(r *journal.Record) []byte {
	switch {
	case r.Event == journal.EventTask && (r.Task == procedure.TaskCertifyCSS || r.Task == procedure.TaskCertifyCSR),
		r.Event == journal.EventReceived && (r.Kind == bundle.KindCSSCert || r.Kind == bundle.KindCSRCert):
		return r.Data
	case r.Event == journal.EventReceived && r.Kind == bundle.KindStatement:
		d, err := journal.DataOf[journal.StatedData](*r)
		if err == nil {
			return d.Certificate
		}
	}
	return nil
}

// collectCertificates takes every certificate that a journal or a bundle has.
// The SA's signature makes them good wherever they lie.
func (c *keyring) collectCertificates(journals []*reading, bundles []*carried) {
	c.auditKeys[c.sa.Audit] = true
	c.vouchers[voucher{c.sa.Audit, c.sa.Officers}] = true
	seen := map[coproc.Digest]bool{}
	keep := func(raw []byte) {
		if d := coproc.DigestOf(raw); len(raw) > 0 && !seen[d] {
			seen[d] = true
			if cert, err := c.certificate(raw); err == nil {
				name := cert.Claims().Node.Name
				c.vouched[name] = append(c.vouched[name], cert)
				keys := cert.Claims().Keys
				c.auditKeys[keys.Audit] = true
				c.vouchers[voucher{keys.Audit, keys.Officers}] = true
			}
		}
	}
	for _, r := range journals {
		if r.instance == nil {
			continue
		}
		for i := range r.instance.journal.Records() {
			keep(certificateIn(&r.instance.journal.Records()[i]))
		}
	}
	for _, b := range bundles {
		keep(b.header.Certificate)
	}
}

// vouchedKey reports whether the SA vouches for the key that a journal's
// bundles are signed with, at whatever node: journals of two nodes can have
// been exchanged.
func (c *keyring) vouchedKey(x *export) bool {
	key, err := cosesig.ParsePublicKey([]byte(x.key))
	return err == nil && c.auditKeys[key]
}

// certified reports whether it is known which audit keys a node had: that of
// the SA came with its key, that of another with its certificates.
func (c *keyring) certified(node string) bool {
	return node == c.admin.Name || len(c.vouched[node]) > 0
}

// notVouched says why a journal does not count, and what to do about it.
func (c *keyring) notVouched(node string) string {
	if node == c.admin.Name {
		return "it is not under the audit key that came with the SA key"
	}
	return fmt.Sprintf("no certificate of %[1]s vouches for its audit key. If %[1]s was set up anew: once it is certified again, bring newer journals of %[1]s and %[2]s. If not, somebody made it in that name", node, c.admin.Name)
}

// vouchesFor reports whether a certificate of a node has both keys; sign is that
// of its bundles, or of its receipts.
func (c *keyring) vouchesFor(n *plan.Node, sign, audit coproc.PublicKey) bool {
	return slices.ContainsFunc(c.vouched[n.Name], func(cert coproc.Certificate) bool {
		keys := cert.Claims().Keys
		return (keys.Sign == sign || keys.Receipt == sign) && keys.Audit == audit
	})
}

// generationOf is the latest certificate of a node that vouches for an audit key.
func (c *keyring) generationOf(n *plan.Node, audit coproc.PublicKey) (last uint32) {
	for _, cert := range c.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Audit == audit {
			last = max(last, claims.Generation)
		}
	}
	return last
}

// stated is the statement that a record took in; nil where it is not good.
func (c *keyring) stated(e *entry) *coproc.Statement {
	d, err := journal.DataOf[journal.StatedData](*e.Record)
	if err != nil {
		return nil
	}
	source, err := c.certificate(d.Certificate)
	if err != nil {
		return nil
	}
	s, err := coproc.ParseStatement(d.Statement, source)
	if err != nil {
		return nil
	}
	return &s
}

// signedUnder is the audit key that the certificate in a record vouches for:
// that of who asked for it, or of the source that signed a statement. Nil where
// no journal under that key is known of.
func (c *keyring) signedUnder(e *entry) *coproc.PublicKey {
	cert, err := c.certificate(certificateIn(e.Record))
	if err != nil {
		return nil
	}
	key := cert.Claims().Keys.Audit
	return &key
}

// sound reports whether a journal is whole and signed by whom it should be.
func (c *keyring) sound(r *reading) bool {
	return r.export.err == nil && r.instance != nil && !r.instance.broken && c.vouchedKey(r.export) && c.vouchedOfficers(r.instance)
}

// certifiedKey is a certificate that has a key.
type certifiedKey struct {
	node       string
	generation uint32
	key        string // what it is there
}

// certifiedKeys has, for each key, the certificates that it is in, wherever those lie.
func (c *keyring) certifiedKeys() map[string][]certifiedKey {
	all := map[string][]certifiedKey{}
	for node, certificates := range c.vouched {
		for _, cert := range certificates {
			for _, k := range cert.Claims().Keys.Named() {
				h := certifiedKey{node, cert.Claims().Generation, k.Name}
				if !slices.Contains(all[k.Text], h) {
					all[k.Text] = append(all[k.Text], h)
				}
			}
		}
	}
	return all
}
