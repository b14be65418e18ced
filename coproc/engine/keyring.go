package engine

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// The state is saved with every record of the journal. Sealing it to the
// recipients of a dozen profiles took longer than all else of an act; so they
// get a key, once, and it is sealed under that.

// stateDomain separates the key that the state is sealed under from others that
// are made of the same.
const stateDomain = "gapferry coprocessor state v4"

const stateKeySize = 32

// stateForm is state.age.
type stateForm struct {
	_ struct{} `cbor:",toarray"`
	// Keyring is an age file to every profile's recipient, with the state key.
	Keyring []byte
	// Salt is drawn with every save: no key seals two states.
	Salt [32]byte
	// Sealed is the encoded state: AES-256-GCM with a random nonce of 12 bytes
	// before and a tag of 16 behind it.
	Sealed []byte
}

// keyring is the key of the state, and its sealed form.
type keyring struct {
	recipients []string // that it is sealed to, in the order of the profiles
	key        []byte
	sealed     []byte
}

func (k *keyring) wipe() {
	clear(k.key)
	*k = keyring{}
}

// recipients are all that the state is sealed to.
func (st *settings) recipients() (all []string) {
	for _, p := range st.Profiles {
		all = append(all, p.recipients()...)
	}
	return all
}

// recipients are the profile's one, and beside it the next, while its passphrase
// is being changed.
func (p *profile) recipients() (all []string) {
	for _, s := range []string{p.Recipient, p.Next} {
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}

// keyringFor is k where the state has the recipients of k, and one with another
// key where it has others: who is a reader no more knows the old one.
func (st *settings) keyringFor(k keyring) (keyring, error) {
	recipients := st.recipients()
	if k.key != nil && slices.Equal(k.recipients, recipients) {
		return k, nil
	}
	fresh := keyring{recipients: recipients, key: make([]byte, stateKeySize)}
	rand.Read(fresh.key)
	var err error
	fresh.sealed, err = sealTo(recipients, fresh.key)
	return fresh, err
}

// sealTo makes an age file to hybrid recipients.
func sealTo(recipients []string, plain []byte) ([]byte, error) {
	var to []age.Recipient
	for _, s := range recipients {
		r, err := hybridRecipient(s)
		if err != nil {
			return nil, err
		}
		to = append(to, r)
	}
	return encrypt(plain, to...)
}

// hybridRecipients keeps recipients by how they are written: reading one costs
// half of what sealing to it does. They are public, and few.
var hybridRecipients sync.Map

func hybridRecipient(s string) (age.Recipient, error) {
	if r, ok := hybridRecipients.Load(s); ok {
		return r.(age.Recipient), nil
	}
	r, err := age.ParseHybridRecipient(s)
	if err != nil {
		return nil, err
	}
	hybridRecipients.Store(s, r)
	return r, nil
}

// seal encrypts the state under k and the MAC key. k alone does not make a
// state: whoever knows the recipients can make a keyring.
func (st *state) seal(k keyring, mac []byte) ([]byte, error) {
	encoded, err := detcbor.Marshal(st)
	if err != nil {
		return nil, err
	}
	form := stateForm{Keyring: k.sealed}
	rand.Read(form.Salt[:])
	aead, err := form.cipher(k.key, mac)
	if err != nil {
		return nil, err
	}
	form.Sealed = aead.Seal(nil, nil, encoded, []byte(stateDomain))
	return detcbor.Marshal(form)
}

// cipher is of the key that both keys and all of the file's other parts make.
func (f *stateForm) cipher(stateKey, mac []byte) (cipher.AEAD, error) {
	secret := slices.Concat(mac, stateKey)
	defer clear(secret)
	ring := sha256.Sum256(f.Keyring)
	key, err := hkdf.Key(sha256.New, secret, f.Salt[:], stateDomain+string(ring[:]), stateKeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// agePrefix begins the state of every build before there was a keyring.
const agePrefix = "age-encryption.org/"

// openState is the reverse of state.seal for one profile. Whatever is wrong is
// ErrDamaged: with a state of another's making, with one that is not sealed
// to this profile under its name, and with one that was changed.
func openState(file []byte, name string, k profileKey) (*state, keyring, error) {
	if bytes.HasPrefix(file, []byte(agePrefix)) {
		return nil, keyring{}, fmt.Errorf("%w: the coprocessor's state is of version 3 or before, which an older build of this program writes; this one writes %d", coproc.ErrBuild, stateVersion)
	}
	st, ring, err := openForm(file, name, k)
	if err != nil && !errors.Is(err, coproc.ErrBuild) && !errors.Is(err, coproc.ErrDamaged) {
		err = fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	if err != nil {
		ring.wipe()
		return nil, keyring{}, err
	}
	return st, ring, nil
}

func openForm(file []byte, name string, k profileKey) (*state, keyring, error) {
	var ring keyring
	var form stateForm
	if err := detcbor.Unmarshal(file, &form); err != nil {
		return nil, ring, err
	}
	id, err := age.ParseHybridIdentity(string(k.Identity))
	if err != nil {
		return nil, ring, fmt.Errorf("the profile's key: %v", err)
	}
	ring.sealed = form.Keyring
	ring.key, err = decrypt(form.Keyring, id)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		// A profile has another key since its passphrase was changed.
		return nil, ring, fmt.Errorf("%w: the file of profile %s is not the one that belongs to the state: one of the two was put back to an earlier copy of it, or is of another coprocessor", coproc.ErrDamaged, name)
	}
	if err != nil {
		return nil, ring, err
	}
	aead, err := form.cipher(ring.key, k.MAC)
	if err != nil {
		return nil, ring, err
	}
	plain, err := aead.Open(nil, nil, form.Sealed, []byte(stateDomain))
	if err != nil {
		return nil, ring, errors.New("it was not written by this coprocessor, or was changed")
	}
	defer clear(plain)
	st, err := decodeState(plain)
	if err != nil {
		return nil, ring, err
	}
	ring.recipients = st.recipients()
	// A profile's file that was copied to another profile's name must not
	// lend it the other's role.
	if err := errors.Join(st.checkProfileKey(name, id), st.checkOfficerKey(name, k), st.checkProofs()); err != nil {
		return nil, ring, err
	}
	return st, ring, nil
}

// checkProfileKey refuses a key that is not the profile's.
func (st *settings) checkProfileKey(name string, id *age.HybridIdentity) error {
	if p := st.profile(name); p == nil || !slices.Contains([]string{p.Recipient, p.Next}, id.Recipient().String()) {
		return fmt.Errorf("%w: the key of profile %s is not the one the state knows", coproc.ErrDamaged, name)
	}
	return nil
}
