package coproc

import (
	"fmt"
	"time"
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
