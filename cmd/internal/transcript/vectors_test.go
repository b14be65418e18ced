package transcript

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/testvectors/transcripts"
)

var updateVectors = flag.Bool("update-vectors", false, "make testvectors/transcripts anew")

const vectorsHome = "../../../testvectors/transcripts"

// leastVectors is held by hand: one that is lost is seen here.
const leastVectors = 31

// TestVectors: every frozen transcript comes to its verdict, with its findings
// and no other. With -update-vectors it makes all of them anew instead.
func TestVectors(t *testing.T) {
	if *updateVectors {
		generateVectors(t)
		return
	}
	all := transcripts.All()
	if len(all.Vectors) < leastVectors {
		t.Errorf("%d vectors, want %d", len(all.Vectors), leastVectors)
	}
	weights := map[Verdict]bool{}
	for _, v := range all.Vectors {
		r := verifyVector(t, all, v)
		weights[r.Verdict()] = true
		if got := vectorVerdicts[r.Verdict()]; got != v.Verdict {
			t.Errorf("%s: %s, want %s\n%s", v.Name, got, v.Verdict, texts(r))
		}
		if got := vectorFindings(r); !slices.Equal(got, v.Findings) {
			t.Errorf("%s: %v\nwant %v\n%s", v.Name, got, v.Findings, texts(r))
		}
	}
	if len(weights) != len(vectorVerdicts) {
		t.Errorf("only %d verdicts", len(weights))
	}
}

var vectorVerdicts = map[Verdict]string{Verified: "good", VerifiedWithExceptions: "excepted", Incomplete: "incomplete", NotVerified: "bad"}

func verifyVector(t *testing.T, all transcripts.Index, v transcripts.Vector) *Result {
	t.Helper()
	good, err := Parse(transcripts.Read("good.gft"))
	if err != nil {
		t.Fatal(err)
	}
	var raw [][]byte
	for _, e := range good.bundles {
		if !slices.Contains(v.Without, e.digest.String()) {
			raw = append(raw, e.raw)
		}
	}
	if len(raw) != len(good.bundles)-len(v.Without) {
		t.Errorf("%s: not all that it is without is in good.gft", v.Name)
	}
	for _, name := range v.With {
		raw = append(raw, transcripts.Read(name))
	}
	f, err := newFile(good.ceremony, raw)
	if err != nil {
		t.Fatal(err)
	}
	hash := all.Hash
	if v.Hash != "" {
		hash = v.Hash
	}
	return Verify(f, coproc.Thumbprint(must(hex.DecodeString(hash))))
}

func vectorFindings(r *Result) []transcripts.Finding {
	list := []transcripts.Finding{}
	for _, f := range r.Findings {
		list = append(list, transcripts.Finding{Weight: strings.ToLower(f.Severity.String()), Rule: f.Rule, Node: f.Ref.Node, Record: f.Ref.Record})
	}
	return list
}

// vectorMaker has the keys of a ceremony, and is whoever owns its rooms.
type vectorMaker struct {
	*world
	t     *testing.T
	index transcripts.Index
	good  *File
}

func generateVectors(t *testing.T) {
	m := &vectorMaker{world: newWorld(shape{m: 2, n: 2, targets: 1}), t: t}
	m.run()
	m.good = m.file(t)
	m.index = transcripts.Index{Ceremony: hex.EncodeToString(m.good.ceremony[:]), Hash: hex.EncodeToString(m.hash[:])}
	for _, old := range must(filepath.Glob(filepath.Join(vectorsHome, "*.g*"))) {
		if !strings.HasSuffix(old, ".go") {
			must(0, os.Remove(old))
		}
	}
	m.keep("good.gft", m.good.Bytes())
	m.unsigned()
	m.rewrites()
	var out bytes.Buffer
	out.WriteString("{\n")
	out.WriteString(`"ceremony": "` + m.index.Ceremony + "\",\n\"hash\": \"" + m.index.Hash + "\",\n\"vectors\": [\n")
	for i, v := range m.index.Vectors {
		if i > 0 {
			out.WriteString(",\n")
		}
		out.Write(must(json.Marshal(v)))
	}
	out.WriteString("\n]\n}\n")
	m.keep("index.json", out.Bytes())
	t.Logf("%d vectors", len(m.index.Vectors))
}

func (m *vectorMaker) keep(name string, b []byte) {
	must(0, os.WriteFile(filepath.Join(vectorsHome, name), b, 0o644))
}

// add verifies a transcript and keeps what came of it. The rule, if there is one,
// must be among the findings with that weight.
func (m *vectorMaker) add(name, what string, without []coproc.Digest, with [][]byte, hash *coproc.Thumbprint, w Severity, rule string) {
	m.t.Helper()
	v := transcripts.Vector{Name: name, What: what}
	var raw [][]byte
	for _, e := range m.good.bundles {
		if slices.Contains(without, e.digest) {
			v.Without = append(v.Without, e.digest.String())
		} else {
			raw = append(raw, e.raw)
		}
	}
	for i, b := range with {
		file := name + ".gfb"
		if i > 0 {
			file = name + "-2.gfb"
		}
		m.keep(file, b)
		v.With, raw = append(v.With, file), append(raw, b)
	}
	by := m.hash
	if hash != nil {
		by, v.Hash = *hash, hex.EncodeToString(hash[:])
	}
	r := Verify(must(newFile(m.good.ceremony, raw)), by)
	v.Verdict, v.Findings = vectorVerdicts[r.Verdict()], vectorFindings(r)
	if rule != "" && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == rule && f.Severity == w }) {
		m.t.Errorf("%s: no %s of rule %s:\n%s", name, w, rule, texts(r))
	}
	m.index.Vectors = append(m.index.Vectors, v)
}

// digest is that of a bundle of good.gft: by its kind and sender.
func (m *vectorMaker) digest(kind bundle.Kind, from string) coproc.Digest {
	for _, e := range m.good.bundles {
		if h := must(bundle.Parse(e.raw)).UnverifiedHeader(); h.Kind == kind && h.From.Name == from {
			return e.digest
		}
	}
	panic("no " + string(kind))
}

func (m *vectorMaker) raw(d coproc.Digest) []byte {
	for _, e := range m.good.bundles {
		if e.digest == d {
			return bytes.Clone(e.raw)
		}
	}
	panic("not there")
}

// flipped is a bundle with its last bit changed: of its signature.
func (m *vectorMaker) flipped(d coproc.Digest) []byte {
	b := m.raw(d)
	b[len(b)-1] ^= 1
	return b
}

// unsigned are vectors that whoever carries the bundles can make.
func (m *vectorMaker) unsigned() {
	saKey, statement := m.digest(bundle.KindSAKey, "sa"), m.digest(bundle.KindStatement, "css")
	journal := m.digest(bundle.KindJournal, "csr1")
	other := coproc.Thumbprint(coproc.DigestOf([]byte("another card")))
	m.add("good", "nothing: good.gft itself", nil, nil, nil, 0, "")
	m.add("evidence-left-out", "a statement is not here: the journals tell all that it tells", []coproc.Digest{statement}, nil, nil, 0, "")
	m.add("no-sa-key", "there is no sa-key", []coproc.Digest{saKey}, nil, nil, Fault, "evidence")
	m.add("other-card", "the card is of another SA key", nil, nil, &other, Fault, "evidence")
	m.add("sa-key-damaged-copy", "beside the sa-key lies a copy with another signature", nil, [][]byte{m.flipped(saKey)}, nil, Exception, "evidence")
	m.add("statement-damaged-copy", "beside the statement lies a copy with another signature", nil, [][]byte{m.flipped(statement)}, nil, Exception, "evidence")
	m.add("statement-damaged", "the only copy of the statement has another signature", []coproc.Digest{statement}, [][]byte{m.flipped(statement)}, nil, Fault, "evidence")
	m.add("no-journal", "the journal of csr1 is not here", []coproc.Digest{journal}, nil, nil, Open, "journal-missing")
	m.add("journal-damaged", "the bundle of csr1's journal has another signature", []coproc.Digest{journal}, [][]byte{m.flipped(journal)}, nil, Fault, "evidence")

	n := *m.nodes["csr1"]
	n.key, n.seq = newKey(), 40
	n.keys.Sign = n.Public()
	before := len(m.bundles)
	book := *n.b
	n.b = &book
	n.request(bundle.KindCSRKey)
	m.add("stray-request", "a csr-key that no journal knows, under a key that nobody certified", nil, m.bundles[before:], nil, Exception, "evidence")
}

// rewritten is the journal of a coprocessor once more, its records changed and
// signed again by who has its key. What is added is written in front of the last
// record, which hands it out.
func (m *vectorMaker) rewritten(device string, change func(*journal.Record) sign, more ...journal.Record) [][]byte {
	old := m.books[device]
	b := &book{w: m.world, device: old.device, serial: old.serial, first: old.first, audit: old.audit, plan: old.plan, keys: old.keys, officers: old.officers}
	last := len(old.records) - 1
	for _, r := range slices.Concat(old.records[:last], more, old.records[last:]) {
		now := r.Time
		if now == 0 {
			now = old.records[last].Time - 1
		}
		m.now = now - 1
		how := signed
		m.onRecord = func(_ *book, r *journal.Record) sign {
			r.Time = now
			if change != nil {
				how = change(r)
			}
			return how
		}
		b.write(r.Profile, r)
	}
	before := len(m.bundles)
	m.sealJournal(b, b.first, b.audit, b.raw)
	return m.bundles[before:]
}

// rewrites are vectors that whoever owns a coprocessor can make.
func (m *vectorMaker) rewrites() {
	add := func(name, what string, w Severity, rule, device string, change func(*journal.Record) sign, more ...journal.Record) {
		m.t.Helper()
		m.add(name, what, []coproc.Digest{m.digest(bundle.KindJournal, m.books[device].first)}, m.rewritten(device, change, more...), nil, w, rule)
	}
	only := func(fits func(*journal.Record) bool, do func(*journal.Record) sign) func(*journal.Record) sign {
		return func(r *journal.Record) sign {
			if fits(r) {
				return do(r)
			}
			return signed
		}
	}
	set := func(do func(*journal.Record)) func(*journal.Record) sign {
		return func(r *journal.Record) sign { do(r); return signed }
	}
	skip := func(*journal.Record) sign { return skipped }
	setTask, install := task("csr1", procedure.TaskSet, 0), task("csr1", procedure.TaskInstallShares, 1)
	record := func(profile string, e journal.Event, text string) journal.Record {
		return journal.Record{Event: e, Node: "csr1", Profile: profile, Text: text}
	}

	add("another-officer", "the setter's task was done by the verifier", Fault, "officer", "csr1", only(setTask, set(func(r *journal.Record) { r.Profile = "VERIFIER" })))
	own, auditors := m.books["csr1"].keys["SETTER"], m.books["csr1"].keys["AUDITOR"]
	m.books["csr1"].keys["SETTER"] = auditors
	add("another-signs", "what the setter did is signed by the auditor", Fault, "journal-chain", "csr1", nil)
	m.books["csr1"].keys["SETTER"] = own
	genuine, certified := *m.books["csr1"], m.nodes["csr1"].keys
	m.books["csr1"].enlist()
	forged := m.books["csr1"].officers
	add("other-officers", "all officers' keys are of whoever wrote the journal", Fault, "officer-keys", "csr1", only(event("", journal.EventInit, ""), set(func(r *journal.Record) {
		d, _ := journal.DataOf[journal.InitData](*r)
		d.Officers = forged
		r.Data = data(d)
	})))
	*m.books["csr1"], m.nodes["csr1"].keys = genuine, certified
	add("not-handed-out", "the journal does not end with a record of its being handed out", Fault, "journal-end", "csr1", only(event("csr1", journal.EventExported, ""), skip))
	add("not-audited", "the access controls were not audited", Fault, "order", "csr1", only(task("csr1", procedure.TaskAudit, 0), skip))
	add("another-pattern", "another pattern was set than was verified", Fault, "pattern", "csr1", only(setTask, set(func(r *journal.Record) { r.Data = []byte("differs!") })))
	add("clock-back", "the clock went back by an hour when the key was set", Fault, "clock", "csr1", only(setTask, set(func(r *journal.Record) { r.Time -= 3600 })))
	add("unknown-event", "there is no such event", Fault, "record", "csr1", nil, record("SETTER", "event", "something"))
	add("not-compared", "nobody compared the source's keys", Fault, "compare", "csr1", only(event("csr1", journal.EventCompared, ""), skip))
	add("share-twice", "share 1 was installed twice", Fault, "sent-received", "csr1", nil, func() journal.Record {
		for _, r := range m.books["csr1"].records {
			if install(&r) {
				return r
			}
		}
		panic("no share")
	}())
	add("share-of-nobody", "a share was installed that the source never made", Fault, "sent-received", "csr1", only(install, set(func(r *journal.Record) { r.Bundle = unknown() })))
	add("key-replaced", "after the cloned master key another one was set", Fault, "target", "csr1", nil, journal.Record{
		Event: journal.EventAct, Node: "csr1", Task: "set", Profile: "SETTER", Text: "set", Data: m.registers(journal.ActData{Current: full(coproc.Pattern{9, 9, 9, 9, 9, 9, 9, 9}), Old: full(m.pattern)}),
	})
	add("told", "a remark, a refusal, a log-on refused, an interruption, an act, a script's log-on: nothing wrong, and told", Exception, "remark", "csr1", func(r *journal.Record) sign {
		if r.Event == journal.EventRefused && r.Code == refusal.CodePassphrase {
			return unsigned
		}
		if r.Event == journal.EventTask && r.Task == procedure.TaskAudit {
			r.Means = journal.PassphraseByDescriptor
		}
		return signed
	}, record("AUDITOR", journal.EventNote, "the stick was dropped"),
		journal.Record{Event: journal.EventRefused, Node: "csr1", Profile: "SETTER", Code: refusal.CodeOrder, Text: "not yet"},
		journal.Record{Event: journal.EventRefused, Node: "csr1", Profile: "SETTER", Code: refusal.CodePassphrase, Text: "wrong passphrase"},
		record("SETTER", journal.EventInterrupted, "2 acts of which there is no record"),
		journal.Record{Event: journal.EventAct, Node: "csr1", Task: procedure.TaskUnlock, Profile: "ADMIN", Text: "unlocked"})
	add("unsigned-nonsense", "a record without a signature takes in what it cannot: told, and no fault", Exception, "officer", "csr1", func(r *journal.Record) sign {
		if r.Event == journal.EventCopied && r.Text == "dir:NOBODY" {
			return unsigned
		}
		return signed
	}, journal.Record{Event: journal.EventCopied, Node: "csr1", Kind: bundle.KindShare, Bundle: unknown(), Profile: "SETTER", Text: "dir:NOBODY"})
	add("old-export", "the journal of csr1 was handed out behind phase 3a, and never again", Open, "journal-end", "csr1",
		only(func(r *journal.Record) bool { return r.Seq > 8 && r.Event != journal.EventExported }, skip))

	revoked := journal.Record{Event: journal.EventRevoked, Node: "sa", Peer: "csr1", Profile: "CERTIFIER", Data: data(m.revokeData("csr1")), Text: "revoked"}
	lost := journal.Record{Event: journal.EventNote, Node: "sa", Peer: "csr1", Profile: "AUDITOR", Text: "it burnt down", Data: data(journal.NoteData{Subject: journal.SubjectJournal, Certificate: 1})}
	gone := []coproc.Digest{m.digest(bundle.KindJournal, "csr1"), m.digest(bundle.KindJournal, "sa")}
	add("revoked", "the certificate of csr1 was taken back after it had the key", Exception, "revoke", "sa", nil, revoked)
	m.add("lost", "the journal of csr1 is lost: its certificate was taken back, and the SA's auditor says so", gone, m.rewritten("sa", nil, revoked, lost), nil, Exception, "lost")
	m.add("lost-and-in-force", "the SA's auditor says that the journal of csr1 is lost, and its certificate is in force", gone, m.rewritten("sa", nil, lost), nil, Open, "journal-missing")

	log := m.digest(bundle.KindJournal, "csr1")
	m.add("fork", "two journals of csr1 that differ in the middle", nil, m.rewritten("csr1", only(setTask, set(func(r *journal.Record) { r.Text = "otherwise" }))), nil, Fault, "journal-fork")
	broken := m.books["csr1"].raw
	before := len(m.bundles)
	m.sealJournal(m.books["csr1"], "csr1", m.books["csr1"].audit, slices.Concat(broken[:8], broken[9:]))
	m.add("record-removed", "record 9 of csr1 was cut out, and nothing signed again", []coproc.Digest{log}, m.bundles[before:], nil, Fault, "journal-chain")
	before = len(m.bundles)
	m.sealJournal(m.books["csr1"], "csr1", m.books["css"].audit, broken)
	m.add("another-room", "the journal of csr1 was handed out with the audit key of css", []coproc.Digest{log}, m.bundles[before:], nil, Fault, "journal-owner")
	before = len(m.bundles)
	m.sealJournal(m.books["csr1"], "csr1", newKey(), broken)
	m.add("unvouched-journal", "beside the journal of csr1 lies one under a key that nobody vouches for", nil, m.bundles[before:], nil, Exception, "journal-signer")
	add("hash-by-one", "at csr1 one person registered the hash and the SA key", Fault, "dual-control", "csr1", only(task("csr1", procedure.TaskRegisterKey, 0), set(func(r *journal.Record) { r.Profile = "HASH" })))
}
