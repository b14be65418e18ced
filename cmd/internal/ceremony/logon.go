package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/coproc"
)

// logOn makes the officer of a duty the one who is logged on.
func (r *run) logOn(d duty) error {
	if r.session != nil && r.session.Profile() == d.profile {
		return r.refresh()
	}
	if err := r.logOff(); err != nil {
		return asRefusal(err, "log off")
	}
	for attempt := 1; ; attempt++ {
		passphrase, err := r.desk.Passphrase(PassphraseQuestion{
			Profile: d.profile, Person: r.n.plan.Officer(d.profile).Person,
			Node: r.node.Name, Why: r.text(d), Attempt: attempt,
		})
		if err != nil {
			return r.noPassphrase(d.profile, attempt, err)
		}
		session, err := r.n.cop.LogOn(d.profile, passphrase, r.n.now())
		clear(passphrase)
		if errors.Is(err, coproc.ErrPassphrase) {
			failures, _ := r.n.cop.Failures(d.profile)
			why := refuse(CodePassphrase, "%w for profile %s at %s (%d since its last log-on); nothing was changed",
				coproc.ErrPassphrase, d.profile, r.n.device.Name, failures)
			if attempt == maxAttempts {
				return why
			}
			if err := r.note(why); err != nil {
				return err
			}
			r.progress(Warning, d.task, d.share, "%s", why.Text)
			continue
		}
		if err != nil {
			return asRefusal(err, "log on as %s at %s", d.profile, r.n.device.Name)
		}
		r.session = session
		return r.welcome()
	}
}

// noPassphrase is what to say when nobody answered. After a wrong passphrase
// that one is the refusal, and it is in the journal already.
func (r *run) noPassphrase(profile string, attempt int, err error) error {
	if !errors.Is(err, ErrNoAnswer) {
		return err
	}
	if attempt > 1 {
		return &Refusal{Code: CodePassphrase, Err: err,
			Text: fmt.Sprintf("%s did not log on: %v", profile, coproc.ErrPassphrase)}
	}
	return &Refusal{Code: CodePassphrase, Err: err,
		Text: fmt.Sprintf("%s did not log on: no passphrase was given", profile)}
}

// logOff ends the session.
func (r *run) logOff() error {
	if r.session == nil {
		return nil
	}
	err := r.session.Close()
	r.session = nil
	return err
}

// refresh asks the coprocessor again what it holds.
func (r *run) refresh() (err error) {
	r.info, err = r.session.Info()
	return err
}

// welcome checks, right after a log-on, that coprocessor, journal and plan
// belong together.
func (r *run) welcome() error {
	if err := r.refresh(); err != nil {
		return err
	}
	if err := r.n.belongs(r.info); err != nil {
		return errors.Join(err, r.logOff())
	}
	if !r.n.clean {
		if err := r.n.cleanOutbox(); err != nil {
			return err
		}
		r.n.clean = true
	}
	if len(r.n.journal.torn) > 0 {
		return r.n.repair(Record{Phase: string(r.phase.Phase), Node: r.node.Name}, r.session)
	}
	return nil
}

// belongs refuses a coprocessor that is not the one of this store and plan.
func (n *Node) belongs(info coproc.Info) error {
	if err := n.journal.fits(info); err != nil {
		return asRefusal(err, "store %s", n.dir)
	}
	want := n.plan.Setup(n.device)
	switch {
	case info.Ceremony != want.Ceremony:
		return refuse(CodeStore, "the coprocessor was set up for ceremony %s, the plan is of ceremony %s", info.Ceremony, want.Ceremony)
	case info.Rehearsal != want.Rehearsal:
		return refuse(CodeStore, "the coprocessor is set up for a %s, the plan is of a %s", liveOr(info.Rehearsal), liveOr(want.Rehearsal))
	case info.Serial != want.Serial || info.EID != want.EID:
		return refuse(CodeStore, "the coprocessor has serial %s and EID %q, the plan says %s and %q", info.Serial, info.EID, want.Serial, want.EID)
	case info.M != want.M || info.N != want.N:
		return refuse(CodeStore, "the coprocessor was set up with m = %d, n = %d, the plan says %d and %d", info.M, info.N, want.M, want.N)
	}
	return nil
}

func liveOr(rehearsal bool) string {
	if rehearsal {
		return "rehearsal"
	}
	return "live ceremony"
}

// capability finds what a task needs of the coprocessor.
func capability[T any](s coproc.Session, what string) (T, error) {
	c, ok := s.(T)
	if !ok {
		return c, refuse(CodeCoprocessor, "this coprocessor cannot %s", what)
	}
	return c, nil
}
