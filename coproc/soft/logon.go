package soft

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
)

// LogOn opens the state with a profile's passphrase. A state or a file of the
// profile that was damaged or forged is ErrDamaged, and not counted.
func (c *Coprocessor) LogOn(profile string, passphrase []byte) (coproc.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("%w: the coprocessor is closed", coproc.ErrClosed)
	}
	failures, err := c.failures(profile)
	if err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(c.profilePath(profile, keySuffix))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	key, err := openProfile(sealed, passphrase)
	defer key.wipe()
	if errors.Is(err, coproc.ErrPassphrase) {
		if countErr := c.setFailures(profile, failures+1); countErr != nil {
			return nil, fmt.Errorf("%w (and it could not be counted: %v)", err, countErr)
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	// The file is what counts, for this session and for those still open.
	if err := c.flush(); err != nil {
		return nil, err
	}
	sealed, err = os.ReadFile(filepath.Join(c.dir, stateFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	st, err := openState(sealed, profile, key)
	if err != nil {
		return nil, err
	}
	if failures != 0 {
		if err := c.setFailures(profile, 0); err != nil {
			st.wipe()
			return nil, fmt.Errorf("log on: %w", err)
		}
	}
	c.forget()
	c.state, c.mac = st, bytes.Clone(key.MAC)
	s := &session{device: c, profile: profile}
	c.sessions = append(c.sessions, s)
	return s, nil
}

// Failures is the number of wrong passphrases given for a profile since it
// last logged on, as its file has it: see the package comment.
func (c *Coprocessor) Failures(profile string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failures(profile)
}

func (c *Coprocessor) failures(profile string) (int, error) {
	if !validProfile(profile) {
		return 0, fmt.Errorf("%w: %q", coproc.ErrProfile, profile)
	}
	if _, err := os.Stat(c.profilePath(profile, keySuffix)); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w: %q", coproc.ErrProfile, profile)
	}
	b, err := os.ReadFile(c.profilePath(profile, countSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	n, err := strconv.Atoi(string(bytes.TrimSuffix(b, []byte("\n"))))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: the count of wrong passphrases of profile %s", coproc.ErrDamaged, profile)
	}
	return n, nil
}

func (c *Coprocessor) setFailures(profile string, n int) error {
	return atomicfile.Replace(c.profilePath(profile, countSuffix), []byte(strconv.Itoa(n)+"\n"))
}

func (c *Coprocessor) profilePath(profile, suffix string) string {
	return filepath.Join(c.dir, profileDir, profile+suffix)
}

// save writes a state in the place of the one on the medium.
func (c *Coprocessor) save(st *state) error {
	sealed, err := sealState(st, c.mac)
	if err != nil {
		return fmt.Errorf("save the coprocessor's state: %w", err)
	}
	if err := atomicfile.Replace(filepath.Join(c.dir, stateFile), sealed); err != nil {
		return fmt.Errorf("save the coprocessor's state: %w", err)
	}
	return nil
}

// flush writes what KeepJournal remembered, if anything.
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
func (c *Coprocessor) drop(s *session) {
	s.closed = true
	c.sessions = slices.DeleteFunc(c.sessions, func(o *session) bool { return o == s })
	if len(c.sessions) == 0 {
		c.forget()
	}
}
