package ceremony

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// AccessReport is what an audit of a coprocessor's access controls found.
type AccessReport struct {
	Coprocessor string
	Info        coproc.Info
	Roles       []coproc.Role
	Profiles    []coproc.Profile
	Differences []string // from the plan, in words
	Dangers     []string // one officer able to do both halves of a dual act, and the like
}

// auditWith reads back the access controls and compares them with the plan.
func (n *Node) auditWith(s coproc.Session) (*AccessReport, error) {
	access, err := s.Access()
	if err != nil {
		return nil, err
	}
	info, err := s.Info()
	if err != nil {
		return nil, err
	}
	report := &AccessReport{Coprocessor: n.device.Name, Info: info, Roles: access.Roles, Profiles: access.Profiles}
	want := n.plan.Setup(n.device)
	differ := func(format string, a ...any) {
		report.Differences = append(report.Differences, fmt.Sprintf(format, a...))
	}
	for _, w := range want.Roles {
		i := slices.IndexFunc(access.Roles, func(r coproc.Role) bool { return r.Name == w.Name })
		if i < 0 {
			differ("role %s is missing", w.Name)
			continue
		}
		for _, p := range w.Permissions {
			if !access.Roles[i].Permits(p) {
				differ("role %s may not %s", w.Name, p)
			}
		}
		for _, p := range access.Roles[i].Permissions {
			if !w.Permits(p) {
				differ("role %s may %s, which is not planned", w.Name, p)
			}
		}
	}
	for _, r := range access.Roles {
		if !slices.ContainsFunc(want.Roles, func(w coproc.Role) bool { return w.Name == r.Name }) {
			differ("role %s is not planned", r.Name)
		}
		if why := coproc.Danger(r.Permissions); why != "" {
			report.Dangers = append(report.Dangers, fmt.Sprintf("role %s %s", r.Name, why))
		}
	}
	for _, w := range want.Profiles {
		i := slices.IndexFunc(access.Profiles, func(p coproc.Profile) bool { return p.Name == w.Name })
		switch {
		case i < 0:
			differ("profile %s is missing", w.Name)
		case access.Profiles[i].Role != w.Role:
			differ("profile %s has role %s, planned is %s", w.Name, access.Profiles[i].Role, w.Role)
		case access.Profiles[i].Person != w.Person:
			differ("profile %s is of %q, planned is %q", w.Name, access.Profiles[i].Person, w.Person)
		}
	}
	for _, p := range access.Profiles {
		if !slices.ContainsFunc(want.Profiles, func(w coproc.ProfileSetup) bool { return w.Name == p.Name }) {
			differ("profile %s is not planned", p.Name)
		}
	}
	if info.AllowAES != want.AllowAES {
		differ("cloning of AES and APKA master keys is allowed: %t, planned: %t", info.AllowAES, want.AllowAES)
	}
	return report, nil
}
