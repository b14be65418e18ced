package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// shareRule checks each share, and tells which are still out.
type shareRule struct{ *replay }

// check checks that each share that was installed is one of the statement
// that its target had taken in, and tells which shares are still out.
func (c shareRule) check() {
	const rule = "shares"
	set := map[instanceNode]*shareSet{} // of the statement that a target took in last
	for _, e := range c.entries {
		switch {
		case e.is(journal.EventReceived, bundle.KindStatement):
			if s := c.stated(e); s != nil {
				set[e.place()] = c.sets[s.ShareSet]
			}
		case e.isTask(procedure.TaskInstallShares) && e.Bundle != nil:
			sh, want := c.shares[*e.Bundle], set[e.place()]
			switch {
			case sh == nil || want == nil:
				// sent-received and order tell of it
			case sh.set != want:
				c.fault(rule, e, "share %d is of share set %s, the statement of set %s", sh.index, short(sh.set.id), short(want.id))
			case want.statement != nil && (sh.index > len(want.statement.Shares) || sh.payload != want.statement.Shares[sh.index-1]):
				c.fault(rule, e, "share %d is not the one that the statement has", sh.index)
			}
		case e.is(journal.EventWritten, bundle.KindShare) && e.Bundle != nil:
			if sh := c.shares[*e.Bundle]; sh == nil || sh.written != e {
				c.fault(rule, e, "share %d of this share set was made before", e.Share)
			} else if sh.payload.IsZero() {
				c.fault(rule, e, "the record of share %d has no digest of it", e.Share)
			}
		case e.Event == journal.EventCopied && e.Kind == bundle.KindShare && e.Bundle != nil:
			c.copiedShare(rule, e)
		case e.is(journal.EventCopied, bundle.KindStatement) && e.Bundle != nil:
			if s := c.voidStatement(*e.Bundle, e.Peer); s != nil && c.happenedBefore(s.canceled, e) {
				c.fault("cancel", e, "the statement of set %s was handed out after the set was cancelled in record %d", short(s.id), s.canceled.Seq)
			}
		}
	}
	for _, t := range c.plan.Targets() {
		for _, s := range c.byPeer[t.Name] {
			c.unaccounted(rule, s)
			c.secondCopies(rule, s)
		}
		c.gathered(rule, t)
	}
}

// copiedShare checks that nothing of a void set is handed out.
func (c shareRule) copiedShare(rule string, e *entry) {
	sh := c.shares[*e.Bundle]
	switch {
	case sh == nil:
		c.fault(rule, e, "it handed out a share that was never made here")
	case sh.set.canceled != nil && sh.set.canceled.at < e.at:
		c.fault("cancel", e, "share %d of set %s was handed out after the set was cancelled in record %d", sh.index, short(sh.set.id), sh.set.canceled.Seq)
	}
}

// unaccounted tells of the shares of a set that were handed out, not installed,
// and that no remark accounts for.
func (c shareRule) unaccounted(rule string, s *shareSet) {
	var out []string
	var last *entry
	for i := 1; i <= c.plan.N; i++ {
		sh := s.shares[i]
		if sh != nil && sh.installed == nil && !c.accounted(sh) && len(c.copies[*sh.written.Bundle]) > 0 {
			out, last = append(out, fmt.Sprint(i)), sh.written
		}
	}
	if last == nil || !c.here(c.nodes[s.peer]) {
		return
	}
	what := "and not installed"
	if s.canceled != nil {
		what = "and the set was cancelled"
	}
	shares, were := "share", "was"
	if len(out) > 1 {
		shares, were = "shares", "were"
	}
	c.find(Exception, rule, last, "%s %s for %s (set %s) %s handed out %s; no remark says what became of it",
		shares, strings.Join(out, ", "), s.peer, short(s.id), were, what)
}

// secondCopies tells of shares that were handed out more than once, where no
// remark says what became of each copy but the one that was used.
func (c shareRule) secondCopies(rule string, s *shareSet) {
	for i := 1; i <= c.plan.N; i++ {
		sh := s.shares[i]
		if sh == nil || len(c.copied[*sh.written.Bundle]) < 2 || sh.installed == nil && !c.accounted(sh) {
			continue // outstanding tells of it
		}
		loose := c.looseCopies(sh)
		if len(loose) == 0 {
			continue
		}
		var where []string
		for _, n := range loose {
			where = append(where, fmt.Sprintf("copy %d to %s", n, c.copied[*sh.written.Bundle][n-1].Text))
		}
		c.find(Exception, rule, sh.written, "share %d for %s (set %s) was handed out %d times (%s); no remark says what became of each but one: gapferry journal note --target %s --share %d --copy N",
			i, s.peer, short(s.id), len(c.copied[*sh.written.Bundle]), strings.Join(where, ", "), s.peer, i)
	}
}

// gathered tells of carriers that had more than one share for a target, where
// the plan has shares apart. A screen keeps nothing.
func (c shareRule) gathered(rule string, t *plan.Node) {
	if c.plan.SharesTogether {
		return
	}
	for _, s := range c.byPeer[t.Name] {
		on := map[string]int{}
		var databases []string
		if s.written != nil && s.written.Bundle != nil {
			databases = c.copies[*s.written.Bundle]
		}
		for i := 1; i <= c.plan.N; i++ {
			if s.shares[i] == nil {
				continue
			}
			for _, carrier := range c.copies[*s.shares[i].written.Bundle] {
				if first := on[carrier]; first != 0 && carrier != bundle.ScreenCarrier {
					c.find(Exception, rule, s.shares[i].written, "shares %d and %d for %s were handed to carriers of one name, %s: if it was one medium, they were not apart, as the plan has them", first, i, t.Name, carrier)
				}
				if on[carrier] = i; carrier != bundle.ScreenCarrier && slices.Contains(databases, carrier) {
					c.find(Exception, rule, s.shares[i].written, "share %d for %s and its statement were handed to carriers of one name, %s: if it was one medium, the share lay on the stick with the databases", i, t.Name, carrier)
				}
			}
		}
	}
}
