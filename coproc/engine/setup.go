package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/passphrase"
)

const (
	// maxProfileName bounds a profile's name, which is also a file's name.
	maxProfileName = 16
	// maxNodeName is coproc.NodeID's limit.
	maxNodeName = 12
)

// checkSetup refuses, with ErrSetup, a set-up that nobody should work with.
func checkSetup(s coproc.Setup) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{coproc.ErrSetup}, args...)...)
	}
	switch {
	case s.Ceremony == coproc.CeremonyID{}:
		return bad("it has no ceremony id")
	case s.Serial.IsZero():
		return bad("it has no serial number")
	case s.EID.IsZero():
		return bad("it has no environment id")
	case s.MaxFailures < 0 || s.MaxFailures > coproc.MaxLockAfter:
		return bad("%d wrong passphrases lock a profile, where 1 to %d do, or 0 for never", s.MaxFailures, coproc.MaxLockAfter)
	case s.M < 1 || s.M > s.N || s.N > coproc.MaxShares:
		return bad("%d of %d shares, where 1 ≤ m ≤ n ≤ %d", s.M, s.N, coproc.MaxShares)
	}
	roles := map[string]coproc.Role{}
	for _, r := range s.Roles {
		if _, ok := roles[r.Name]; ok || r.Name == "" {
			return bad("role name %q is empty or there twice", r.Name)
		}
		if r.Name == coproc.DefaultRole {
			return bad("%s is the role of nobody: no profile has it", r.Name)
		}
		if d := coproc.Danger(r.Permissions); d != "" {
			return bad("role %s %s", r.Name, d)
		}
		roles[r.Name] = r
	}
	names, manager := map[string]bool{}, false
	for _, p := range s.Profiles {
		role, known := roles[p.Role]
		switch {
		case !validProfile(p.Name):
			return bad("profile name %q is not 1 to %d of A-Z, 0-9, hyphen", p.Name, maxProfileName)
		case names[p.Name]:
			return bad("profile %s is there twice", p.Name)
		case !known:
			return bad("profile %s has role %q, which is not there", p.Name, p.Role)
		case p.NotBefore < 0 || p.NotAfter < 0 || p.NotAfter != 0 && p.NotAfter < p.NotBefore:
			return bad("profile %s expires before it is active", p.Name)
		}
		chosen, err := passphrase.Chosen(p.Passphrase)
		if err != nil {
			return bad("the passphrase of profile %s: %w", p.Name, err)
		}
		clear(chosen)
		names[p.Name] = true
		manager = manager || role.Permits(coproc.PermManageAccess)
	}
	if !manager {
		return bad("no profile may %s", coproc.PermManageAccess)
	}
	return nil
}

// newState makes the state of a new coprocessor, without its profiles' recipients
// and what needs them: groups and audit key.
func newState(ctx context.Context, s coproc.Setup, c chip.Chip) (*state, error) {
	over, err := whichChip(c)
	if err != nil {
		return nil, err
	}
	st := &state{
		Version: stateVersion, Family: over.Family, Device: over.Device,
		vault: vault{ctx: ctx, chip: c, settings: settings{
			Ceremony: s.Ceremony, Rehearsal: s.Rehearsal,
			Serial: s.Serial, EID: s.EID, M: s.M, N: s.N, AllowAES: s.AllowAES,
			MaxFailures: s.MaxFailures,
		}},
	}
	for _, r := range s.Roles {
		perms := slices.Compact(slices.Sorted(slices.Values(r.Permissions)))
		st.Roles = append(st.Roles, coproc.Role{Name: r.Name, Permissions: perms})
	}
	for _, p := range s.Profiles {
		st.Profiles = append(st.Profiles, profile{
			Name: p.Name, Role: p.Role, Person: p.Person, NotBefore: p.NotBefore, NotAfter: p.NotAfter,
		})
	}
	for _, c := range c.Family().Classes() {
		st.Registers = append(st.Registers, registers{Class: c})
	}
	return st, nil
}

// makeAudit makes the key that signs the journal.
func (st *state) makeAudit() (err error) {
	st.Audit, st.AuditKey, err = st.newSigner(readAudit)
	return err
}

// validProfile keeps a name that is not one out of a path.
func validProfile(name string) bool {
	return name != "" && len(name) <= maxProfileName && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func validNode(name string) bool {
	return name != "" && len(name) <= maxNodeName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
