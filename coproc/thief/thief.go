// Package thief is own software, for the tests: what somebody opens who has
// copies of coprocessors' directories and the passphrases of some profiles. It
// keeps to no role and no order of acts. It shares no code with package engine,
// and reads what lies on the disk.
//
// It knows the forms of the files and not what the state means: it walks through
// all that it can open, tries each key that it finds on whatever is sealed, and
// goes on until nothing new comes of it.
package thief

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"
)

// Loot is what was opened of one directory.
type Loot struct {
	// Fields is the state that every profile opens, by its fields.
	Fields map[int]cbor.RawMessage
	// Opened has what was sealed in the state, by its place: the keys of maps
	// and the indices of arrays from the outside on, as in "14/0/5/1".
	Opened map[string][]byte
	// Closed are the places of what did not open.
	Closed []string
	// Keys are all identities found, those of the profiles first.
	Keys []age.Identity
	// Officers are the seeds of the officers' own keys, by profile.
	Officers map[string][]byte

	dir           string
	form          [][]byte // of state.age: keyring, salt, sealed
	stateKey, mac []byte
}

// domain is what engine seals the state under.
const domain = "gapferry coprocessor state v4"

// sealedPrefix begins whatever age sealed.
const sealedPrefix = "age-encryption.org/v1\n"

// Open opens the directory of a coprocessor with the passphrases of some of its
// profiles, one at least, in their one form.
func Open(dir string, passphrases map[string][]byte) (*Loot, error) {
	file, err := os.ReadFile(filepath.Join(dir, "state.age"))
	if err != nil {
		return nil, err
	}
	l := &Loot{Opened: map[string][]byte{}, Officers: map[string][]byte{}, dir: dir}
	if err := cbor.Unmarshal(file, &l.form); err != nil || len(l.form) != 3 {
		return nil, fmt.Errorf("%d parts: %v", len(l.form), err)
	}
	var state []byte
	for _, name := range slices.Sorted(maps.Keys(passphrases)) {
		own, fields, err := openProfile(filepath.Join(dir, "profiles", name+".age"), passphrases[name])
		if errors.Is(err, os.ErrNotExist) {
			continue // this coprocessor has no such profile
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		l.Keys = append(l.Keys, own)
		l.mac, l.Officers[name] = fields[2], fields[3]
		if l.stateKey, err = decrypt(l.form[0], own); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		aead, err := l.cipher()
		if err != nil {
			return nil, err
		}
		if state, err = aead.Open(nil, nil, l.form[2], []byte(domain)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if state == nil {
		return nil, errors.New("no profile's passphrase")
	}
	if err := cbor.Unmarshal(state, &l.Fields); err != nil {
		return nil, err
	}
	var tree any
	if err := cbor.Unmarshal(state, &tree); err != nil {
		return nil, err
	}
	l.rummage(sealedIn("", tree))
	return l, nil
}

// openProfile reads a profile's file: the identity, and its fields, of which 2 is
// the MAC key and 3 the seed of the officer's own key.
func openProfile(path string, passphrase []byte) (own age.Identity, fields map[int][]byte, err error) {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	id, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return nil, nil, err
	}
	plain, err := decrypt(sealed, id)
	if err != nil {
		return nil, nil, err
	}
	if err := cbor.Unmarshal(plain, &fields); err != nil {
		return nil, nil, err
	}
	own, err = age.ParseHybridIdentity(string(fields[1]))
	return own, fields, err
}

// cipher is what the state is sealed with.
func (l *Loot) cipher() (cipher.AEAD, error) {
	ring := sha256.Sum256(l.form[0])
	key, err := hkdf.Key(sha256.New, slices.Concat(l.mac, l.stateKey), l.form[1], domain+string(ring[:]), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Save writes another state in the place of the one that was opened: one that
// every officer's log-on takes for the coprocessor's.
func (l *Loot) Save(state []byte) error {
	aead, err := l.cipher()
	if err != nil {
		return err
	}
	l.form[2] = aead.Seal(nil, nil, state, []byte(domain))
	file, err := cbor.Marshal(l.form)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.dir, "state.age"), file, 0o600)
}

// sealedIn finds what is sealed with age in decoded CBOR, by its place.
func sealedIn(place string, v any) map[string][]byte {
	found := map[string][]byte{}
	inner := func(key, v any) {
		maps.Copy(found, sealedIn(strings.TrimPrefix(fmt.Sprintf("%s/%v", place, key), "/"), v))
	}
	switch v := v.(type) {
	case map[any]any:
		for key, v := range v {
			inner(key, v)
		}
	case []any:
		for i, v := range v {
			inner(i, v)
		}
	case []byte:
		if bytes.HasPrefix(v, []byte(sealedPrefix)) {
			found[place] = v
		}
	}
	return found
}

// rummage tries all keys on all that is sealed, and the keys that it finds there.
func (l *Loot) rummage(sealed map[string][]byte) {
	for next := 0; next < len(l.Keys); next++ {
		for _, place := range slices.Sorted(maps.Keys(sealed)) {
			if l.Opened[place] != nil {
				continue
			}
			plain, err := decrypt(sealed[place], l.Keys[next])
			if err != nil {
				continue
			}
			l.Opened[place] = plain
			l.Keys = append(l.Keys, identities(plain)...)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(sealed)) {
		if l.Opened[place] == nil {
			l.Closed = append(l.Closed, place)
		}
	}
}

// identities are keys as age writes them: one, or byte strings in a CBOR array.
func identities(b []byte) (ids []age.Identity) {
	var several [][]byte
	if cbor.Unmarshal(b, &several) != nil {
		several = [][]byte{b}
	}
	for _, one := range several {
		if id, err := age.ParseHybridIdentity(string(one)); err == nil {
			ids = append(ids, id)
		}
		if id, err := age.ParseX25519Identity(string(one)); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func decrypt(sealed []byte, ids ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
