package ceremony

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Init makes the store of one coprocessor of the plan, with the passphrases
// that desk gives for its profiles. dir must not exist or be empty. After a
// crash there is no store, or the whole one. The administrator, who makes the
// store, is the first to log on.
func Init(dir string, p *Plan, coprocessor string, b Backend, desk Desk, now func() time.Time) (err error) {
	device := p.Coprocessor(coprocessor)
	if device == nil {
		return refuse(CodeNotHere, "coprocessor %q is not in the plan", coprocessor)
	}
	if err := storeFree(dir); err != nil {
		return err
	}
	if err := p.active(device.Administrator, now()); err != nil {
		return asRefusal(err, "%s makes the store of %s, and logs on", device.Administrator, device.Name)
	}
	setup := p.Setup(device)
	defer func() {
		for i := range setup.Profiles {
			clear(setup.Profiles[i].Passphrase)
		}
	}()
	var administrator []byte
	var means Means
	for i := range setup.Profiles {
		pr := &setup.Profiles[i]
		var by Means
		pr.Passphrase, by, err = desk.Passphrase(PassphraseQuestion{
			Profile: pr.Name, Person: pr.Person, Node: coprocessor, Why: "choose a passphrase", Attempt: 1,
		})
		means |= by
		if err != nil {
			return err
		}
		if pr.Name == device.Administrator {
			administrator = append([]byte(nil), pr.Passphrase...)
		}
	}
	defer clear(administrator)

	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	pattern := filepath.Base(dir) + ".*" + atomicfile.TempSuffix
	if err := removeLeftovers(parent, pattern); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	lock, err := lockFile(filepath.Join(temp, lockName))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := fillStore(temp, p, device, b, setup, administrator, means, now); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrPermission) {
			return storeFree(dir)
		}
		return err
	}
	return atomicfile.SyncDir(parent)
}

// removeLeftovers removes what an init left that was killed. One that is
// still at work holds its lock.
func removeLeftovers(parent, pattern string) error {
	found, err := filepath.Glob(filepath.Join(parent, pattern))
	if err != nil {
		return err
	}
	for _, dir := range found {
		lock, err := lockFile(filepath.Join(dir, lockName))
		if err != nil {
			continue
		}
		err = os.RemoveAll(dir)
		if err := errors.Join(err, lock.Close()); err != nil {
			return err
		}
	}
	return nil
}

// storeFree refuses to make a store where something is.
func storeFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, journalFile)); err == nil {
		return refuse(CodeExists, "there is a store in %s already; a store is made once", dir)
	}
	return refuse(CodeExists, "the directory %s is not empty and is no store", dir)
}

func fillStore(dir string, p *Plan, device *Coprocessor, b Backend, setup coproc.Setup, administrator []byte, means Means, now func() time.Time) error {
	if err := atomicfile.Replace(filepath.Join(dir, planFile), p.Canonical()); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, outboxDir), 0o700); err != nil {
		return err
	}
	deviceAt := filepath.Join(dir, deviceDir)
	if err := b.Create(deviceAt, setup); err != nil {
		return asRefusal(err, "set up coprocessor %s", device.Name)
	}
	cop, err := b.Open(deviceAt)
	if err != nil {
		return asRefusal(err, "open coprocessor %s", device.Name)
	}
	defer cop.Close()
	session, err := cop.LogOn(device.Administrator, administrator, now())
	if err != nil {
		return asRefusal(err, "log on as %s", device.Administrator)
	}
	defer session.Close()
	info, err := session.Info()
	if err != nil {
		return err
	}
	data, err := detcbor.Marshal(InitData{
		Plan: p.Digest(), AuditKey: info.AuditKey, Serial: info.Serial, Device: device.Name, Ceremony: info.Ceremony,
	})
	if err != nil {
		return err
	}
	j, err := createJournal(filepath.Join(dir, journalFile))
	if err != nil {
		return err
	}
	defer j.close()
	r := Record{
		Time: now().Unix(), Event: EventInit, Profile: device.Administrator, Data: data, Means: means,
		Text: fmt.Sprintf("coprocessor %s (%s), serial %s, EID %q, m = %d, n = %d", device.Name, info.Backend, info.Serial, info.EID, info.M, info.N),
	}
	if err := j.append(r, session); err != nil {
		return err
	}
	if err := session.Close(); err != nil {
		return err
	}
	return atomicfile.SyncDir(dir)
}
