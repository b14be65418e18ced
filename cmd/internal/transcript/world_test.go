package transcript

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// world is a synthetic ceremony: it has the keys of every coprocessor, so that
// it can also tell lies that are correctly signed.
type world struct {
	plan     *plan.Plan
	text     []byte // of the plan, canonical
	now      int64
	nodes    map[string]*node
	books    map[string]*book // by coprocessor
	order    []*book
	hash     coproc.Thumbprint
	box      *age.X25519Identity
	saKey    coproc.Digest
	cert     map[string][]byte        // by node: its latest certificate
	answers  map[string]coproc.Digest // by node: the bundle of that certificate
	gen      map[string]uint32
	sets     map[string]coproc.ShareSetID // by target
	shares   map[string][]coproc.Digest   // by target: payload digests
	pattern  coproc.Pattern
	bundles  [][]byte
	readable map[string]coproc.Digest // "csr-cert csr1": the digest of the bundle

	// bare makes no bundles: journals are taken as they were opened.
	bare     bool
	oneStick bool // for everything, shares too
	opened   []*export

	// The lies. onRecord changes a record before it is signed, onBundle a bundle;
	// at is called by name at points of the ceremony.
	onRecord func(b *book, r *journal.Record) sign
	onBundle func(h *bundle.Header, body bundle.Body) bundle.Body
	at       func(point string)
}

// sign says what becomes of a record.
type sign int

const (
	signed   sign = iota
	unsigned      // written without a signature
	skipped       // never written
)

// node is one node's keys.
type node struct {
	name    string
	b       *book
	seq     uint64
	key     ed25519.PrivateKey
	receipt ed25519.PrivateKey // of a target
	keys    coproc.Keys
	where   *plan.Node
	id      coproc.NodeID
}

// Public and SignBundle make it a bundle.Signer.
func (n *node) Public() coproc.PublicKey { return public(n.key) }

// newTarget gives it the keys that only a target has.
func (n *node) newTarget(shares int) {
	n.receipt = newKey()
	n.keys.ShareBox = must(age.GenerateHybridIdentity()).Recipient().String()
	n.keys.Receipt, n.keys.Shares = public(n.receipt), coproctest.ShareKeys(shares)
}

// receipts is the node with the key that signs its receipts.
func (n *node) receipts() *node {
	r := *n
	r.key = n.receipt
	return &r
}

func (n *node) SignBundle(protected, payload []byte) ([]byte, error) {
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, n.key)
}

// book is the journal of one coprocessor while it is written.
type book struct {
	w        *world
	device   string
	serial   coproc.Serial
	first    string // its first node
	audit    ed25519.PrivateKey
	keys     map[string]ed25519.PrivateKey // of its officers, by profile
	officers coproc.OfficerList
	head     coproc.Digest
	acts     uint64 // the coprocessor's count
	records  []journal.Record
	raw      [][]byte // each entry of the file
	plan     []byte   // that goes with it
}

type entryRaw struct {
	_         struct{} `cbor:",toarray"`
	Body      []byte
	Acts      uint64
	Signature []byte
	Officer   []byte
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func public(k ed25519.PrivateKey) coproc.PublicKey { return must(cosesig.NewPublicKey(k.Public())) }

func newKey() ed25519.PrivateKey {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return must(k, err)
}

// newBox is a recipient of its own for each node: nothing is ever opened with it.
func newBox() string { return must(age.GenerateX25519Identity()).Recipient().String() }

// shape is what a ceremony is made like.
type shape struct {
	m, n, targets int
	saWith        string
	rehearsal     bool
}

var persons = map[string]string{
	"ADMIN": "Ada", "AUDITOR": "Aud", "KEYGEN": "Kay", "HASH": "Hal", "KEYREG": "Reg", "CERTIFIER": "Cer",
	"VERIFIER": "Ver", "SETTER": "Set", "PART1": "Pia", "PART2": "Pat",
	"SHARE1": "Una", "SHARE2": "Duo", "SHARE3": "Tri", "SHARE4": "Qua", "SHARE5": "Qui",
}

func newWorld(s shape) *world {
	some := map[string]string{}
	for p, name := range persons {
		var i int
		if k, _ := fmt.Sscanf(p, "SHARE%d", &i); k == 0 || i <= s.n {
			some[p] = name
		}
	}
	plan := must(draft.New(draft.Options{
		Title: "Test ceremony", Class: coproc.SymMK, M: s.m, N: s.n, Targets: s.targets, SAWith: s.saWith,
		Rehearsal: s.rehearsal, Persons: some,
	}))
	return worldOf(plan)
}

func worldOf(plan *plan.Plan) *world {
	w := &world{
		plan: plan, text: plan.Canonical(), now: 1_790_000_000, nodes: map[string]*node{}, books: map[string]*book{},
		box: must(age.GenerateX25519Identity()), cert: map[string][]byte{}, answers: map[string]coproc.Digest{},
		gen: map[string]uint32{}, sets: map[string]coproc.ShareSetID{}, shares: map[string][]coproc.Digest{},
		pattern: coproc.Pattern{1, 2, 3, 4, 5, 6, 7, 8}, readable: map[string]coproc.Digest{},
		onRecord: func(*book, *journal.Record) sign { return signed },
		onBundle: func(_ *bundle.Header, body bundle.Body) bundle.Body { return body },
		at:       func(string) {},
	}
	for i := range plan.Nodes {
		p := &plan.Nodes[i]
		b := w.books[p.Coprocessor]
		if b == nil {
			d := plan.Coprocessor(p.Coprocessor)
			b = &book{w: w, device: d.Name, serial: must(coproc.NewSerial(d.Serial)), first: p.Name, audit: newKey(), plan: w.text}
			w.books[d.Name] = b
			w.order = append(w.order, b)
		}
		n := &node{name: p.Name, b: b, key: newKey(), where: p, id: plan.ID(p)}
		n.keys = coproc.Keys{Sign: n.Public(), Box: newBox(), Audit: public(b.audit), Intake: newBox()}
		if p.Role == coproc.CSR {
			n.newTarget(plan.N)
		}
		w.nodes[p.Name] = n
	}
	for _, b := range w.order {
		b.enlist()
	}
	w.hash = w.nodes[plan.SA().Name].keys.Sign.Thumbprint()
	return w
}

// write appends a record, as its profile signs it. The record is as the hook
// leaves it.
func (b *book) write(profile string, r journal.Record) *journal.Record {
	b.w.now++
	r.Seq, r.Previous, r.Time, r.Profile = uint64(len(b.records)+1), b.head, b.w.now, profile
	how := b.w.onRecord(b, &r)
	if how == skipped {
		return &r
	}
	body := must(detcbor.Marshal(r))
	h := sha256.New()
	h.Write([]byte("gapferry journal record v1"))
	h.Write(b.head[:])
	h.Write(body)
	h.Sum(b.head[:0])
	e := entryRaw{Body: body}
	if how == signed {
		e.Acts, e.Signature, e.Officer = b.sign(r.Seq, r.Profile)
	}
	b.raw = append(b.raw, must(detcbor.Marshal(e)))
	b.records = append(b.records, r)
	return &r
}

// enlist makes a key for each officer of the plan at the coprocessor, and for
// others.
func (b *book) enlist(others ...string) {
	for _, p := range b.w.plan.Setup(b.w.plan.Coprocessor(b.device)).Profiles {
		others = append(others, p.Name)
	}
	slices.Sort(others)
	b.keys, b.officers = map[string]ed25519.PrivateKey{}, nil
	for _, profile := range others {
		b.keys[profile] = newKey()
		b.officers = append(b.officers, coproc.FirstKey{Profile: profile, Key: public(b.keys[profile])})
	}
	for _, n := range b.w.nodes {
		if n.b == b {
			n.keys.Officers = must(b.officers.Digest())
		}
	}
}

// changePassphrase has an officer sign with another key from now on.
func (b *book) changePassphrase(profile string) {
	old, next := b.keys[profile], newKey()
	change := coproc.OfficerChange{Ceremony: b.w.plan.CeremonyID(), Serial: b.serial, Profile: profile, Old: public(old), New: public(next)}
	b.keys[profile] = next
	b.write(profile, journal.Record{Event: journal.EventOfficerKey, Node: b.first, Text: profile + " signs with a new key",
		Data: data(journal.OfficerKeyData{Profile: profile, Key: public(next), Proof: must(change.Sign(old))})})
}

// sign signs the head of the journal as coprocessor and as the officer, and
// counts it.
func (b *book) sign(count uint64, profile string) (acts uint64, signature, officer []byte) {
	b.acts++
	seal := coproc.JournalSeal{
		Ceremony: b.w.plan.CeremonyID(), Serial: b.serial, Count: count, Head: b.head, Profile: profile, Acts: b.acts,
	}
	signature = must(coproc.SignValue(cosesig.DomainJournal, seal, public(b.audit), b.audit))
	key := b.keys[profile]
	if key == nil { // of nobody here: what it signs is not good
		key = newKey()
	}
	return b.acts, signature, must(coproc.SignValue(cosesig.DomainJournalOfficer, seal, public(key), key))
}

func data(v any) []byte { return must(detcbor.Marshal(v)) }

// task writes the record of a task.
func (n *node) task(profile string, task procedure.TaskID, r journal.Record) {
	r.Event, r.Node, r.Task = journal.EventTask, n.name, task
	if r.Text == "" {
		r.Text = string(task)
	}
	n.b.write(profile, r)
}

// took writes the record of a bundle that was taken in.
func (n *node) took(profile string, kind bundle.Kind, peer string, d coproc.Digest, data []byte) {
	n.b.write(profile, journal.Record{Event: journal.EventReceived, Node: n.name, Kind: kind, Peer: peer, Bundle: &d, Data: data})
}

// make makes a bundle, and writes that it was made and copied to a stick.
func (n *node) make(profile, peer string, h bundle.Header, body bundle.Body) coproc.Digest {
	n.seq++
	h.Ceremony, h.From, h.Sequence, h.Rehearsal, h.Time = n.b.w.plan.CeremonyID(), n.id, n.seq, n.b.w.plan.Rehearsal, n.b.w.now
	h.Phase = h.Kind.Phase()
	slices.Sort(h.To)
	body = n.b.w.onBundle(&h, body)
	if n.b.w.bare {
		digest := coproc.DigestOf(data(h))
		n.wrote(profile, peer, h, digest, journal.WrittenData{})
		n.b.w.readable[fmt.Sprint(h.Kind, " ", n.name, " ", peer)] = digest
		return digest
	}
	var to age.Recipient = n.b.w.box.Recipient()
	if len(h.To) == 0 {
		to = must(bundle.HashRecipient(n.b.w.hash))
	}
	signer := n
	if h.Kind == bundle.KindReceipt {
		signer = n.receipts()
	}
	sealed := must(bundle.Seal(h, body, []age.Recipient{to}, signer))
	n.b.w.bundles = append(n.b.w.bundles, sealed.Bytes())
	n.wrote(profile, peer, h, sealed.Digest(), journal.WrittenData{})
	n.b.w.readable[fmt.Sprint(h.Kind, " ", n.name, " ", peer)] = sealed.Digest()
	return sealed.Digest()
}

func (n *node) wrote(profile, peer string, h bundle.Header, d coproc.Digest, wd journal.WrittenData) {
	share := 0
	if h.Share != nil {
		share = int(h.Share.Index)
	}
	wd.Folder, wd.Name, wd.Sequence, wd.Answers = "sa.db", "bundle.gfb", h.Sequence, h.Answers
	n.b.write(profile, journal.Record{
		Event: journal.EventWritten, Node: n.name, Kind: h.Kind, Peer: peer, Share: share, Bundle: &d, Data: data(wd),
	})
	stick := "dir:STICK"
	if share > 0 && !n.b.w.oneStick {
		stick = fmt.Sprintf("dir:SHARE%d", share)
	}
	n.b.write(profile, journal.Record{
		Event: journal.EventCopied, Node: n.name, Kind: h.Kind, Peer: peer, Share: share, Bundle: &d, Text: stick,
	})
}

// export hands a journal out: its last record says so.
func (w *world) export(b *book) {
	b.write("AUDITOR", journal.Record{Event: journal.EventExported, Node: b.first, Text: "the journal up to here was handed out"})
	w.sealJournal(b, b.first, b.audit, b.raw)
}

// sealJournal makes the bundles of a journal, from a node and signed with a key.
func (w *world) sealJournal(b *book, from string, key ed25519.PrivateKey, raw [][]byte) {
	var whole []byte
	for _, e := range raw {
		whole = append(whole, e...)
	}
	n := w.nodes[from]
	if w.bare {
		w.opened = append(w.opened, &export{
			from: n.id, key: string(public(key).Bytes()), plan: string(b.plan), total: uint64(len(whole)),
			whole: coproc.DigestOf(whole), parts: map[uint64][]byte{0: whole},
		})
		return
	}
	to := must(bundle.HashRecipient(w.hash))
	for at := 0; at < len(whole); at += bundle.MaxJournalPart {
		n.seq++
		h := bundle.Header{
			Ceremony: w.plan.CeremonyID(), Kind: bundle.KindJournal, From: n.id, Sequence: n.seq,
			Rehearsal: w.plan.Rehearsal, Time: w.now, Key: public(key).Bytes(),
		}
		body := bundle.JournalBody{
			Plan: b.plan, Total: uint64(len(whole)), Whole: coproc.DigestOf(whole), Offset: uint64(at),
			Part: whole[at:min(at+bundle.MaxJournalPart, len(whole))],
		}
		sealed := must(bundle.Seal(h, w.onBundle(&h, body), []age.Recipient{to}, &node{key: key}))
		w.bundles = append(w.bundles, sealed.Bytes())
	}
}

// file is the transcript of what was carried.
func (w *world) file(tb testing.TB) *File {
	tb.Helper()
	f, err := newFile(w.plan.CeremonyID(), w.bundles)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// verify verifies what the ceremony gave, with the hash of a card.
func (w *world) verify(tb testing.TB, hash coproc.Thumbprint) *Result {
	tb.Helper()
	if !w.bare {
		return Verify(w.file(tb), hash)
	}
	c := newReplay(w.file(tb), hash)
	c.trust(w.plan, w.nodes[w.plan.SA().Name].keys, w.saKey)
	c.exports = w.opened
	c.run()
	return report{c}.result()
}
