package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Who has a stolen coprocessor can ask with its keys again, and the key cards
// that were written before the theft fit. So a revoke takes back the keys, too:
// none that was ever in a revoked certificate is certified or sealed to again,
// under whatever name.

// notRevokedKeys refuses keys of a node of which one was in a certificate that the
// SA took back. what has them, in words. The audit key of a coprocessor that has
// to stay is another thing: see KeepsAuditKey. Who certifies it is shown it.
func (n standing) notRevokedKeys(what, node string, keys coproc.Keys) error {
	stays := n.Plan().KeepsAuditKey(node)
	for _, k := range keys.Named() {
		if t, ok := n.History().Tainted[k.Text]; ok && !(stays && t.Held.Node == node && k.Name == auditKey && t.Held.Key == auditKey) {
			return n.takenBack(what, node, k.Name, t.Held, t.Revoked)
		}
		for _, h := range n.History().Holders[k.Text] {
			if stays && h.Node == node && k.Name == auditKey && h.Key == auditKey {
				continue
			}
			if d, ok := n.History().Revoked[h.Node]; ok && h.Generation <= d.Generation {
				return n.takenBack(what, node, k.Name, h, d)
			}
		}
	}
	return nil
}

func (n standing) takenBack(what, node, key string, h history.Holder, d journal.RevokeData) error {
	why := refusal.New(refusal.CodeRevokedKey, "%s has a %s that was in certificate %d of %s, which was revoked by %s: %s",
		what, key, h.Generation, h.Node, d.By, d.Reason)
	return n.orBeginAnew(why, n.Plan().Node(node))
}

// orBeginAnew says, of a node whose certificate was taken back and whose
// coprocessor has to stay, what leads on.
func (n standing) orBeginAnew(why *refusal.Error, node *plan.Node) *refusal.Error {
	switch {
	case node.Role == coproc.CSS:
		return why.Hinted("%s", n.sourceBeginsAnew())
	case !n.Plan().KeepsAuditKey(node.Name):
		return why
	case node.Coprocessor == n.Device().Name:
		return why.Hinted("make no new store: the SA is in this one. Two officers have %s begin anew, which keeps the SA: {coprocessor anew --reason …}; then {phase 3a}, and {%s}, with its new key card in hand", node.Name, renewalOf(node))
	}
	return why.Hinted("in the room of the SA, whose coprocessor %s is in, two officers have %s begin anew, which keeps the SA: `gapferry coprocessor anew --reason …`; then phase 3a there, and `gapferry %s`", node.Name, node.Name, renewalOf(node))
}

// sourceBeginsAnew says what becomes of a source whose certificate was taken back.
func (n standing) sourceBeginsAnew() string {
	return fmt.Sprintf("in the source's room two officers begin anew: `gapferry coprocessor anew --reason …`, which keeps the master key; then phase 2a there, and the SA certifies its new keys: `gapferry %s`", renewalOf(n.Plan().Source()))
}

// auditKey is what coproc.Keys.Named calls the key that signs journals.
const auditKey = "audit key"

// revokedAudit says, of a source that asks with new keys, that its coprocessor had
// a certificate that was taken back; empty where it had none.
func (n standing) revokedAudit(keys coproc.Keys) string {
	for _, k := range keys.Named() {
		for _, h := range n.History().Holders[k.Text] {
			if d, ok := n.History().Revoked[h.Node]; ok && k.Name == auditKey && h.Generation <= d.Generation {
				return fmt.Sprintf("its certificate %d was taken back by %s: %s", h.Generation, d.By, d.Reason)
			}
		}
	}
	return ""
}
