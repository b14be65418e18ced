package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// ErrNoAnswer is returned by a Desk when nobody answers.
var ErrNoAnswer = errors.New("no answer was given")

// maxAttempts is how often an officer is asked again in one run.
const maxAttempts = 3

// Options say how a phase is done.
type Options struct {
	Incoming []bundle.Incoming
	// Deliver hands a bundle to a carrier and says to which one and how. It may
	// be called again for the same bundle, and then name no carrier: the bundle
	// is out already.
	Deliver func(bundle.Outgoing) (bundle.Delivery, error)
	Task    procedure.TaskID // only this row of Table 2; empty for all
	Shares  []int            // only these shares; empty for all
	GiveUp  []int            // shares that will not be obtained
	Targets []string         // only these targets; empty for all
	Renew   []string         // source or targets that may be certified again
}

// Result is what a phase did.
type Result struct {
	Phase    procedure.PhaseID `json:"phase"`
	Node     string            `json:"node"`
	Complete bool              `json:"complete"`
	Written  []Carried         `json:"written"`
	Waiting  []string          `json:"waiting,omitempty"` // what is still open, in words
	Targets  []Equality        `json:"targets,omitempty"` // phase 3d: what was compared
	Refused  []string          `json:"refused,omitempty"` // bundles that were not used, in words
	// Did says that something was done in this run, however it ended: it is in the
	// journal, or was handed out.
	Did bool `json:"-"`
	// Before says that a task of the phase was done before this run.
	Before bool `json:"-"`
	// Cancelled is the cancel that Cancel handed out again: nothing was there to
	// be voided.
	Cancelled *Cancelled `json:"cancelled_before,omitempty"`
}

// Carried is a bundle that was put on a carrier.
type Carried struct {
	Kind    bundle.Kind `json:"kind"`
	Folder  string      `json:"folder"`
	Name    string      `json:"name"`
	Share   int         `json:"share,omitempty"`
	Digest  string      `json:"digest"`
	Copy    int         `json:"copy,omitempty"` // of a share: the how manyth that was handed out, from 1
	Carrier string      `json:"carrier"`
	How     string      `json:"how"`
}

// Equality compares a target's master key with the source's.
type Equality struct {
	Name     string `json:"target"`
	Pattern  string `json:"pattern"`
	Expected string `json:"expected"`
	Equal    bool   `json:"equal"`
	// LoggedOn says that the pattern was read from the register. Where nobody
	// had to log on it is the journal's.
	LoggedOn bool `json:"logged_on"`
}

// run is one phase at work, or one act outside of the phases: an officer's
// session, what came in and what goes out, and what all phases ask. What a single
// phase carries from step to step is in a type of its own, beside its steps.
type run struct {
	*officerSession
	*intake
	*dispatch
	*clockWatch
	*certificates

	cleared bool // phase 3d: shares that were installed are gone, and were found so in this run
}

// newRun puts the parts of a run together. Nothing is asked or refused yet.
func (n *Node) newRun(phase *procedure.PhaseInfo, node *plan.Node, o Options, desk Desk) *run {
	s := &officerSession{n: n, phase: phase, node: node, opts: o, desk: &witness{Desk: desk}, result: &Result{}}
	in := &intake{officerSession: s}
	r := &run{
		officerSession: s, intake: in, dispatch: &dispatch{s},
		clockWatch: &clockWatch{intake: in}, certificates: &certificates{in},
	}
	s.before, s.welcome = r.officersFirst, r.afterLogOn
	return r
}

// errStop ends a run after the one task that was asked for.
var errStop = errors.New("the task asked for is done")

// RunPhase does a phase at this store's node: each task by its officer, what
// was done before left alone, its bundles handed to Options.Deliver. A refusal
// is a *Refusal and is kept in the journal. The same call again goes on where
// this one ended.
func (n *Node) RunPhase(id procedure.PhaseID, opts Options, desk Desk) (result *Result, err error) {
	r, err := n.newPhase(id, opts, desk)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := r.logOff(); err == nil && closing != nil {
			err = refusal.Wrap(closing, "log off")
		}
	}()
	if err = r.order(); err == nil {
		r.classify()
		err = r.noticesFirst()
	}
	if err == nil {
		err = phases[id].walk(r)
	}
	if errors.Is(err, errStop) {
		err = nil
	}
	if err != nil {
		return r.result, r.refused(err)
	}
	r.result.Complete = len(r.result.Waiting) == 0 && r.opts.Task == ""
	return r.result, nil
}

// newPhase prepares a phase. A wrong room, and options that the plan does not have,
// are refused.
func (n *Node) newPhase(id procedure.PhaseID, opts Options, desk Desk) (*run, error) {
	info := procedure.Phase(id)
	if info == nil {
		return nil, refusal.New(refusal.CodeNotHere, "there is no phase %q", id)
	}
	node, err := n.Here(info.Role)
	if err != nil {
		return nil, n.elsewhere(err)
	}
	r := n.newRun(info, node, opts, desk)
	r.result.Phase, r.result.Node, r.result.Written = id, node.Name, []Carried{}
	for _, row := range n.Plan().Responsibilities() {
		if row.Phase == id && row.Node == node.Name && r.doneBefore(row) {
			r.result.Before = true
		}
	}
	return r, r.check()
}

// check refuses options that name what the plan does not have.
func (r *run) check() error {
	for _, t := range r.opts.Targets {
		if p := r.n.Plan().Node(t); p == nil || p.Role != coproc.CSR {
			return refusal.New(refusal.CodeNotHere, "%q is not a target of the plan", t)
		}
	}
	for _, i := range append(slices.Clone(r.opts.Shares), r.opts.GiveUp...) {
		if i < 1 || i > r.n.Plan().N {
			return refusal.New(refusal.CodeShareIndex, "there is no share %d: the plan has shares 1 to %d", i, r.n.Plan().N)
		}
	}
	return r.checkRenew()
}

// refused keeps a refusal in the journal and returns it.
func (r *officerSession) refused(err error) error {
	what := "phase " + string(r.phase.Phase)
	if r.phase.Phase == "" {
		what = "node " + r.node.Name
	}
	err = refusal.Wrap(err, "%s", what)
	var why *refusal.Error
	if !errors.As(err, &why) || errors.Is(err, ErrNoAnswer) {
		return err
	}
	if failed := r.note(why); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// Bounds on what refusals can put into a journal: what is refused comes from
// outside, and must not fill it.
const (
	maxRefusals    = 50   // in one run
	maxRefusalText = 1024 // bytes
)

func clip(text string) string {
	if len(text) > maxRefusalText {
		return strings.ToValidUTF8(text[:maxRefusalText], "") + "…"
	}
	return text
}

func (r *officerSession) note(why *refusal.Error) error {
	if why.Code == refusal.CodeJournal {
		return nil // it is evidence: nothing is added to it
	}
	r.refusals++
	if r.refusals > maxRefusals {
		return nil
	}
	rec := journal.Record{Event: journal.EventRefused, Node: r.node.Name, Code: why.Code, Text: clip(why.Text)}
	if r.session == nil {
		rec.Profile = why.Profile
	}
	if r.refusals == maxRefusals {
		rec.Text = "and more than this run keeps: " + rec.Text
	}
	if !why.Bundle.IsZero() {
		rec.Bundle = &why.Bundle
	}
	return r.record(rec)
}

// record appends to the journal, signed if an officer is logged on, and to
// the state.
func (r *officerSession) record(rec journal.Record) error {
	r.stepped()
	rec.Phase = string(r.phase.Phase)
	if rec.Event != journal.EventRefused {
		r.result.Did = true
	}
	var s journal.Signer
	if r.session != nil {
		s, rec.Means = r.session, r.desk.means
	}
	return r.n.Append(rec, s)
}

// progress tells the desk.
func (r *officerSession) progress(state ProgressState, task procedure.TaskID, share int, format string, a ...any) {
	r.desk.Progress(Progress{
		Phase: r.phase.Phase, Node: r.node.Name, Task: task, Share: share,
		State: state, Text: fmt.Sprintf(format, a...),
	})
}

// led is progress with what to do about it: a hint, as a Refusal has it.
func (r *officerSession) led(state ProgressState, hint, format string, a ...any) {
	r.desk.Progress(Progress{
		Phase: r.phase.Phase, Node: r.node.Name, State: state, Text: fmt.Sprintf(format, a...), Hint: hint,
	})
}

// waiting notes what this phase still needs.
func (r *officerSession) waiting(format string, a ...any) {
	r.result.Waiting = append(r.result.Waiting, fmt.Sprintf(format, a...))
}
