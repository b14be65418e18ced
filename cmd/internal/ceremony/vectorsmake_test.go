package ceremony

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/testvectors"
)

const vectorsWarning = "THESE KEYS, PASSPHRASES AND THIS MASTER KEY ARE PUBLIC TEST DATA. NEVER USE THEM FOR ANYTHING ELSE."

// vectorsCeremony is the ceremony id: 16 characters.
const vectorsCeremony = "gapferry vectors"

var (
	vectorsKey   = coproc.Class.Size(coproc.SymMK)
	vectorsParts = [2][]byte{
		bytes.Repeat([]byte{0xa5, 0x5a, 0xc3}, vectorsKey/3), make([]byte, vectorsKey),
	}
)

const vectorsPattern = "083bf1025be34c44" // first half of SHA-1(01 ‖ 0102…18)

// vectorMaker makes the vectors: it plays the ceremony, then the adversary who has
// every key of it.
type vectorMaker struct {
	*world
	out   string // a folder beside testvectors, which takes its place at the end
	facts testvectors.Facts
	nodes map[string]*vectorNode
	// audits sign journals, each with the audit key of a node's coprocessor
	audits map[string]*vectorNode
	paths  map[string]string // short name → path of a good file
	index  []testvectors.Vector

	oldRequest, oldCert []byte
	cssCert, csrCert    coproc.Certificate
	statement           coproc.Statement
}

// vectorNode signs as a node, with its own key in hand.
type vectorNode struct {
	id    coproc.NodeID
	keys  coproc.Keys
	sign  ed25519.PrivateKey
	box   *age.X25519Identity
	share *age.HybridIdentity

	intake  *age.X25519Identity
	receipt ed25519.PrivateKey // of a target
	shares  [][]byte           // a target's, of X25519
}

// receipts signs as the target, with its key for receipts.
func (n *vectorNode) receipts() *vectorNode {
	r := *n
	r.sign = n.receipt
	return &r
}

func (n *vectorNode) Public() coproc.PublicKey {
	return vMust(cosesig.NewPublicKey(n.sign.Public()))
}

func (n *vectorNode) SignBundle(protected, payload []byte) ([]byte, error) {
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, n.sign)
}

// signed makes a message of another domain than a bundle's.
func (n *vectorNode) signed(d cosesig.Domain, v any) []byte {
	m := vMust(cosesig.Sign(d, vMust(coproc.ProtectedFor(n.Public())), vMust(detcbor.Marshal(v)), n.sign))
	return vMust(m.Bytes())
}

// message is a bundle signed by n, whatever the protected header says.
func (n *vectorNode) message(protected, payload []byte) []byte {
	m := cosesig.Message{Protected: protected, Payload: payload, Signature: vMust(n.SignBundle(protected, payload))}
	return vMust(m.Bytes())
}

// stranger is a node of the same name with keys of its own.
func (n *vectorNode) stranger() *vectorNode {
	s := *n
	_, s.sign, _ = ed25519.GenerateKey(nil)
	s.keys.Sign = s.Public()
	return &s
}

func generateVectors(t *testing.T) {
	const home = "../../../testvectors"
	m := &vectorMaker{out: vMust(os.MkdirTemp(home, ".making-")), nodes: map[string]*vectorNode{}, audits: map[string]*vectorNode{}, paths: map[string]string{}}
	defer os.RemoveAll(m.out)
	m.playCeremony(t)
	m.playNotices()
	m.playLive(t)
	m.learnSecrets()
	m.wrongForms()
	m.wrongLimits()
	m.wrongKeys()
	m.wrongSigners()
	m.wrongInsides()
	m.wrongNotices()
	m.wrongAtNodes()
	m.wrongAtCoprocessors()
	slices.SortFunc(m.index, func(a, b testvectors.Vector) int { return strings.Compare(a.Name, b.Name) })
	m.write("wrong/index.json", vectorJSON(m.index))
	for _, part := range []string{"ceremony", "wrong"} {
		vNoError(t, os.RemoveAll(filepath.Join(home, part)))
		vNoError(t, os.Rename(filepath.Join(m.out, part), filepath.Join(home, part)))
	}
	t.Logf("%d wrong bundles", len(m.index))
}

func vectorJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (m *vectorMaker) write(name string, data []byte) {
	p := filepath.Join(m.out, name)
	vNoError(m.t, os.MkdirAll(filepath.Dir(p), 0o755))
	vNoError(m.t, os.WriteFile(p, data, 0o644))
}

// freeze keeps a copy of a store.
func (m *vectorMaker) freeze(w *world, coprocessor, as string) {
	vNoError(m.t, os.CopyFS(filepath.Join(m.out, "ceremony/stores", as), os.DirFS(w.store(coprocessor))))
	vNoError(m.t, os.Remove(filepath.Join(m.out, "ceremony/stores", as, store.LockFile)))
}

// vectorsPlan is the plan, under a ceremony id that says what it is.
func vectorsPlan(rehearsal bool) *plan.Plan {
	p := vMust(draft.New(draft.Options{
		Title: "Test vectors of gapferry", Class: coproc.SymMK, M: 2, N: 3, Targets: 2, Rehearsal: rehearsal,
	}))
	for i := range p.Officers {
		p.Officers[i].Person = "Test " + p.Officers[i].Profile
	}
	p.Ceremony = hex.EncodeToString([]byte(vectorsCeremony))
	return vMust(plan.Parse(p.Canonical()))
}

func vectorsWorld(t *testing.T, p *plan.Plan, coprocessors ...string) *world {
	w := &world{t: t, plan: p, dir: fastDir(t), people: &people{}, stick: stick{}, now: testNow}
	for _, c := range coprocessors {
		w.init(c)
	}
	return w
}

// playCeremony plays the whole ceremony. The store of csr2 is lost after its
// first certificate, so that there are an old request and an old certificate.
func (m *vectorMaker) playCeremony(t *testing.T) {
	w := vectorsWorld(t, vectorsPlan(true), "sa", "css", "csr1", "csr2")
	m.world = w
	w.phase("sa", "1")
	m.freeze(w, "sa", "sa-1")
	m.loadMasterKey()
	w.phase("css", "2a")
	m.freeze(w, "css", "css-2a")
	w.phase("sa", "2b")
	m.freeze(w, "sa", "sa-2b")
	w.phase("csr1", "3a")
	m.freeze(w, "csr1", "csr1-3a")
	w.phase("csr2", "3a")
	w.phase("sa", "3b")
	m.oldRequest, m.oldCert = m.remove("csr2.db/csr-key"), m.remove("csr2.db/csr-cert")
	vNoError(t, os.RemoveAll(w.store("csr2")))
	w.init("csr2")
	w.phase("csr2", "3a")
	_, err := w.try("sa", "3b", Options{Renew: []string{"csr2"}})
	vNoError(t, err)
	m.freeze(w, "sa", "sa-3b")
	_, err = w.try("css", "3c", Options{Targets: []string{"csr2"}, Shares: []int{1}})
	vNoError(t, err)
	m.freeze(w, "css", "css-3c")
	for _, node := range []string{"css", "csr1", "csr2"} {
		id := procedure.PhaseID("3d")
		if node == "css" {
			id = "3c"
		}
		if r := w.phase(node, id); !r.Complete || len(r.Refused) > 0 {
			t.Fatalf("phase %s at %s: %+v", id, node, r)
		}
	}
	m.write("ceremony/plan.toml", w.plan.Canonical())
	for _, p := range slices.Sorted(maps.Keys(w.stick)) {
		m.write("ceremony/stick/"+p, w.stick[p])
		s := vMust(bundle.Parse(w.stick[p]))
		h := s.UnverifiedHeader()
		short := path.Dir(p) + "/" + string(h.Kind)
		if h.Share != nil {
			short = fmt.Sprintf("%s%d", short, h.Share.Index)
		}
		m.paths[short] = "ceremony/stick/" + p
	}
	for _, c := range w.plan.Coprocessors {
		m.write("ceremony/journals/"+c.Name+".cbor", vMust(os.ReadFile(filepath.Join(w.store(c.Name), store.JournalFile))))
	}
}

// remove takes the one bundle whose path begins so off the stick.
func (m *vectorMaker) remove(prefix string) []byte {
	p := m.stick.sent(prefix)[0]
	b := m.stick[p]
	delete(m.stick, p)
	return b
}

// loadMasterKey loads the two parts whose combination is 0102…18.
func (m *vectorMaker) loadMasterKey() {
	for i := range vectorsParts[1] {
		vectorsParts[1][i] = vectorsParts[0][i] ^ byte(i+1)
	}
	n := m.open("css")
	defer n.Close()
	for _, a := range []Act{
		{Text: "load the first part", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.FirstPart },
			Do: func(s ActSession) (string, error) {
				_, err := s.Keys.LoadPart(coproc.SymMK, coproc.First, vectorsParts[0])
				return "loaded", err
			}},
		{Text: "load the last part", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.LastPart },
			Do: func(s ActSession) (string, error) {
				_, err := s.Keys.LoadPart(coproc.SymMK, coproc.Last, vectorsParts[1])
				return "loaded", err
			}},
		{Text: "set", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Set },
			Do: func(s ActSession) (string, error) {
				r, err := s.Keys.SetMasterKey(coproc.SymMK)
				if err == nil && r.Current.Pattern.String() != vectorsPattern {
					err = fmt.Errorf("pattern %s, want %s", r.Current.Pattern, vectorsPattern)
				}
				return "set", err
			}},
	} {
		_, err := n.RunAct(a, m.people)
		vNoError(m.t, err)
	}
}

// playLive freezes one target of a live ceremony with the same id and nodes.
// Its passphrases take a second each to check, so that the tests never log on.
func (m *vectorMaker) playLive(t *testing.T) {
	w := vectorsWorld(t, vectorsPlan(false), "sa", "csr1")
	w.phase("sa", "1")
	w.phase("csr1", "3a")
	m.freeze(w, "csr1", "live-csr1-3a")
}

// learnSecrets reads the private keys out of the software coprocessors, as
// those can together whose acts need them (coproc/engine says so).
func (m *vectorMaker) learnSecrets() {
	f := &m.facts
	*f = testvectors.Facts{
		Warning: vectorsWarning, Now: m.now.Unix(), Ceremony: m.plan.CeremonyID().String(),
		SAKeyHash: hex.EncodeToString(m.people.hash[:]), Class: string(coproc.SymMK), Pattern: vectorsPattern,
		Passphrases: map[string]string{},
	}
	key := make([]byte, vectorsKey)
	for i := range key {
		key[i] = vectorsParts[0][i] ^ vectorsParts[1][i]
	}
	f.MasterKey = hex.EncodeToString(key)
	f.Parts = []string{hex.EncodeToString(vectorsParts[0]), hex.EncodeToString(vectorsParts[1])}
	for _, o := range m.plan.Officers {
		f.Passphrases[o.Profile] = string(passphraseOf(o.Profile))
	}
	for _, n := range m.plan.Nodes {
		loot := m.lootOf(n.Coprocessor)
		var retained []struct { // field 14; the private keys are at 5 to 7 and 9 to 11
			Keys coproc.Keys `cbor:"3,keyasint"`
		}
		vectorDecode(loot.Fields[14], &retained)
		k := retained[0]
		sign, box, shareBox := loot.Opened["14/0/5/1"], loot.Opened["14/0/6/1"], loot.Opened["14/0/7/1"]
		v := &vectorNode{
			id: m.plan.ID(m.plan.Node(n.Name)), keys: k.Keys, sign: ed25519.NewKeyFromSeed(sign),
			box: vMust(age.ParseX25519Identity(string(box))),
		}
		v.intake = vMust(age.ParseX25519Identity(string(loot.Opened["14/0/11/1"])))
		secrets := testvectors.NodeSecrets{
			Name: n.Name, Sign: hex.EncodeToString(sign), Box: string(box), ShareBox: string(shareBox),
			Audit: hex.EncodeToString(loot.Opened["11/1"]), KeyCard: keyCard(k.Keys), Intake: v.intake.String(),
		}
		if len(shareBox) > 0 {
			v.share = vMust(age.ParseHybridIdentity(string(shareBox)))
			v.receipt = ed25519.NewKeyFromSeed(loot.Opened["14/0/9/1"])
			secrets.Receipt = hex.EncodeToString(v.receipt.Seed())
			for i := range k.Keys.Shares.Count() {
				v.shares = append(v.shares, loot.Opened[fmt.Sprintf("14/0/10/%d", i)])
				secrets.Shares = append(secrets.Shares, hex.EncodeToString(v.shares[i]))
			}
		}
		m.nodes[n.Name], m.audits[n.Name] = v, &vectorNode{id: v.id, sign: ed25519.NewKeyFromSeed(loot.Opened["11/1"])}
		secrets.Officers = m.officerSeeds(n.Coprocessor)
		f.Nodes = append(f.Nodes, secrets)
	}
	m.write("ceremony/secrets.json", vectorJSON(f))
	m.write("ceremony/hash.txt", []byte(strings.Join(coproc.Words(m.people.hash), " ")+"\n"))

	sa := m.nodes["sa"].Public()
	cert := func(short, opens string) coproc.Certificate {
		b := m.opened(short, opens)
		return vMust(coproc.ParseCertificate(vMust(bundle.BodyAs[bundle.CertificateBody](b)).Certificate, sa))
	}
	m.cssCert, m.csrCert = cert("sa.db/css-cert", "css"), cert("csr1.db/csr-cert", "csr1")
	m.statement = vMust(coproc.ParseStatement(vMust(bundle.BodyAs[bundle.StatementBody](m.opened("csr1.db/statement", "csr1"))).Statement, m.cssCert))
}

func vectorPlain(file []byte, id age.Identity) []byte {
	var b bytes.Buffer
	vMust(b.ReadFrom(vMust(age.Decrypt(bytes.NewReader(file), id))))
	return b.Bytes()
}

func vectorDecode(b []byte, v any) {
	if err := cbor.Unmarshal(b, v); err != nil {
		panic(err)
	}
}

// good is a good bundle of the ceremony, by its short name.
func (m *vectorMaker) good(short string) *bundle.Sealed {
	p := strings.TrimPrefix(strings.TrimPrefix(m.paths[short], "ceremony/stick/"), "ceremony/notices/")
	return vMust(bundle.Parse(m.stick[p]))
}

func (m *vectorMaker) opened(short, by string) *bundle.Bundle {
	v := vMust(m.good(short).Verify(bundle.Anchors{SAKey: m.nodes["sa"].Public(), SAHash: &m.people.hash, Now: m.now}))
	if len(v.Header().To) == 0 { // it is for whoever has the hash
		return vMust(v.Open(vMust(bundle.HashIdentity(m.people.hash))))
	}
	return vMust(v.Open(m.opener(short, by)))
}

// opener is what opens a bundle at a node.
func (m *vectorMaker) opener(short, by string) *age.X25519Identity {
	switch m.good(short).UnverifiedHeader().Kind {
	case bundle.KindReceipt, bundle.KindCancel:
		return m.nodes[by].intake
	}
	return m.nodes[by].box
}

func (m *vectorMaker) message(short string) cosesig.Message {
	return vMust(cosesig.Parse(m.good(short).Bytes()))
}

// signer is who signed a good bundle.
func (m *vectorMaker) signer(short string) *vectorNode {
	h := m.good(short).UnverifiedHeader()
	switch h.Kind {
	case bundle.KindJournal:
		return m.audits[h.From.Name]
	case bundle.KindReceipt:
		return m.nodes[h.From.Name].receipts()
	}
	return m.nodes[h.From.Name]
}
