package ceremony

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// Who has a stolen coprocessor can ask with its keys again, and the key cards
// that were written before the theft fit. So a revoke takes back the keys, too:
// none that was ever in a revoked certificate is certified or sealed to again,
// under whatever name.

// hold keeps which keys a certificate is for.
func (s *state) hold(certificate []byte) {
	c, err := coproc.UnverifiedClaims(certificate) // verified when it was taken in, or made here; the record is signed
	if err != nil {
		return
	}
	for _, k := range c.Keys.Named() {
		h := holder{c.Node.Name, c.Generation, k.Name}
		if !slices.Contains(s.holders[k.Text], h) {
			s.holders[k.Text] = append(s.holders[k.Text], h)
		}
	}
}

// notRevokedKeys refuses keys of a node of which one was in a certificate that the
// SA took back. what has them, in words. The audit key of the source is another
// thing: it is that of a coprocessor whose master key may be nowhere else, and
// that begins anew with other keys. Who certifies those is shown it.
func (n *Node) notRevokedKeys(what, node string, keys coproc.Keys) error {
	source := n.plan.Source().Name
	for _, k := range keys.Named() {
		if t, ok := n.state.tainted[k.Text]; ok && !(node == source && t.node == source && k.Name == auditKey && t.key == auditKey) {
			return n.takenBack(what, node, k.Name, t.holder, t.RevokeData)
		}
		for _, h := range n.state.holders[k.Text] {
			if node == source && h.node == source && k.Name == auditKey && h.key == auditKey {
				continue
			}
			if d, ok := n.state.revoked[h.node]; ok && h.generation <= d.Generation {
				return n.takenBack(what, node, k.Name, h, d)
			}
		}
	}
	return nil
}

func (n *Node) takenBack(what, node, key string, h holder, d RevokeData) error {
	why := refuse(CodeRevokedKey, "%s has a %s that was in certificate %d of %s, which was revoked by %s: %s",
		what, key, h.generation, h.node, d.By, d.Reason)
	if node == n.plan.Source().Name {
		return why.hinted("%s", n.sourceBeginsAnew())
	}
	return why
}

// sourceBeginsAnew says what becomes of a source whose certificate was taken back.
func (n *Node) sourceBeginsAnew() string {
	return fmt.Sprintf("in the source's room two officers begin anew: `gapferry coprocessor anew --reason …`, which keeps the master key; then phase 2a there, and the SA certifies its new keys: `gapferry %s`", renewalOf(n.plan.Source()))
}

// auditKey is what coproc.Keys.Named calls the key that signs journals.
const auditKey = "audit key"

// revokedAudit says, of a source that asks with new keys, that its coprocessor had
// a certificate that was taken back; empty where it had none.
func (n *Node) revokedAudit(keys coproc.Keys) string {
	for _, k := range keys.Named() {
		for _, h := range n.state.holders[k.Text] {
			if d, ok := n.state.revoked[h.node]; ok && k.Name == auditKey && h.generation <= d.Generation {
				return fmt.Sprintf("its certificate %d was taken back by %s: %s", h.generation, d.By, d.Reason)
			}
		}
	}
	return ""
}
