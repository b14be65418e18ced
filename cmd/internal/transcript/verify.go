package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// checker is one verification at work. Everything in it is found with maps, so
// that the work grows with the number of records and not faster.
type checker struct {
	hash     coproc.Thumbprint
	file     *File
	attempts int // at copies of a bundle of which none is good so far
	findings findings

	// From sa-key.
	sa         coproc.Keys
	saKey      coproc.Digest // of the bundle
	plan       *plan.Plan
	text       string // of the plan, canonical
	planDigest coproc.Digest
	nodes      map[string]*plan.Node
	ids        map[string]coproc.NodeID // by node
	at         map[string][]*plan.Node  // by coprocessor
	devices    map[string]*plan.Coprocessor
	persons    map[string]string          // by profile
	known      map[string]map[string]bool // coprocessor → its profiles in the plan
	source     *plan.Node
	admin      *plan.Node // the SA

	carried   []*carried                  // bundles that parse, journals left out
	strange   []*strange                  // bundles that are not of this ceremony
	bundles   map[coproc.Digest]*carried  // likewise those that are
	exports   []*export                   // journals as they were handed out
	unread    []unread                    // journal bundles that cannot be opened
	aside     []*reading                  // journals that say nothing about the node they are named after
	lives     []*life                     // the journals
	primary   map[string]*life            // by coprocessor: the one that counts
	history   map[string][]*life          // by coprocessor: all of them, oldest first
	leftOut   map[string]*entry           // by target: the remark that it takes no part
	gone      map[string][]*goneJournal   // by coprocessor: those that are not here
	lost      map[coproc.PublicKey]*entry // by audit key: the remark that such a journal, or its end, is lost
	madeIn    map[coproc.Digest]*entry    // bundles that were made while their room's clock was wrong
	parsed    map[coproc.Digest]parsedCertificate
	vouched   map[string][]coproc.Certificate // by node: that the SA key signed, wherever they lie
	auditKeys map[coproc.PublicKey]bool       // that those vouch for

	entries []*entry                   // every record, in the order of the timeline
	written map[coproc.Digest]*entry   // who wrote a bundle
	taken   map[coproc.Digest][]*entry // where it was taken in
	knows   map[lifeDigest]*entry      // the first time that a coprocessor took it in
	copied  map[coproc.Digest][]*entry // of shares: the records of that
	copies  map[coproc.Digest][]string // carriers that it was handed to
	grants  map[string][]*grant        // by node: certificates that the SA gave
	sets    map[coproc.ShareSetID]*shareSet
	byPeer  map[string][]*shareSet // by target, oldest first
	shares  map[coproc.Digest]*share
	targets map[string]*target
	former  map[lifeNode]*target       // targets before they were set up anew
	past    map[*life]map[*life]uint64 // what a journal knows of others; see covers
	done    map[rowKey]*entry          // tasks as they stand at the end

	formerTimesOf []*formerTime
	formerSA      map[coproc.PublicKey]bool
	formerBundles map[coproc.Digest]bool // that records of another SA's time name
	formerAside   int                    // bundles of that time that were carried
	formerKeys    map[string]*entry      // by target: the master key was set then

	sourceAfter   *journal.ActData // what acts left in the source's registers after its key was obtained
	sourceChanged *entry           // the act after which that key is not the current one any more
}

// lifeDigest is a bundle at a coprocessor.
type lifeDigest struct {
	life   *life
	digest coproc.Digest
}

// entry is a record in the timeline.
type entry struct {
	*journal.Record
	life   *life
	node   *plan.Node // the one concerned; nil where the plan does not have it here
	at     int        // in the timeline, from 1
	marked Weight     // the gravest finding about it, plus 1
	length int        // of its text, in bytes, before it was clipped

	pattern []byte // of a master key that was set under another SA
}

// attended reports whether an officer signed the record when it was written.
func (e *entry) attended() bool { return e.life.journal.Signed(e.Seq) }

// rules are the checks after the journals were read, in the order of
// TRANSCRIPT.md. Each goes once over the timeline.
var rules = []func(*checker){
	(*checker).missingJournals,
	(*checker).certificates,
	(*checker).signers,
	(*checker).evidence,
	(*checker).clock,
	(*checker).knownRecords,
	(*checker).officers,
	(*checker).dualControl,
	(*checker).order,
	(*checker).sentReceived,
	(*checker).statements,
	(*checker).comparisons,
	(*checker).shareFates,
	(*checker).patterns,
	(*checker).cancels,
	(*checker).revokes,
	(*checker).receipts,
	(*checker).formerLives,
	(*checker).began,
	(*checker).told,
	(*checker).unattended,
	(*checker).answered,
	(*checker).finished,
	(*checker).whatIsLeft,
}

// Verify does every check that can be done with the SA-key hash alone. It never
// stops at the first finding. Without an sa-key bundle that has the hash there
// is nothing to verify with: the result then has no plan and one fault.
func Verify(f *File, hash coproc.Thumbprint) *Result {
	c := newChecker(f, hash)
	if c.introduce() {
		c.unpack()
		c.check()
	}
	return c.result()
}

func newChecker(f *File, hash coproc.Thumbprint) *checker {
	return &checker{
		hash: hash, file: f, attempts: maxBadAttempts, findings: findings{count: map[ruleWeight]int{}},
		primary: map[string]*life{}, leftOut: map[string]*entry{}, gone: map[string][]*goneJournal{}, lost: map[coproc.PublicKey]*entry{}, parsed: map[coproc.Digest]parsedCertificate{}, vouched: map[string][]coproc.Certificate{}, auditKeys: map[coproc.PublicKey]bool{},
		written: map[coproc.Digest]*entry{}, taken: map[coproc.Digest][]*entry{}, knows: map[lifeDigest]*entry{},
		copies: map[coproc.Digest][]string{}, grants: map[string][]*grant{}, sets: map[coproc.ShareSetID]*shareSet{},
		formerSA: map[coproc.PublicKey]bool{}, formerBundles: map[coproc.Digest]bool{}, formerKeys: map[string]*entry{},
		byPeer: map[string][]*shareSet{}, shares: map[coproc.Digest]*share{}, targets: map[string]*target{},
		copied: map[coproc.Digest][]*entry{}, bundles: map[coproc.Digest]*carried{}, history: map[string][]*life{}, former: map[lifeNode]*target{}, past: map[*life]map[*life]uint64{}, done: map[rowKey]*entry{},
	}
}

// check reads the journals and applies the rules to them.
func (c *checker) check() {
	c.readJournals()
	c.judge()
	c.arrange()
	c.follow()
	for _, check := range rules {
		check(c)
	}
}

// trust takes over what an sa-key bundle says.
func (c *checker) trust(plan *plan.Plan, keys coproc.Keys, digest coproc.Digest) {
	c.plan, c.sa, c.saKey = plan, keys, digest
	c.text = string(plan.Canonical())
	c.planDigest = coproc.DigestOf([]byte(c.text))
	c.index()
}

// index makes the plan's names quick to find.
func (c *checker) index() {
	c.nodes = map[string]*plan.Node{}
	c.at = map[string][]*plan.Node{}
	c.persons, c.known = map[string]string{}, map[string]map[string]bool{}
	for i := range c.plan.Nodes {
		n := &c.plan.Nodes[i]
		c.nodes[n.Name] = n
		c.at[n.Coprocessor] = append(c.at[n.Coprocessor], n)
	}
	c.ids = map[string]coproc.NodeID{}
	c.devices = map[string]*plan.Coprocessor{}
	for i := range c.plan.Coprocessors {
		d := &c.plan.Coprocessors[i]
		c.devices[d.Name] = d
		for _, n := range c.at[d.Name] {
			id := coproc.NodeID{Name: n.Name}
			id.Serial, _ = coproc.NewSerial(d.Serial) // the plan's check has read them
			id.EID, _ = coproc.NewEID(d.EID)
			c.ids[n.Name] = id
		}
		c.known[d.Name] = map[string]bool{d.Administrator: true}
		for _, n := range c.at[d.Name] {
			for _, p := range profilesOf(&n.Officers) {
				c.known[d.Name][p] = true
			}
		}
	}
	for _, o := range c.plan.Officers {
		c.persons[o.Profile] = o.Person
	}
	c.source, c.admin = c.plan.Source(), c.plan.SA()
}

// is reports whether a record is of an event about a kind of bundle.
func (e *entry) is(event journal.Event, kind bundle.Kind) bool {
	return e.Event == event && e.Kind == kind
}

// isTask reports whether a record is of a task.
func (e *entry) isTask(task procedure.TaskID) bool {
	return e.Event == journal.EventTask && e.Task == task
}

// ref points at a record.
func (c *checker) ref(e *entry) Ref {
	return Ref{Node: e.name(), Record: e.Seq, Time: e.Time}
}

// name is that of the node concerned: the record's, or the first of its
// coprocessor.
func (e *entry) name() string {
	if e.node != nil {
		return e.node.Name
	}
	return e.life.nodes[0].Name
}

// here reports whether the whole journal of a node is here.
func (c *checker) here(node *plan.Node) bool {
	l := c.primary[node.Coprocessor]
	return l != nil && !l.broken
}
