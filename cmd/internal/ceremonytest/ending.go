package ceremonytest

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// exportAll has every journal handed out, and gives the rooms that did it.
func (o *operator) exportAll() map[string]bool {
	did := map[string]bool{}
	for _, c := range o.w.coprocessors() {
		did[c] = o.trying(func() error { return o.w.Export(c, Faults{}) }) == nil
	}
	return did
}

// whatIsTrue compares what the rooms say, what the transcript says, and what
// is in the registers.
func (o *operator) whatIsTrue() string {
	w := o.w
	for _, c := range w.coprocessors() {
		s, err := w.Status(c)
		if err != nil {
			return err.Error()
		}
		for _, t := range s.Targets {
			if t.Replaced != nil {
				why := &refusal.Error{Code: refusal.CodeReplaced, Text: "status: " + t.Target + " has another master key"}
				if o.obey(situation{w.at(t.Target), "status", t.Target, o.said(why)}) > nowhere {
					return why.Text
				}
			}
		}
	}
	exported := o.exportAll()
	if o.emptiesNew() {
		exported = o.exportAll()
	}
	r, err := w.Transcript()
	if err != nil {
		return fmt.Sprintf("transcript: %v", err)
	}
	o.headline = r.Headline()
	w.say("    transcript: %s", o.headline)
	w.judgeTranscript(r, exported)
	if r.Verdict() <= transcript.VerifiedWithExceptions {
		return o.everyTargetHasIt()
	}
	var all []string
	for _, f := range r.Findings {
		if f.Severity != transcript.Fault && f.Severity != transcript.Open {
			continue
		}
		text := fmt.Sprintf("%s %s at %s: %s", f.Severity, f.Rule, f.Where(), f.Text)
		w.say("      %s", text)
		all = append(all, text)
		about := ""
		if n := w.Plan.Node(f.Ref.Node); n != nil && n.Role == coproc.CSR {
			about = f.Ref.Node
		}
		at := w.at(w.sa())
		if f.Ref.Node != "" && w.Plan.Node(f.Ref.Node) != nil {
			at = w.at(f.Ref.Node)
		}
		o.obey(situation{at, "transcript", about, f.Text})
	}
	return "the transcript: " + strings.Join(all, " | ")
}

// emptiesNew has the new registers of which status says that something is in them
// emptied, as it says. It looks when the journals were handed out: what a crash left
// there is in a journal as soon as somebody has logged on.
func (o *operator) emptiesNew() (some bool) {
	for _, c := range o.w.coprocessors() {
		s, err := o.w.Status(c)
		if err != nil {
			continue // whatIsTrue has looked
		}
		left := s.NewRegister
		for _, t := range s.Targets {
			left += t.NewRegister
		}
		if left != "" && o.obey(situation{c, "status", "", "status: the new register is " + left + ": {coprocessor clear} empties it"}) > nowhere {
			some = true
		}
	}
	return some
}

// otherKeys reports whether a room has other keys than at first. What was sealed to
// the former ones nobody opens there any more: a source cannot take in the receipts
// of targets that were done before, nor their certificates. It says with both that
// nothing is needed, and its status that phase 3c is open, as it cannot know better;
// that those targets are done is known in their rooms and in the SA's.
func (w *World) otherKeys(coprocessor string) bool {
	r := w.rooms[coprocessor]
	return r.set > 1 || r.anew > 0
}

// closed reports whether the source was refused something that is for its former keys.
func (w *World) closed(coprocessor, refused string) bool {
	return coprocessor == w.at(w.source()) && w.otherKeys(coprocessor) &&
		(strings.Contains(refused, string(refusal.CodeNotSealedToMe)) || strings.Contains(refused, string(refusal.CodeUnknownKey)))
}

// everyTargetHasIt looks into the registers.
func (o *operator) everyTargetHasIt() string {
	w := o.w
	for _, t := range w.targets() {
		if w.Current(t) != w.noted {
			return fmt.Sprintf("all is said to be done, and %s has %q, not %q", t, w.Current(t), w.noted)
		}
	}
	return ""
}

// settled looks for what must not be left where everything is done, and that
// the same again changes nothing.
func (o *operator) settled() string {
	w := o.w
	before := w.written()
	for _, s := range w.route() {
		if _, err := w.Phase(s.Node, s.Phase, ceremony.Options{}, Faults{}); err != nil && !(s.Phase == "3c" && w.closed(w.at(s.Node), Code(err))) {
			w.Odd = append(w.Odd, fmt.Sprintf("all done, and phase %s again: [%s] %s", s.Phase, Code(err), Same(err.Error())))
		}
	}
	if after := w.written(); after != before {
		w.Odd = append(w.Odd, fmt.Sprintf("all done, and the same again writes %d records", after-before))
	}
	for _, c := range w.coprocessors() {
		s, err := w.Status(c)
		if err != nil {
			return err.Error()
		}
		for _, p := range s.Phases {
			if !p.Done && !(p.Phase == "3c" && w.otherKeys(c)) {
				w.Odd = append(w.Odd, fmt.Sprintf("all done, and status says that phase %s is open", p.Phase))
			}
		}
		for _, t := range s.Targets {
			if t.Cancelled != "" {
				w.Odd = append(w.Odd, fmt.Sprintf("all done, and status at %s says that the shares of a target were cancelled", Same(c)))
			}
		}
	}
	for _, t := range w.targets() {
		if g := w.rooms[w.at(t)].holds.Register(w.class()).New; g.State != coproc.Empty {
			w.Odd = append(w.Odd, fmt.Sprintf("all done, and the new register of a target is %s", g.State))
		}
	}
	return ""
}

// judgeTranscript holds what a transcript says against what is in the registers
// of the rooms that handed their journals out as they are now. A room that was
// set up and not certified since cannot yet, or nobody believes it: what is known
// of it is older.
func (w *World) judgeTranscript(r *transcript.Result, exported map[string]bool) {
	for _, t := range r.Targets {
		if at := w.at(t.Node); !exported[at] || !w.vouched[w.rooms[at].holds.AuditKey.Thumbprint()] {
			continue
		}
		has := w.Current(t.Node) == r.Pattern && r.Pattern != ""
		if r.Verdict() <= transcript.VerifiedWithExceptions && t.State == transcript.HasKey && !has {
			w.wrong("the transcript says that %s has the master key %s, truly it is %q", t.Node, r.Pattern, w.Current(t.Node))
		}
	}
}

// auditorLooks exports every journal, of a World as it is, and verifies: what
// honest people did is never a fault.
func (w *World) auditorLooks() error {
	c, err := w.Clone()
	if err != nil {
		return err
	}
	defer c.Close()
	o := &operator{w: c, obeyed: map[string]int{}, level: map[string]int{}}
	exported := o.exportAll()
	r, err := c.Transcript()
	if err != nil {
		return nil // there is no sa-key yet
	}
	w.say("    (an auditor looks: %s)", r.Headline())
	before := len(c.Wrong)
	c.judgeTranscript(r, exported)
	w.Wrong = append(w.Wrong, c.Wrong[before:]...)
	if r.Verdict() != transcript.NotVerified {
		return nil
	}
	var faults []string
	for _, f := range r.Findings {
		if f.Severity == transcript.Fault {
			faults = append(faults, f.Rule+": "+f.Text)
		}
	}
	w.wrong("DOES NOT VERIFY, and everybody is honest: %s", strings.Join(faults, " | "))
	return nil
}
