package transcript

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// life is one journal: what a coprocessor did since its store was made. One
// that was set up anew has another, under another audit key.
type life struct {
	device     string
	nodes      []*plan.Node
	journal    *journal.Journal
	clocks     *journal.Clocks
	entries    []*entry
	auditor    coproc.PublicKey
	vouched    bool              // the SA key vouches for the audit key
	generation uint32            // of the latest certificate that does
	broken     bool              // records are missing, or cannot be trusted
	former     bool              // the coprocessor was set up anew after it
	before     *life             // the one that it had before
	last       map[string]uint64 // by node: the highest sequence number used
	counted    map[string]uint64 // by node: the sequence number used last, so far
}

func (c *checker) openExports(sealed []*bundle.Sealed) []*export {
	return newest(gatherExports(sealed, c.hash, c.attempts, func(s *bundle.Sealed, err error) { c.unread = append(c.unread, unread{s, err}) }))
}

// readJournals reads every journal and compares it with what is around it.
func (c *checker) readJournals() {
	var all []*reading
	for _, x := range c.exports {
		r := &reading{export: x}
		// What is wrong with it counts only if the journal does.
		kept := c.findings
		c.findings = findings{count: map[ruleWeight]int{}}
		r.life = c.readJournal(x)
		r.found, c.findings = c.findings.list, kept
		all = append(all, r)
	}
	c.collectCertificates(all)
	first := map[coproc.PublicKey]*life{}
	for _, r := range c.standing(all) {
		for _, f := range r.found {
			c.findings.add(f)
		}
		l := r.life
		if l == nil {
			continue
		}
		if other := first[l.auditor]; other != nil {
			c.fork(l, other)
			continue
		}
		first[l.auditor] = l
		c.lives = append(c.lives, l)
	}
	for _, l := range c.lives {
		l.clocks = journal.ClocksOf(l.journal.Records(), l.journal.Signed)
		for i := range l.journal.Records() {
			l.entries = append(l.entries, c.entryOf(l, &l.journal.Records()[i]))
		}
	}
	c.choose()
	c.formerTimes()
}

// readJournal reads one; nil where nothing of it can be used.
func (c *checker) readJournal(x *export) *life {
	ref := Ref{Node: x.from.Name}
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
	l := &life{journal: j, last: map[string]uint64{}, counted: map[string]uint64{}}
	if err != nil {
		l.broken = true
		c.findAt(Fault, "journal-chain", Ref{Node: x.from.Name, Record: recordIn(err, j)}, "%v", err)
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
func (c *checker) owned(l *life, x *export) bool {
	init := l.journal.Init()
	ref := Ref{Node: x.from.Name, Record: 1, Time: l.journal.Records()[0].Time}
	device := c.devices[init.Device]
	if device == nil {
		c.findAt(Fault, "journal-owner", ref, "it is the journal of coprocessor %q, which the plan does not have", init.Device)
		return false
	}
	l.device, l.nodes, l.auditor = device.Name, c.at[device.Name], init.AuditKey
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
func (c *checker) planned(l *life, x *export) {
	init := l.journal.Init()
	ref := Ref{Node: l.nodes[0].Name, Record: 1, Time: l.journal.Records()[0].Time}
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
func (c *checker) ended(l *life) {
	if l.broken {
		return // told already
	}
	records := l.journal.Records()
	last := records[len(records)-1]
	ref := Ref{Node: l.nodes[0].Name, Record: last.Seq, Time: last.Time}
	if last.Event == journal.EventExported {
		return // it is signed, or it would not have been read
	}
	c.findAt(Fault, "journal-end", ref, "the journal does not end with a record of its being handed out: records were cut off, or it was copied from the disk")
	l.broken = true
}

// fork tells of a second journal under the same audit key that is not the
// beginning of the first: no coprocessor writes two.
func (c *checker) fork(l, other *life) {
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
	c.findAt(Fault, "journal-fork", Ref{Node: l.nodes[0].Name, Record: record},
		"there are two journals of this coprocessor that differ from this record on: an old state was put back, or one is not genuine")
	other.broken = true
}

func sameRecord(a, b journal.Record) bool {
	return reflect.DeepEqual(a, b)
}

// concerned is the node of a record: one that its coprocessor holds.
func (c *checker) concerned(l *life, r *journal.Record) *plan.Node {
	if r.Node == "" {
		return l.nodes[0]
	}
	if i := slices.IndexFunc(l.nodes, func(n *plan.Node) bool { return n.Name == r.Node }); i >= 0 {
		return l.nodes[i]
	}
	return nil
}

// choose finds the journal that counts of each coprocessor: where one was set
// up anew, that under the latest certificate.
func (c *checker) choose() {
	for _, l := range c.lives {
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
	c.sortLives()
	c.findGone()
}

// journalList says of each coprocessor's journal what the result has of it.
func (c *checker) journalList() []Journal {
	var list []Journal
	for i := range c.plan.Coprocessors {
		list = append(list, c.journalsOf(&c.plan.Coprocessors[i])...)
	}
	return list
}

// filled is j with what a journal has.
func (j Journal) filled(l *life) Journal {
	records := l.journal.Records()
	last, head, key := records[len(records)-1], l.journal.Head(), l.auditor.Thumbprint()
	j.Missing, j.Records, j.From, j.To = false, len(records), records[0].Time, last.Time
	if l.former {
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
