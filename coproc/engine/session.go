package engine

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// session is one officer logged on. It has every capability; what it may do
// is its role's matter.
type session struct {
	*logon
	registrar
	masterKeys
	source
	target
}

// The capabilities that are many methods.
type (
	registrar  struct{ *logon } // of the SA key, and taking it back
	masterKeys struct{ *logon }
	source     struct{ *logon }
	target     struct{ *logon }
)

func newSession(l *logon) *session {
	return &session{l, registrar{l}, masterKeys{l}, source{l}, target{l}}
}

// logon is who is logged on, and how they reach the state.
type logon struct {
	device  *Coprocessor
	profile string
	closed  bool // guarded by device.mu
	signed  signedHead
	officer ed25519.PrivateKey // the officer's own key, until the session is closed
}

var (
	_ coproc.Session         = (*session)(nil)
	_ coproc.KeyOwner        = (*session)(nil)
	_ coproc.Registrar       = (*session)(nil)
	_ coproc.Unregistrar     = (*session)(nil)
	_ coproc.Restarter       = (*session)(nil)
	_ coproc.Certifier       = (*session)(nil)
	_ coproc.MasterKeys      = (*session)(nil)
	_ coproc.Source          = (*session)(nil)
	_ coproc.Canceller       = (*session)(nil)
	_ coproc.Target          = (*session)(nil)
	_ coproc.JournalExporter = (*session)(nil)

	_ coproc.AccessManager     = (*session)(nil)
	_ coproc.PassphraseChanger = (*session)(nil)
)

// requirement is what an act needs of the profile that does it.
type requirement func(st *state, profile string) error

// anyProfile is the need of an act that every profile may do.
func anyProfile(*state, string) error { return nil }

// permission needs the one permission for an act.
func permission(p coproc.Permission) requirement { return oneOf(p.String(), p) }

// oneOf needs any of perms; words say what for.
func oneOf(words string, perms ...coproc.Permission) requirement {
	return func(st *state, profile string) error {
		if !st.permits(profile, perms...) {
			return fmt.Errorf("%w: %s may not %s", coproc.ErrAccess, profile, words)
		}
		return nil
	}
}

// shareOf needs an index of 1 to n, and the permission for it. The index
// comes first: a permission for an index out of range is another act's.
func shareOf(perm func(int) coproc.Permission, index int) requirement {
	return func(st *state, profile string) error {
		if index < 1 || index > st.N {
			return fmt.Errorf("%w: share %d of %d", coproc.ErrShareIndex, index, st.N)
		}
		return permission(perm(index))(st, profile)
	}
}

// anyShare needs the permission for any index.
func anyShare(words string, perm func(int) coproc.Permission) requirement {
	perms := make([]coproc.Permission, coproc.MaxShares)
	for i := range perms {
		perms[i] = perm(i + 1)
	}
	return oneOf(words, perms...)
}

// keyUser needs a role that may sign and open bundles.
func keyUser(st *state, profile string) error {
	if !st.role(profile).UsesKeys() {
		return fmt.Errorf("%w: %s may not use the keys of a node", coproc.ErrAccess, profile)
	}
	return nil
}

// view lets f look at the state, and keep nothing of it that is secret.
func (s *logon) view(n requirement, f func(*state) error) error {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	if s.closed {
		return coproc.ErrClosed
	}
	if err := n(s.device.state, s.profile); err != nil {
		return err
	}
	s.device.state.as = s.device.reader(s.profile)
	defer func() { s.device.state.as = reader{} }()
	return f(s.device.state)
}

// errUnchanged is what a change returns that finds its work done already.
var errUnchanged = errors.New("nothing to change")

// change lets f change a copy of the state. The copy takes the state's place
// only when f did not fail and the copy is on the medium.
func (s *logon) change(n requirement, f func(*state) error) error {
	return s.view(n, func(*state) error { return s.device.change(f) })
}

// change is session.change for whoever holds mu. What is kept is one act more.
func (c *Coprocessor) change(f func(*state) error) error {
	old := c.state
	changed, err := old.clone()
	if err != nil {
		return err
	}
	changed.Acts++
	err = f(changed)
	if err == nil {
		err = c.save(changed)
	}
	if err != nil {
		c.drops(changed.news)
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}
	c.drops(changed.lost(old))
	c.state, c.journalDirty, changed.news = changed, false, nil
	return nil
}

// end logs the officer off, and forgets their key.
func (s *logon) end() {
	s.closed = true
	clear(s.officer)
	s.officer = nil
}

// drops has the chip destroy keys, where it has handles of them.
func (c *Coprocessor) drops(handles []chip.Ref) {
	handles = slices.DeleteFunc(handles, func(r chip.Ref) bool { return len(r) == 0 })
	if len(handles) > 0 {
		c.chip.Drop(handles...)
	}
}

// Profile is who is logged on.
func (s *logon) Profile() string { return s.profile }

// Close logs the officer off. Where it fails, what CommitJournal remembered
// last was not written; the officer is logged off nevertheless.
func (s *logon) Close() error {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	if s.closed {
		return nil
	}
	err := s.device.flush()
	s.device.drop(s)
	return err
}
