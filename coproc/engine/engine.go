// Package engine is a coprocessor over a chip, with the semantics of IBM's CCA:
// master-key registers, retained keys, roles, profiles and the sharing of a
// master key, m of n. It is the same over every chip. What the chip holds is in
// the state as chip.Refs.
//
// It is NOT defended against the operating system of the machine it runs on.
// Whoever has the directory and one profile's passphrase, whichever, can with a
// program of their own read what every profile is told, and write another state.
// What is promised is this:
//
//   - What is secret is sealed to the profiles whose acts need it, and to nobody
//     else: the table is readers.go. A master key of a chip that does not keep it
//     is in pieces, m of n, one for each share officer, so that no officer reads
//     it, nor m-1 of them. It is whole in memory while it is made, and while the
//     last of m shares is put in. From the first share put in to the last, those
//     officers who have not come count for as many shares more as are in.
//
//   - Nobody signs as another: the key of an officer is under that officer's
//     passphrase and nowhere else. A state that says another key is found when
//     that officer logs on.
//
//   - Without a passphrase the directory tells no key, to a quantum computer
//     neither, and nobody can make a state that log-on accepts.
//
//   - A change is made as a whole and is on the medium before the act returns,
//     or it is not made.
//
//   - The state counts every act before anybody hears of it, so that a journal
//     that is kept elsewhere finds out a directory that was put back to an
//     earlier copy, however little earlier: see coproc.Session.SignJournal.
//
// What cannot be promised: directory and journal together, put back to an
// earlier copy of both, look like what they were then. The counts of
// wrong passphrases can be reset by whoever can write files there, and
// passphrases be tried without any count on a copy of the directory. Profiles
// are active by the clock of the host. A passphrase that is changed opens
// nothing that is written later, even with an old copy of the profile's file;
// but whoever read the state with it knows what was in it, and with the HMAC
// key of that file can still forge a state for other profiles. Secrets
// are overwritten in memory when their use ends, as far as a program can: see
// package soft.
//
// The directory:
//
//	state.age               the state, under a key that is sealed with age to every profile's hybrid recipient
//	device                  the chip's family and device; not there where it is in software
//	profiles/NAME.age       a profile's hybrid identity, the officer's key and the HMAC key, under its passphrase (scrypt)
//	profiles/NAME.failures  wrong passphrases since its last log-on, in decimal
//	profiles/NAME.limit     as many lock the profile, in decimal; not there where none do
package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/chip"
)

// Coprocessor is a chip with its roles, registers and share sets. It and its
// sessions may be used by several goroutines, and by one process at a time.
type Coprocessor struct {
	dir  string
	ctx  context.Context // of whoever opened it: see Open
	chip chip.Chip
	is   which // chip, when the coprocessor was opened

	mu       sync.Mutex
	closed   bool
	sessions []*logon
	// state and mac are there while any session is open. state is never
	// changed in place, but for the journal mark: see change.
	state        *state
	ring         keyring // of the file that state was read from, or written to
	mac          []byte
	identities   map[string][]byte // of the profiles that are logged on: what their files have
	journalDirty bool              // CommitJournal remembered something that is not written yet
}

var _ coproc.Coprocessor = (*Coprocessor)(nil)

// Open opens the coprocessor that was created in dir over the same chip, and
// removes what a crash left half written. Where there is none, the error is
// fs.ErrNotExist; over another chip it is coproc.ErrDevice. Close closes the chip; after an error the caller does.
//
// The context is that of the command for which the coprocessor is open. It holds
// for every act of its sessions, and for handles like coproc.KeyOwner.Identity,
// that age calls without one: where a chip waits for somebody, the wait ends with
// the context, and the act with its error and nothing changed.
func Open(ctx context.Context, dir string, c chip.Chip) (*Coprocessor, error) {
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err != nil {
		return nil, fmt.Errorf("open coprocessor: %w", err)
	}
	for _, d := range []string{dir, filepath.Join(dir, profileDir)} {
		if err := cleanTemps(d); err != nil {
			return nil, fmt.Errorf("open coprocessor: %w", err)
		}
	}
	is, err := whichChip(c)
	if err != nil {
		return nil, fmt.Errorf("open coprocessor: %w", err)
	}
	was, err := readWhich(dir)
	if err != nil {
		return nil, fmt.Errorf("open coprocessor: %w", err)
	}
	if err := is.must(was); err != nil {
		return nil, fmt.Errorf("open coprocessor: %w", err)
	}
	return &Coprocessor{dir: dir, ctx: ctx, chip: c, is: is}, nil
}

// Create makes a coprocessor in dir, whose parent must exist and which itself
// must not, or be empty. It is made in a hidden directory beside dir and
// renamed when it is whole; such a directory of an earlier crash is removed.
// A set-up that is not good is ErrSetup; a coprocessor that is there already
// is ErrExists. The chip stays open.
func Create(ctx context.Context, dir string, s coproc.Setup, c chip.Chip) error {
	if err := checkSetup(s); err != nil {
		return err
	}
	if err := checkVacant(dir); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".creating")
	if err := os.RemoveAll(temp); err != nil {
		return fmt.Errorf("create coprocessor: %w", err)
	}
	if err := build(ctx, temp, s, c); err != nil {
		return errors.Join(fmt.Errorf("create coprocessor: %w", err), os.RemoveAll(temp))
	}
	// Rename refuses an existing directory; checkVacant saw that it is empty.
	if err := atomicfile.RemoveIfThere(dir); err != nil {
		return errors.Join(fmt.Errorf("create coprocessor: %w", err), os.RemoveAll(temp))
	}
	if err := os.Rename(temp, dir); err != nil {
		return errors.Join(fmt.Errorf("create coprocessor: %w", err), os.RemoveAll(temp))
	}
	if err := atomicfile.SyncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("create coprocessor: %w", err)
	}
	return nil
}

// checkVacant lets only a missing or an empty directory pass.
func checkVacant(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, stateFile)); err == nil {
		return fmt.Errorf("%w: %s", coproc.ErrExists, dir)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create coprocessor: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w: %s is not empty", coproc.ErrSetup, dir)
	}
	return nil
}

// build writes and syncs all files of a new coprocessor.
func build(ctx context.Context, dir string, s coproc.Setup, c chip.Chip) (err error) {
	st, err := newState(ctx, s, c)
	if err != nil {
		return err
	}
	defer func() {
		if handles := st.lost(&state{vault: vault{chip: c}}); err != nil && len(handles) > 0 {
			c.Drop(handles...)
		}
	}()
	profiles := filepath.Join(dir, profileDir)
	for _, d := range []string{dir, profiles} {
		if err := os.Mkdir(d, dirMode); err != nil {
			return err
		}
	}
	if err := st.which().write(dir); err != nil {
		return err
	}
	mac := newMACKey()
	defer clear(mac)
	for i, p := range s.Profiles {
		key, recipient, public, err := newProfileKey(mac)
		if err != nil {
			return err
		}
		st.Profiles[i].Recipient, st.Profiles[i].Keys = recipient, []coproc.PublicKey{public}
		sealed, err := sealProfile(key, p.Passphrase, st.workFactor())
		clear(key.Identity)
		clear(key.Sign)
		if err != nil {
			return err
		}
		if err := atomicfile.Write(filepath.Join(profiles, p.Name+keySuffix), sealed); err != nil {
			return err
		}
		if limit := st.limit(p.Name); limit > 0 {
			if err := atomicfile.Write(filepath.Join(profiles, p.Name+limitSuffix), decimal(limit)); err != nil {
				return err
			}
		}
	}
	if err := st.makeGroups(); err != nil {
		return err
	}
	if err := st.makeAudit(); err != nil {
		return err
	}
	ring, err := st.keyringFor(keyring{})
	if err != nil {
		return err
	}
	defer ring.wipe()
	sealed, err := st.seal(ring, mac)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(dir, stateFile), sealed); err != nil {
		return err
	}
	return errors.Join(atomicfile.SyncDir(profiles), atomicfile.SyncDir(dir))
}

// Close ends every session.
func (c *Coprocessor) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	err := errors.Join(c.flush(), c.chip.Close())
	open := c.sessions
	c.sessions = nil
	for _, s := range open {
		s.end()
		c.forgetIdentity(s.profile)
	}
	c.forget()
	return err
}

// forget overwrites the open state. The caller holds mu.
func (c *Coprocessor) forget() {
	c.ring.wipe()
	clear(c.mac)
	c.state, c.mac, c.journalDirty = nil, nil, false
}
