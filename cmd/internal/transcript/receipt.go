package transcript

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// receipts checks what source and SA took in of the targets, and that they did.
func (c *checker) receipts() {
	const rule = "receipt"
	for _, e := range c.entries {
		if !e.is(journal.EventReceived, bundle.KindReceipt) {
			continue
		}
		t := c.makerOf(e)
		d, err := journal.DataOf[journal.ReceiptData](*e.Record)
		switch {
		case t == nil:
			c.fault(rule, e, "it took in a receipt of %q, which is not a target of the plan", e.Peer)
		case err != nil || !c.here(t.node) || t.receipt == nil || e.Bundle == nil || *t.receipt.Bundle != *e.Bundle:
			// told already, or an older receipt
		case d.By != t.receipt.Profile:
			c.fault(rule, e, "the receipt of %s says that %s set the master key, its journal has %s in record %d", e.Peer, d.By, t.receipt.Profile, t.receipt.Seq)
		case t.keySet != nil && d.ShareSet != t.keySet.id:
			c.fault(rule, e, "the receipt of %s is of share set %s, its journal has set %s", e.Peer, short(d.ShareSet), short(t.keySet.id))
		case t.keySet != nil && !slices.Equal(d.Shares, t.keyShares):
			c.fault(rule, e, "the receipt of %s says that shares %v were installed, its journal has %v", e.Peer, d.Shares, t.keyShares)
		}
	}
	for _, n := range c.plan.Targets() {
		c.receiptAt(rule, c.targets[n.Name])
	}
}

// installed are the shares that a target installed, ascending.
func (t *target) installed() []uint8 {
	var list []uint8
	for i := range t.installs {
		list = append(list, uint8(i))
	}
	slices.Sort(list)
	return list
}

// receiptAt tells where the receipt of a target was not taken in. Nowhere at
// all means that nobody compared it.
func (c *checker) receiptAt(rule string, t *target) {
	if t.receipt == nil || t.keySet != nil && t.keySet.canceled != nil {
		return
	}
	at := map[string]bool{}
	for _, e := range t.receiptAt {
		if e.Bundle != nil && *e.Bundle == *t.receipt.Bundle {
			at[e.life.device] = true
		}
	}
	var missing []string
	for _, n := range []*plan.Node{c.source, c.admin} {
		if !at[n.Coprocessor] && c.here(n) && !(n == c.admin && n.Coprocessor == c.source.Coprocessor) {
			missing = append(missing, n.Name)
		}
	}
	switch {
	case len(missing) == 0:
	case c.revokedNow(t):
		// Nobody takes it in any more: target tells of it.
	case len(at) == 0:
		c.find(Open, rule, t.receipt, "the receipt of %s was taken in nowhere: take it in at the source or at the SA (gapferry receipts), and hand out that journal again", t.node.Name)
	default:
		c.find(Exception, rule, t.receipt, "the receipt of %s was not taken in at %s", t.node.Name, missing[0])
	}
}

// finished tells of the targets that do not have the master key.
func (c *checker) finished() {
	const rule = "target"
	for _, n := range c.plan.Targets() {
		t := c.targets[n.Name]
		ref := Ref{Node: n.Name}
		switch {
		case c.state(t) == OpenT && c.here(n):
			c.findAt(Open, rule, ref, "%s does not have the master key: %s%s", n.Name, c.lacks(t), c.ifLeftOut(n))
		case c.state(t) == LeftOutT:
			e := c.leftOut[n.Name]
			c.find(Exception, rule, e, "%s does not have the master key: it was never certified and takes no part, says %s: %q", n.Name, c.who(e.Profile), e.Text)
		case c.state(t) == CanceledT:
			c.findAt(Exception, rule, ref, "%s does not have the master key: its share set was cancelled, and no other was made", n.Name)
		case c.state(t) == RevokedT:
			c.findAt(Exception, rule, ref, "%s does not have the master key: its certificate was taken back", n.Name)
		case c.state(t) == HasKey && c.revokedNow(t):
			c.find(Exception, rule, t.revoked, "%s is revoked and HAS THE MASTER KEY: this target must be looked at", n.Name)
		case c.state(t) == HasKey && t.key == nil && c.hasFormerKey(t):
			// anew tells of it
		case c.state(t) == HasKey && t.receipt == nil && c.here(n):
			c.findAt(Open, rule, ref, "%s made no receipt yet: phase 3d there makes it", n.Name)
		}
	}
}

// lacks says what is the next thing that a target waits for.
func (c *checker) lacks(t *target) string {
	name := t.node.Name
	row := func(at string, task procedure.TaskID, share int) bool {
		return c.done[rowKey{at, task, name, share}] != nil
	}
	obtained, installed := 0, 0
	for i := 1; i <= c.plan.N; i++ {
		if row(c.source.Name, procedure.TaskObtainShares, i) {
			obtained++
		}
		if row(name, procedure.TaskInstallShares, i) {
			installed++
		}
	}
	switch {
	case !row(name, procedure.TaskGenerateKey, 0):
		return "phase 3a is not finished there"
	case !row(c.admin.Name, procedure.TaskCertifyCSR, 0):
		return "its key is not certified (phase 3b)"
	case obtained < c.plan.N:
		return fmt.Sprintf("%d of %d shares are obtained or given up (phase 3c)", obtained, c.plan.N)
	case installed < c.plan.M:
		return fmt.Sprintf("%d of %d needed shares are installed (phase 3d)", installed, c.plan.M)
	case !row(name, procedure.TaskVerify, 0):
		return "the new master key is not verified (phase 3d)"
	}
	return "it is verified and not set (phase 3d)"
}

// state is what became of a target.
func (c *checker) state(t *target) TargetState {
	if t.key != nil && t.changed != nil {
		return ReplacedT
	}
	if t.key != nil || c.hasFormerKey(t) || !c.here(t.node) && len(t.receiptAt) > 0 {
		return HasKey
	}
	if c.revokedNow(t) {
		return RevokedT
	}
	if c.leftOut[t.node.Name] != nil {
		return LeftOutT
	}
	if sets := c.byPeer[t.node.Name]; len(sets) > 0 && sets[len(sets)-1].canceled != nil {
		return CanceledT
	}
	return OpenT
}
