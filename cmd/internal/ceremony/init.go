package ceremony

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

// Init makes the store of one coprocessor of the plan, with the passphrases
// that desk gives for its profiles. dir must not be there, be empty, or hold what
// an init left that did not end; anything else is refused before desk is asked.
// After a crash there is no store, or the whole one. The administrator, who makes
// the store, is the first to log on.
func Init(dir string, p *plan.Plan, coprocessor string, b Backend, desk Desk, now func() time.Time) (err error) {
	device := p.Coprocessor(coprocessor)
	if device == nil {
		return refusal.New(refusal.CodeNotHere, "coprocessor %q is not in the plan", coprocessor)
	}
	site, err := siteFor(dir)
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

	if err := site.begin(); err != nil {
		return err
	}
	if err := fillStore(site.dir, p, device, b, setup, administrator, means, doubts, now); err != nil {
		return errors.Join(err, site.abandon())
	}
	return site.finish()
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

func fillStore(dir string, p *plan.Plan, device *plan.Coprocessor, b Backend, setup coproc.Setup, administrator []byte, means journal.Means, doubts []doubt, now func() time.Time) error {
	if err := atomicfile.Replace(filepath.Join(dir, planFile), p.Canonical()); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, outboxDir), 0o700); err != nil {
		return err
	}
	deviceAt := filepath.Join(dir, deviceDir)
	if err := b.Create(deviceAt, setup); err != nil {
		return refusal.Wrap(err, "set up coprocessor %s", device.Name)
	}
	cop, err := b.Open(deviceAt)
	if err != nil {
		return refusal.Wrap(err, "open coprocessor %s", device.Name)
	}
	defer cop.Close()
	session, err := cop.LogOn(device.Administrator, administrator, now())
	if err != nil {
		return refusal.Wrap(err, "log on as %s", device.Administrator)
	}
	defer session.Close()
	info, err := session.Info()
	if err != nil {
		return err
	}
	data, err := detcbor.Marshal(journal.InitData{
		Plan: p.Digest(), AuditKey: info.AuditKey, Serial: info.Serial, Device: device.Name, Ceremony: info.Ceremony,
	})
	if err != nil {
		return err
	}
	j, err := journal.Create(filepath.Join(dir, journalFile))
	if err != nil {
		return err
	}
	defer j.Close()
	r := journal.Record{
		Time: now().Unix(), Event: journal.EventInit, Profile: device.Administrator, Data: data, Means: means,
		Text: fmt.Sprintf("coprocessor %s (%s), serial %s, EID %q, m = %d, n = %d", device.Name, info.Backend, info.Serial, info.EID, info.M, info.N),
	}
	if err := j.Append(r, session); err != nil {
		return err
	}
	for _, d := range doubts {
		r := journal.Record{Time: r.Time, Event: journal.EventClock, Node: p.At(device.Name)[0].Name, Means: means}
		if r.Text, r.Data, err = d.data.Record(r.Time); err != nil {
			return err
		}
		if err := j.Append(r, session); err != nil {
			return err
		}
	}
	if err := session.Close(); err != nil {
		return err
	}
	return atomicfile.SyncDir(dir)
}
