package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// AskRestart asks for the SA key and the keys of nodes to be forgotten. The
// request has the place of the one to unregister a hash: there is either a hash
// without its key, or one with it.
func (s registrar) AskRestart(t coproc.Thumbprint) error {
	return s.change(permission(coproc.PermAskUnregister), func(st *state) error {
		if err := st.canRestart(t); err != nil {
			return err
		}
		if st.Unregister != nil {
			return errUnchanged
		}
		st.Unregister, st.UnregisterBy = &t, s.profile
		return nil
	})
}

// WithdrawRestart ends the request.
func (s registrar) WithdrawRestart() error { return s.WithdrawUnregister() }

// Restart forgets all that this coprocessor trusts and is trusted for, and keeps
// its master keys.
func (s registrar) Restart(t coproc.Thumbprint) error {
	return s.change(permission(coproc.PermUnregisterHash), func(st *state) error {
		if err := st.canRestart(t); err != nil {
			return err
		}
		switch {
		case st.Unregister == nil:
			return coproc.ErrNotAsked
		case st.UnregisterBy == s.profile:
			return fmt.Errorf("%w: %s asked to begin anew", coproc.ErrSameProfile, s.profile)
		case st.SAHashBy == s.profile:
			return fmt.Errorf("%w: %s registered the SA-key hash", coproc.ErrSameProfile, s.profile)
		}
		return st.restart()
	})
}

// canRestart refuses to forget another SA key than the one that was meant.
func (st *state) canRestart(t coproc.Thumbprint) error {
	switch {
	case st.SAKey == nil:
		return coproc.ErrNoSAKey
	case *st.SAHash != t:
		return fmt.Errorf("%w: the registered SA-key hash begins %x, not %x", coproc.ErrRegistered, st.SAHash[:4], t[:4])
	}
	return nil
}

func (st *state) restart() error {
	for _, t := range st.Receiving {
		if !t.Complete {
			continue
		}
		r, err := st.registersOf(t.Statement.Class)
		if err != nil {
			return err
		}
		r.New = register{}
	}
	st.Receiving = nil
	st.dropOutgoing(func(outgoingSet) bool { return true })
	own := false
	st.Nodes = slices.DeleteFunc(st.Nodes, func(n node) bool {
		if n.Role == coproc.SA {
			own = true
			return false
		}
		return true
	})
	if !own {
		st.SAHash, st.SAHashBy, st.SAKey, st.SAKeyBy = nil, "", nil, ""
	}
	st.Unregister, st.UnregisterBy = nil, ""
	return nil
}
