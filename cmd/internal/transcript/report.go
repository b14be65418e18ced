package transcript

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// report says what the rules came to.
type report struct{ *replay }

// result fills in what the checks have found.
func (c report) result() *Result {
	r := &Result{Plan: c.plan, Hash: c.hash, Digest: c.file.Digest(), Findings: c.findings.sorted(), dropped: c.findings.dropped()}
	if c.plan == nil {
		return r
	}
	r.Journals = c.journalList()
	r.Rows = c.table2()
	r.Pattern = c.pattern()
	if c.sourceFamily != nil {
		r.Assurance = c.sourceFamily.Assurance(c.plan.Source().Name)
	}
	if c.sourceChanged != nil {
		r.Now = c.sourceAfter.Current.String()
	}
	for _, n := range c.plan.Targets() {
		r.Targets = append(r.Targets, c.fillTarget(c.targets[n.Name]))
	}
	r.Bundles = c.bundleTraces()
	for _, e := range c.entries {
		m := c.timelineEntry(e)
		r.Timeline = append(r.Timeline, m)
		switch e.Event {
		case journal.EventAct, journal.EventFound, journal.EventCleared, journal.EventCanceled, journal.EventRevoked:
			r.Acts = append(r.Acts, m)
		}
	}
	return r
}

func (c report) timelineEntry(e *entry) TimelineEntry {
	m := TimelineEntry{RecordRef: e.ref(), Event: e.Event, Profile: e.Profile, Person: c.persons[e.Profile], Text: e.instance.when() + c.what(e), Plain: true}
	if e.Event == journal.EventTask && e.Text != "" {
		m.Text += ": " + e.Text
	}
	switch marked := e.marked - 1; marked {
	case Fault, Exception:
		m.Severity, m.Plain = marked, false
	}
	return m
}

// table2 is Table 2, filled in.
func (c report) table2() []Row {
	var rows []Row
	for _, duty := range c.plan.Responsibilities() {
		row := Row{Responsibility: duty, State: RowOpen}
		e := c.done[rowKey{duty.Node, duty.Task, duty.Subject, duty.Share}]
		t := c.targets[duty.Subject]
		switch {
		case e != nil:
			row.State, row.By, row.Ref, row.Result = RowDone, e.Profile, e.ref(), e.Text
			if duty.Task == procedure.TaskObtainShares && c.wasGivenUp(duty.Subject, e) {
				row.State = RowGivenUp
			}
		case t == nil:
		case duty.Task == procedure.TaskInstallShares && t.key != nil, duty.Task == procedure.TaskInstallShares && c.state(t) == HasKey:
			row.State = RowUnneeded
		case c.state(t) == CanceledT, c.state(t) == RevokedT, c.state(t) == LeftOutT:
			row.State = RowCanceled
		}
		rows = append(rows, row)
	}
	return rows
}

func (c report) wasGivenUp(target string, e *entry) bool {
	for _, s := range c.byPeer[target] {
		if s.givenUp[e.Share] == e {
			return true
		}
	}
	return false
}

func (c report) fillTarget(t *target) Target {
	name := t.node.Name
	x := Target{
		Node: name, State: c.state(t), Certificates: len(c.grants[name]),
		Canceled: c.cancellations(t), Shares: c.shareOutcomes(t), Compared: t.compared,
	}
	if t.revoked != nil {
		if d, err := journal.DataOf[journal.RevokeData](*t.revoked.Record); err == nil {
			x.Revoked = d.Reason
		}
	}
	if t.receipt != nil {
		x.Receipt = t.receipt.ref()
	}
	for _, e := range t.receiptAt {
		x.ReceiptAt = append(x.ReceiptAt, e.ref())
		if d, err := journal.DataOf[journal.ReceiptData](*e.Record); err == nil && t.key == nil {
			x.Pattern = d.Pattern.String()
		}
	}
	if t.key != nil {
		x.Pattern = patternText(t.key.Data)
	}
	if t.changed != nil {
		x.Pattern = ""
		if t.after.Current.State == coproc.Full {
			x.Pattern = t.after.Current.Pattern.String()
		}
	}
	x.Equal = c.equal(t)
	return x
}

func patternText(b []byte) string {
	var p coproc.Pattern
	if copy(p[:], b) != len(p) {
		return ""
	}
	return p.String()
}

// bundleTraces lists every bundle that a journal has as made.
func (c report) bundleTraces() []BundleTrace {
	good := map[coproc.Digest]bool{}
	for _, b := range c.carried {
		good[b.digest] = b.good
	}
	var ways []BundleTrace
	for _, e := range c.entries {
		if e.Event != journal.EventWritten || e.Bundle == nil || c.written[*e.Bundle] != e {
			continue
		}
		w := BundleTrace{
			Digest: *e.Bundle, Kind: e.Kind, From: e.name(), Peer: e.Peer, Share: e.Share,
			Written: e.ref(), Copies: c.copies[*e.Bundle], Evidence: good[*e.Bundle],
		}
		for _, t := range c.taken[*e.Bundle] {
			w.Received = append(w.Received, t.ref())
		}
		switch e.Kind {
		case bundle.KindShare:
			w.Void = c.shares[*e.Bundle] != nil && c.shares[*e.Bundle].set.canceled != nil
		case bundle.KindStatement:
			w.Void = c.voided(e)
		}
		ways = append(ways, w)
	}
	return ways
}

// pattern is the source's, in hex.
func (c report) pattern() string {
	if e := c.obtained(); e != nil {
		return fmt.Sprintf("%x", e.Data)
	}
	return ""
}

// journalList says of each coprocessor's journal what the result has of it.
func (c report) journalList() []Journal {
	var list []Journal
	for i := range c.plan.Coprocessors {
		list = append(list, c.journalsOf(&c.plan.Coprocessors[i])...)
	}
	return list
}

// journalsOf are the journals of a coprocessor for the result.
func (c report) journalsOf(d *plan.Coprocessor) []Journal {
	j := Journal{Coprocessor: d.Name, Missing: true}
	for _, n := range c.nodesAt[d.Name] {
		j.Nodes = append(j.Nodes, n.Name)
	}
	var list []Journal
	for _, g := range c.absent[d.Name] {
		missing := j
		if c.current[d.Name] != nil {
			missing.Nodes = []string{g.node.Name + " (old)"}
			if g.generation > c.current[d.Name].generation {
				missing.Nodes[0] = g.node.Name + " (new)"
			}
		}
		if e := c.lost[g.audit]; e != nil {
			missing.Lost = c.saidBy(e)
		}
		list = append(list, missing)
	}
	if len(list) == 0 && len(c.history[d.Name]) == 0 {
		if e := c.leftOutAt(d.Name); e != nil {
			j.LeftOut = c.saidBy(e)
		}
		return []Journal{j}
	}
	for _, l := range c.history[d.Name] {
		whole := j.filled(l)
		if e := c.lost[l.auditor]; e != nil {
			whole.Lost = c.saidBy(e)
		}
		list = append(list, whole)
	}
	return list
}

// cancellations are the void sets of a target.
func (c report) cancellations(t *target) []Cancellation {
	var all []Cancellation
	for _, s := range c.byPeer[t.node.Name] {
		if s.canceled == nil {
			continue
		}
		holder := c.keySetter(s)
		x := Cancellation{ShareSet: s.id.String(), Ref: s.canceled.ref(), Late: holder != nil && c.late(holder, s)}
		if d, err := journal.DataOf[journal.CancelData](*s.canceled.Record); err == nil {
			x.By, x.Reason = d.By, d.Reason
		}
		for _, e := range s.known {
			x.TakenIn = append(x.TakenIn, e.ref())
		}
		all = append(all, x)
	}
	return all
}

// shareOutcomes says what became of the shares for a target: of its latest set first.
func (c report) shareOutcomes(t *target) []ShareOutcome {
	sets := slices.Clone(c.byPeer[t.node.Name])
	slices.Reverse(sets)
	var all []ShareOutcome
	for k, s := range sets {
		for i := 1; i <= c.plan.N; i++ {
			all = append(all, c.shareOutcome(t, s, i, k > 0 || s.canceled != nil))
		}
	}
	return all
}

func (c report) shareOutcome(t *target, s *shareSet, i int, void bool) ShareOutcome {
	f := ShareOutcome{Index: i, ShareSet: s.id.String(), Void: void, State: ShareOpen}
	sh := s.shares[i]
	if up := s.givenUp[i]; up != nil && sh == nil {
		f.State, f.Officer, f.Obtained = ShareGivenUp, up.Profile, up.ref()
	}
	if sh == nil {
		return f
	}
	f.Officer, f.Obtained, f.Copies = sh.written.Profile, sh.written.ref(), c.copies[*sh.written.Bundle]
	for _, e := range sh.remarks {
		f.Account = fmt.Sprintf("%s (%s, record %d of %s)", e.Text, e.Profile, e.Seq, e.name())
	}
	switch {
	case sh.installed != nil:
		f.State, f.Installer, f.Installed = ShareInstalled, sh.installed.Profile, sh.installed.ref()
	case c.accounted(sh):
		f.State = ShareLost
	case len(f.Copies) == 0:
		f.State = ShareKept
	case t.key != nil && t.keySet == s:
		f.State = ShareSpare
	default:
		f.State = ShareUnaccounted
	}
	return f
}
