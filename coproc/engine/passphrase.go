package engine

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

// ChangePassphrase gives the profile other keys as well, so that an old copy of
// its file opens no state that is written from then on, and signs nothing more.
//
// State and profile are two files. The state and what the profile reads in it are
// sealed to the new key beside the old one first, then the profile's file is replaced, which is the moment
// of the change, then the state is sealed without the old key, and the profile's groups get other keys. Whatever stops
// this in between, the next log-on of the profile finishes it (see finishPassphraseChange): an
// error after the moment says so, and the new passphrase is the one that works.
func (s *session) ChangePassphrase(old, new []byte) error {
	return s.view(anyProfile, func(st *state) error {
		chosen, err := passphrase.Chosen(new)
		if err != nil {
			return fmt.Errorf("%w: %s", coproc.ErrNewPassphrase, strings.TrimPrefix(err.Error(), coproc.ErrPassphraseForm.Error()+": "))
		}
		defer clear(chosen)
		was, err := passphrase.Normal(old)
		if err != nil {
			return err
		}
		defer clear(was)
		if bytes.Equal(was, chosen) {
			return fmt.Errorf("%w: it is the old one", coproc.ErrNewPassphrase)
		}
		current, _, err := s.device.openKey(s.profile, was)
		if err != nil {
			return err
		}
		// A change that was interrupted is finished before another one begins.
		err = s.device.finishPassphraseChange(s.profile, current)
		if err == nil {
			s.signWith(current)
		}
		current.wipe()
		if err != nil {
			return fmt.Errorf("change passphrase: %w", err)
		}
		key, err := s.offerKey()
		if err != nil {
			return fmt.Errorf("change passphrase: %w", err)
		}
		defer key.wipe()
		if err := s.device.replaceKey(s.profile, key, chosen); err != nil {
			return fmt.Errorf("change passphrase: %w", err)
		}
		if err := s.device.finishPassphraseChange(s.profile, key); err != nil {
			return fmt.Errorf("the new passphrase holds, and the next log-on finishes the change: %w", err)
		}
		s.signWith(key)
		return nil
	})
}

// offerKey makes new keys for the profile, seals the state to the new one, too,
// and has the officer's old key say which one comes after it.
func (s *session) offerKey() (profileKey, error) {
	key, recipient, public, err := newProfileKey(bytes.Clone(s.device.mac))
	if err != nil {
		return key, err
	}
	s.device.state.as = s.device.reader(s.profile)
	err = s.device.change(func(st *state) error {
		p := st.profile(s.profile)
		proof, err := st.officerChange(p, public).Sign(s.officer)
		if err != nil {
			return err
		}
		p.Next, p.NextKey, p.NextProof = recipient, &public, proof
		return st.handOver(s.profile)
	})
	if err != nil {
		key.wipe()
	}
	return key, err
}

// replaceKey puts a key into the profile's file, under a passphrase.
func (c *Coprocessor) replaceKey(name string, key profileKey, chosen []byte) error {
	sealed, err := sealProfile(key, chosen, c.state.workFactor())
	if err != nil {
		return err
	}
	return atomicfile.Replace(c.profilePath(name, keySuffix), sealed)
}

// finishPassphraseChange ends a change of a profile's passphrase: key is the one that its file
// has, and the state is sealed to no other of its keys any more.
func (c *Coprocessor) finishPassphraseChange(name string, key profileKey) error {
	id, err := age.ParseHybridIdentity(string(key.Identity))
	if err != nil {
		return fmt.Errorf("%w: the profile's key: %v", coproc.ErrDamaged, err)
	}
	if err := errors.Join(c.state.checkProfileKey(name, id), c.state.checkOfficerKey(name, key)); err != nil {
		return err
	}
	if c.state.profile(name).Next == "" {
		return nil
	}
	public, err := key.public()
	if err != nil {
		return err
	}
	c.setIdentity(name, key.Identity)
	c.state.as = c.reader(name)
	return c.change(func(st *state) error {
		p := st.profile(name)
		if p.NextKey != nil && *p.NextKey == public {
			p.Keys, p.Proof = append(p.Keys, public), p.NextProof
		}
		p.Recipient, p.Next, p.NextKey, p.NextProof = id.Recipient().String(), "", nil, nil
		return st.rekey()
	})
}
