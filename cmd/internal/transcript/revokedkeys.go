package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// keyHolder is a certificate that has a key.
type keyHolder struct {
	node       string
	generation uint32
	key        string // what it is there
}

// holders has, for each key, the certificates that it is in, wherever those lie.
func (c *checker) holders() map[string][]keyHolder {
	all := map[string][]keyHolder{}
	for node, certificates := range c.vouched {
		for _, cert := range certificates {
			for _, k := range cert.Claims().Keys.Named() {
				h := keyHolder{node, cert.Claims().Generation, k.Name}
				if !slices.Contains(all[k.Text], h) {
					all[k.Text] = append(all[k.Text], h)
				}
			}
		}
	}
	return all
}

// usedRevokedKeys tells of a certificate that was given, taken in, or shared to,
// though it has a key of one that was known to be taken back.
func (c *checker) usedRevokedKeys(rule string, e *entry, holders map[string][]keyHolder, known map[lifeNode]revocation, cert coproc.Certificate) {
	claims := cert.Claims()
	for _, k := range claims.Keys.Named() {
		own := keyHolder{claims.Node.Name, claims.Generation, k.Name}
		for _, h := range holders[k.Text] {
			r := known[lifeNode{e.life, h.node}]
			if h.node == own.node && c.plan.KeepsAuditKey(own.node) && k.Name == "audit key" && h.key == k.Name {
				continue // of a node that began anew with other keys: anew tells of it
			}
			if h == own || r.entry == nil || h.generation > r.generation {
				continue
			}
			c.fault(rule, e, "%s: certificate %d of %s has a %s of certificate %d of %s, which was taken back, as record %d says",
				c.what(e), own.generation, own.node, k.Name, h.generation, h.node, r.entry.Seq)
			return
		}
	}
}
