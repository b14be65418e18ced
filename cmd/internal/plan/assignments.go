package plan

import (
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// assignment is one entry of Assignments, as data: what it permits and which
// node roles have or may have it.
type assignment struct {
	key      procedure.Officer
	one      *string
	many     *[]string
	roles    []coproc.NodeRole
	optional []coproc.NodeRole
	perms    func(share int) []coproc.Permission
}

// list gives the assignments in the order of the plan file.
func (a *Assignments) list() []assignment {
	all := []coproc.NodeRole{coproc.SA, coproc.CSS, coproc.CSR}
	css, csr, sa := all[1:2], all[2:3], all[0:1]
	both := all[1:3]
	is := func(p ...coproc.Permission) func(int) []coproc.Permission {
		return func(int) []coproc.Permission { return p }
	}
	return []assignment{
		{key: procedure.Auditor, one: &a.Audit, roles: all, perms: is(coproc.PermAudit)},
		{key: procedure.KeyOfficer, one: &a.GenerateKey, roles: all, perms: is(coproc.PermGenerateKey)},
		{key: procedure.HashOfficer, one: &a.RegisterHash, roles: all, perms: is(coproc.PermRegisterHash, coproc.PermAskUnregister)},
		{key: procedure.KeyRegistrar, one: &a.RegisterKey, roles: all, perms: is(coproc.PermRegisterKey, coproc.PermUnregisterHash)},
		{key: procedure.Certifier, one: &a.Certify, roles: sa, perms: is(coproc.PermCertify)},
		{key: procedure.MasterKeyOfficer, one: &a.ObtainMasterKey, roles: css, perms: is(coproc.PermVerifyPattern)},
		{key: procedure.ShareObtainer, many: &a.ObtainShares, roles: css,
			perms: func(i int) []coproc.Permission { return []coproc.Permission{coproc.ObtainShare(i)} }},
		{key: procedure.ShareInstaller, many: &a.InstallShares, roles: csr,
			perms: func(i int) []coproc.Permission { return []coproc.Permission{coproc.InstallShare(i)} }},
		{key: procedure.Verifier, one: &a.Verify, roles: csr, perms: is(coproc.PermVerifyPattern)},
		{key: procedure.Setter, one: &a.Set, roles: csr, optional: css,
			perms: is(coproc.PermSetMasterKey, coproc.PermClearNew)},
		{key: procedure.FirstPartOfficer, one: &a.FirstPart, optional: both, perms: is(coproc.PermLoadFirstPart)},
		{key: procedure.LastPartOfficer, one: &a.LastPart, optional: both, perms: is(coproc.PermCombinePart)},
		{key: procedure.Canceller, one: &a.Cancel, optional: css, perms: is(coproc.PermCancel)},
		{key: procedure.Randomizer, one: &a.Random, optional: both, perms: is(coproc.PermRandomMasterKey)},
	}
}

// Of gives the profiles of an entry, by its key in a plan; of one for shares,
// share 1 first. An empty entry is one profile without a name.
func (a *Assignments) Of(key procedure.Officer) []string {
	for _, e := range a.list() {
		switch {
		case e.key != key:
		case e.many != nil:
			return *e.many
		default:
			return []string{*e.one}
		}
	}
	return nil
}

// ForShare gives the profiles of an entry that may do something with a share,
// from 1: of an entry with one profile for each share, that of this one alone.
func (a *Assignments) ForShare(key procedure.Officer, share int) []string {
	all := a.Of(key)
	switch {
	case !key.PerShare():
		return all
	case share < 1 || share > len(all):
		return nil
	}
	return all[share-1 : share]
}

// Profiles lists every profile that is named at the node.
func (a *Assignments) Profiles() []string {
	var named []string
	for _, e := range a.list() {
		for _, p := range a.Of(e.key) {
			if p != "" {
				named = append(named, p)
			}
		}
	}
	return named
}

// profiles gives every profile of the assignment with its share index, which
// is 0 where the task has none.
func (a assignment) profiles() map[int]string {
	m := map[int]string{}
	if a.one != nil && *a.one != "" {
		m[0] = *a.one
	}
	if a.many != nil {
		for i, p := range *a.many {
			m[i+1] = p
		}
	}
	return m
}

// administratorPermissions are all that an administrator may do.
var administratorPermissions = []coproc.Permission{
	coproc.PermManageAccess, coproc.PermSetEID, coproc.PermSetShares,
}

// Permissions gives what each profile must be able to do at a coprocessor.
func (p *Plan) Permissions(c *Coprocessor) map[string][]coproc.Permission {
	perms := map[string][]coproc.Permission{}
	add := func(profile string, ps []coproc.Permission) {
		for _, q := range ps {
			if !slices.Contains(perms[profile], q) {
				perms[profile] = append(perms[profile], q)
			}
		}
	}
	add(c.Administrator, administratorPermissions)
	for _, n := range p.At(c.Name) {
		for _, a := range n.Officers.list() {
			for share, profile := range a.profiles() {
				add(profile, a.perms(share))
			}
		}
	}
	for _, ps := range perms {
		slices.Sort(ps)
	}
	return perms
}

// Setup is what a coprocessor is set up with: its roles, each with what the
// tasks of its profiles need, and the profiles without their passphrases.
func (p *Plan) Setup(c *Coprocessor) coproc.Setup {
	s := coproc.Setup{
		Ceremony:  p.CeremonyID(),
		Rehearsal: p.Rehearsal,
		M:         p.M,
		N:         p.N,
		AllowAES:  p.AllowAESCloning,

		MaxFailures: p.LockAfter,
	}
	s.Serial, _ = coproc.NewSerial(c.Serial)
	s.EID, _ = coproc.NewEID(c.EID)
	roles := map[string][]coproc.Permission{}
	perms := p.Permissions(c)
	for _, o := range p.Officers {
		ps, here := perms[o.Profile]
		if !here {
			continue
		}
		pr := coproc.Profile{Name: o.Profile, Role: o.Role, Person: o.Person}
		pr.NotBefore, pr.NotAfter = o.bounds()
		s.Profiles = append(s.Profiles, coproc.ProfileSetup{Profile: pr})
		for _, q := range ps {
			if !slices.Contains(roles[o.Role], q) {
				roles[o.Role] = append(roles[o.Role], q)
			}
		}
	}
	for _, o := range p.Officers { // in the plan's order, each role once
		if ps := roles[o.Role]; ps != nil {
			slices.Sort(ps)
			s.Roles = append(s.Roles, coproc.Role{Name: o.Role, Permissions: ps})
			delete(roles, o.Role)
		}
	}
	return s
}
