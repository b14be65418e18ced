package store

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
)

// Making is what a new store is made with.
type Making struct {
	Plan          *plan.Plan
	Device        *plan.Coprocessor
	Setup         coproc.Setup // with the passphrases of its profiles
	Administrator []byte       // the passphrase of the administrator, who is the first to log on
	Means         journal.Means
	Clock         []journal.ClockData // why the clock was doubted that the administrator confirmed
}

// Make makes the store: the whole one or, after a crash or an error, none.
func (s *Site) Make(m Making, b Backend, now func() time.Time) error {
	if err := s.begin(); err != nil {
		return err
	}
	if err := m.fill(s.dir, b, now); err != nil {
		return errors.Join(err, s.abandon())
	}
	return s.finish()
}

// fill makes all parts of a store.
func (m *Making) fill(dir string, b Backend, now func() time.Time) error {
	p, device := m.Plan, m.Device
	if err := atomicfile.Replace(filepath.Join(dir, PlanFile), p.Canonical()); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, OutboxDir), 0o700); err != nil {
		return err
	}
	if err := keepSelection(dir, b.Chip); err != nil {
		return err
	}
	deviceAt := filepath.Join(dir, DeviceDir)
	if err := b.Create(deviceAt, m.Setup); err != nil {
		return refusal.Wrap(err, "set up coprocessor %s", device.Name)
	}
	cop, err := b.Open(deviceAt, b.Chip)
	if err != nil {
		return refusal.Wrap(err, "open coprocessor %s", device.Name)
	}
	defer cop.Close()
	session, err := cop.LogOn(device.Administrator, m.Administrator, now())
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
		Officers: coproc.FirstKeys(info.Officers),
	})
	if err != nil {
		return err
	}
	j, err := journal.Create(filepath.Join(dir, JournalFile))
	if err != nil {
		return err
	}
	defer j.Close()
	r := journal.Record{
		Time: now().Unix(), Event: journal.EventInit, Profile: device.Administrator, Data: data, Means: m.Means,
		Text: fmt.Sprintf("coprocessor %s (%s), serial %s, EID %q, m = %d, n = %d", device.Name, info.Backend, info.Serial, info.EID, info.M, info.N),
	}
	if err := j.Append(r, session); err != nil {
		return err
	}
	for _, d := range m.Clock {
		r := journal.Record{Time: r.Time, Event: journal.EventClock, Node: p.At(device.Name)[0].Name, Means: m.Means}
		if r.Text, r.Data, err = d.Record(r.Time); err != nil {
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
