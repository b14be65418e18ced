package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// result fills in what the checks have found.
func (c *checker) result() *Result {
	r := &Result{Plan: c.plan, Hash: c.hash, Digest: c.file.Digest(), Findings: c.findings.sorted(), dropped: c.findings.dropped()}
	if c.plan == nil {
		return r
	}
	r.Journals = c.journalList()
	r.Rows = c.rows()
	r.Pattern = c.pattern()
	if c.sourceChanged != nil {
		r.Now = c.sourceAfter.Current.String()
	}
	for _, n := range c.plan.Targets() {
		r.Targets = append(r.Targets, c.fillTarget(c.targets[n.Name]))
	}
	r.Bundles = c.ways()
	for _, e := range c.entries {
		m := c.moment(e)
		r.Timeline = append(r.Timeline, m)
		switch e.Event {
		case journal.EventAct, journal.EventFound, journal.EventCleared, journal.EventCanceled, journal.EventRevoked:
			r.Acts = append(r.Acts, m)
		}
	}
	return r
}

func (c *checker) moment(e *entry) Moment {
	m := Moment{Ref: c.ref(e), Event: e.Event, Profile: e.Profile, Person: c.persons[e.Profile], Text: e.life.when() + c.what(e), Plain: true}
	if e.Event == journal.EventTask && e.Text != "" {
		m.Text += ": " + e.Text
	}
	switch marked := e.marked - 1; marked {
	case Fault, Exception:
		m.Weight, m.Plain = marked, false
	}
	return m
}

// rows is Table 2, filled in.
func (c *checker) rows() []Row {
	var rows []Row
	for _, duty := range c.plan.Responsibilities() {
		row := Row{Responsibility: duty, State: RowOpen}
		e := c.done[rowKey{duty.Node, duty.Task, duty.Subject, duty.Share}]
		t := c.targets[duty.Subject]
		switch {
		case e != nil:
			row.State, row.By, row.Ref, row.Result = RowDone, e.Profile, c.ref(e), e.Text
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

func (c *checker) wasGivenUp(target string, e *entry) bool {
	for _, s := range c.byPeer[target] {
		if s.givenUp[e.Share] == e {
			return true
		}
	}
	return false
}

func (c *checker) fillTarget(t *target) Target {
	name := t.node.Name
	x := Target{
		Node: name, State: c.state(t), Certificates: len(c.grants[name]),
		Canceled: c.cancellations(t), Shares: c.fates(t), Compared: t.compared,
	}
	if t.revoked != nil {
		if d, err := journal.DataOf[journal.RevokeData](*t.revoked.Record); err == nil {
			x.Revoked = d.Reason
		}
	}
	if t.receipt != nil {
		x.Receipt = c.ref(t.receipt)
	}
	for _, e := range t.receiptAt {
		x.ReceiptAt = append(x.ReceiptAt, c.ref(e))
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

// equal reports whether a target has the source's master key now: by its journal,
// the statement of its share set and each receipt of it that was taken in, of
// which there must be one.
func (c *checker) equal(t *target) bool {
	obtained := c.obtained()
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

func patternText(b []byte) string {
	var p coproc.Pattern
	if copy(p[:], b) != len(p) {
		return ""
	}
	return p.String()
}

// ways lists every bundle that a journal has as made.
func (c *checker) ways() []Way {
	good := map[coproc.Digest]bool{}
	for _, b := range c.carried {
		good[b.digest] = b.good
	}
	var ways []Way
	for _, e := range c.entries {
		if e.Event != journal.EventWritten || e.Bundle == nil || c.written[*e.Bundle] != e {
			continue
		}
		w := Way{
			Digest: *e.Bundle, Kind: e.Kind, From: e.name(), Peer: e.Peer, Share: e.Share,
			Written: c.ref(e), Copies: c.copies[*e.Bundle], Evidence: good[*e.Bundle],
		}
		for _, t := range c.taken[*e.Bundle] {
			w.Received = append(w.Received, c.ref(t))
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
