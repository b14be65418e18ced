package transcript

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// goneJournal is a journal that must be, since a certificate vouches for its
// audit key, and that is not here.
type goneJournal struct {
	node       *plan.Node // that the certificate is of
	audit      coproc.PublicKey
	generation uint32 // of the latest certificate that vouches for it
}

// name says which one it is.
func (g *goneJournal) name() string {
	return fmt.Sprintf("the journal that %s had under certificate %d", g.node.Name, g.generation)
}

// findGone finds the journals that are not here: a coprocessor has one for each
// audit key that certificates vouch for.
func (c *checker) findGone() {
	here := map[coproc.PublicKey]bool{}
	for _, l := range c.lives {
		here[l.auditor] = true
	}
	for _, d := range c.plan.Coprocessors {
		found := map[coproc.PublicKey]*goneJournal{}
		for _, n := range c.at[d.Name] {
			for _, cert := range c.vouched[n.Name] {
				claims := cert.Claims()
				if g := found[claims.Keys.Audit]; g != nil {
					g.generation = max(g.generation, claims.Generation)
				} else if !here[claims.Keys.Audit] {
					g = &goneJournal{n, claims.Keys.Audit, claims.Generation}
					found[g.audit] = g
					c.gone[d.Name] = append(c.gone[d.Name], g)
				}
			}
		}
		slices.SortStableFunc(c.gone[d.Name], func(a, b *goneJournal) int { return cmp.Compare(a.generation, b.generation) })
	}
}

// accountLost keeps what a remark says of a journal that cannot be had any
// more. It counts only of a coprocessor that was replaced, or whose certificate
// was taken back, and only from who hands out journals: with it alone nobody
// gets rid of the journal of a coprocessor that works.
func (c *checker) accountLost(e *entry) {
	d, err := journal.DataOf[journal.NoteData](*e.Record)
	n := c.nodes[e.Peer]
	if err != nil || n == nil || n == c.admin || !e.life.vouched || !c.mayCallLost(e) {
		return
	}
	var key *coproc.PublicKey
	for _, cert := range c.vouched[n.Name] {
		claims := cert.Claims()
		if claims.Generation != d.Certificate {
			continue
		}
		if key != nil && *key != claims.Keys.Audit {
			return // nobody knows which one is meant
		}
		key = &claims.Keys.Audit
	}
	if key != nil && c.replaced(n, *key) {
		c.lost[*key] = e
	}
}

// mayCallLost reports whether a remark is of who hands out the journal that it
// is in.
func (c *checker) mayCallLost(e *entry) bool {
	return e.attended() && e.Profile == e.life.nodes[0].Officers.Audit
}

// replaced reports whether another coprocessor has the place of the one with an
// audit key, or, of a target, whether all of its certificates were taken back.
func (c *checker) replaced(n *plan.Node, audit coproc.PublicKey) bool {
	var own, others uint32
	for _, cert := range c.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Audit == audit {
			own = max(own, claims.Generation)
		} else {
			others = max(others, claims.Generation)
		}
	}
	t := c.targets[n.Name]
	return others > own || t != nil && t.revoked != nil && t.upTo >= own
}

// missingJournals tells of each journal that is not here.
func (c *checker) missingJournals() {
	for _, d := range c.plan.Coprocessors {
		gone := c.gone[d.Name]
		if first := c.at[d.Name][0]; len(gone) == 0 && c.primary[d.Name] == nil && c.leftOutAt(d.Name) == nil {
			c.findAt(Open, "journal-missing", Ref{Node: first.Name}, "the journal of coprocessor %s is not here: bring it (gapferry journal export)%s", d.Name, c.ifLeftOut(first))
		}
		for i, g := range gone {
			ref := Ref{Node: g.node.Name}
			switch e := c.lost[g.audit]; {
			case e != nil:
				c.find(Exception, "lost", e, "%s is lost, says %s: %q. What %s did then is not known. %s", g.name(), c.who(e.Profile), e.Text, g.node.Name, c.couldHave(g))
			case i == len(gone)-1 && c.primary[d.Name] == nil:
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

// lostEnd tells of a journal that is here, and of which nothing newer can be had.
func (c *checker) lostEnd(l *life) {
	e := c.lost[l.auditor]
	if e == nil {
		return
	}
	g := &goneJournal{c.nodes[e.Peer], l.auditor, c.generationOf(c.nodes[e.Peer], l.auditor)}
	c.find(Exception, "lost", e, "nothing newer can be had of %s, says %s: %q. What %s did after record %d is not known. %s",
		g.name(), c.who(e.Profile), e.Text, e.Peer, len(l.entries), c.couldHave(g))
}

// ifLost says what to do about a journal that cannot be had any more: what an
// officer types, and where.
func (c *checker) ifLost(n *plan.Node, audit coproc.PublicKey) string {
	generation := c.generationOf(n, audit)
	switch {
	case c.replaced(n, audit):
		return fmt.Sprintf(". If it cannot be had any more, the auditor says so at %s (gapferry journal note --profile %s --lost %s --certificate %d --text TEXT) and hands that journal out again (gapferry journal export)",
			c.admin.Name, c.admin.Officers.Audit, n.Name, generation)
	case n.Role == coproc.CSR:
		return fmt.Sprintf(". If that coprocessor is lost: certify the one that has its place, or take its certificate back, both at %[1]s (gapferry phase 3b --renew %[2]s; gapferry revoke --node %[2]s --reason TEXT), and hand that journal out again (gapferry journal export)", c.admin.Name, n.Name)
	}
	return ""
}

// generationOf is the latest certificate of a node that vouches for an audit key.
func (c *checker) generationOf(n *plan.Node, audit coproc.PublicKey) (last uint32) {
	for _, cert := range c.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Audit == audit {
			last = max(last, claims.Generation)
		}
	}
	return last
}

// couldHave says what a coprocessor whose journal is lost may have got.
func (c *checker) couldHave(g *goneJournal) string {
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
func (c *checker) receiptOf(g *goneJournal, e *entry) bool {
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
func (c *checker) sharesFor(g *goneJournal, s *shareSet) (some []string) {
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
func (c *checker) sealedFor(share *entry) *coproc.PublicKey {
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
