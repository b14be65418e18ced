package engine

import (
	"fmt"
	"time"

	"github.com/gapferry/gapferry/coproc"
)

// RegisterHash registers the hash of the SA key.
func (s registrar) RegisterHash(t coproc.Thumbprint) error {
	return s.change(permission(coproc.PermRegisterHash), func(st *state) error {
		if st.SAHash != nil {
			if *st.SAHash == t {
				return errUnchanged
			}
			return fmt.Errorf("%w: the registered SA-key hash begins %x, this one %x", coproc.ErrRegistered, st.SAHash[:4], t[:4])
		}
		st.SAHash, st.SAHashBy = &t, s.profile
		return nil
	})
}

// RegisterKey registers the SA key.
func (s registrar) RegisterKey(k coproc.PublicKey) error {
	return s.change(permission(coproc.PermRegisterKey), func(st *state) error {
		switch {
		case st.SAKey != nil && *st.SAKey == k:
			return errUnchanged
		case st.SAKey != nil:
			return fmt.Errorf("%w: an SA key with the hash %x…", coproc.ErrRegistered, st.SAHash[:4])
		case st.SAHash == nil:
			return coproc.ErrNoHash
		case st.SAHashBy == s.profile:
			return fmt.Errorf("%w: %s registered the SA-key hash", coproc.ErrSameProfile, s.profile)
		case k.IsZero() || k.Thumbprint() != *st.SAHash:
			return coproc.ErrHashDiffers
		}
		st.SAKey, st.SAKeyBy = &k, s.profile
		st.Unregister, st.UnregisterBy = nil, ""
		return nil
	})
}

// AskUnregister asks for the registered hash to be taken back.
func (s registrar) AskUnregister(t coproc.Thumbprint) error {
	return s.change(permission(coproc.PermAskUnregister), func(st *state) error {
		if err := st.canUnregister(t); err != nil {
			return err
		}
		if st.Unregister != nil {
			return errUnchanged
		}
		st.Unregister, st.UnregisterBy = &t, s.profile
		return nil
	})
}

// WithdrawUnregister ends the request.
func (s registrar) WithdrawUnregister() error {
	return s.change(permission(coproc.PermAskUnregister), func(st *state) error {
		if st.Unregister == nil {
			return errUnchanged
		}
		st.Unregister, st.UnregisterBy = nil, ""
		return nil
	})
}

// UnregisterHash takes the registered hash back.
func (s registrar) UnregisterHash(t coproc.Thumbprint) error {
	return s.change(permission(coproc.PermUnregisterHash), func(st *state) error {
		if err := st.canUnregister(t); err != nil {
			return err
		}
		switch {
		case st.Unregister == nil:
			return coproc.ErrNotAsked
		case st.UnregisterBy == s.profile:
			return fmt.Errorf("%w: %s asked to unregister the SA-key hash", coproc.ErrSameProfile, s.profile)
		case st.SAHashBy == s.profile:
			return fmt.Errorf("%w: %s registered the SA-key hash", coproc.ErrSameProfile, s.profile)
		}
		st.SAHash, st.SAHashBy = nil, ""
		st.Unregister, st.UnregisterBy = nil, ""
		return nil
	})
}

// canUnregister refuses to take back what is not the registered hash, or has
// its key.
func (st *state) canUnregister(t coproc.Thumbprint) error {
	switch {
	case st.SAHash == nil:
		return coproc.ErrNoHash
	case *st.SAHash != t:
		return fmt.Errorf("%w: the registered SA-key hash begins %x, not %x", coproc.ErrRegistered, st.SAHash[:4], t[:4])
	case st.SAKey != nil:
		return coproc.ErrKeyRegistered
	}
	return nil
}

// certificate verifies a certificate and that it is of a node of that role in
// this ceremony, and valid now.
func (st *state) certificate(b []byte, role coproc.NodeRole, now time.Time) (coproc.Certificate, error) {
	if st.SAKey == nil {
		return coproc.Certificate{}, coproc.ErrNoSAKey
	}
	cert, err := coproc.ParseCertificate(b, *st.SAKey)
	if err != nil {
		return coproc.Certificate{}, err
	}
	c := cert.Claims()
	if c.Role != role {
		return coproc.Certificate{}, fmt.Errorf("%w: it is of a %s node, not of a %s node", coproc.ErrCertificate, c.Role, role)
	}
	if err := st.checkCeremony(c); err != nil {
		return coproc.Certificate{}, err
	}
	if err := st.checkFamily(c); err != nil {
		return coproc.Certificate{}, err
	}
	if err := cert.CheckTime(now); err != nil {
		return coproc.Certificate{}, err
	}
	return cert, nil
}
