package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

func (a *auditor) danger(format string, v ...any) {
	a.Dangers = append(a.Dangers, fmt.Sprintf(format, v...))
}

// dangers are what must not be, whether the plan has it or not: by role, by
// person, and by what was done.
func (a *auditor) dangers() {
	for _, r := range a.Roles {
		if r.Name == coproc.DefaultRole && len(r.Permissions) > 0 {
			a.danger("without logging on anybody could %s", r.Permissions[0])
		}
		if why := coproc.Danger(r.Permissions); why != "" {
			a.danger("role %s %s", r.Name, why)
		}
	}
	for _, p := range a.persons() {
		if len(p.Officers) < 2 {
			continue // the role was judged
		}
		var perms []coproc.Permission
		var profiles []string
		for _, o := range p.Officers {
			perms = append(perms, a.role(coproc.Profile{Role: o.Role}).Permissions...)
			profiles = append(profiles, o.Profile)
		}
		if why := coproc.Danger(perms); why != "" {
			a.danger("%s, under the profiles %s, %s", p.Names(), strings.Join(profiles, ", "), why)
		}
	}
	for _, p := range a.Profiles {
		if !slices.ContainsFunc(a.Roles, func(r coproc.Role) bool { return r.Name == p.Role }) {
			a.danger("profile %s has role %s, which is not there", p.Name, p.Role)
		}
		if p.Role == coproc.DefaultRole {
			a.danger("profile %s has the role of nobody, %s", p.Name, p.Role)
		}
	}
	for _, c := range a.Could {
		if c.Planned && len(c.Profiles) == 0 {
			a.danger("nobody could %s, which the plan needs", c.Act)
		}
	}
	a.bothHalves()
}

// bothHalves is about the one dual act of which a coprocessor remembers who
// did it.
func (a *auditor) bothHalves() {
	hash, key := a.Info.SAHashBy, a.Info.SAKeyBy
	if hash == "" || key == "" {
		return
	}
	if hash == key {
		a.danger("the SA-key hash and the SA key were registered by the same profile, %s", hash)
		return
	}
	for _, p := range a.persons() {
		if p.Has(hash) && p.Has(key) {
			a.danger("the SA-key hash and the SA key were registered by the same person, %s, as %s and as %s", p.Names(), hash, key)
		}
	}
}

// persons are those behind the coprocessor's own profiles.
func (a *auditor) persons() []plan.Person {
	var officers []plan.Officer
	for _, p := range a.Profiles {
		officers = append(officers, plan.Officer{Profile: p.Name, Role: p.Role, Person: p.Person})
	}
	return plan.Persons(officers)
}

// Absent says in words why a profile could not log on at the time of the
// audit; empty where it could.
func (r *Report) Absent(p coproc.Profile) string {
	switch t := r.Time.Unix(); {
	case p.Locked:
		return "LOCKED"
	case t < p.NotBefore:
		return "NOT YET ACTIVE"
	case p.CheckTime(r.Time) != nil:
		return "EXPIRED"
	}
	return ""
}

// attention is what is no difference and no danger, but may keep the ceremony
// from going on today: acts of the plan whose every officer is locked out.
func (a *auditor) attention() {
	for _, p := range a.Profiles {
		why := a.Absent(p)
		if why == "" {
			continue
		}
		var acts []string
		for _, c := range a.Could {
			present := slices.ContainsFunc(c.Profiles, func(p coproc.Profile) bool { return a.Absent(p) == "" })
			holds := slices.ContainsFunc(c.Profiles, func(q coproc.Profile) bool { return q.Name == p.Name })
			if c.Planned && holds && !present {
				acts = append(acts, c.Act.String())
			}
		}
		if len(acts) > 0 {
			a.Attention = append(a.Attention, fmt.Sprintf("%s is %s, and nobody else could %s",
				p.Name, strings.ToLower(why), strings.Join(acts, ", ")))
		}
	}
	if a.Info.Unregister != nil && !a.Info.SAKey.IsZero() {
		a.Attention = append(a.Attention, fmt.Sprintf("%s asked to begin anew, without the SA key %s, and nobody has confirmed it yet", a.Info.UnregisterBy, coproc.HexStart(*a.Info.Unregister)))
	} else if a.Info.Unregister != nil {
		a.Attention = append(a.Attention, fmt.Sprintf("%s asked to unregister the SA-key hash %s, and nobody has confirmed it yet", a.Info.UnregisterBy, coproc.HexStart(*a.Info.Unregister)))
	}
	var unnamed []string
	for _, p := range a.Profiles {
		if (plan.Officer{Profile: p.Name, Person: p.Person}).Placeholder() {
			unnamed = append(unnamed, p.Name)
		}
	}
	if len(unnamed) > 0 {
		a.Attention = append(a.Attention, "nobody is named for "+strings.Join(unnamed, ", ")+": who has two of them cannot be found out")
	}
}
