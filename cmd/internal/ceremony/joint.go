package ceremony

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// jointAct is an act that two officers do: one asks for it, saying why, another
// confirms, and until then the first can withdraw. Each is logged on for their
// half alone, the journal has every half, and the same call again goes on.
//
// S is what the coprocessor has to be able to do, D what the journal keeps.
type jointAct[S, D any] struct {
	node    *plan.Node
	asked   func() *journal.Record // the open request, or nil
	because func(D) string
	needs   string // what a coprocessor that is no S cannot do

	// propose says what is to be asked for. The coprocessor may have done it
	// already, and no record says who asked: they were told yes with another program.
	propose func(r *run, reason string) (d D, found bool, err error)
	// foundSeen says that who asks sees, and says yes to, what was found done, too.
	foundSeen bool
	can       func(r *run) error     // refuses what the coprocessor would
	done      func(r *run, d D) bool // the coprocessor did it before an interruption
	facts     func(r *run, d D, asked *journal.Record) [][2]string
	doneNote  string // tells an officer of that

	ask, confirm, withdraw half[S, D]
	nothing                string                // refuses to withdraw what nobody asked for; %s is the node
	unfinished             func() error          // refuses to withdraw what is done
	withdrawn              func(at string) error // refuses to confirm what was withdrawn
}

// half is what one of the two officers does, or the first who withdraws.
type half[S, D any] struct {
	task procedure.TaskID
	act  string           // what is said yes to
	at   string           // what stands before an error
	with string           // what it is compared with; of the first half, up to who confirms
	text func(d D) string // for the journal, before who asked or why
	do   func(s S, d D) error
}

// joint is a request that was made at least: what it is about, and who confirmed
// it, empty for nobody.
type joint[D any] struct {
	asked       journal.Record
	data        D
	confirmedBy string
}

// run does what is still open: it asks, and has it confirmed.
func (a jointAct[S, D]) run(n *Node, reason string, desk Desk) (j joint[D], err error) {
	if a.asked() == nil {
		if err := a.doAsk(n, reason, desk); err != nil {
			return j, err
		}
	}
	if j, err = a.open(); err != nil {
		return j, err
	}
	if because := a.because(j.data); reason != "" && reason != because {
		return j, refusal.New(refusal.CodeReason, "%s asked for it already, and the reason is %q: to give another one, withdraw the request first, with --withdraw",
			n.Plan().Officer(j.asked.Profile), because)
	}
	j.confirmedBy = OfficerOf(a.confirm.task)(a.node)
	return j, a.doConfirm(n, j, desk)
}

// open is the request that nobody has confirmed yet.
func (a jointAct[S, D]) open() (j joint[D], err error) {
	j.asked = *a.asked()
	j.data, err = journal.DataOf[D](j.asked)
	return j, err
}

// by has the officer of one half log on to do it.
func (a jointAct[S, D]) by(n *Node, h half[S, D], desk Desk, do func(*run, S) error) error {
	return n.withOfficer(a.node, OfficerOf(h.task)(a.node), h.act, desk, func(r *run) error {
		s, err := capability[S](r.session, a.needs)
		if err != nil {
			return err
		}
		return do(r, s)
	})
}

// doAsk is the first half: it changes nothing but that somebody may confirm.
func (a jointAct[S, D]) doAsk(n *Node, reason string, desk Desk) error {
	if err := bundle.CheckReason(reason); err != nil {
		return refusal.New(refusal.CodeReason, "%w: say with --reason why, in one line", err)
	}
	h := a.ask
	return a.by(n, h, desk, func(r *run, s S) error {
		d, found, err := a.propose(r, reason)
		if err != nil {
			return refusal.Wrap(err, "%s", h.at)
		}
		if !found || a.foundSeen {
			with := h.with + r.who(OfficerOf(a.confirm.task)(a.node)) + " confirms"
			if err := r.saysYes(Confirmation{Act: h.act, Facts: a.facts(r, d, nil), With: with}); err != nil {
				return err
			}
		}
		if found {
			r.progress(Note, "", 0, "%s", a.doneNote)
			return recordHalf(r, h, d, ", found done: "+reason)
		}
		if err := h.do(s, d); err != nil {
			return refusal.Wrap(err, "%s", h.at)
		}
		return recordHalf(r, h, d, ": "+reason)
	})
}

// doConfirm is the second half, by another officer: then it is done.
func (a jointAct[S, D]) doConfirm(n *Node, j joint[D], desk Desk) error {
	h := a.confirm
	return a.by(n, h, desk, func(r *run, s S) error {
		end := ", as " + j.asked.Profile + " asked: " + a.because(j.data)
		if a.done(r, j.data) {
			r.progress(Note, "", 0, "%s", a.doneNote)
			return recordHalf(r, h, j.data, end)
		}
		if err := a.can(r); err != nil {
			return refusal.Wrap(err, "%s", h.at)
		}
		if r.info.Unregister == nil {
			return a.withdrawn(h.at)
		}
		if err := r.saysYes(Confirmation{Act: h.act, Facts: a.facts(r, j.data, &j.asked), With: h.with}); err != nil {
			return err
		}
		if err := h.do(s, j.data); err != nil {
			return refusal.Wrap(err, "%s", h.at)
		}
		return recordHalf(r, h, j.data, end)
	})
}

// end has the officer who asked withdraw it.
func (a jointAct[S, D]) end(n *Node, desk Desk) (j joint[D], err error) {
	if a.asked() == nil {
		return j, refusal.New(refusal.CodeOrder, a.nothing, a.node.Name)
	}
	if j, err = a.open(); err != nil {
		return j, err
	}
	h := a.withdraw
	return j, a.by(n, h, desk, func(r *run, s S) error {
		if a.done(r, j.data) {
			return a.unfinished()
		}
		if err := r.saysYes(Confirmation{Act: h.act, Facts: a.facts(r, j.data, &j.asked)}); err != nil {
			return err
		}
		if err := h.do(s, j.data); err != nil {
			return refusal.Wrap(err, "%s", h.at)
		}
		return recordHalf(r, h, j.data, "")
	})
}

// saysYes has the officer of a half say yes to it.
func (r *run) saysYes(c Confirmation) error {
	if err := r.desk.Confirm(c); err != nil {
		return notConfirmed(err, c.Act)
	}
	return nil
}

// recordHalf keeps a half in the journal, and tells it.
func recordHalf[S, D any](r *run, h half[S, D], d D, end string) error {
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	text := h.text(d) + end
	if err := r.record(journal.Record{Event: journal.EventAct, Node: r.node.Name, Task: h.task, Text: text, Data: data}); err != nil {
		return err
	}
	r.progress(Done, "", 0, "%s", text)
	return nil
}
