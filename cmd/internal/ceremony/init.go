package ceremony

import (
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

// Init makes the store of one coprocessor of the plan, with the passphrases
// that desk gives for its profiles. dir must not be there, be empty, or hold what
// an init left that did not end; anything else is refused before desk is asked.
// After a crash there is no store, or the whole one. The administrator, who makes
// the store, is the first to log on.
func Init(dir string, p *plan.Plan, coprocessor string, b store.Backend, desk Desk, now func() time.Time) (err error) {
	device := p.Coprocessor(coprocessor)
	if device == nil {
		return refusal.New(refusal.CodeNotHere, "coprocessor %q is not in the plan", coprocessor)
	}
	if err := store.Suits(b.Chip, p); err != nil {
		return err
	}
	site, err := store.SiteFor(dir)
	if err != nil {
		return err
	}
	if err := p.CheckDay(device.Administrator, now()); err != nil {
		return refusal.Wrap(err, "%s makes the store of %s, and logs on", device.Administrator, device.Name)
	}
	// The administrator is asked before anybody chooses a passphrase.
	doubts := beforeRelease(now())
	if len(doubts) > 0 {
		if err := confirmedClock((&witness{Desk: desk}).Confirm, now(), doubts); err != nil {
			return err
		}
	}
	setup := p.Setup(device)
	defer func() {
		for i := range setup.Profiles {
			clear(setup.Profiles[i].Passphrase)
		}
	}()
	var administrator []byte
	var means journal.Means
	for i := range setup.Profiles {
		pr := &setup.Profiles[i]
		var by journal.Means
		pr.Passphrase, by, err = desk.Passphrase(PassphraseQuestion{
			Profile: pr.Name, Person: pr.Person, Node: coprocessor, Why: "choose a passphrase", Attempt: 1,
		})
		means |= by
		if err != nil {
			return err
		}
		if err := goodPassphrase(pr); err != nil {
			return err
		}
		if pr.Name == device.Administrator {
			administrator = append([]byte(nil), pr.Passphrase...)
		}
	}
	defer clear(administrator)

	making := store.Making{Plan: p, Device: device, Setup: setup, Administrator: administrator, Means: means}
	for _, d := range doubts {
		making.Clock = append(making.Clock, d.data)
	}
	return site.Make(making, b, now)
}

// goodPassphrase refuses, when it is chosen, what the coprocessor would refuse
// after everybody chose.
func goodPassphrase(p *coproc.ProfileSetup) error {
	normal, err := passphrase.Chosen(p.Passphrase)
	clear(normal)
	if err != nil {
		return refusal.New(refusal.CodeNewPassphrase, "the passphrase of profile %s: %w", p.Name, err)
	}
	return nil
}
