package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// receiptRule checks what source and SA took in of the targets.
type receiptRule struct{ *replay }

// check checks what source and SA took in of the targets, and that they did.
func (c receiptRule) check() {
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

// receiptAt tells where the receipt of a target was not taken in. Nowhere at
// all means that nobody compared it.
func (c receiptRule) receiptAt(rule string, t *target) {
	if t.receipt == nil || t.keySet != nil && t.keySet.canceled != nil {
		return
	}
	at := map[string]bool{}
	for _, e := range t.receiptAt {
		if e.Bundle != nil && *e.Bundle == *t.receipt.Bundle {
			at[e.instance.device] = true
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
