package plan

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

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
	LockAfter       int    // see Plan; DefaultLockAfter where nobody said otherwise
	From, Until     string // of every officer, or empty
}

// DefaultLockAfter is the lock_after of a new plan.
const DefaultLockAfter = 5

// toBeNamed marks the person of a profile that nobody was named for yet.
const toBeNamed = " (to be named)"

// String is how an officer is called: "SHARE2 (Greta)", or "SHARE2 (to be
// named)" where the plan names nobody yet. It is not escaped.
func (o Officer) String() string {
	switch {
	case o.Person == "":
		return o.Profile
	case o.Person == o.Profile+toBeNamed:
		return o.Person
	}
	return fmt.Sprintf("%s (%s)", o.Profile, o.Person)
}

// Unnamed lists the profiles for which the plan does not name a person yet.
func (p *Plan) Unnamed() []string {
	var profiles []string
	for _, o := range p.Officers {
		if strings.HasSuffix(o.Person, toBeNamed) {
			profiles = append(profiles, o.Profile)
		}
	}
	return profiles
}

// New makes a plan with one officer for each task, under a fresh ceremony
// id. It is checked as Parse checks a file.
func New(o Options) (*Plan, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	if o.CertificateDays == 0 {
		o.CertificateDays = 30
	}
	p := &Plan{
		Format: Format, Title: o.Title, Ceremony: hex.EncodeToString(id[:]),
		Class: string(o.Class), M: o.M, N: o.N, CertificateDays: o.CertificateDays,
		Rehearsal: o.Rehearsal, AllowSingleShare: o.AllowSingle, AllowAESCloning: o.AllowAES,
		Carrier: o.Carrier, SharesTogether: o.SharesTogether, LockAfter: o.LockAfter,
	}
	shares := make([]string, max(o.N, 0))
	for i := range shares {
		shares[i] = fmt.Sprintf("SHARE%d", i+1)
	}
	p.addNode(o, "sa", coproc.SA, Assignments{Certify: "CERTIFIER"})
	p.addNode(o, "css", coproc.CSS, Assignments{
		ObtainMasterKey: "VERIFIER", ObtainShares: shares,
		Set: "SETTER", FirstPart: "PART1", LastPart: "PART2", Random: "KEYGEN", Cancel: "SETTER",
	})
	for i := range o.Targets {
		p.addNode(o, fmt.Sprintf("csr%d", i+1), coproc.CSR, Assignments{
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
			person = s.profile + toBeNamed
		}
		p.Officers = append(p.Officers, Officer{
			Profile: s.profile, Role: s.role, Person: person, From: o.From, Until: o.Until,
		})
	}
	for profile := range o.Persons {
		if p.Officer(profile).Role == "" {
			return nil, &Error{Text: fmt.Sprintf("profile %q is not in a new plan", profile)}
		}
	}
	return Parse(p.Canonical())
}

func (p *Plan) addNode(o Options, name string, role coproc.NodeRole, a Assignments) {
	a.Audit, a.GenerateKey, a.RegisterHash, a.RegisterKey = "AUDITOR", "KEYGEN", "HASH", "KEYREG"
	device := name
	if o.SAWith != "" && (name == "sa" || name == o.SAWith) {
		device = "sa-" + o.SAWith
	}
	p.Nodes = append(p.Nodes, Node{Name: name, Role: role, Coprocessor: device, Officers: a})
	if p.Coprocessor(device) != nil {
		return
	}
	serial, eid := o.Serials[device], o.EIDs[device]
	if serial == "" {
		serial = fmt.Sprintf("SOFT%04d", len(p.Coprocessors)+1)
	}
	if eid == "" {
		eid = strings.ToUpper(device) + " NODE"
	}
	p.Coprocessors = append(p.Coprocessors, Coprocessor{
		Name: device, Serial: serial, EID: eid, Administrator: "ADMIN",
	})
}
