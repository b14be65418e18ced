package transcript

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// lostRule tells of journals, or ends of them, that are not here.
type lostRule struct{ *replay }

// check tells of each journal that is not here.
func (c lostRule) check() {
	for _, d := range c.plan.Coprocessors {
		gone := c.absent[d.Name]
		if first := c.nodesAt[d.Name][0]; len(gone) == 0 && c.current[d.Name] == nil && c.leftOutAt(d.Name) == nil {
			c.findAt(Open, "journal-missing", RecordRef{Node: first.Name}, "the journal of coprocessor %s is not here: bring it (gapferry journal export)%s", d.Name, c.ifLeftOut(first))
		}
		for i, g := range gone {
			ref := RecordRef{Node: g.node.Name}
			switch e := c.lost[g.audit]; {
			case e != nil:
				c.find(Exception, "lost", e, "%s is lost, says %s: %q. What %s did then is not known. %s", g.name(), c.who(e.Profile), e.Text, g.node.Name, c.couldHave(g))
			case i == len(gone)-1 && c.current[d.Name] == nil:
				c.findAt(Open, "journal-missing", ref, "the journal of coprocessor %s is not here: bring it (gapferry journal export)%s", d.Name, c.ifLost(g.node, g.audit))
			default:
				c.findAt(Open, "journal-missing", ref, "%s is not here: bring it%s", g.name(), c.ifLost(g.node, g.audit))
			}
		}
		for _, l := range c.history[d.Name] {
			c.lostEnd(l)
		}
	}
}

// signerRule checks whose the audit keys are.
type signerRule struct{ *replay }

// check checks whose the audit keys are: the sa-key bundle vouches for that
// of the SA, a certificate for each other.
func (c signerRule) check() {
	const rule = "journal-signer"
	for _, l := range c.instances {
		if l.vouched {
			continue
		}
		first := l.entries[0]
		name, certified, admin := l.nodes[0].Name, 0, false
		for _, n := range l.nodes {
			certified += len(c.vouched[n.Name])
			admin = admin || n == c.admin
		}
		switch {
		case admin:
			c.fault(rule, first, "the journal is signed with another audit key than the one that came with the SA key")
		case certified > 0:
			c.fault(rule, first, "the journal is signed with an audit key that no certificate of %s vouches for", name)
		case c.leftOutAt(l.device) != nil:
			c.find(Exception, rule, first, "the journal of %s, which takes no part, is not vouched for", name)
		default:
			c.find(Open, rule, first, "the journal is not vouched for: the SA certified no key of %s", name)
		}
	}
}

// lostEnd tells of a journal that is here, and of which nothing newer can be had.
func (c lostRule) lostEnd(l *instance) {
	e := c.lost[l.auditor]
	if e == nil {
		return
	}
	g := &absentJournal{c.nodes[e.Peer], l.auditor, c.generationOf(c.nodes[e.Peer], l.auditor)}
	c.find(Exception, "lost", e, "nothing newer can be had of %s, says %s: %q. What %s did after record %d is not known. %s",
		g.name(), c.who(e.Profile), e.Text, e.Peer, len(l.entries), c.couldHave(g))
}

// couldHave says what a coprocessor whose journal is lost may have got.
func (c lostRule) couldHave(g *absentJournal) string {
	const destroy = ": make sure that it is destroyed"
	if g.node.Role != coproc.CSR {
		return "What it gave out then, only its targets' journals say."
	}
	for _, e := range c.entries {
		if e.is(journal.EventReceived, bundle.KindReceipt) && e.Peer == g.node.Name && e.Bundle != nil && c.written[*e.Bundle] == nil && c.receiptOf(g, e) {
			return fmt.Sprintf("By the receipt that %s took in, record %d, it HAS THE MASTER KEY%s", e.name(), e.Seq, destroy)
		}
	}
	var sets []string
	most := 0
	for _, s := range c.byPeer[g.node.Name] {
		if some := c.sharesFor(g, s); len(some) > 0 {
			sets, most = append(sets, fmt.Sprintf("%s of set %s", strings.Join(some, ", "), short(s.id))), max(most, len(some))
		}
	}
	switch {
	case most == 0:
		return "No share was obtained for it."
	case most < c.plan.M:
		return fmt.Sprintf("Shares were obtained for it (%s), fewer than the %d that are needed.", strings.Join(sets, "; "), c.plan.M)
	}
	return fmt.Sprintf("Shares were obtained for it (%s), and %d are enough: it CAN HAVE THE MASTER KEY%s", strings.Join(sets, "; "), c.plan.M, destroy)
}

// receiptOf reports whether a receipt that no journal has as made can be of a lost
// coprocessor: its share set was made for that one, or nothing says for which.
func (c lostRule) receiptOf(g *absentJournal, e *entry) bool {
	d, err := journal.DataOf[journal.ReceiptData](*e.Record)
	if err != nil || c.sets[d.ShareSet] == nil {
		return true
	}
	for _, sh := range c.sets[d.ShareSet].shares {
		if audit := c.sealedFor(sh.written); audit != nil && *audit != g.audit {
			return false
		}
	}
	return true
}

// sharesFor are the shares of a set that only a lost coprocessor can have
// installed. Where nothing says for which certificate they are, they are for it.
func (c lostRule) sharesFor(g *absentJournal, s *shareSet) (some []string) {
	for i := 1; i <= c.plan.N; i++ {
		sh := s.shares[i]
		if sh == nil || sh.installed != nil {
			continue
		}
		if audit := c.sealedFor(sh.written); audit == nil || *audit == g.audit {
			some = append(some, fmt.Sprint(i))
		}
	}
	return some
}

// sealedFor is the audit key in the certificate that a share answers; nil where
// the source's journal does not say.
func (c lostRule) sealedFor(share *entry) *coproc.PublicKey {
	d, err := journal.DataOf[journal.WrittenData](*share.Record)
	if err != nil {
		return nil
	}
	for _, e := range c.taken[d.Answers] {
		if cert, err := c.certificate(e.Data); err == nil && e.Kind == bundle.KindCSRCert {
			key := cert.Claims().Keys.Audit
			return &key
		}
	}
	return nil
}
