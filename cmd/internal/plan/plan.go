package plan

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// Format is the format of plan files that this level reads and writes.
const Format = 1

// Plan is the worksheet of one ceremony: one strict TOML file, agreed before
// phase 1 and the same on every node. ParsePlan makes only plans that Check
// accepts.
type Plan struct {
	Format           int           `toml:"format" json:"format"`
	Title            string        `toml:"title" json:"title"`
	Ceremony         string        `toml:"ceremony" json:"ceremony"` // 32 hex digits
	Class            string        `toml:"class" json:"class"`
	M                int           `toml:"m" json:"m"`
	N                int           `toml:"n" json:"n"`
	CertificateDays  int           `toml:"certificate_days" json:"certificate_days"`
	Rehearsal        bool          `toml:"rehearsal" json:"rehearsal"`
	AllowSingleShare bool          `toml:"allow_single_share" json:"allow_single_share"`
	AllowAESCloning  bool          `toml:"allow_aes_cloning" json:"allow_aes_cloning"`
	SharesTogether   bool          `toml:"shares_together" json:"shares_together"` // two shares for one target may go to one medium
	LockAfter        int           `toml:"lock_after" json:"lock_after"`           // wrong passphrases that lock a profile; 0: never
	Carrier          string        `toml:"carrier" json:"carrier"`                 // "usb": phases need no --from and --to
	FamilyName       string        `toml:"family" json:"family"`                   // of all coprocessors; see Family
	Coprocessors     []Coprocessor `toml:"coprocessor" json:"coprocessor"`
	Nodes            []Node        `toml:"node" json:"node"`
	Officers         []Officer     `toml:"officer" json:"officer"`
}

// Coprocessor is one device of the plan. It may hold two nodes.
type Coprocessor struct {
	Name          string `toml:"name" json:"name"`
	Serial        string `toml:"serial" json:"serial"`
	EID           string `toml:"eid" json:"eid"`
	Administrator string `toml:"administrator" json:"administrator"` // profile
}

// Node is one node of the plan and who does what at it.
type Node struct {
	Name        string          `toml:"name" json:"name"`
	Role        coproc.NodeRole `toml:"role" json:"role"`
	Coprocessor string          `toml:"coprocessor" json:"coprocessor"`
	Officers    Assignments     `toml:"officers" json:"officers"`
}

// Assignments name the profile for each task at one node. Tasks that the
// node's role does not have stay empty.
type Assignments struct {
	Audit           string   `toml:"audit" json:"audit,omitempty"`
	GenerateKey     string   `toml:"generate-key" json:"generate-key,omitempty"`
	RegisterHash    string   `toml:"register-hash" json:"register-hash,omitempty"`
	RegisterKey     string   `toml:"register-key" json:"register-key,omitempty"`
	Certify         string   `toml:"certify" json:"certify,omitempty"`                     // SA
	ObtainMasterKey string   `toml:"obtain-master-key" json:"obtain-master-key,omitempty"` // CSS
	ObtainShares    []string `toml:"obtain-shares" json:"obtain-shares,omitempty"`         // CSS, one for each share
	InstallShares   []string `toml:"install-shares" json:"install-shares,omitempty"`       // CSR, one for each share
	Verify          string   `toml:"verify" json:"verify,omitempty"`                       // CSR
	Set             string   `toml:"set" json:"set,omitempty"`                             // CSR; CSS where its key is loaded with gapferry
	FirstPart       string   `toml:"first-part" json:"first-part,omitempty"`               // CSS and CSR, may be empty
	LastPart        string   `toml:"last-part" json:"last-part,omitempty"`                 // CSS and CSR, may be empty
	Random          string   `toml:"random" json:"random,omitempty"`                       // CSS and CSR, may be empty
	Cancel          string   `toml:"cancel" json:"cancel,omitempty"`                       // CSS, may be empty
}

// Officer is a profile: a person's name at the coprocessors.
type Officer struct {
	Profile string `toml:"profile" json:"profile"`
	Role    string `toml:"role" json:"role"`
	Person  string `toml:"person" json:"person"`
	From    string `toml:"from" json:"from"`   // first day, UTC, "2026-11-24"; empty: no bound
	Until   string `toml:"until" json:"until"` // last day
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

// Family is the kind of coprocessors that the ceremony is between.
func (p *Plan) Family() coproc.Family {
	f, _ := coproc.ParseFamily(p.FamilyName)
	return f
}

// MasterKeyClass is the class that is cloned.
func (p *Plan) MasterKeyClass() coproc.Class { return coproc.Class(p.Class) }

// Node returns the node of that name, or nil.
func (p *Plan) Node(name string) *Node {
	for i := range p.Nodes {
		if p.Nodes[i].Name == name {
			return &p.Nodes[i]
		}
	}
	return nil
}

// WithRole returns the nodes of a role, in the plan's order.
func (p *Plan) WithRole(r coproc.NodeRole) []*Node {
	var nodes []*Node
	for i := range p.Nodes {
		if p.Nodes[i].Role == r {
			nodes = append(nodes, &p.Nodes[i])
		}
	}
	return nodes
}

// SA is the one share administration node.
func (p *Plan) SA() *Node { return p.WithRole(coproc.SA)[0] }

// Source is the one CSS node.
func (p *Plan) Source() *Node { return p.WithRole(coproc.CSS)[0] }

// Targets are the CSR nodes.
func (p *Plan) Targets() []*Node { return p.WithRole(coproc.CSR) }

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
func (p *Plan) At(coprocessor string) []*Node {
	var nodes []*Node
	for i := range p.Nodes {
		if p.Nodes[i].Coprocessor == coprocessor {
			nodes = append(nodes, &p.Nodes[i])
		}
	}
	return nodes
}

// ID is who a node is, as its bundles say it.
func (p *Plan) ID(n *Node) coproc.NodeID {
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

// planWords is how many words of a plan's digest are compared: 88 bits, as of a
// key card.
const planWords = 8

// Words are what officers compare of a plan: the first 88 bits of its digest.
func (p *Plan) Words() []string { return p.Digest().Words(planWords) }

// Stakes is "LIVE", or "REHEARSAL" of a plan that is for one.
func (p *Plan) Stakes() string {
	if p.Rehearsal {
		return "REHEARSAL"
	}
	return "LIVE"
}

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
	// What is left out says the same as in plans that were made before it
	// could be said, and has the same digest.
	if p.SharesTogether {
		line("shares_together = %t", p.SharesTogether)
	}
	if p.LockAfter != 0 {
		line("lock_after = %d", p.LockAfter)
	}
	if p.Carrier != "" {
		line("carrier = %s", quote(p.Carrier))
	}
	if f := p.Family(); f != coproc.Software {
		line("family = %s", quote(string(f)))
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
		if o.From != "" {
			line("from = %s", quote(o.From))
		}
		if o.Until != "" {
			line("until = %s", quote(o.Until))
		}
	}
	return b.Bytes()
}

// quote writes a TOML basic string. Check has refused control characters.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// KeepsAuditKey reports whether a node whose certificate was taken back goes on in
// the coprocessor that it has, with other keys of its own: then the audit key,
// which is the coprocessor's, is in the next certificate, too. It is so at the
// source, whose master key may be nowhere else, and beside the SA, which would go
// with its coprocessor; whose audit key that is the SA key itself vouches for.
func (p *Plan) KeepsAuditKey(node string) bool {
	at := p.Node(node)
	return at != nil && (at.Role == coproc.CSS || at.Coprocessor == p.SA().Coprocessor)
}
