package coproc

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/coproc/detcbor"
)

// MaxLockAfter is the largest MaxFailures of a set-up.
const MaxLockAfter = 99

// Access is who could do what.
type Access struct {
	// MaxFailures is the number of wrong passphrases since the last log-on
	// that locks a profile; 0 is never.
	MaxFailures int
	Roles       []Role // DefaultRole first
	Profiles    []Profile
}

// Profile is an officer as the coprocessor knows them.
type Profile struct {
	Name      string // 1 to 16 of A-Z, 0-9, hyphen
	Role      string
	Person    string
	NotBefore int64 // activation, Unix seconds; 0 is no bound
	NotAfter  int64 // the last second before expiry, Unix seconds; 0 is no bound
	Failures  int   // wrong passphrases since the last log-on
	Locked    bool  // Failures reached Access.MaxFailures
}

// accessForm is what AccessDigest covers.
type accessForm struct {
	_           struct{} `cbor:",toarray"`
	MaxFailures int
	AllowAES    bool
	Roles       []Role
	Profiles    []accessProfile
}

type accessProfile struct {
	_                   struct{} `cbor:",toarray"`
	Name, Role, Person  string
	NotBefore, NotAfter int64
}

// AccessDigest is the SHA-256 of who may do what at a coprocessor, in one form
// whatever the order of roles, profiles and permissions. Counts of wrong
// passphrases have no part in it, nor has DefaultRole.
func AccessDigest(maxFailures int, allowAES bool, roles []Role, profiles []Profile) (Digest, error) {
	f := accessForm{MaxFailures: maxFailures, AllowAES: allowAES}
	for _, r := range roles {
		if r.Name != DefaultRole {
			f.Roles = append(f.Roles, Role{r.Name, slices.Compact(slices.Sorted(slices.Values(r.Permissions)))})
		}
	}
	for _, p := range profiles {
		f.Profiles = append(f.Profiles, accessProfile{Name: p.Name, Role: p.Role, Person: p.Person, NotBefore: p.NotBefore, NotAfter: p.NotAfter})
	}
	slices.SortFunc(f.Roles, func(a, b Role) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Profiles, func(a, b accessProfile) int { return strings.Compare(a.Name, b.Name) })
	b, err := detcbor.Marshal(f)
	if err != nil {
		return Digest{}, err
	}
	return DigestOf(b), nil
}

// AccessDigest is that of the set-up.
func (s Setup) AccessDigest() (Digest, error) {
	profiles := make([]Profile, 0, len(s.Profiles))
	for _, p := range s.Profiles {
		profiles = append(profiles, p.Profile)
	}
	return AccessDigest(s.MaxFailures, s.AllowAES, s.Roles, profiles)
}

// CheckTime refuses, with ErrInactive, a profile that is not active at now.
func (p Profile) CheckTime(now time.Time) error {
	if t := now.Unix(); t >= p.NotBefore && (p.NotAfter == 0 || t <= p.NotAfter) {
		return nil
	}
	return fmt.Errorf("%w: it is %s, the clock here says %s", ErrInactive, p.Window(), now.UTC().Format("2006-01-02 15:04:05"))
}

// Window says in words when the profile is active, by days in UTC.
func (p Profile) Window() string {
	const day = "2006-01-02"
	from, until := time.Unix(p.NotBefore, 0).UTC().Format(day), time.Unix(p.NotAfter, 0).UTC().Format(day)
	switch {
	case p.NotBefore == 0 && p.NotAfter == 0:
		return "always active"
	case p.NotAfter == 0:
		return "active from " + from
	case p.NotBefore == 0:
		return "active until " + until
	}
	return "active from " + from + " until " + until
}

// Setup makes a coprocessor ready for one ceremony. An administrator does it
// once, before anyone else can log on.
type Setup struct {
	Ceremony  CeremonyID
	Rehearsal bool
	Serial    Serial
	EID       EID
	M, N      int
	AllowAES  bool
	// MaxFailures locks a profile after so many wrong passphrases, 1 to
	// MaxLockAfter; 0 is never. A profile whose role manages access is counted
	// but never locked: nobody could unlock it.
	MaxFailures int
	Roles       []Role
	Profiles    []ProfileSetup
}

// ProfileSetup is a profile and its first passphrase, which is kept in its one
// form, or refused: see passphrase.Chosen. Failures and Locked are
// of no meaning in it.
type ProfileSetup struct {
	Profile
	Passphrase []byte
}

// AccessManager is what whoever manages access may do after the set-up.
type AccessManager interface {
	// Unlock sets the count of wrong passphrases of a profile to 0, whether
	// that had locked it or not. It needs PermManageAccess; an unknown profile
	// is ErrProfile.
	Unlock(profile string) error
}

// PassphraseChanger changes the passphrase of the officer who is logged on.
type PassphraseChanger interface {
	// ChangePassphrase puts new in the place of old. A wrong old one is counted
	// and refused as by LogOn; a new one that passphrase.Chosen refuses, or the
	// same, is ErrNewPassphrase. Whatever happens on the way, one of the two works.
	// Neither is kept.
	ChangePassphrase(old, new []byte) error
}
