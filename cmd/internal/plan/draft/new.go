package draft

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// Options are what a new plan is made from.
type Options struct {
	Title           string
	Class           coproc.Class
	M, N            int
	Targets         int
	Rehearsal       bool
	AllowAES        bool
	AllowSingle     bool
	SAWith          string            // "", "css" or "csr1": the node whose coprocessor also holds the SA
	Persons         map[string]string // profile → person
	Serials         map[string]string // coprocessor → serial number
	EIDs            map[string]string // coprocessor → environment id
	CertificateDays int
	Carrier         string
	SharesTogether  bool
	Family          coproc.Family
	LockAfter       int    // see plan.Plan; DefaultLockAfter where nobody said otherwise
	From, Until     string // of every officer, or empty
}

// DefaultLockAfter is the lock_after of a new plan.
const DefaultLockAfter = 5

// New makes a plan with one officer for each task, under a fresh ceremony
// id. It is checked as plan.Parse checks a file; errors are as its are.
func New(o Options) (*plan.Plan, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	if o.CertificateDays == 0 {
		o.CertificateDays = 30
	}
	p := &plan.Plan{
		Format: plan.Format, Title: o.Title, Ceremony: hex.EncodeToString(id[:]),
		Class: string(o.Class), M: o.M, N: o.N, CertificateDays: o.CertificateDays,
		Rehearsal: o.Rehearsal, AllowSingleShare: o.AllowSingle, AllowAESCloning: o.AllowAES,
		Carrier: o.Carrier, SharesTogether: o.SharesTogether, LockAfter: o.LockAfter, FamilyName: string(o.Family),
	}
	if p.Class == "" {
		p.Class = string(o.Family.Classes()[0])
	}
	shares := make([]string, max(o.N, 0))
	for i := range shares {
		shares[i] = fmt.Sprintf("SHARE%d", i+1)
	}
	addNode(p, o, "sa", coproc.SA, plan.Assignments{Certify: "CERTIFIER"})
	addNode(p, o, "css", coproc.CSS, plan.Assignments{
		ObtainMasterKey: "VERIFIER", ObtainShares: shares,
		Set: "SETTER", FirstPart: "PART1", LastPart: "PART2", Random: "KEYGEN", Cancel: "SETTER",
	})
	for i := range o.Targets {
		addNode(p, o, fmt.Sprintf("csr%d", i+1), coproc.CSR, plan.Assignments{
			InstallShares: shares, Verify: "VERIFIER",
			Set: "SETTER", FirstPart: "PART1", LastPart: "PART2", Random: "KEYGEN",
		})
	}
	staff := []struct{ profile, role string }{
		{"ADMIN", "ADMINISTRATOR"}, {"AUDITOR", "AUDITOR"}, {"KEYGEN", "KEY-GENERATOR"},
		{"HASH", "HASH-REGISTRAR"}, {"KEYREG", "KEY-REGISTRAR"}, {"CERTIFIER", "CERTIFIER"},
		{"VERIFIER", "VERIFIER"}, {"SETTER", "SETTER"}, {"PART1", "FIRST-PART"}, {"PART2", "LAST-PART"},
	}
	for _, s := range shares {
		staff = append(staff, struct{ profile, role string }{s, "SHARE-" + strings.TrimPrefix(s, "SHARE")})
	}
	for _, s := range staff {
		person := o.Persons[s.profile]
		if person == "" {
			person = plan.ToBeNamed(s.profile)
		}
		p.Officers = append(p.Officers, plan.Officer{
			Profile: s.profile, Role: s.role, Person: person, From: o.From, Until: o.Until,
		})
	}
	for profile := range o.Persons {
		if p.Officer(profile).Role == "" {
			return nil, &plan.Error{Text: fmt.Sprintf("profile %q is not in a new plan", profile)}
		}
	}
	return plan.Parse(p.Canonical())
}

func addNode(p *plan.Plan, o Options, name string, role coproc.NodeRole, a plan.Assignments) {
	a.Audit, a.GenerateKey, a.RegisterHash, a.RegisterKey = "AUDITOR", "KEYGEN", "HASH", "KEYREG"
	device := name
	if o.SAWith != "" && (name == "sa" || name == o.SAWith) {
		device = "sa-" + o.SAWith
	}
	p.Nodes = append(p.Nodes, plan.Node{Name: name, Role: role, Coprocessor: device, Officers: a})
	if p.Coprocessor(device) != nil {
		return
	}
	serial, eid := o.Serials[device], o.EIDs[device]
	if serial == "" {
		serial = fmt.Sprintf("%s%04d", strings.ToUpper((o.Family.String() + "0")[:4]), len(p.Coprocessors)+1)
	}
	if eid == "" {
		eid = strings.ToUpper(device) + " NODE"
	}
	p.Coprocessors = append(p.Coprocessors, plan.Coprocessor{
		Name: device, Serial: serial, EID: eid, Administrator: "ADMIN",
	})
}

// Unnamed lists the profiles for which a plan does not name a person yet.
func Unnamed(p *plan.Plan) []string {
	var profiles []string
	for _, o := range p.Officers {
		if strings.HasSuffix(o.Person, plan.ToBeNamed("")) {
			profiles = append(profiles, o.Profile)
		}
	}
	return profiles
}
