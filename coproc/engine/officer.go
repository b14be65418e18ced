package engine

import (
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// An officer signs with a key of their own, which is in the profile's file under
// their passphrase and nowhere else. The state has the public half.

// newOfficerKey makes the seed of an officer's key.
func newOfficerKey() (seed []byte, public coproc.PublicKey, err error) {
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, public, err
	}
	public, err = cosesig.NewPublicKey(pub)
	return priv.Seed(), public, err
}

// public is the public half of the officer's key in a profile's file.
func (k profileKey) public() (coproc.PublicKey, error) {
	if len(k.Sign) != ed25519.SeedSize {
		return coproc.PublicKey{}, fmt.Errorf("%w: the profile's file has no officer's key", coproc.ErrDamaged)
	}
	return cosesig.NewPublicKey(ed25519.NewKeyFromSeed(k.Sign).Public())
}

// current is the officer's key that signs now.
func (p *profile) current() coproc.PublicKey {
	return coproc.OfficerKey{Keys: p.Keys}.Current()
}

// checkOfficerKey refuses a profile's file whose officer's key is not the one
// that the state has of the profile: somebody else wrote that into the state. It
// is the one key that they cannot have.
func (st *settings) checkOfficerKey(name string, k profileKey) error {
	public, err := k.public()
	if err != nil {
		return err
	}
	if p := st.profile(name); p == nil || public != p.current() && (p.NextKey == nil || public != *p.NextKey) {
		return fmt.Errorf("%w: the state says that profile %s signs with a key that is not in that profile's file: one of the two was put back to an earlier copy of it, or somebody else wrote it", coproc.ErrDamaged, name)
	}
	return nil
}

// signWith has the session sign with the officer's key of a profile's file.
func (s *session) signWith(k profileKey) {
	clear(s.officer)
	s.officer = ed25519.NewKeyFromSeed(k.Sign)
}

// officerKey is the public half of the key that this session signs with. A
// session from before the officer changed their passphrase signs nothing more.
func (s *session) officerKey(st *state) (coproc.PublicKey, error) {
	public, err := cosesig.NewPublicKey(s.officer.Public())
	if err == nil && public != st.profile(s.profile).current() {
		err = fmt.Errorf("%w: the passphrase of %s was changed since this log-on", coproc.ErrClosed, s.profile)
	}
	return public, err
}

// officers are the keys of all officers, for those who ask.
func (st *settings) officers() (all []coproc.OfficerKey) {
	for _, p := range st.Profiles {
		all = append(all, coproc.OfficerKey{Profile: p.Name, Keys: slices.Clone(p.Keys), Proof: slices.Clone(p.Proof)})
	}
	return all
}

// officersDigest covers the first key of every officer.
func (st *settings) officersDigest() (coproc.Digest, error) {
	return coproc.FirstKeys(st.officers()).Digest()
}

// officerChange is that a profile has another officer's key.
func (st *settings) officerChange(p *profile, next coproc.PublicKey) coproc.OfficerChange {
	return coproc.OfficerChange{Ceremony: st.Ceremony, Serial: st.Serial, Profile: p.Name, Old: p.current(), New: next}
}

// checkProofs refuses a state in which an officer has another key than the first
// without a proof by the one before it.
func (st *settings) checkProofs() error {
	for i := range st.Profiles {
		p := &st.Profiles[i]
		if len(p.Keys) == 0 {
			return fmt.Errorf("%w: profile %s has no officer's key", coproc.ErrDamaged, p.Name)
		}
		if n := len(p.Keys); n > 1 {
			before := profile{Name: p.Name, Keys: p.Keys[:n-1]}
			if err := st.officerChange(&before, p.current()).Verify(p.Proof); err != nil {
				return fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
			}
		}
	}
	return nil
}
