package engine

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

// The scrypt work factors (2^N) of the profiles' files.
const (
	// workFactor is age's own default, about one second. It is also the most
	// that log-on is willing to spend on a file.
	workFactor = 18
	// rehearsalWorkFactor is some milliseconds: a rehearsal's keys protect
	// nothing, and it logs on some fifty times.
	rehearsalWorkFactor = 10
)

// workFactor is the one of this coprocessor's profiles.
func (st *settings) workFactor() int {
	if st.Rehearsal {
		return rehearsalWorkFactor
	}
	return workFactor
}

const macKeySize = 32

// profileKey is the plaintext of a profile's file.
type profileKey struct {
	// Identity is the age hybrid identity, as age writes it, that opens the state.
	Identity []byte `cbor:"1,keyasint"`
	// MAC is the key that authenticates the state; every profile has the same.
	MAC []byte `cbor:"2,keyasint"`
	// Sign is the seed of the Ed25519 key with which the officer signs.
	Sign []byte `cbor:"3,keyasint"`
}

func (k *profileKey) wipe() {
	clear(k.Identity)
	clear(k.MAC)
	clear(k.Sign)
}

// newProfileKey makes the keys of a profile, the recipient that goes with it and
// the public half of the officer's key.
func newProfileKey(mac []byte) (k profileKey, recipient string, public coproc.PublicKey, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return profileKey{}, "", public, err
	}
	seed, public, err := newOfficerKey()
	if err != nil {
		return profileKey{}, "", public, err
	}
	return profileKey{Identity: []byte(id.String()), MAC: mac, Sign: seed}, id.Recipient().String(), public, nil
}

// newMACKey makes the key that authenticates the state.
func newMACKey() []byte {
	k := make([]byte, macKeySize)
	rand.Read(k)
	return k
}

// sealProfile encrypts a profile's key under its passphrase, in its one form.
func sealProfile(k profileKey, chosen []byte, logN int) ([]byte, error) {
	normal, err := passphrase.Chosen(chosen)
	if err != nil {
		return nil, err
	}
	defer clear(normal)
	if err := enoughMemory(logN); err != nil {
		return nil, err
	}
	r, err := age.NewScryptRecipient(string(normal))
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(logN)
	plain, err := detcbor.Marshal(k)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return encrypt(plain, r)
}

// workFactorOf reads the work factor out of the header of a profile's file:
// "-> scrypt SALT N" (age-encryption.org/v1). It is the greatest where there is
// none; age judges what is wrong with it.
func workFactorOf(sealed []byte) int {
	for line := range bytes.Lines(sealed[:min(len(sealed), 256)]) {
		if fields := strings.Fields(string(line)); len(fields) == 4 && fields[0] == "->" && fields[1] == "scrypt" {
			if n, err := strconv.Atoi(fields[3]); err == nil && n > 0 && n < workFactor {
				return n
			}
		}
	}
	return workFactor
}

// openProfile is the reverse of sealProfile, for a passphrase in its one form. A
// wrong one is ErrPassphrase, anything else that is wrong ErrDamaged.
func openProfile(sealed, normal []byte) (profileKey, error) {
	var k profileKey
	id, err := age.NewScryptIdentity(string(normal))
	if err != nil {
		return k, err
	}
	id.SetMaxWorkFactor(workFactor)
	if err := enoughMemory(workFactorOf(sealed)); err != nil {
		return k, err
	}
	plain, err := decrypt(sealed, id)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return k, coproc.ErrPassphrase
	}
	if err != nil {
		return k, fmt.Errorf("%w: the profile's file: %v", coproc.ErrDamaged, err)
	}
	defer clear(plain)
	var officer struct {
		Sign []byte `cbor:"3,keyasint"`
	}
	err = detcbor.Peek(plain, &officer)
	clear(officer.Sign)
	if err == nil && len(officer.Sign) == 0 {
		return k, fmt.Errorf("%w: the profile's file is of an older build of this program, whose officers had no key of their own", coproc.ErrBuild)
	}
	if err := detcbor.Unmarshal(plain, &k); err != nil {
		return k, fmt.Errorf("%w: the profile's file: %v", coproc.ErrDamaged, err)
	}
	return k, nil
}

func encrypt(plain []byte, recipients ...age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// decrypt opens an age file in memory. The plaintext is the only buffer that
// this package makes of it: io.ReadAll would leave copies as it grows.
func decrypt(sealed []byte, id age.Identity) ([]byte, error) {
	r, size, err := age.DecryptReaderAt(bytes.NewReader(sealed), int64(len(sealed)), id)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), plain); err != nil {
		clear(plain)
		return nil, err
	}
	return plain, nil
}
