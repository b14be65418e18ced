package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// sentRule checks that what was taken in was made.
type sentRule struct{ *replay }

// check checks that what was taken in was made, by the right node, of
// the right kind and for the right one, and once; and that each bundle answers
// one that its maker knew.
func (c sentRule) check() {
	const rule = "sent-received"
	before := map[instanceNode]map[coproc.Digest]*entry{}
	stated := map[instanceNode]*entry{} // the statement that a target took in last
	for _, e := range c.entries {
		k := instanceNode{e.instance, e.name()}
		if e.is(journal.EventReceived, bundle.KindStatement) {
			stated[k] = e
		}
		if e.Event == journal.EventWritten {
			c.wroteRight(rule, e)
		}
		again := e.Event == journal.EventCleared || e.Event == journal.EventCanceled
		if again && e.node != nil && e.node.Role == coproc.CSR {
			// What was installed may be installed again, and the same statement
			// taken in.
			for d, b := range before[k] {
				if b.isTask(procedure.TaskInstallShares) || b.is(journal.EventReceived, bundle.KindStatement) {
					delete(before[k], d)
				}
			}
		}
		if e.BeginsAnew() && e.Task == procedure.TaskAnew {
			for d, b := range before[k] {
				if b.is(journal.EventReceived, bundle.KindSAKey) {
					delete(before[k], d) // it is registered again
				}
			}
		}
		r, ok := c.tookIn(e)
		if !ok {
			if e.Event == journal.EventReceived || e.isTask(procedure.TaskInstallShares) && !e.Recovered {
				c.fault(rule, e, "it names no bundle")
			}
			continue
		}
		if first := before[k][*e.Bundle]; first != nil && !renewed(first, e) {
			c.fault(rule, e, "%s %s was taken in before, in record %d", r.kind, e.Bundle.Short(), first.Seq)
		}
		if before[k] == nil {
			before[k] = map[coproc.Digest]*entry{}
		}
		before[k][*e.Bundle] = e
		c.tookRight(rule, e, r, stated[k])
	}
	c.neverTaken(rule)
}

// receipt is what a record says to have taken in.
type receiptOf struct {
	kind  bundle.Kind
	from  *plan.Node
	peer  string // as the writer's record has it
	share int
}

// tookIn says what a record took in; ok is false where it took in nothing.
func (c sentRule) tookIn(e *entry) (r receiptOf, ok bool) {
	if e.Bundle == nil || e.node == nil {
		return r, false
	}
	switch {
	case e.isTask(procedure.TaskCertifyCSS):
		return receiptOf{bundle.KindCSSKey, c.nodes[e.Peer], "", 0}, true
	case e.isTask(procedure.TaskCertifyCSR):
		return receiptOf{bundle.KindCSRKey, c.nodes[e.Peer], "", 0}, true
	case e.isTask(procedure.TaskInstallShares):
		return receiptOf{bundle.KindShare, c.source, e.node.Name, e.Share}, true
	case e.Event == journal.EventCanceled:
		return receiptOf{bundle.KindCancel, c.source, e.node.Name, 0}, true
	case e.Event != journal.EventReceived:
		return r, false
	}
	r = receiptOf{kind: e.Kind}
	own := e.Peer
	if e.node.Role == coproc.CSR {
		own = e.node.Name // a target takes in its own certificate alone
	}
	switch e.Kind {
	case bundle.KindSAKey:
		r.from = c.admin
	case bundle.KindCSSCert, bundle.KindCSRCert:
		r.from, r.peer = c.admin, own
	case bundle.KindRevoke:
		r.from, r.peer = c.admin, e.Peer
	case bundle.KindStatement:
		r.from, r.peer = c.source, e.node.Name
	case bundle.KindReceipt:
		r.from = c.nodes[e.Peer]
	case bundle.KindCancel:
		r.from, r.peer = c.source, e.Peer
	}
	return r, true
}

// tookRight compares what was taken in with the record of its making. stated is
// the statement that the node took in last, if it did.
func (c sentRule) tookRight(rule string, e *entry, r receiptOf, stated *entry) {
	w := c.written[*e.Bundle]
	switch {
	case r.from == nil:
		c.fault(rule, e, "it took in a %s from node %q, which the plan does not have", r.kind, e.Peer)
	case w == nil:
		c.unsent(rule, e, r, stated)
	case w.Kind != r.kind:
		c.fault(rule, e, "it took in a %s that %s made as a %s, in record %d", r.kind, w.name(), w.Kind, w.Seq)
	case w.name() != r.from.Name:
		c.fault(rule, e, "it took in a %s from %s that %s made, in record %d", r.kind, r.from.Name, w.name(), w.Seq)
	case w.Peer != r.peer:
		c.fault(rule, e, "it took in a %s about %q that %s made about %q, in record %d", r.kind, r.peer, w.name(), w.Peer, w.Seq)
	case w.Share != r.share:
		c.fault(rule, e, "it took in share %d, which %s made as share %d, in record %d", r.share, w.name(), w.Share, w.Seq)
	case w.at > e.at:
		c.fault(rule, e, "it took in a %s that can only have been made later, in record %d of %s", r.kind, w.Seq, w.name())
	}
}

// unsent tells of something taken in that no journal has as written.
func (c sentRule) unsent(rule string, e *entry, r receiptOf, stated *entry) {
	if !c.here(r.from) {
		return // told already: the journal is missing or bad
	}
	var audit *coproc.PublicKey
	switch r.kind {
	case bundle.KindCSSKey, bundle.KindCSRKey, bundle.KindStatement:
		audit = c.signedUnder(e)
	case bundle.KindShare:
		// A target installs a share only under the key that signed the statement.
		if stated != nil && c.stated(stated) != nil {
			audit = c.signedUnder(stated)
		}
	}
	c.missing(rule, e, c.makersAt(r.from, audit), "it took in %s %s, and the journal of %s does not have it as made", r.kind, e.Bundle.Short(), r.from.Name)
}

// wroteRight checks a record of a bundle that was made.
func (c sentRule) wroteRight(rule string, e *entry) {
	made := procedure.KindOf(e.Kind)
	d, err := journal.DataOf[journal.WrittenData](*e.Record)
	switch {
	case err != nil || e.Bundle == nil:
		c.fault(rule, e, "the record of a bundle that was made cannot be read")
		return
	case e.node == nil:
		return
	case made == nil || made.Maker != "" && made.Maker != e.node.Role:
		c.fault(rule, e, "it made a %s, which a %s node does not make", e.Kind, e.node.Role)
		return
	case c.written[*e.Bundle] != e:
		c.fault(rule, e, "the same %s was made before, in record %d of %s", e.Kind, c.written[*e.Bundle].Seq, c.written[*e.Bundle].name())
		return
	}
	if last := e.instance.counted[e.name()]; d.Sequence <= last {
		c.fault("order", e, "the %s has sequence number %d, and %d was used before", e.Kind, d.Sequence, last)
	}
	e.instance.counted[e.name()] = d.Sequence
	want := made.Answers
	if want == "" {
		return
	}
	q := c.written[d.Answers]
	switch {
	case q != nil && q.Kind != want:
		c.fault(rule, e, "the %s answers a %s, it should answer a %s", e.Kind, q.Kind, want)
	case q != nil && q.at > e.at:
		c.fault(rule, e, "the %s answers a %s that was made later", e.Kind, q.Kind)
	case !c.knewBefore(e, d.Answers):
		c.fault(rule, e, "the %s answers %s %s, which was not taken in here", e.Kind, want, d.Answers.Short())
	}
}

// knewBefore reports whether a bundle was taken in at the same coprocessor before.
func (c sentRule) knewBefore(e *entry, d coproc.Digest) bool {
	t := c.firstTaken[instanceDigest{e.instance, d}]
	return t != nil && t.at < e.at
}

// neverTaken tells of bundles on their way that nobody took in. Shares and
// receipts have rules of their own, and so has what is not finished.
func (c sentRule) neverTaken(rule string) {
	for _, e := range c.entries {
		if e.Event != journal.EventWritten || e.Bundle == nil || len(c.taken[*e.Bundle]) > 0 {
			continue
		}
		var to *plan.Node
		switch e.Kind {
		case bundle.KindCSSKey, bundle.KindCSRKey:
			to = c.admin
		case bundle.KindCSSCert, bundle.KindCSRCert, bundle.KindStatement:
			to = c.nodes[e.Peer]
		}
		if t := c.targets[e.Peer]; t != nil && t.key == nil && c.state(t) != HasKey {
			continue // target tells of it
		}
		if to != nil && c.here(to) && !c.voided(e) {
			c.find(Exception, rule, e, "the %s was never taken in at %s", e.Kind, to.Name)
		}
	}
}
