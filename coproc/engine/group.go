package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Every profile opens the state. What is secret in it is sealed once more, to
// the group of the profiles whose acts need it: see readers.go. A group is
// sealed to by anybody, so that whoever makes a key need not read it.

// secret is an age file to the recipient of a group.
type secret []byte

// group is a set of profiles that has a key.
type group struct {
	Profiles  []string `cbor:"1,keyasint"` // sorted
	Recipient string   `cbor:"2,keyasint"` // hybrid
}

// grant gives a profile the identities of groups. Where several give the same
// one, the last of them is right.
type grant struct {
	Profile string `cbor:"1,keyasint"`
	By      string `cbor:"2,keyasint"` // who made the keys: whose passphrase was changed; empty of the set-up
	Groups  []int  `cbor:"3,keyasint"` // which, of state.Groups
	// Sealed is an age file to the profile's recipients, with the identities as
	// CBOR byte strings, in the order of Groups.
	Sealed []byte `cbor:"4,keyasint"`
}

// key is a key of the chip: its Ref, sealed, and what Drop needs to know of it.
type key struct {
	Sealed secret   `cbor:"1,keyasint"`
	Handle chip.Ref `cbor:"2,keyasint,omitempty"`
}

// reader is the officer who does an act, and the identity in their file.
type reader struct {
	profile  string
	identity []byte
}

// makeGroups makes the groups that the readers of the state's secrets are, but
// for those that are there.
func (st *vault) makeGroups() error {
	fresh := identities{}
	defer fresh.wipe()
	for _, r := range allReaders {
		for i := r.first(); i <= r.last(st.N); i++ {
			profiles := st.readersOf(r, i)
			if len(profiles) == 0 || st.groupOf(profiles) >= 0 {
				continue
			}
			st.Groups = append(st.Groups, group{Profiles: profiles})
			if err := st.newIdentity(len(st.Groups)-1, fresh); err != nil {
				return err
			}
		}
	}
	return st.grantAll(fresh, "")
}

// identities are those of groups, by their place in state.Groups.
type identities map[int][]byte

func (m identities) wipe() {
	for _, id := range m {
		clear(id)
	}
}

// newIdentity gives a group a key.
func (st *vault) newIdentity(gi int, all identities) error {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	st.Groups[gi].Recipient, all[gi] = id.Recipient().String(), []byte(id.String())
	return nil
}

// grantAll gives every profile those of the identities that it has a part in.
func (st *vault) grantAll(all identities, by string) error {
	for _, p := range st.Profiles {
		g := grant{Profile: p.Name, By: by}
		var ids [][]byte
		for _, gi := range slices.Sorted(maps.Keys(all)) {
			if slices.Contains(st.Groups[gi].Profiles, p.Name) {
				g.Groups, ids = append(g.Groups, gi), append(ids, all[gi])
			}
		}
		if len(ids) == 0 {
			continue
		}
		plain, err := detcbor.Marshal(ids)
		if err != nil {
			return err
		}
		g.Sealed, err = sealTo(p.recipients(), plain)
		clear(plain)
		if err != nil {
			return err
		}
		st.Grants = append(st.Grants, g)
	}
	return nil
}

// groupOf is the place of the group of just these profiles, or -1.
func (st *vault) groupOf(profiles []string) int {
	return slices.IndexFunc(st.Groups, func(g group) bool { return slices.Equal(g.Profiles, profiles) })
}

// keep seals a secret to its readers. i is the index of the share that it is
// about, 0 of none. Where nobody could read it, it is coproc.ErrNoReader.
func (st *vault) keep(r *readers, i int, plain []byte) (secret, error) {
	profiles := st.readersOf(r, i)
	if len(profiles) == 0 {
		return nil, fmt.Errorf("%w: %s is for who may %s, and no profile may", coproc.ErrNoReader, r.named(i), r.who(i))
	}
	gi := st.groupOf(profiles)
	if gi < 0 {
		return nil, fmt.Errorf("%w: profiles %s have no key together", coproc.ErrDamaged, strings.Join(profiles, ", "))
	}
	return sealTo([]string{st.Groups[gi].Recipient}, plain)
}

// open opens a secret for the officer who acts. The caller overwrites it.
func (st *vault) open(r *readers, i int, s secret) ([]byte, error) {
	profiles := st.readersOf(r, i)
	if !slices.Contains(profiles, st.as.profile) {
		return nil, fmt.Errorf("%w: %s does not read %s: that needs the permission to %s", coproc.ErrAccess, st.as.profile, r.named(i), r.who(i))
	}
	plain, err := st.openAs(st.groupOf(profiles), s)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", coproc.ErrDamaged, r.named(i), err)
	}
	return plain, nil
}

func (st *vault) openAs(gi int, s secret) ([]byte, error) {
	identity, err := st.identityOf(gi)
	if err != nil {
		return nil, err
	}
	defer clear(identity)
	return openWith(identity, s)
}

func openWith(identity []byte, s secret) ([]byte, error) {
	id, err := age.ParseHybridIdentity(string(identity))
	if err != nil {
		return nil, err
	}
	return decrypt(s, id)
}

// identityOf opens a group's identity, with that of the officer who acts.
func (st *vault) identityOf(gi int) ([]byte, error) {
	for _, g := range slices.Backward(st.Grants) {
		at := slices.Index(g.Groups, gi)
		if gi < 0 || at < 0 || g.Profile != st.as.profile {
			continue
		}
		plain, err := openWith(st.as.identity, g.Sealed)
		if err != nil {
			return nil, err
		}
		defer clear(plain)
		var ids [][]byte
		if err := detcbor.Unmarshal(plain, &ids); err != nil {
			return nil, err
		}
		defer wipeAll(ids)
		if len(ids) != len(g.Groups) {
			return nil, fmt.Errorf("%d keys for %d groups", len(ids), len(g.Groups))
		}
		return slices.Clone(ids[at]), nil
	}
	return nil, fmt.Errorf("%s has no key for it", st.as.profile)
}

func wipeAll(all [][]byte) {
	for _, b := range all {
		clear(b)
	}
}

// handOver seals what the profile was granted to its recipients, all that it has
// now. It is what a passphrase's change begins with.
func (st *vault) handOver(name string) error {
	for i := range st.Grants {
		g := &st.Grants[i]
		if g.Profile != name {
			continue
		}
		plain, err := openWith(st.as.identity, g.Sealed)
		if err != nil {
			return fmt.Errorf("%w: the keys of %s: %v", coproc.ErrDamaged, name, err)
		}
		g.Sealed, err = sealTo(st.profile(name).recipients(), plain)
		clear(plain)
		if err != nil {
			return err
		}
	}
	return nil
}

// rekey gives all groups of the officer who acts another identity, and seals
// their secrets to it: an old copy of the officer's file opens none of them.
func (st *state) rekey() error {
	old, fresh := identities{}, identities{}
	defer old.wipe()
	defer fresh.wipe()
	me := st.as.profile
	for gi, g := range st.Groups {
		if !slices.Contains(g.Profiles, me) {
			continue
		}
		var err error
		if old[gi], err = st.identityOf(gi); err != nil {
			return fmt.Errorf("%w: the keys of %s: %v", coproc.ErrDamaged, me, err)
		}
		if err := st.newIdentity(gi, fresh); err != nil {
			return err
		}
	}
	st.Grants = slices.DeleteFunc(st.Grants, func(g grant) bool { return g.Profile == me || g.By == me })
	if err := st.grantAll(fresh, me); err != nil {
		return err
	}
	return st.eachSecret(func(r *readers, i int, s *secret) error {
		identity, mine := old[st.groupOf(st.readersOf(r, i))]
		if !mine {
			return nil
		}
		plain, err := openWith(identity, *s)
		if err != nil {
			return fmt.Errorf("%w: %s: %v", coproc.ErrDamaged, r.named(i), err)
		}
		defer clear(plain)
		*s, err = st.keep(r, i, plain)
		return err
	})
}

// keepRef is keep for a key that the chip made, whose Ref it overwrites.
func (st *vault) keepRef(r *readers, ref chip.Ref) (key, error) {
	defer clear(ref)
	sealed, err := st.keep(r, 0, ref)
	return key{Sealed: sealed, Handle: handleOf(st.chip, ref)}, err
}

// use opens a key for the time of f.
func (st *vault) use(r *readers, k key, f func(chip.Ref) error) error {
	ref, err := st.open(r, 0, k.Sealed)
	if err != nil {
		return err
	}
	defer clear(ref)
	return f(ref)
}

// handleOf is what Drop is given of a Ref, and nothing of a Ref that is the key.
func handleOf(c chip.Chip, ref chip.Ref) chip.Ref {
	switch c := c.(type) {
	case chip.Naked:
		return nil
	case chip.Handler:
		return c.Handle(ref)
	}
	return slices.Clone(ref)
}
