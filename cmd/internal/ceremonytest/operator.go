package ceremonytest

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// operator is somebody who comes into a ceremony, and wants to bring it to its
// end: all clocks are right again, the sticks are fresh ones that each room
// fills by `gapferry resend`. They do the phases in their order, and what the
// program tells them to do. What they do beyond that they keep as unled.
type operator struct {
	w        *World
	hint     func(error) string
	obeyed   map[string]int // what they were told, and how often they did it
	unled    []string
	level    map[string]int  // how far they went with a target by themselves
	renewing map[string]bool // nodes that were set up anew, and have no certificate since
	headline string
	round    int
}

// maxRounds is how often the operator goes through all rooms.
const maxRounds = 8

// finish gives "" when everything is done and the transcript says so; else
// what is in the way.
func (o *operator) finish() string {
	w := o.w
	o.obeyed, o.level, o.renewing = map[string]int{}, map[string]int{}, map[string]bool{}
	w.say("--- the operator comes")
	for _, r := range w.rooms {
		r.skew, r.stopped = 0, nil
	}
	w.FreshSticks()
	w.damaged = false
	o.resendAll()
	var stuck string
	for o.round = 1; o.round <= maxRounds; o.round++ {
		before := w.written()
		stuck = o.throughAllRooms()
		if stuck == "" {
			stuck = o.whatIsTrue()
		}
		if stuck == "" {
			return o.settled()
		}
		w.say("    round %d: %s", o.round, stuck)
		if w.written() == before {
			break // the same would come again
		}
	}
	return stuck
}

// written counts what the journals tell of done things.
func (w *World) written() (n int) {
	for _, c := range w.coprocessors() {
		records, _ := w.Records(c)
		for _, r := range records {
			if r.Event != journal.EventRefused && r.Event != journal.EventCopied && r.Event != journal.EventExported {
				n++
			}
		}
		n += 1000 * w.rooms[c].set
	}
	return n
}

func (o *operator) resendAll() {
	for _, c := range o.w.coprocessors() {
		if o.w.ResendAll(c); errors.Is(o.w.last, ErrConflict) {
			o.w.say("    two files of one name")
		}
	}
}

// throughAllRooms does every phase, in order, and takes the receipts in. It
// gives the first thing that is in the way.
func (o *operator) throughAllRooms() (stuck string) {
	w := o.w
	keep := func(s string) {
		if stuck == "" {
			stuck = s
		}
	}
	if s := o.sourceKey(); s != "" {
		return s
	}
	waits := map[string]bool{} // targets whose next phase has to wait for another round
	for _, s := range w.route() {
		about := []string{""}
		switch s.Phase {
		case "3a", "3d":
			about = []string{s.Node}
		case "3b", "3c":
			about = w.targets()
		}
		for _, t := range about {
			if waits[t] || s.Phase > "3a" && o.isDone(t) {
				continue
			}
			if no := o.phase(s, t); no != "" {
				keep(no)
				waits[t] = t != ""
			}
		}
		if stuck != "" && s.Phase < "3b" && s.Phase != "3a" {
			return stuck // nothing goes on without it
		}
	}
	if stuck != "" {
		return stuck
	}
	for _, c := range o.receivers() {
		no := o.led(c, "receipts", "", func() error { return o.receipts(c) })
		if no != "" && o.allDone() { // the SA has them
			if !w.closed(c, no) {
				w.Odd = append(w.Odd, Same(no))
			}
			continue
		}
		keep(no)
	}
	return stuck
}

func (o *operator) allDone() bool {
	return !slices.ContainsFunc(o.w.targets(), func(t string) bool { return !o.isDone(t) })
}

// isDone says whether a target's own room and the SA's say that it has the
// master key, and that nothing was void since.
func (o *operator) isDone(target string) bool {
	w := o.w
	own, err := w.Status(w.at(target))
	sa, failed := w.Status(w.at(w.sa()))
	if err != nil || failed != nil {
		return false
	}
	done := func(s ceremony.Status) bool {
		i := slices.IndexFunc(s.Targets, func(t ceremony.TargetStatus) bool { return t.Target == target })
		return i >= 0 && s.Targets[i].Cancelled == "" && s.Targets[i].Revoked == "" && s.Targets[i].Replaced == nil
	}
	set := slices.ContainsFunc(own.Phases, func(p ceremony.PhaseStatus) bool { return p.Node == target && p.Phase == "3d" && p.Done })
	received := slices.ContainsFunc(sa.Receipts, func(r ceremony.Receipted) bool { return r.Target == target })
	return set && received && done(own) && done(sa)
}

// sourceKey puts the master key into the source, if there is none.
func (o *operator) sourceKey() string {
	w := o.w
	if w.Current(w.source()) != "" {
		return ""
	}
	if w.rooms[w.at(w.source())].holds.Register(w.class()).New.State != coproc.Empty {
		_ = o.trying(func() error { return w.MasterKey(w.source(), "clear", nil, Faults{}) })
	}
	if err := o.trying(w.LoadSource); err != nil {
		return fmt.Sprintf("load the source's key: [%s] %v", Code(err), err)
	}
	return ""
}

// receivers are the coprocessors where receipts are taken in.
func (o *operator) receivers() []string {
	w := o.w
	if w.at(w.sa()) == w.at(w.source()) {
		return []string{w.at(w.source())}
	}
	return []string{w.at(w.source()), w.at(w.sa())}
}

// receipts takes in what a room does not have yet.
func (o *operator) receipts(coprocessor string) error {
	s, err := o.w.Status(coprocessor)
	if err != nil {
		return err
	}
	if len(s.Receipts) == len(o.w.targets()) && o.round > 1 {
		return nil
	}
	return o.w.Receipts(coprocessor, Faults{})
}

// phase does one phase, which concerns one target where it is given.
func (o *operator) phase(s Step, target string) string {
	w := o.w
	return o.led(w.at(s.Node), string(s.Phase), target, func() error {
		opts := ceremony.Options{}
		if s.Phase == "3b" || s.Phase == "3c" {
			opts.Targets = []string{target}
		}
		subject := target
		if s.Phase == "2b" {
			subject = w.source()
		}
		if o.renewing[subject] && (s.Phase == "3b" || s.Phase == "2b") {
			opts.Renew = []string{subject}
		}
		r, err := w.Phase(s.Node, s.Phase, opts, Faults{})
		if err == nil && opts.Renew == nil && o.asksAnew(r, subject) {
			// What is set aside is told, too, and somebody goes and asks there.
			return &refusal.Error{Code: refusal.CodeCertified, Text: strings.Join(r.Refused, "; ")}
		}
		if opts.Renew != nil && Code(err) != string(refusal.CodeTwoRequests) {
			delete(o.renewing, subject)
		}
		if err == nil && !r.Complete && len(r.Waiting) > 0 {
			return &refusal.Error{Code: refusal.CodeMissing, Text: strings.Join(r.Waiting, "; ")}
		}
		return err
	})
}

// asksAnew says whether a request was set aside because its node has a
// certificate, and the node's own room says that it has none for its keys.
func (o *operator) asksAnew(r *ceremony.Result, node string) bool {
	if !strings.Contains(strings.Join(r.Refused, "; "), "certified for another request") {
		return false
	}
	s, err := o.w.Status(o.w.at(node))
	if err != nil {
		return false
	}
	for _, t := range s.Targets {
		if t.Target == node {
			return t.Certificate == 0
		}
	}
	return false
}

// trying does something, and has profiles unlocked that are locked.
func (o *operator) trying(do func() error) error {
	for range 6 {
		err := do()
		if Code(err) != string(refusal.CodeLocked) || !o.unlock(err) {
			return err
		}
	}
	return do()
}
