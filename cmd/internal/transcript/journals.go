package transcript

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// journals are the journals of all coprocessors, and which of them are not here.
type journals struct {
	*collection
	instances []*instance
	current   map[string]*instance        // by coprocessor: the one that counts
	history   map[string][]*instance      // by coprocessor: all of them, oldest first
	leftOut   map[string]*entry           // by target: the remark that it takes no part
	absent    map[string][]*absentJournal // by coprocessor: those that are not here
	lost      map[coproc.PublicKey]*entry // by audit key: the remark that such a journal, or its end, is lost
}

func newJournals(c *collection) *journals {
	return &journals{
		collection: c, current: map[string]*instance{}, history: map[string][]*instance{},
		leftOut: map[string]*entry{}, absent: map[string][]*absentJournal{}, lost: map[coproc.PublicKey]*entry{},
	}
}

// instance is one journal: what a coprocessor did since its store was made. One
// that was set up anew has another, under another audit key.
type instance struct {
	device      string
	nodes       []*plan.Node
	journal     *journal.Journal
	clocks      *journal.Clocks
	entries     []*entry
	auditor     coproc.PublicKey
	vouched     bool              // the SA key vouches for the audit key
	generation  uint32            // of the latest certificate that does
	broken      bool              // records are missing, or cannot be trusted
	superseded  bool              // the coprocessor was set up anew after it
	predecessor *instance         // the one that it had before
	last        map[string]uint64 // by node: the highest sequence number used
	counted     map[string]uint64 // by node: the sequence number used last, so far
}

// readJournals reads every journal and compares it with what is around it.
func (c *journals) readJournals() {
	var all []*reading
	for _, x := range c.exports {
		r := &reading{export: x}
		// What is wrong with it counts only if the journal does.
		kept := *c.findings
		*c.findings = *newFindings()
		r.instance = c.readJournal(x)
		r.found, *c.findings = c.findings.list, kept
		all = append(all, r)
	}
	c.collectCertificates(all, c.carried)
	first := map[coproc.PublicKey]*instance{}
	for _, r := range c.excludeUnsound(all) {
		for _, f := range r.found {
			c.findings.add(f)
		}
		l := r.instance
		if l == nil {
			continue
		}
		if other := first[l.auditor]; other != nil {
			c.fork(l, other)
			continue
		}
		first[l.auditor] = l
		c.instances = append(c.instances, l)
	}
	for _, l := range c.instances {
		l.clocks = journal.ClocksOf(l.journal.Records(), l.journal.Signed)
		for i := range l.journal.Records() {
			l.entries = append(l.entries, c.entryOf(l, &l.journal.Records()[i]))
		}
	}
	c.chooseCurrent()
}

// readJournal reads one; nil where nothing of it can be used.
func (c *journals) readJournal(x *export) *instance {
	ref := RecordRef{Node: x.from.Name}
	if x.err != nil {
		c.findAt(Fault, "evidence", ref, "a bundle of its journal is not good: %v", x.err)
	}
	whole, missing := x.bytes()
	if len(missing) > 0 {
		c.findAt(Open, "journal-missing", ref, "of its journal %s is missing: bring it", strings.Join(missing, ", "))
		return nil
	}
	if coproc.DigestOf(whole) != x.whole {
		c.findAt(Fault, "journal-chain", ref, "the parts of its journal are not of the journal that they say to be of")
	}
	j, err := journal.Parse(whole)
	l := &instance{journal: j, last: map[string]uint64{}, counted: map[string]uint64{}}
	if err != nil {
		l.broken = true
		c.findAt(Fault, "journal-chain", RecordRef{Node: x.from.Name, Record: recordIn(err, j)}, "%v", err)
	}
	if len(j.Records()) == 0 {
		return nil
	}
	if !c.owned(l, x) {
		return nil
	}
	c.planned(l, x)
	c.ended(l)
	return l
}

// recordIn is the record that an error of ParseJournal names.
func recordIn(err error, j *journal.Journal) uint64 {
	var n uint64
	if _, text, ok := strings.Cut(err.Error(), "record "); ok {
		if _, err := fmt.Sscanf(text, "%d", &n); err == nil {
			return n
		}
	}
	return uint64(len(j.Records()) + 1)
}

// owned checks that a journal is of the coprocessor that its bundle is from.
func (c *journals) owned(l *instance, x *export) bool {
	init := l.journal.Init()
	ref := RecordRef{Node: x.from.Name, Record: 1, Time: l.journal.Records()[0].Time}
	device := c.devices[init.Device]
	if device == nil {
		c.findAt(Fault, "journal-owner", ref, "it is the journal of coprocessor %q, which the plan does not have", init.Device)
		return false
	}
	l.device, l.nodes, l.auditor = device.Name, c.nodesAt[device.Name], init.AuditKey
	if l.nodes[0].Name != x.from.Name {
		c.findAt(Fault, "journal-owner", ref, "the bundle is from %s, the journal inside is that of %s: they were exchanged", x.from.Name, l.nodes[0].Name)
	}
	if init.Serial != c.ids[l.nodes[0].Name].Serial {
		c.findAt(Fault, "journal-owner", ref, "it is the journal of serial number %s, the plan has %s for coprocessor %s", init.Serial, device.Serial, device.Name)
	}
	if key, err := cosesig.ParsePublicKey([]byte(x.key)); err != nil || key != init.AuditKey {
		c.findAt(Fault, "journal-owner", ref, "the bundle is signed with another key than the audit key of the journal inside")
	}
	return true
}

// planned checks that a journal is of this ceremony and made under its plan.
func (c *journals) planned(l *instance, x *export) {
	init := l.journal.Init()
	ref := RecordRef{Node: l.nodes[0].Name, Record: 1, Time: l.journal.Records()[0].Time}
	if init.Ceremony != c.plan.CeremonyID() {
		c.findAt(Fault, "journal-plan", ref, "it is the journal of ceremony %s, this is ceremony %s", init.Ceremony, c.plan.CeremonyID())
	}
	if init.Plan != c.planDigest {
		c.findAt(Fault, "journal-plan", ref, "its store was made from another plan: digest %s, the SA's is %s", init.Plan.Short(), c.planDigest.Short())
	}
	if x.plan != c.text {
		c.findAt(Fault, "journal-plan", ref, "the plan that came with the journal is not the SA's")
	}
}

// ended checks that the node's auditor handed the journal out: its last record
// says so.
func (c *journals) ended(l *instance) {
	if l.broken {
		return // told already
	}
	records := l.journal.Records()
	last := records[len(records)-1]
	ref := RecordRef{Node: l.nodes[0].Name, Record: last.Seq, Time: last.Time}
	if last.Event == journal.EventExported {
		return // it is signed, or it would not have been read
	}
	c.findAt(Fault, "journal-end", ref, "the journal does not end with a record of its being handed out: records were cut off, or it was copied from the disk")
	l.broken = true
}

// fork tells of a second journal under the same audit key that is not the
// beginning of the first: no coprocessor writes two.
func (c *journals) fork(l, other *instance) {
	record := uint64(1)
	for i, r := range l.journal.Records() {
		if i >= len(other.journal.Records()) || !sameRecord(r, other.journal.Records()[i]) {
			break
		}
		record++
	}
	if int(record) > min(len(l.journal.Records()), len(other.journal.Records())) {
		return // an older export of the same journal
	}
	c.findAt(Fault, "journal-fork", RecordRef{Node: l.nodes[0].Name, Record: record},
		"there are two journals of this coprocessor that differ from this record on: an old state was put back, or one is not genuine")
	other.broken = true
}

func sameRecord(a, b journal.Record) bool {
	return reflect.DeepEqual(a, b)
}

// concerned is the node of a record: one that its coprocessor holds.
func (c *root) concerned(l *instance, r *journal.Record) *plan.Node {
	if r.Node == "" {
		return l.nodes[0]
	}
	if i := slices.IndexFunc(l.nodes, func(n *plan.Node) bool { return n.Name == r.Node }); i >= 0 {
		return l.nodes[i]
	}
	return nil
}

// chooseCurrent finds the journal that counts of each coprocessor: where one was set
// up anew, that under the latest certificate.
func (c *journals) chooseCurrent() {
	for _, l := range c.instances {
		for _, n := range l.nodes {
			if n.Role == c.admin.Role && l.auditor == c.sa.Audit {
				l.vouched = true
			}
			for _, cert := range c.vouched[n.Name] {
				if claims := cert.Claims(); claims.Keys.Audit == l.auditor {
					l.vouched, l.generation = true, max(l.generation, claims.Generation)
				}
			}
		}
	}
	c.sortInstances()
	c.findAbsent()
}

// filled is j with what a journal has.
func (j Journal) filled(l *instance) Journal {
	records := l.journal.Records()
	last, head, key := records[len(records)-1], l.journal.Head(), l.auditor.Thumbprint()
	j.Missing, j.Records, j.From, j.To = false, len(records), records[0].Time, last.Time
	if l.superseded {
		j.Nodes = slices.Clone(j.Nodes)
		for i := range j.Nodes {
			j.Nodes[i] += " (old)"
		}
	}
	j.Head, j.AuditKey, j.Certified = hex.EncodeToString(head[:]), hex.EncodeToString(key[:]), l.vouched
	if last.Event == journal.EventExported {
		j.By = last.Profile
	}
	return j
}

// holds reports whether a coprocessor has a node.
func (l *instance) holds(n *plan.Node) bool { return n.Coprocessor == l.device }

// when says which instance of its coprocessor a record is of; empty for the one
// that counts.
func (l *instance) when() string {
	switch {
	case !l.superseded:
		return ""
	case l.generation == 0:
		return "before it was set up anew: "
	}
	return fmt.Sprintf("before it was set up anew (certificate %d): ", l.generation)
}

// entryOf is a record in the timeline, with no more text than people can read.
func (c *journals) entryOf(l *instance, r *journal.Record) *entry {
	e := &entry{Record: r, instance: l, node: c.concerned(l, r), length: len(r.Text)}
	if e.length > maxText {
		short := *r
		short.Text = clip(r.Text, maxText)
		e.Record = &short
	}
	return e
}

// sortInstances puts the journals of each coprocessor into the order in which it
// was set up: by the certificates that vouch for them, never by clocks, which a
// room sets as it likes.
func (c *journals) sortInstances() {
	byDevice := map[string][]*instance{}
	for _, l := range c.instances {
		byDevice[l.device] = append(byDevice[l.device], l)
	}
	for device, all := range byDevice {
		slices.SortStableFunc(all, func(a, b *instance) int {
			return cmp.Or(compareBool(a.vouched, b.vouched), cmp.Compare(a.generation, b.generation))
		})
		last := all[len(all)-1]
		c.current[device] = last
		for i, l := range all {
			l.superseded = l != last
			if i > 0 {
				l.predecessor = all[i-1]
			}
		}
		c.history[device] = all
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// absentJournal is a journal that must be, since a certificate vouches for its
// audit key, and that is not here.
type absentJournal struct {
	node       *plan.Node // that the certificate is of
	audit      coproc.PublicKey
	generation uint32 // of the latest certificate that vouches for it
}

// name says which one it is.
func (g *absentJournal) name() string {
	return fmt.Sprintf("the journal that %s had under certificate %d", g.node.Name, g.generation)
}

// findAbsent finds the journals that are not here: a coprocessor has one for each
// audit key that certificates vouch for.
func (c *journals) findAbsent() {
	here := map[coproc.PublicKey]bool{}
	for _, l := range c.instances {
		here[l.auditor] = true
	}
	for _, d := range c.plan.Coprocessors {
		found := map[coproc.PublicKey]*absentJournal{}
		for _, n := range c.nodesAt[d.Name] {
			for _, cert := range c.vouched[n.Name] {
				claims := cert.Claims()
				if g := found[claims.Keys.Audit]; g != nil {
					g.generation = max(g.generation, claims.Generation)
				} else if !here[claims.Keys.Audit] {
					g = &absentJournal{n, claims.Keys.Audit, claims.Generation}
					found[g.audit] = g
					c.absent[d.Name] = append(c.absent[d.Name], g)
				}
			}
		}
		slices.SortStableFunc(c.absent[d.Name], func(a, b *absentJournal) int { return cmp.Compare(a.generation, b.generation) })
	}
}

// here reports whether the whole journal of a node is here.
func (c *journals) here(node *plan.Node) bool {
	l := c.current[node.Coprocessor]
	return l != nil && !l.broken
}

// leftOutAt is the remark by which a coprocessor takes no part: it holds no
// other node. Nil where it does.
func (c *journals) leftOutAt(device string) *entry {
	if nodes := c.nodesAt[device]; len(nodes) == 1 {
		return c.leftOut[nodes[0].Name]
	}
	return nil
}

// ifLeftOut says what to do about a target that was not certified and will not be.
func (c *journals) ifLeftOut(n *plan.Node) string {
	if n.Role != coproc.CSR || len(c.vouched[n.Name]) > 0 || !c.here(c.admin) {
		return ""
	}
	return fmt.Sprintf(". If %s takes no part, the auditor says so at %s (gapferry journal note --profile %s --left-out %s --text TEXT) and hands that journal out again (gapferry journal export)",
		n.Name, c.admin.Name, c.admin.Officers.Audit, n.Name)
}
