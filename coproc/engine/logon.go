package engine

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

// LogOn opens the state with a profile's passphrase, as it was typed. A state or a file of the
// profile that was damaged or forged is ErrDamaged, and not counted.
func (c *Coprocessor) LogOn(profile string, typed []byte, now time.Time) (coproc.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("%w: the coprocessor is closed", coproc.ErrClosed)
	}
	key, failures, err := c.openKey(profile, typed)
	if err != nil {
		return nil, err
	}
	defer key.wipe()
	// The file is what counts, for this session and for those still open.
	if err := c.flush(); err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(filepath.Join(c.dir, stateFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	st, ring, err := openState(sealed, profile, key)
	if err != nil {
		return nil, err
	}
	st.ctx, st.chip = c.ctx, c.chip
	if err := c.admit(st, profile, failures, now); err != nil {
		ring.wipe()
		return nil, err
	}
	c.forget()
	c.state, c.ring, c.mac = st, ring, bytes.Clone(key.MAC)
	c.setIdentity(profile, key.Identity)
	st.as = c.reader(profile)
	err = c.finishPassphraseChange(profile, key)
	c.state.as = reader{}
	if err != nil {
		c.forgetIdentity(profile)
		if len(c.sessions) == 0 {
			c.forget()
		}
		return nil, fmt.Errorf("log on: %w", err)
	}
	s := &logon{device: c, profile: profile, officer: ed25519.NewKeyFromSeed(key.Sign)}
	c.sessions = append(c.sessions, s)
	return newSession(s), nil
}

// openKey opens a profile's file, and counts it if the passphrase is wrong. A
// locked profile's is not tried, and neither is what no passphrase can be.
func (c *Coprocessor) openKey(profile string, typed []byte) (key profileKey, failures int, err error) {
	failures, err = c.failures(profile)
	if err != nil {
		return key, failures, err
	}
	limit, err := c.limit(profile)
	if err != nil {
		return key, failures, err
	}
	if locked(failures, limit) {
		return key, failures, fmt.Errorf("%w: %d of %s since its last log-on", coproc.ErrLocked, failures, profile)
	}
	normal, err := passphrase.Normal(typed)
	if err != nil {
		return key, failures, err
	}
	defer clear(normal)
	sealed, err := os.ReadFile(c.profilePath(profile, keySuffix))
	if err != nil {
		return key, failures, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	key, err = openProfile(sealed, normal)
	if !errors.Is(err, coproc.ErrPassphrase) {
		return key, failures, err
	}
	failures++
	if countErr := c.setFailures(profile, failures); countErr != nil {
		return key, failures, fmt.Errorf("%w (and it could not be counted: %v)", err, countErr)
	}
	if locked(failures, limit) {
		return key, failures, fmt.Errorf("%w: %w", err, coproc.ErrLocked)
	}
	return key, failures, err
}

// admit checks what only the state knows: which chip it is of, and of a profile
// the limit that is written beside it, and whether it is active. Then the count begins anew.
func (c *Coprocessor) admit(st *state, profile string, failures int, now time.Time) error {
	if err := c.is.must(st.which()); err != nil {
		return err
	}
	limit, err := c.limit(profile)
	if err != nil {
		return err
	}
	if want := st.limit(profile); limit != want {
		return fmt.Errorf("%w: %d wrong passphrases lock profile %s, the file beside it says %d", coproc.ErrDamaged, want, profile, limit)
	}
	p := st.profile(profile)
	if err := (coproc.Profile{NotBefore: p.NotBefore, NotAfter: p.NotAfter}).CheckTime(now); err != nil {
		return err
	}
	if failures != 0 {
		if err := c.setFailures(profile, 0); err != nil {
			return fmt.Errorf("log on: %w", err)
		}
	}
	return nil
}

func (c *Coprocessor) profilePath(profile, suffix string) string {
	return filepath.Join(c.dir, profileDir, profile+suffix)
}

// save writes a state in the place of the one on the medium.
func (c *Coprocessor) save(st *state) error {
	ring, err := st.keyringFor(c.ring)
	if err != nil {
		return fmt.Errorf("save the coprocessor's state: %w", err)
	}
	sealed, err := st.seal(ring, c.mac)
	if err != nil {
		return fmt.Errorf("save the coprocessor's state: %w", err)
	}
	if err := atomicfile.Replace(filepath.Join(c.dir, stateFile), sealed); err != nil {
		return fmt.Errorf("save the coprocessor's state: %w", err)
	}
	if !bytes.Equal(c.ring.key, ring.key) {
		c.ring.wipe()
	}
	c.ring = ring
	return nil
}

// flush writes what CommitJournal remembered, if anything.
func (c *Coprocessor) flush() error {
	if !c.journalDirty {
		return nil
	}
	if err := c.save(c.state); err != nil {
		return err
	}
	c.journalDirty = false
	return nil
}

// drop logs a session off, and forgets the state with the last one.
func (c *Coprocessor) drop(s *logon) {
	s.end()
	c.sessions = slices.DeleteFunc(c.sessions, func(o *logon) bool { return o == s })
	c.forgetIdentity(s.profile)
	if len(c.sessions) == 0 {
		c.forget()
	}
}

// reader is an officer who is logged on, as the one who opens what is theirs.
func (c *Coprocessor) reader(profile string) reader {
	return reader{profile, c.identities[profile]}
}

// setIdentity remembers what opens an officer's secrets, while they are logged on.
func (c *Coprocessor) setIdentity(profile string, identity []byte) {
	if c.identities == nil {
		c.identities = map[string][]byte{}
	}
	clear(c.identities[profile])
	c.identities[profile] = bytes.Clone(identity)
}

// forgetIdentity overwrites it, unless another session of theirs is open.
func (c *Coprocessor) forgetIdentity(profile string) {
	if slices.ContainsFunc(c.sessions, func(s *logon) bool { return s.profile == profile }) {
		return
	}
	clear(c.identities[profile])
	delete(c.identities, profile)
}
