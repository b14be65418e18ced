package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// Report is what an audit of a coprocessor's access controls found.
type Report struct {
	Coprocessor string
	Time        time.Time // by which profiles are active or not
	Info        coproc.Info
	MaxFailures int
	Roles       []coproc.Role
	Profiles    []coproc.Profile
	Could       []Could
	Differences []string // from the plan, in words
	Dangers     []string // one officer able to do both halves of a dual act, and the like
	Attention   []string // what may keep the ceremony from going on today
}

// Could is an act and the profiles that could do it.
type Could struct {
	Act      coproc.Permission
	Planned  bool // the plan has somebody do it at this coprocessor
	Profiles []coproc.Profile
}

// Audit compares what coprocessor d of plan p says of itself, its access controls
// and its info, with the plan. now is the time by which profiles are active.
func Audit(p *plan.Plan, d *plan.Coprocessor, access coproc.Access, info coproc.Info, now time.Time) *Report {
	a := &auditor{
		Report: &Report{
			Coprocessor: d.Name, Time: now, Info: info,
			MaxFailures: access.MaxFailures, Roles: access.Roles, Profiles: access.Profiles,
		},
		plan: p, device: d, want: p.Setup(d),
	}
	a.setup()
	a.roles()
	a.profiles()
	a.keys()
	a.could()
	a.dangers()
	a.attention()
	return a.Report
}

// auditor is an audit at work.
type auditor struct {
	*Report
	plan   *plan.Plan
	device *plan.Coprocessor
	want   coproc.Setup
}

func (a *auditor) differ(format string, v ...any) {
	a.Differences = append(a.Differences, fmt.Sprintf(format, v...))
}

// setup compares what is set once.
func (a *auditor) setup() {
	for _, c := range []struct{ what, is, planned string }{
		{"serial number", a.Info.Serial.String(), a.want.Serial.String()},
		{"EID", fmt.Sprintf("%q", a.Info.EID), fmt.Sprintf("%q", a.want.EID)},
		{"m", fmt.Sprint(a.Info.M), fmt.Sprint(a.want.M)},
		{"n", fmt.Sprint(a.Info.N), fmt.Sprint(a.want.N)},
	} {
		if c.is != c.planned {
			a.differ("%s is %s, planned is %s", c.what, c.is, c.planned)
		}
	}
	if a.Info.AllowAES != a.want.AllowAES {
		a.differ("cloning of AES and APKA master keys is allowed: %t, planned: %t", a.Info.AllowAES, a.want.AllowAES)
	}
	if a.MaxFailures != a.want.MaxFailures {
		a.differ("a profile is locked %s, planned is %s", LockAfter(a.MaxFailures), LockAfter(a.want.MaxFailures))
	}
}

// LockAfter says in words when profiles are locked.
func LockAfter(failures int) string {
	switch failures {
	case 0:
		return "never"
	case 1:
		return "after 1 wrong passphrase"
	}
	return fmt.Sprintf("after %d wrong passphrases", failures)
}

func (a *auditor) roles() {
	planned := append([]coproc.Role{{Name: coproc.DefaultRole}}, a.want.Roles...)
	for _, w := range planned {
		i := slices.IndexFunc(a.Roles, func(r coproc.Role) bool { return r.Name == w.Name })
		if i < 0 {
			a.differ("role %s is missing", w.Name)
			continue
		}
		for _, p := range w.Permissions {
			if !a.Roles[i].Permits(p) {
				a.differ("role %s may not %s", w.Name, p)
			}
		}
		for _, p := range a.Roles[i].Permissions {
			if !w.Permits(p) {
				a.differ("role %s may %s, which is not planned", w.Name, p)
			}
		}
	}
	for _, r := range a.Roles {
		if !slices.ContainsFunc(planned, func(w coproc.Role) bool { return w.Name == r.Name }) {
			a.differ("role %s is not planned", r.Name)
		}
	}
}

func (a *auditor) profiles() {
	for _, w := range a.want.Profiles {
		i := slices.IndexFunc(a.Profiles, func(p coproc.Profile) bool { return p.Name == w.Name })
		if i < 0 {
			a.differ("profile %s is missing", w.Name)
			continue
		}
		is := a.Profiles[i]
		if is.Role != w.Role {
			a.differ("profile %s has role %s, planned is %s", w.Name, is.Role, w.Role)
		}
		if is.Person != w.Person {
			a.differ("profile %s is of %q, planned is %q", w.Name, is.Person, w.Person)
		}
		if is.NotBefore != w.NotBefore || is.NotAfter != w.NotAfter {
			a.differ("profile %s is %s, planned is %s", w.Name, seconds(is), seconds(w.Profile))
		}
	}
	for _, p := range a.Profiles {
		if !slices.ContainsFunc(a.want.Profiles, func(w coproc.ProfileSetup) bool { return w.Name == p.Name }) {
			a.differ("profile %s is not planned", p.Name)
		}
	}
}

// seconds is when a profile is active, to the second where that is not by
// whole days as a plan has it.
func seconds(p coproc.Profile) string {
	const day = 24 * 60 * 60
	if p.NotBefore%day == 0 && (p.NotAfter == 0 || p.NotAfter%day == day-1) {
		return p.Window()
	}
	return fmt.Sprintf("%s (Unix seconds %d to %d)", p.Window(), p.NotBefore, p.NotAfter)
}

// keys compares retained and registered keys with who was to make them.
func (a *auditor) keys() {
	nodes := a.plan.At(a.device.Name)
	for _, k := range a.Info.Retained {
		i := slices.IndexFunc(nodes, func(n *plan.Node) bool { return n.Name == k.Node })
		switch {
		case i < 0:
			a.differ("a key is retained for node %q (%s), which is not planned", k.Node, k.Role)
		case k.Role != nodes[i].Role:
			a.differ("the retained key of %s is for a %s node, planned is a %s node", k.Node, k.Role, nodes[i].Role)
		case k.By != nodes[i].Officers.GenerateKey:
			a.differ("the retained key of %s was generated by %s, planned is %s", k.Node, k.By, nodes[i].Officers.GenerateKey)
		}
	}
	registered := func(what, by string, officer func(*plan.Node) string) {
		var planned []string
		for _, n := range nodes {
			if o := officer(n); !slices.Contains(planned, o) {
				planned = append(planned, o)
			}
		}
		if by != "" && !slices.Contains(planned, by) {
			a.differ("%s was registered by %s, planned is %s", what, by, strings.Join(planned, " or "))
		}
	}
	registered("the SA-key hash", a.Info.SAHashBy, func(n *plan.Node) string { return n.Officers.RegisterHash })
	registered("the SA key", a.Info.SAKeyBy, func(n *plan.Node) string { return n.Officers.RegisterKey })
}

// role of a profile; one without permissions where it is not there.
func (a *auditor) role(p coproc.Profile) coproc.Role {
	for _, r := range a.Roles {
		if r.Name == p.Role {
			return r
		}
	}
	return coproc.Role{Name: p.Role}
}

// could lists every act that somebody could do or is to do, in the order of
// the permissions.
func (a *auditor) could() {
	planned := map[coproc.Permission]bool{}
	acts := []coproc.Permission{}
	for _, r := range a.want.Roles {
		for _, p := range r.Permissions {
			planned[p] = true
			acts = append(acts, p)
		}
	}
	for _, r := range a.Roles {
		acts = append(acts, r.Permissions...)
	}
	slices.Sort(acts)
	for _, act := range slices.Compact(acts) {
		c := Could{Act: act, Planned: planned[act]}
		for _, p := range a.Profiles {
			if a.role(p).Permits(act) {
				c.Profiles = append(c.Profiles, p)
			}
		}
		a.Could = append(a.Could, c)
	}
}
