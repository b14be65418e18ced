package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// officerSession is an officer logged on at one node, and the journal that tells
// what they do there. Officers of one run follow one another in it: logging the
// next one on logs the last one off.
type officerSession struct {
	n       *Node
	phase   *procedure.PhaseInfo // with no ID outside of the phases
	node    *plan.Node
	opts    Options
	desk    *witness
	session coproc.Session // nil while nobody is logged on
	info    coproc.Info    // as the coprocessor said last
	result  *Result

	before  func()       // tells what is known before the first officer logs on
	welcome func() error // looks, right after each log-on, whether all belongs together

	chosen       bool  // the task of Options.Task was reached
	refusals     int   // noted so far
	officersTold bool  // of officers who will not be let in
	halt         error // why nobody logs on any more in this run
	clockTold    bool  // that the clock went back in this run
}

// logOnTo is logOn for something that is no row of Table 2: an officer who is
// not logged on is told what for.
func (r *officerSession) logOnTo(act string, d duty) error {
	if r.session == nil || r.session.Profile() != d.profile {
		r.progress(Doing, "", 0, "%s: %s", act, r.who(d.profile))
	}
	return r.logOn(d)
}

// logOn makes the officer of a duty the one who is logged on.
func (r *officerSession) logOn(d duty) error {
	if r.halt != nil {
		return r.halt
	}
	if r.session != nil && r.session.Profile() == d.profile {
		return r.refresh()
	}
	if err := r.logOff(); err != nil {
		return refusal.Wrap(err, "log off")
	}
	r.before()
	if err := r.barred(d.profile); err != nil {
		return err
	}
	var last error // why the officer is not in
	for attempt := 1; ; attempt++ {
		given, err := r.desk.Passphrase(PassphraseQuestion{
			Profile: d.profile, Person: r.n.Plan().Officer(d.profile).Person,
			Node: r.node.Name, Why: r.text(d), Attempt: attempt,
		})
		if err != nil {
			return r.noPassphrase(d.profile, last, err)
		}
		session, err := r.n.Coprocessor().LogOn(d.profile, given, r.n.Now())
		clear(given)
		if err == nil {
			r.session = session
			return r.welcome()
		}
		if last = err; errors.Is(err, coproc.ErrPassphraseForm) {
			// A slip of the keyboard: nobody tried a passphrase, and no record says so.
			if attempt == maxAttempts {
				return r.noPassphrase(d.profile, last, ErrNoAnswer)
			}
			r.progress(Warning, d.task, d.share, "%s at %s: %v; it does not count as a wrong one", d.profile, r.n.Device().Name, err)
			continue
		}
		err = r.notIn(d.profile, err)
		var why *refusal.Error
		if !errors.As(err, &why) || why.Code != refusal.CodePassphrase || attempt == maxAttempts {
			return err
		}
		if err := r.note(why); err != nil {
			return err
		}
		r.progress(Warning, d.task, d.share, "%s", why.Text)
	}
}

// notIn says why a profile was not let in, and who can do what about it.
func (r *officerSession) notIn(profile string, err error) error {
	device := r.n.Device()
	failures, _ := r.n.Coprocessor().Failures(profile)
	unlock := r.who(device.Administrator) + " unlocks it"
	hint := fmt.Sprintf("find out who tried, before it is unlocked: {audit journal} says when; then {coprocessor unlock --profile %s}", profile)
	var why *refusal.Error
	switch wrong := errors.Is(err, coproc.ErrPassphrase); {
	case wrong && errors.Is(err, coproc.ErrLocked):
		why = refusal.New(refusal.CodeLocked, "%w for profile %s at %s, the %s since its last log-on: it is locked now; %s",
			coproc.ErrPassphrase, profile, device.Name, ordinal(failures), unlock).Hinted("%s", hint)
	case wrong:
		limit := ""
		if n := r.n.Plan().LockAfter; n > 0 && profile != device.Administrator {
			limit = fmt.Sprintf(", %d lock it", n)
		}
		why = refusal.New(refusal.CodePassphrase, "%w for profile %s at %s (%d since its last log-on%s); nothing was changed",
			coproc.ErrPassphrase, profile, device.Name, failures, limit)
	case errors.Is(err, coproc.ErrLocked):
		why = refusal.New(refusal.CodeLocked, "profile %s at %s is locked after %d wrong passphrases; %s", profile, device.Name, failures, unlock).Hinted("%s", hint)
	default:
		if err = refusal.Wrap(err, "log on as %s at %s", profile, device.Name); !errors.As(err, &why) {
			return err
		}
	}
	why.Profile = profile
	return why
}

// ordinal is 1st, 2nd, 3rd, 4th, …
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}

// noPassphrase is what to say when nobody answered. After a wrong passphrase
// that one is the refusal, and it is in the journal already; after what no
// passphrase can be, that is.
func (r *officerSession) noPassphrase(profile string, last, err error) error {
	if !errors.Is(err, ErrNoAnswer) {
		return err
	}
	if last != nil {
		return &refusal.Error{Code: refusal.CodePassphrase, Err: err, Profile: profile, Text: fmt.Sprintf("%s did not log on: %v", profile, last)}
	}
	return &refusal.Error{Code: refusal.CodePassphrase, Err: err, Profile: profile,
		Text: fmt.Sprintf("%s did not log on: no passphrase was given", profile)}
}

// logOff ends the session.
func (r *officerSession) logOff() error {
	if r.session == nil {
		return nil
	}
	err := r.session.Close()
	r.session = nil
	return err
}

// refresh asks the coprocessor again what it holds.
func (r *officerSession) refresh() (err error) {
	r.info, err = r.session.Info()
	return err
}

// afterLogOn checks, right after a log-on, that coprocessor, journal and plan
// belong together.
func (r *run) afterLogOn() error {
	if err := r.refresh(); err != nil {
		return err
	}
	if err := r.n.Fits(r.info, r.session.Profile()); err != nil {
		return errors.Join(err, r.logOff())
	}
	ahead := r.n.Ahead(r.info) // before a record is signed, which counts too
	if err := r.officerKeys(r.found); err != nil {
		return err
	}
	if err := r.clockFirst(); err != nil {
		return err
	}
	if err := r.notAnew(); err != nil {
		return errors.Join(err, r.logOff())
	}
	if err := r.n.CleanOutbox(); err != nil {
		return err
	}
	if len(r.n.Journal().Torn) > 0 {
		if err := r.n.Repair(journal.Record{Phase: string(r.phase.Phase), Node: r.node.Name}, r.session); err != nil {
			return err
		}
	}
	if ahead > 0 {
		if err := r.interrupted(ahead); err != nil {
			return err
		}
	}
	if err := r.foundRegisters(); err != nil {
		return err
	}
	if err := r.takeRevokes(); err != nil {
		r.halt = err // nobody logs on again in this run: no target goes on without the others
		return errors.Join(err, r.logOff())
	}
	return nil
}

// officerKeys keeps in the journal which officers sign with other keys than it
// has: it must, before they sign anything.
func (r *run) officerKeys(keep func(journal.Record) error) error {
	records, err := r.n.NewKeys(r.info)
	if err != nil {
		return err
	}
	for _, rec := range records {
		rec.Node = r.node.Name
		if err := keep(rec); err != nil {
			return err
		}
	}
	return nil
}

// found keeps a record of what somebody did before the program was stopped. It
// proves itself, and so the one who comes next does not sign it: not even its
// time, as nobody has looked at the clock yet.
func (r *run) found(rec journal.Record) error {
	rec.Phase, rec.Recovered = string(r.phase.Phase), true
	return r.n.Append(rec, nil)
}

// interrupted keeps in the journal that the coprocessor counts more than the
// journal tells. Honest people find that after a power failure; whoever cut
// off records that were written just before one left it, too.
func (r *run) interrupted(ahead uint64) error {
	return r.record(journal.Record{Event: journal.EventInterrupted, Node: r.node.Name,
		Text: fmt.Sprintf("the coprocessor counts %d acts and signatures of which there is no record: the program was stopped before it was written, or the last records were cut off", ahead)})
}

// capability finds what a task needs of the coprocessor.
func capability[T any](s coproc.Session, what string) (T, error) {
	c, ok := s.(T)
	if !ok {
		return c, refusal.New(refusal.CodeCoprocessor, "this coprocessor cannot %s", what)
	}
	return c, nil
}
