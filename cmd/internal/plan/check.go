package plan

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Limits and forms of what a plan may say.
const (
	maxTargets         = 1000
	maxCertificateDays = 366
	maxTextLength      = 80
)

var (
	nodeName    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,11}$`)
	profileName = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,15}$`)
)

// reserved are names that Windows keeps for devices, whatever comes behind the
// dot; a stick with con.db on it could not be read there.
var reserved = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)

// checker collects the first thing that is wrong.
type checker struct {
	plan  *Plan
	lines lines
	err   error
}

func (c *checker) fail(key, format string, a ...any) {
	if c.err == nil {
		c.err = &Error{c.lines.of(key), fmt.Sprintf(format, a...)}
	}
}

// of gives the line of a key, or that of the table it would stand in.
func (l lines) of(key string) int {
	for key != "" {
		if n, ok := l[key]; ok {
			return n
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return 0
		}
		key = key[:i]
	}
	return 0
}

// check refuses a plan that cannot or must not be carried out.
func (p *Plan) check(l lines) error {
	c := &checker{plan: p, lines: l}
	c.header()
	c.coprocessors()
	c.nodes()
	c.officers()
	c.separation()
	return c.err
}

func (c *checker) header() {
	p := c.plan
	if p.Format != Format {
		c.fail("format", "format is %d, this gapferry reads format %d", p.Format, Format)
	}
	c.text("title", p.Title)
	if b, err := hex.DecodeString(p.Ceremony); err != nil || len(b) != 16 || p.Ceremony != strings.ToLower(p.Ceremony) {
		c.fail("ceremony", "ceremony is not 32 lower-case hex digits; let `gapferry plan new` make it")
	} else if p.CeremonyID() == (coproc.CeremonyID{}) {
		c.fail("ceremony", "ceremony is all zeros; let `gapferry plan new` make it")
	}
	family, err := coproc.ParseFamily(p.FamilyName)
	if err != nil {
		c.fail("family", "%v", err)
	}
	class, err := coproc.ParseClass(p.Class)
	switch {
	case err != nil:
		c.fail("class", "%v", err)
	case string(class) != p.Class:
		c.fail("class", "class is written %s", class)
	case !family.Holds(class):
		c.fail("class", "coprocessors of family %s hold no %s: class is one of %s", family, class, listClasses(family))
	case !class.Cloneable() && !p.AllowAESCloning:
		c.fail("class", "the procedure does not clone %s master keys; to do it all the same, agree on allow_aes_cloning = true", class)
	}
	switch {
	case p.N < 1 || p.N > coproc.MaxShares:
		c.fail("n", "n = %d: the shares made are 1 to %d", p.N, coproc.MaxShares)
	case p.M < 1:
		c.fail("m", "m = %d: at least one share is needed", p.M)
	case p.M > p.N:
		c.fail("m", "m = %d of n = %d: more shares are needed than are made", p.M, p.N)
	case p.M == 1 && !p.AllowSingleShare:
		c.fail("m", "m = 1: every single share is the whole key; if that is meant, say allow_single_share = true")
	}
	if p.Carrier != "" && p.Carrier != "usb" {
		c.fail("carrier", "carrier %q is not usb; leave it empty to name carriers on the command line", p.Carrier)
	}
	if p.LockAfter < 0 || p.LockAfter > coproc.MaxLockAfter {
		c.fail("lock_after", "lock_after = %d: 1 to %d wrong passphrases lock a profile, 0 is never", p.LockAfter, coproc.MaxLockAfter)
	}
	if p.CertificateDays < 1 || p.CertificateDays > maxCertificateDays {
		c.fail("certificate_days", "certificate_days = %d is not 1 to %d", p.CertificateDays, maxCertificateDays)
	}
}

// listClasses are the classes that a family holds, in words.
func listClasses(f coproc.Family) string {
	var names []string
	for _, c := range f.Classes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

func (c *checker) text(key, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		c.fail(key, "%s is missing", lastKey(key))
	case len(s) > maxTextLength:
		c.fail(key, "%s has more than %d bytes", lastKey(key), maxTextLength)
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == '\ufffd' }):
		c.fail(key, "%s holds characters that cannot be printed", lastKey(key))
	}
}

func lastKey(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// once refuses the second use of a name.
func (c *checker) once(seen map[string]string, key, what, name string) {
	if first, twice := seen[name]; twice {
		c.fail(key, "%s %q is there twice, first on line %d", what, name, c.lines.of(first))
	}
	seen[name] = key
}

func (c *checker) coprocessors() {
	names, serials, eids := map[string]string{}, map[string]string{}, map[string]string{}
	for i, d := range c.plan.Coprocessors {
		at := fmt.Sprintf("coprocessor[%d].", i)
		if !nodeName.MatchString(d.Name) {
			c.fail(at+"name", "coprocessor name %q is not 1 to 12 of a-z, 0-9 and hyphen, a letter first", d.Name)
		}
		c.once(names, at+"name", "coprocessor", d.Name)
		if _, err := coproc.NewSerial(d.Serial); err != nil {
			c.fail(at+"serial", "%v", err)
		}
		c.once(serials, at+"serial", "serial number", d.Serial)
		if _, err := coproc.NewEID(d.EID); err != nil {
			c.fail(at+"eid", "%v", err)
		}
		if d.EID != strings.TrimRight(d.EID, " ") {
			c.fail(at+"eid", "eid ends in spaces; leave them out, they are filled up to 16 characters")
		}
		c.once(eids, at+"eid", "eid", d.EID)
		c.profile(at+"administrator", d.Administrator)
		if len(c.plan.At(d.Name)) == 0 {
			c.fail(at+"name", "coprocessor %q holds no node", d.Name)
		}
	}
}

func (c *checker) profile(key, profile string) {
	if profile == "" {
		c.fail(key, "%s is missing: it names the profile that does it", lastKey(key))
		return
	}
	for _, o := range c.plan.Officers {
		if o.Profile == profile {
			return
		}
	}
	c.fail(key, "profile %q is no [[officer]] of this plan", profile)
}

func (c *checker) nodes() {
	p := c.plan
	names := map[string]string{}
	roles := map[string][]coproc.NodeRole{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		at := fmt.Sprintf("node[%d].", i)
		if !nodeName.MatchString(n.Name) {
			c.fail(at+"name", "node name %q is not 1 to 12 of a-z, 0-9 and hyphen, a letter first", n.Name)
		}
		if reserved.MatchString(n.Name) {
			c.fail(at+"name", "node name %q would give a database that Windows cannot open", n.Name)
		}
		c.once(names, at+"name", "node", n.Name)
		if n.Name+procedure.DatabaseSuffix == procedure.SADatabase && n.Role != coproc.SA {
			c.fail(at+"name", "only the SA node can be named %q: %s is the SA's database", n.Name, procedure.SADatabase)
		}
		switch n.Role {
		case coproc.SA, coproc.CSS, coproc.CSR:
		default:
			c.fail(at+"role", "role %q is not SA, CSS or CSR", n.Role)
		}
		if p.Coprocessor(n.Coprocessor) == nil {
			c.fail(at+"coprocessor", "coprocessor %q is not in this plan", n.Coprocessor)
		}
		roles[n.Coprocessor] = append(roles[n.Coprocessor], n.Role)
		c.assignments(at+"officers.", n)
	}
	for _, device := range p.Coprocessors {
		d, rs := device.Name, roles[device.Name]
		if len(rs) > 2 || len(rs) == 2 && !slices.Contains(rs, coproc.SA) {
			c.fail(c.nodeOn(d, 1), "coprocessor %q holds %v: one coprocessor holds one node, or the SA and one other", d, rs)
		}
	}
	for _, r := range []coproc.NodeRole{coproc.SA, coproc.CSS} {
		if k := len(p.WithRole(r)); k != 1 {
			c.fail("", "there are %d nodes with role %s, a ceremony has exactly one", k, r)
		}
	}
	switch k := len(p.Targets()); {
	case k == 0:
		c.fail("", "there is no node with role CSR: a ceremony has at least one target")
	case k > maxTargets:
		c.fail("", "%d targets: a ceremony has at most %d", k, maxTargets)
	}
}

// nodeOn is the key of the k-th node that a coprocessor holds.
func (c *checker) nodeOn(coprocessor string, k int) string {
	for i := range c.plan.Nodes {
		if c.plan.Nodes[i].Coprocessor == coprocessor {
			if k == 0 {
				return fmt.Sprintf("node[%d]", i)
			}
			k--
		}
	}
	return ""
}

func (c *checker) assignments(at string, n *Node) {
	for _, a := range n.Officers.list() {
		must, may := slices.Contains(a.roles, n.Role), slices.Contains(a.optional, n.Role)
		given := a.profiles()
		switch {
		case len(given) == 0 && must:
			c.fail(at+string(a.key), "%s of node %q is missing: it names the profile that does it", a.key, n.Name)
		case len(given) > 0 && !must && !may:
			c.fail(at+string(a.key), "%s is not a task of a %s node", a.key, n.Role)
		case a.many != nil && must && len(given) != c.plan.N:
			c.fail(at+string(a.key), "%s names %d profiles, n = %d shares need one each", a.key, len(given), c.plan.N)
		}
		for share := range min(c.plan.N, coproc.MaxShares) + 1 { // n may be anything here
			if profile, ok := given[share]; ok {
				c.profile(at+string(a.key), profile)
			}
		}
	}
	if (n.Officers.FirstPart == "") != (n.Officers.LastPart == "") {
		c.fail(at+"first-part", "first-part and last-part go together: a master key is loaded by two officers")
	}
}

func (c *checker) officers() {
	seen := map[string]string{}
	used := map[string]bool{}
	for i := range c.plan.Coprocessors {
		for profile := range c.plan.Permissions(&c.plan.Coprocessors[i]) {
			used[profile] = true
		}
	}
	for i, o := range c.plan.Officers {
		at := fmt.Sprintf("officer[%d].", i)
		if !profileName.MatchString(o.Profile) {
			c.fail(at+"profile", "profile %q is not 1 to 16 of A-Z, 0-9 and hyphen", o.Profile)
		}
		c.once(seen, at+"profile", "profile", o.Profile)
		if !profileName.MatchString(o.Role) {
			c.fail(at+"role", "role %q is not 1 to 16 of A-Z, 0-9 and hyphen", o.Role)
		}
		if o.Role == coproc.DefaultRole {
			c.fail(at+"role", "role %s is what can be done while nobody is logged on; give profile %q another one", o.Role, o.Profile)
		}
		c.text(at+"person", o.Person)
		c.person(at+"person", o)
		c.window(at, o)
		if !used[o.Profile] {
			c.fail(at+"profile", "profile %q has no task in this plan", o.Profile)
		}
	}
}

func (c *checker) officerKey(profile string) string {
	for i, o := range c.plan.Officers {
		if o.Profile == profile {
			return fmt.Sprintf("officer[%d]", i)
		}
	}
	return ""
}
