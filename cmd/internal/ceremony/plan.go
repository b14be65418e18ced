package ceremony

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// PlanFormat is the format of plan files that this level reads and writes.
const PlanFormat = 1

// Plan is the worksheet of one ceremony: one strict TOML file, agreed before
// phase 1 and the same on every node. ParsePlan makes only plans that Check
// accepts.
type Plan struct {
	Format           int           `toml:"format"`
	Title            string        `toml:"title"`
	Ceremony         string        `toml:"ceremony"` // 32 hex digits
	Class            string        `toml:"class"`
	M                int           `toml:"m"`
	N                int           `toml:"n"`
	CertificateDays  int           `toml:"certificate_days"`
	Rehearsal        bool          `toml:"rehearsal"`
	AllowSingleShare bool          `toml:"allow_single_share"`
	AllowAESCloning  bool          `toml:"allow_aes_cloning"`
	Carrier          string        `toml:"carrier"`      // "usb": phases need no --from and --to
	ShareSticks      bool          `toml:"share_sticks"` // each share on a stick of its own
	Coprocessors     []Coprocessor `toml:"coprocessor"`
	Nodes            []PlanNode    `toml:"node"`
	Officers         []Officer     `toml:"officer"`
}

// Coprocessor is one device of the plan. It may hold two nodes.
type Coprocessor struct {
	Name          string `toml:"name"`
	Serial        string `toml:"serial"`
	EID           string `toml:"eid"`
	Administrator string `toml:"administrator"` // profile
}

// PlanNode is one node of the plan and who does what at it.
type PlanNode struct {
	Name        string          `toml:"name"`
	Role        coproc.NodeRole `toml:"role"`
	Coprocessor string          `toml:"coprocessor"`
	Officers    Assignments     `toml:"officers"`
}

// Assignments name the profile for each task at one node. Tasks that the
// node's role does not have stay empty.
type Assignments struct {
	Audit           string   `toml:"audit"`
	GenerateKey     string   `toml:"generate-key"`
	RegisterHash    string   `toml:"register-hash"`
	RegisterKey     string   `toml:"register-key"`
	Certify         string   `toml:"certify"`           // SA
	ObtainMasterKey string   `toml:"obtain-master-key"` // CSS
	ObtainShares    []string `toml:"obtain-shares"`     // CSS, one for each share
	InstallShares   []string `toml:"install-shares"`    // CSR, one for each share
	Verify          string   `toml:"verify"`            // CSR
	Set             string   `toml:"set"`               // CSR; CSS where its key is loaded with gapferry
	FirstPart       string   `toml:"first-part"`        // CSS and CSR, may be empty
	LastPart        string   `toml:"last-part"`         // CSS and CSR, may be empty
	Random          string   `toml:"random"`            // CSS and CSR, may be empty
	Cancel          string   `toml:"cancel"`            // CSS, may be empty
}

// Officer is a profile: a person's name at the coprocessors.
type Officer struct {
	Profile string `toml:"profile"`
	Role    string `toml:"role"`
	Person  string `toml:"person"`
}

// CeremonyID is the plan's ceremony id.
func (p *Plan) CeremonyID() coproc.CeremonyID {
	var id coproc.CeremonyID
	b, err := hex.DecodeString(p.Ceremony)
	if err == nil && len(b) == len(id) {
		copy(id[:], b)
	}
	return id
}

// MasterKeyClass is the class that is cloned.
func (p *Plan) MasterKeyClass() coproc.Class { return coproc.Class(p.Class) }

// Node returns the node of that name, or nil.
func (p *Plan) Node(name string) *PlanNode {
	for i := range p.Nodes {
		if p.Nodes[i].Name == name {
			return &p.Nodes[i]
		}
	}
	return nil
}

// WithRole returns the nodes of a role, in the plan's order.
func (p *Plan) WithRole(r coproc.NodeRole) []*PlanNode {
	var nodes []*PlanNode
	for i := range p.Nodes {
		if p.Nodes[i].Role == r {
			nodes = append(nodes, &p.Nodes[i])
		}
	}
	return nodes
}

// SA is the one share administration node.
func (p *Plan) SA() *PlanNode { return p.WithRole(coproc.SA)[0] }

// Source is the one CSS node.
func (p *Plan) Source() *PlanNode { return p.WithRole(coproc.CSS)[0] }

// Targets are the CSR nodes.
func (p *Plan) Targets() []*PlanNode { return p.WithRole(coproc.CSR) }

// Coprocessor returns the device of that name, or nil.
func (p *Plan) Coprocessor(name string) *Coprocessor {
	for i := range p.Coprocessors {
		if p.Coprocessors[i].Name == name {
			return &p.Coprocessors[i]
		}
	}
	return nil
}

// At returns the nodes that a coprocessor holds.
func (p *Plan) At(coprocessor string) []*PlanNode {
	var nodes []*PlanNode
	for i := range p.Nodes {
		if p.Nodes[i].Coprocessor == coprocessor {
			nodes = append(nodes, &p.Nodes[i])
		}
	}
	return nodes
}

// ID is who a node is, as its bundles say it.
func (p *Plan) ID(n *PlanNode) coproc.NodeID {
	id := coproc.NodeID{Name: n.Name}
	if c := p.Coprocessor(n.Coprocessor); c != nil {
		id.Serial, _ = coproc.NewSerial(c.Serial)
		id.EID, _ = coproc.NewEID(c.EID)
	}
	return id
}

// Officer returns the officer of a profile, or one without a person.
func (p *Plan) Officer(profile string) Officer {
	for _, o := range p.Officers {
		if o.Profile == profile {
			return o
		}
	}
	return Officer{Profile: profile}
}

// Digest identifies the plan by its canonical text.
func (p *Plan) Digest() coproc.Digest { return coproc.DigestOf(p.Canonical()) }

// Canonical writes the plan in its one form: the same plan gives the same
// bytes whatever comments and spacing its file had.
func (p *Plan) Canonical() []byte {
	var b bytes.Buffer
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("format = %d", p.Format)
	line("title = %s", quote(p.Title))
	line("ceremony = %s", quote(p.Ceremony))
	line("class = %s", quote(p.Class))
	line("m = %d", p.M)
	line("n = %d", p.N)
	line("certificate_days = %d", p.CertificateDays)
	line("rehearsal = %t", p.Rehearsal)
	line("allow_single_share = %t", p.AllowSingleShare)
	line("allow_aes_cloning = %t", p.AllowAESCloning)
	if p.Carrier != "" {
		line("carrier = %s", quote(p.Carrier))
		line("share_sticks = %t", p.ShareSticks)
	}
	for _, c := range p.Coprocessors {
		line("\n[[coprocessor]]")
		line("name = %s", quote(c.Name))
		line("serial = %s", quote(c.Serial))
		line("eid = %s", quote(c.EID))
		line("administrator = %s", quote(c.Administrator))
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		line("\n[[node]]")
		line("name = %s", quote(n.Name))
		line("role = %s", quote(string(n.Role)))
		line("coprocessor = %s", quote(n.Coprocessor))
		line("[node.officers]")
		for _, a := range n.Officers.list() {
			switch {
			case a.many != nil && len(*a.many) > 0:
				quoted := make([]string, len(*a.many))
				for k, s := range *a.many {
					quoted[k] = quote(s)
				}
				line("%s = [%s]", a.key, strings.Join(quoted, ", "))
			case a.one != nil && *a.one != "":
				line("%s = %s", a.key, quote(*a.one))
			}
		}
	}
	for _, o := range p.Officers {
		line("\n[[officer]]")
		line("profile = %s", quote(o.Profile))
		line("role = %s", quote(o.Role))
		line("person = %s", quote(o.Person))
	}
	return b.Bytes()
}

// quote writes a TOML basic string. Check has refused control characters.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// assignment is one entry of Assignments, as data: what it permits and which
// node roles have or may have it.
type assignment struct {
	key      string
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
		{key: "audit", one: &a.Audit, roles: all, perms: is(coproc.PermAudit)},
		{key: "generate-key", one: &a.GenerateKey, roles: all, perms: is(coproc.PermGenerateKey)},
		{key: "register-hash", one: &a.RegisterHash, roles: all, perms: is(coproc.PermRegisterHash)},
		{key: "register-key", one: &a.RegisterKey, roles: all, perms: is(coproc.PermRegisterKey)},
		{key: "certify", one: &a.Certify, roles: sa, perms: is(coproc.PermCertify)},
		{key: "obtain-master-key", one: &a.ObtainMasterKey, roles: css, perms: is(coproc.PermVerifyPattern)},
		{key: "obtain-shares", many: &a.ObtainShares, roles: css,
			perms: func(i int) []coproc.Permission { return []coproc.Permission{coproc.ObtainShare(i)} }},
		{key: "install-shares", many: &a.InstallShares, roles: csr,
			perms: func(i int) []coproc.Permission { return []coproc.Permission{coproc.InstallShare(i)} }},
		{key: "verify", one: &a.Verify, roles: csr, perms: is(coproc.PermVerifyPattern)},
		{key: "set", one: &a.Set, roles: csr, optional: css,
			perms: is(coproc.PermSetMasterKey, coproc.PermClearNew)},
		{key: "first-part", one: &a.FirstPart, optional: both, perms: is(coproc.PermLoadFirstPart)},
		{key: "last-part", one: &a.LastPart, optional: both, perms: is(coproc.PermCombinePart)},
		{key: "cancel", one: &a.Cancel, optional: css, perms: is(coproc.PermCancel)},
		{key: "random", one: &a.Random, optional: both, perms: is(coproc.PermRandomMasterKey)},
	}
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

// permissions gives what each profile must be able to do at a coprocessor.
func (p *Plan) permissions(c *Coprocessor) map[string][]coproc.Permission {
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
	}
	s.Serial, _ = coproc.NewSerial(c.Serial)
	s.EID, _ = coproc.NewEID(c.EID)
	roles := map[string][]coproc.Permission{}
	perms := p.permissions(c)
	for _, o := range p.Officers {
		ps, here := perms[o.Profile]
		if !here {
			continue
		}
		s.Profiles = append(s.Profiles, coproc.ProfileSetup{
			Profile: coproc.Profile{Name: o.Profile, Role: o.Role, Person: o.Person},
		})
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
