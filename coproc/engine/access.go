package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// Access reports roles and profiles.
func (s *session) Access() (a coproc.Access, err error) {
	audit := oneOf(coproc.PermAudit.String(), coproc.PermAudit, coproc.PermManageAccess)
	err = s.view(audit, func(st *state) error {
		a.MaxFailures = st.MaxFailures
		a.Roles = []coproc.Role{{Name: coproc.DefaultRole}}
		for _, r := range st.Roles {
			a.Roles = append(a.Roles, coproc.Role{Name: r.Name, Permissions: slices.Clone(r.Permissions)})
		}
		for _, p := range st.Profiles {
			failures, err := s.device.failures(p.Name)
			if err != nil {
				return err
			}
			a.Profiles = append(a.Profiles, coproc.Profile{
				Name: p.Name, Role: p.Role, Person: p.Person, NotBefore: p.NotBefore, NotAfter: p.NotAfter,
				Failures: failures, Locked: locked(failures, st.limit(p.Name)),
			})
		}
		return nil
	})
	if err != nil {
		return coproc.Access{}, err
	}
	return a, nil
}

// Unlock begins the count of a profile anew. The count is a file of its own;
// the state has only that there was an act, and has it before.
func (s *session) Unlock(profile string) error {
	return s.view(permission(coproc.PermManageAccess), func(st *state) error {
		if st.profile(profile) == nil {
			return fmt.Errorf("%w: %q", coproc.ErrProfile, profile)
		}
		if err := s.device.change(func(*state) error { return nil }); err != nil {
			return fmt.Errorf("unlock profile %s: %w", profile, err)
		}
		if err := s.device.setFailures(profile, 0); err != nil {
			return fmt.Errorf("unlock profile %s: %w", profile, err)
		}
		return nil
	})
}
