package coproc

import (
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// ErrOfficerKey is wrapped by every refusal of an officer's key, of a list of
// them, and of the proof that one takes the place of another.
var ErrOfficerKey = errors.New("an officer's key is not good")

// OfficerKey is what a coprocessor knows of the key with which an officer signs
// what they do. The key itself is under that officer's passphrase alone.
type OfficerKey struct {
	Profile string
	Keys    []PublicKey // every key that the officer had, the first one first
	// Proof is the signature of the last key but one under OfficerChange; there is
	// none while the officer has the first key.
	Proof []byte
}

// Current is the key that signs now; zero where there is none.
func (o OfficerKey) Current() PublicKey {
	if len(o.Keys) == 0 {
		return PublicKey{}
	}
	return o.Keys[len(o.Keys)-1]
}

// FirstKey is the key that an officer got when the coprocessor was set up: an
// element of an OfficerList.
type FirstKey struct {
	_       struct{} `cbor:",toarray"`
	Profile string
	Key     PublicKey
}

// OfficerList has the first key of every officer of a coprocessor, in the order
// of their profiles' names, each once. Keys.Officers is its digest, so that
// whoever vouches for a node's keys vouches for its officers'.
type OfficerList []FirstKey

// FirstKeys is the list of what a coprocessor reports of its officers.
func FirstKeys(officers []OfficerKey) OfficerList {
	var l OfficerList
	for _, o := range officers {
		if len(o.Keys) > 0 {
			l = append(l, FirstKey{Profile: o.Profile, Key: o.Keys[0]})
		}
	}
	slices.SortFunc(l, func(a, b FirstKey) int { return strings.Compare(a.Profile, b.Profile) })
	return l
}

// Check refuses, with ErrOfficerKey, a list that is empty, not in order, or has
// a name or a key twice: with one key, two officers would sign as each other.
func (l OfficerList) Check() error {
	if len(l) == 0 {
		return fmt.Errorf("%w: the list of the officers' keys is empty", ErrOfficerKey)
	}
	seen := map[PublicKey]string{}
	for i, f := range l {
		switch {
		case f.Profile == "" || f.Key.IsZero():
			return fmt.Errorf("%w: entry %d of the list has no name or no key", ErrOfficerKey, i+1)
		case i > 0 && l[i-1].Profile >= f.Profile:
			return fmt.Errorf("%w: %s is in the list twice, or not in the order of names", ErrOfficerKey, outside.Text(f.Profile))
		case seen[f.Key] != "":
			return fmt.Errorf("%w: %s and %s have one key", ErrOfficerKey, outside.Text(seen[f.Key]), outside.Text(f.Profile))
		}
		seen[f.Key] = f.Profile
	}
	return nil
}

// Digest is Keys.Officers: SHA-256 of the deterministic CBOR of the list.
func (l OfficerList) Digest() (Digest, error) {
	b, err := detcbor.Marshal(l)
	if err != nil {
		return Digest{}, err
	}
	return DigestOf(b), nil
}

// Key is the first key of a profile; zero where the list does not have it.
func (l OfficerList) Key(profile string) PublicKey {
	for _, f := range l {
		if f.Profile == profile {
			return f.Key
		}
	}
	return PublicKey{}
}

// OfficerKeys has, by profile, the key that an officer signs with now.
type OfficerKeys map[string]PublicKey

// Keys are those of a list, if it is good: see Check.
func (l OfficerList) Keys() (OfficerKeys, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	k := OfficerKeys{}
	for _, f := range l {
		k[f.Profile] = f.Key
	}
	return k, nil
}

// With are the keys with another one for a profile, if the one before it proves
// that and it is nobody else's. Else it is ErrOfficerKey.
func (k OfficerKeys) With(ceremony CeremonyID, serial Serial, profile string, next PublicKey, proof []byte) (OfficerKeys, error) {
	old, ok := k[profile]
	if !ok {
		return nil, fmt.Errorf("%w: %s has a new key, and had none", ErrOfficerKey, outside.Text(profile))
	}
	if slices.Contains(slices.Collect(maps.Values(k)), next) {
		return nil, fmt.Errorf("%w: the new key of %s is an officer's already", ErrOfficerKey, outside.Text(profile))
	}
	change := OfficerChange{Ceremony: ceremony, Serial: serial, Profile: profile, Old: old, New: next}
	if err := change.Verify(proof); err != nil {
		return nil, err
	}
	with := maps.Clone(k)
	with[profile] = next
	return with, nil
}

// Verify checks the signature of the officer whom a seal names.
func (k OfficerKeys) Verify(seal JournalSeal, signature []byte) error {
	key, ok := k[seal.Profile]
	if !ok {
		return fmt.Errorf("it is signed in the name of %s, who is none of the officers of this coprocessor", outside.Text(seal.Profile))
	}
	if err := VerifyValue(cosesig.DomainJournalOfficer, seal, key, signature); err != nil {
		return fmt.Errorf("%s did not sign it: %w", outside.Text(seal.Profile), err)
	}
	return nil
}

// OfficerChange is that an officer signs with another key from now on, as the
// old key signs it under cosesig.DomainOfficerKey.
type OfficerChange struct {
	_        struct{} `cbor:",toarray"`
	Ceremony CeremonyID
	Serial   Serial
	Profile  string
	Old      PublicKey
	New      PublicKey
}

// Sign makes the proof of the change, with the old key.
func (c OfficerChange) Sign(old crypto.Signer) ([]byte, error) {
	return SignValue(cosesig.DomainOfficerKey, c, c.Old, old)
}

// Verify checks the proof. Whatever is wrong is ErrOfficerKey.
func (c OfficerChange) Verify(proof []byte) error {
	if err := VerifyValue(cosesig.DomainOfficerKey, c, c.Old, proof); err != nil {
		return fmt.Errorf("%w: that %s has a new key is not proved by the old one: %w", ErrOfficerKey, outside.Text(c.Profile), err)
	}
	return nil
}

// SignValue signs the deterministic CBOR of v, under the protected header of
// everything but bundles, and returns the signature alone. public is the
// signer's key.
func SignValue(d cosesig.Domain, v any, public PublicKey, signer crypto.Signer) ([]byte, error) {
	payload, err := detcbor.Marshal(v)
	if err != nil {
		return nil, err
	}
	protected, err := ProtectedFor(public)
	if err != nil {
		return nil, err
	}
	return cosesig.SignDetached(d, protected, payload, signer)
}

// VerifyValue checks what SignValue gave.
func VerifyValue(d cosesig.Domain, v any, public PublicKey, signature []byte) error {
	payload, err := detcbor.Marshal(v)
	if err != nil {
		return err
	}
	protected, err := ProtectedFor(public)
	if err != nil {
		return err
	}
	return cosesig.Message{Protected: protected, Payload: payload, Signature: signature}.Verify(d, public)
}
