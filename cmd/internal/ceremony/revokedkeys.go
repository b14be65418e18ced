package ceremony

import (
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
	h := holder{c.Node.Name, c.Generation}
	for _, k := range c.Keys.Named() {
		if !slices.Contains(s.holders[k.Text], h) {
			s.holders[k.Text] = append(s.holders[k.Text], h)
		}
	}
}

// notRevokedKeys refuses keys of which one was in a certificate that the SA took
// back. what has them, in words.
func (n *Node) notRevokedKeys(what string, keys coproc.Keys) error {
	for _, k := range keys.Named() {
		for _, h := range n.state.holders[k.Text] {
			if d, ok := n.state.revoked[h.node]; ok && h.generation <= d.Generation {
				return refuse(CodeRevokedKey, "%s has a %s that was in certificate %d of %s, which was revoked by %s: %s",
					what, k.Name, h.generation, h.node, d.By, d.Reason)
			}
		}
	}
	return nil
}
