package transcript

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// replay is where everything stands when the timeline was gone through once: what
// the rules ask for.
type replay struct {
	*causality
	taken      map[coproc.Digest][]*entry // where a bundle was taken in
	firstTaken map[instanceDigest]*entry  // the first time that a coprocessor took it in
	copied     map[coproc.Digest][]*entry // of shares: the records of that
	copies     map[coproc.Digest][]string // carriers that it was handed to
	// sourceFamily is of the chip of the source, by a certificate; nil without one.
	sourceFamily *coproc.Family
	grants       map[string][]*grant // by node: certificates that the SA gave; the rule certificate fills them in
	sets         map[coproc.ShareSetID]*shareSet
	byPeer       map[string][]*shareSet // by target, oldest first
	shares       map[coproc.Digest]*share
	targets      map[string]*target
	superseded   map[instanceNode]*target // targets before they were set up anew
	done         map[rowKey]*entry        // tasks as they stand at the end

	sourceAfter   *journal.ActData // what acts left in the source's registers after its key was obtained
	sourceChanged *entry           // the act after which that key is not the current one any more
}

func replayOf(t *timeline) *replay {
	return &replay{
		causality: &causality{timeline: t, past: map[*instance]map[*instance]uint64{}},
		taken:     map[coproc.Digest][]*entry{}, firstTaken: map[instanceDigest]*entry{}, copied: map[coproc.Digest][]*entry{}, copies: map[coproc.Digest][]string{},
		grants: map[string][]*grant{}, sets: map[coproc.ShareSetID]*shareSet{}, byPeer: map[string][]*shareSet{}, shares: map[coproc.Digest]*share{},
		targets: map[string]*target{}, superseded: map[instanceNode]*target{}, done: map[rowKey]*entry{},
	}
}

// grant is a certificate that the SA gave.
type grant struct {
	entry       *entry
	certificate coproc.Certificate
}

// targetAt is what became of a target in one instance of its coprocessor; nil where
// the node is no target.
func (p *replay) targetAt(l *instance, name string) *target {
	t := p.targets[name]
	if t == nil || !l.superseded || t.node.Coprocessor != l.device {
		return t
	}
	k := instanceNode{l, name}
	if p.superseded[k] == nil {
		p.superseded[k] = &target{node: t.node}
	}
	return p.superseded[k]
}

// makerOf is the target that made a receipt, in the instance that did.
func (p *replay) makerOf(e *entry) *target {
	t := p.targets[e.Peer]
	if t == nil || e.Bundle == nil {
		return t
	}
	if w := p.written[*e.Bundle]; w != nil && w.name() == e.Peer {
		return p.targetAt(w.instance, e.Peer)
	}
	return t
}

// keySetter is the target that set the master key from a share set, in whatever
// instance; nil for none.
func (p *replay) keySetter(s *shareSet) *target {
	for _, t := range p.instancesOf(s.peer) {
		if t.key != nil && t.keySet == s {
			return t
		}
	}
	return nil
}

// instancesOf are all instances of a target, the one that counts last.
func (p *replay) instancesOf(name string) []*target {
	t := p.targets[name]
	if t == nil {
		return nil
	}
	var all []*target
	for _, l := range p.history[t.node.Coprocessor] {
		if f := p.superseded[instanceNode{l, name}]; f != nil {
			all = append(all, f)
		}
	}
	return append(all, t)
}

// state is what became of a target.
func (p *replay) state(t *target) TargetState {
	if t.key != nil && t.changed != nil {
		return ReplacedT
	}
	if t.key != nil || p.hasFormerKey(t) || !p.here(t.node) && len(t.receiptAt) > 0 {
		return HasKey
	}
	if p.revokedNow(t) {
		return RevokedT
	}
	if p.leftOut[t.node.Name] != nil {
		return LeftOutT
	}
	if sets := p.byPeer[t.node.Name]; len(sets) > 0 && sets[len(sets)-1].canceled != nil {
		return CanceledT
	}
	return OpenT
}

// hasFormerKey reports whether a target set the source's master key under another
// SA, and has it still.
func (p *replay) hasFormerKey(t *target) bool {
	e := p.formerKeys[t.node.Name]
	obtained := p.done[rowKey{p.source.Name, procedure.TaskObtainMasterKey, p.source.Name, 0}]
	return e != nil && t.changed == nil && obtained != nil && len(e.pattern) > 0 && bytes.Equal(e.pattern, obtained.Data)
}

// obtained is the record of the source's pattern; nil where it is not here.
func (p *replay) obtained() *entry {
	return p.done[rowKey{p.source.Name, procedure.TaskObtainMasterKey, p.source.Name, 0}]
}

// equal reports whether a target has the source's master key now: by its journal,
// the statement of its share set and each receipt of it that was taken in, of
// which there must be one.
func (p *replay) equal(t *target) bool {
	obtained := p.obtained()
	if obtained == nil || t.key == nil || t.changed != nil || string(t.key.Data) != string(obtained.Data) {
		return false
	}
	if t.keySet != nil && t.keySet.statement != nil && string(t.keySet.statement.Pattern[:]) != string(t.key.Data) {
		return false
	}
	for _, e := range t.receiptAt {
		d, err := journal.DataOf[journal.ReceiptData](*e.Record)
		if err == nil && string(d.Pattern[:]) != string(t.key.Data) {
			return false
		}
	}
	return len(t.receiptAt) > 0
}

// grantOf is where the SA's journal gives a certificate; nil where it is not.
func (p *replay) grantOf(node string, cert coproc.Certificate) *grant {
	for _, g := range p.grants[node] {
		if g.certificate.Digest() == cert.Digest() {
			return g
		}
	}
	return nil
}

// revokedNow reports whether the latest certificate of a target was taken back.
func (p *replay) revokedNow(t *target) bool {
	if t.revoked == nil {
		return false
	}
	d, err := journal.DataOf[journal.RevokeData](*t.revoked.Record)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(p.grants[t.node.Name], func(g *grant) bool {
		return g.certificate.Claims().Generation > d.Generation
	})
}

// replaced reports whether another coprocessor has the place of the one with an
// audit key, or, of a target, whether all of its certificates were taken back.
func (p *replay) replaced(n *plan.Node, audit coproc.PublicKey) bool {
	var own, others uint32
	for _, cert := range p.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Audit == audit {
			own = max(own, claims.Generation)
		} else {
			others = max(others, claims.Generation)
		}
	}
	t := p.targets[n.Name]
	return others > own || t != nil && t.revoked != nil && t.upTo >= own
}

// late reports whether a target set the master key from a set before it knew
// that the set is void.
func (p *replay) late(t *target, s *shareSet) bool {
	return t.key != nil && t.keySet == s && (s.atTarget == nil || t.key.at < s.atTarget.at)
}

// voided reports whether a statement is of a share set that was cancelled.
func (p *replay) voided(e *entry) bool {
	if e.Kind != bundle.KindStatement {
		return false
	}
	return slices.ContainsFunc(p.byPeer[e.Peer], func(s *shareSet) bool { return s.written == e && s.canceled != nil })
}

// voidStatement is the set of a statement, if it was cancelled.
func (p *replay) voidStatement(digest coproc.Digest, peer string) *shareSet {
	for _, s := range p.byPeer[peer] {
		if s.written != nil && s.written.Bundle != nil && *s.written.Bundle == digest && s.canceled != nil {
			return s
		}
	}
	return nil
}

// accounted reports whether remarks say what became of a share: each copy of it
// was handed out before one of them, or each has one of its own.
func (p *replay) accounted(sh *share) bool {
	copied := len(p.copied[*sh.written.Bundle])
	return len(sh.remarks) > 0 && !sh.loose || copied > 0 && len(sh.copies) == copied
}

// looseCopies are the copies of a share that no remark accounts for, from 1,
// where they are more than what became of the share tells: one that was
// installed, or that a remark about the share is about.
func (p *replay) looseCopies(sh *share) (loose []int) {
	for n := range p.copied[*sh.written.Bundle] {
		if !slices.Contains(sh.copies, n+1) {
			loose = append(loose, n+1)
		}
	}
	told := 0
	if sh.installed != nil || len(sh.remarks) > 0 {
		told = 1
	}
	if len(loose) <= told {
		return nil
	}
	return loose
}

// missing tells of something that a record took in and that no journal of its
// maker has: a fault where each of them must have it, open where one may have
// been handed out before, or is not here, and an exception where that one is
// lost.
func (p *replay) missing(rule string, e *entry, m makers, format string, a ...any) {
	if p.numberedBefore(e.Bundle) {
		p.fault(rule, e, format, a...)
		return
	}
	m = p.signedBy(e.Bundle, m)
	lost, text := "", fmt.Sprintf(format, a...)
	for _, g := range m.absent {
		if p.lost[g.audit] == nil {
			p.find(Open, "journal-missing", e, "%s: %s is not here", text, g.name())
			return
		}
		lost = g.name()
	}
	for _, l := range m.here {
		switch {
		case p.covers(l, e):
		case p.lost[l.auditor] == nil && p.keeperLost(e, m):
			lost = fmt.Sprintf("the store that %s had under certificate %d", e.name(), e.instance.generation)
		case p.lost[l.auditor] == nil:
			p.find(Open, "journal-end", e, "%s: bring a newer journal of %s%s%s", text, m.node.Name, p.ifEnded(l), p.orItself(e, m))
			return
		default:
			lost = fmt.Sprintf("the end of the journal that %s had under certificate %d", m.node.Name, l.generation)
		}
	}
	if lost == "" {
		p.fault(rule, e, "%s", text)
		return
	}
	p.find(Exception, "lost", e, "%s; %s, which may have it, is lost", text, lost)
}

// keeperLost reports whether a bundle that tells which journal has it can be had no
// more: whoever took it in was set up anew, and the auditor said that what was there is
// lost.
func (p *replay) keeperLost(e *entry, m makers) bool {
	return p.tellsItself(e, m) && p.current[e.instance.device] != e.instance && p.lost[e.instance.auditor] != nil
}

// orItself says that a bundle which was taken in, and is not here, tells by its
// signature which of several journals of its maker must have it: what was made before a
// coprocessor was set up anew, no newer journal has. Whoever took it in keeps it.
func (p *replay) orItself(e *entry, m makers) string {
	if !p.tellsItself(e, m) {
		return ""
	}
	text := fmt.Sprintf("; or, if %s made it before it was set up anew, the %s itself, which tells that", m.node.Name, e.Kind)
	if p.current[e.instance.device] != e.instance {
		return text + p.ifLost(e.node, e.instance.auditor)
	}
	return text + fmt.Sprintf(": `gapferry resend --kind %s` at %s", e.Kind, e.name())
}

// tellsItself reports whether one of several journals has a bundle that was taken in,
// and the bundle, which is not here, tells which.
func (p *replay) tellsItself(e *entry, m makers) bool {
	kind := procedure.KindOf(e.Kind)
	return e.Bundle != nil && p.bundles[*e.Bundle] == nil && kind != nil && kind.HandedOn && len(m.here)+len(m.absent) > 1
}

// ifEnded says what to do where nothing newer of a journal can be had; empty
// for the one that a coprocessor still writes.
func (p *replay) ifEnded(l *instance) string {
	for _, n := range l.nodes {
		if p.generationOf(n, l.auditor) > 0 && n != p.admin && p.replaced(n, l.auditor) {
			return fmt.Sprintf(", from certificate %d", l.generation) + p.ifLost(n, l.auditor)
		}
	}
	return ""
}

// ifLost says what to do about a journal that cannot be had any more: what an
// officer types, and where.
func (p *replay) ifLost(n *plan.Node, audit coproc.PublicKey) string {
	generation := p.generationOf(n, audit)
	switch {
	case p.replaced(n, audit):
		return fmt.Sprintf(". If it cannot be had any more, the auditor says so at %s (gapferry journal note --profile %s --lost %s --certificate %d --text TEXT) and hands that journal out again (gapferry journal export)",
			p.admin.Name, p.admin.Officers.Audit, n.Name, generation)
	case n.Role == coproc.CSR:
		return fmt.Sprintf(". If that coprocessor is lost: certify the one that has its place, or take its certificate back, both at %[1]s (gapferry phase 3b --renew %[2]s; gapferry revoke --node %[2]s --reason TEXT), and hand that journal out again (gapferry journal export)", p.admin.Name, n.Name)
	}
	return ""
}
