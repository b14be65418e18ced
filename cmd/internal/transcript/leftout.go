package transcript

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// accountLeftOut keeps what a remark says of a target that takes no part. It
// counts from the SA's auditor, in the SA's journal, and as long as no certificate
// of that target is anywhere: without one nobody gives it a share.
func (c *checker) accountLeftOut(e *entry) {
	n := c.nodes[e.Peer]
	if n == nil || n.Role != coproc.CSR || len(c.vouched[n.Name]) > 0 {
		return
	}
	if e.life.vouched && e.life.device == c.admin.Coprocessor && c.mayCallLost(e) {
		c.leftOut[n.Name] = e
	}
}

// leftOutAt is the remark by which a coprocessor takes no part: it holds no
// other node. Nil where it does.
func (c *checker) leftOutAt(device string) *entry {
	if nodes := c.at[device]; len(nodes) == 1 {
		return c.leftOut[nodes[0].Name]
	}
	return nil
}

// ifLeftOut says what to do about a target that was not certified and will not be.
func (c *checker) ifLeftOut(n *plan.Node) string {
	if n.Role != coproc.CSR || len(c.vouched[n.Name]) > 0 || !c.here(c.admin) {
		return ""
	}
	return fmt.Sprintf(". If %s takes no part, the auditor says so at %s (gapferry journal note --profile %s --left-out %s --text TEXT) and hands that journal out again (gapferry journal export)",
		n.Name, c.admin.Name, c.admin.Officers.Audit, n.Name)
}
