package ceremony

import (
	"encoding/hex"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/thief"
	"github.com/gapferry/gapferry/testvectors"
)

// playNotices has the finished ceremony make one bundle of each kind that belongs
// to no phase. They lie beside the stick: one that takes something back would stop
// the phases there.
func (m *vectorMaker) playNotices() {
	beside := stick{}
	o := Options{Deliver: beside.deliver}
	css, sa := m.open("css"), m.open("sa")
	defer css.Close()
	defer sa.Close()
	vMust(css.Cancel("csr1", "a share stick was left in a taxi", o, m.people))
	vMust(sa.Revoke("csr2", "its coprocessor was stolen", o, m.people))
	vMust(sa.Export(o, m.people))
	for _, p := range slices.Sorted(maps.Keys(beside)) {
		h := vMust(bundle.Parse(beside[p])).UnverifiedHeader()
		if h.Kind == bundle.KindSAKey { // an export brings it
			continue
		}
		m.write("ceremony/notices/"+p, beside[p])
		m.stick[p] = beside[p]
		m.paths[path.Dir(p)+"/"+string(h.Kind)] = "ceremony/notices/" + p
	}
}

// wrongNotices are cancels, revokes and journals, and what certificates and
// passphrases they and others bring.
func (m *vectorMaker) wrongNotices() {
	const cancel, revoke, journal, saKey, statement = "csr1.db/cancel", "sa.db/revoke", "sa.db/journal", "sa.db/sa-key", "csr1.db/statement"
	sa, css := m.nodes["sa"], m.nodes["css"]
	audit := m.signer(journal)

	// Parse.
	parse := func(name, base string, step int, says, wrong string, data []byte) {
		m.add(name, base, testvectors.AtParse, step, "bundle.ErrFormat", says, wrong, data)
	}
	parse("cancel-no-certificate", cancel, kindStep, "the certificate is missing", "a cancel does not bring the certificate of the source", m.withHeader(cancel, func(_, h vectorMap) { delete(h, 13) }))
	parse("cancel-about-nobody", cancel, kindStep, "the node that it is about is missing", "a cancel does not say whose share set it voids", m.withHeader(cancel, func(_, h vectorMap) { delete(h, 14) }))
	parse("revoke-to-somebody", revoke, kindStep, "addressed to 1 nodes", "a revoke, which is for every node, is addressed to one", m.withHeader(revoke, func(_, h vectorMap) { h[6] = vectorEncode([]string{"css"}) }))
	parse("revoke-answers", revoke, kindStep, "does not belong there", "a revoke answers something", m.withHeader(revoke, func(_, h vectorMap) { h[8] = vectorEncode([]byte(m.facts.Warning[:32])) }))
	parse("journal-no-key", journal, kindStep, "the key is missing", "a journal does not bring the audit key", m.withHeader(journal, func(_, h vectorMap) { delete(h, 12) }))
	stanza := "-> scrypt " + strings.Repeat("A", 22) + " 10\n" + strings.Repeat("A", 43) + "\n"
	two := "age-encryption.org/v1\n" + stanza + stanza + "--- " + strings.Repeat("A", 43) + "\n"
	parse("sa-key-two-passphrases", saKey, 7, "sealed to 2 recipients, where one passphrase opens it", "an sa-key is sealed to two passphrases", sa.message(m.message(saKey).Protected, []byte(two)))

	// Verify.
	claims := m.cssCert.Claims()
	brings := func(name, base, says, wrong string, certificate []byte) {
		m.add(name, base, testvectors.AtVerify, 8, "bundle.ErrCertificate", says, wrong, m.resealed(base, func(h *bundle.Header) { h.Certificate = certificate }))
	}
	certified := func(change func(*coproc.Claims)) []byte {
		c := claims
		change(&c)
		return sa.signed(cosesig.DomainCertificate, c)
	}
	brings("statement-certificate-nonsense", statement, "not a COSE_Sign1 message", "what a statement brings is no certificate", []byte("certificate"))
	brings("statement-certificate-generation-0", statement, "generation 0", "the certificate that a statement brings has generation 0", certified(func(c *coproc.Claims) { c.Generation = 0 }))
	brings("statement-certificate-backwards", statement, "it ends before it begins", "the certificate that a statement brings ends as it begins", certified(func(c *coproc.Claims) { c.NotAfter = c.NotBefore }))
	brings("statement-certificate-share-box", statement, "a key to receive shares does not go with role", "the certificate that a statement brings is of a source with a ShareBox", certified(func(c *coproc.Claims) { c.Keys.ShareBox = m.csrCert.Claims().Keys.ShareBox }))
	brings("cancel-certificate-role", cancel, `"cancel" is signed by a CSS node`, "the certificate that a cancel brings is of a target", certified(func(c *coproc.Claims) {
		c.Role, c.Keys = coproc.CSR, m.csrCert.Claims().Keys
	}))
	thief := sa.stranger()
	kid := bundle.KeyID(thief.Public().Thumbprint())
	m.add("revoke-other-sa-key", revoke, testvectors.AtVerify, 8, "bundle.ErrUnknownKey", "another SA key than the registered one", "another SA key revokes, in the name of the SA",
		thief.message(m.protectedWith(revoke, func(p, _ vectorMap) { p[4] = vectorEncode(kid[:]) }), m.message(revoke).Payload))
	m.add("journal-other-signer", journal, testvectors.AtVerify, 10, "bundle.ErrSignature", "signature does not verify", "another key than the one in its header signed a journal",
		audit.stranger().message(m.message(journal).Protected, m.message(journal).Payload))

	// What only who opens it sees.
	words := strings.Join(coproc.Words(m.people.hash), " ")
	stretched := vMust(age.NewScryptRecipient(words))
	stretched.SetWorkFactor(11)
	m.add("sa-key-work-factor", saKey, testvectors.AtVerify, 8, "bundle.ErrInside", "work factor too large", "the work factor of an sa-key is 11", m.sealed(saKey, sa, vectorEncode(m.body(saKey)), stretched))
	inside := func(name, base string, step int, says, wrong string, data []byte, change ...func(*testvectors.Vector)) {
		m.add(name, base, testvectors.AtOpen, step, "bundle.ErrInside", says, wrong, data, change...)
	}
	taken := func(v *testvectors.Vector) { v.Phase = testvectors.Take }
	inside("revoke-work-factor", revoke, 11, "work factor too large", "the work factor of a revoke is 11", m.sealed(revoke, sa, vectorEncode(m.body(revoke)), stretched))
	cancels := func(name, says, wrong string, change func(*bundle.CancelBody)) {
		b := m.body(cancel).(bundle.CancelBody)
		b.Out = slices.Clone(b.Out)
		change(&b)
		inside(name, cancel, 13, says, wrong, m.around(cancel, css, vectorEncode(b)), taken)
	}
	cancels("cancel-shares-unsorted", "shares [2 1]", "a cancel lists share 2 before share 1", func(b *bundle.CancelBody) { b.Out = []byte{2, 1} })
	cancels("cancel-share-16", "shares [16]", "a cancel lists a share 16", func(b *bundle.CancelBody) { b.Out = []byte{16} })
	cancels("cancel-no-set", "it names no share set", "the share set of a cancel is 16 zeros", func(b *bundle.CancelBody) { b.ShareSet = coproc.ShareSetID{} })
	cancels("cancel-reason-escape", "characters that are not printed", "the reason of a cancel clears a terminal", func(b *bundle.CancelBody) { b.Reason = "\x1b[2J" })
	cancels("cancel-reason-blank", "no reason is given", "the reason of a cancel is a blank", func(b *bundle.CancelBody) { b.Reason = " " })
	revokes := func(name string, step int, says, wrong string, change func(*bundle.RevokeBody)) {
		b := m.body(revoke).(bundle.RevokeBody)
		change(&b)
		inside(name, revoke, step, says, wrong, m.around(revoke, sa, vectorEncode(b)))
	}
	revokes("revoke-generation-0", 13, "it takes back no certificate", "a revoke takes back generation 0", func(b *bundle.RevokeBody) { b.Generation = 0 })
	revokes("revoke-reason-long", 13, "the reason has 201 bytes", "the reason of a revoke has 201 bytes", func(b *bundle.RevokeBody) { b.Reason = strings.Repeat("x", bundle.MaxReason+1) })
	revokes("revoke-other-node", 14, `it revokes node "csr1", its header is about "csr2"`, "a revoke about csr2 revokes csr1", func(b *bundle.RevokeBody) { b.Node = m.nodes["csr1"].id })
	journals := func(name, says, wrong string, change func(*bundle.JournalBody)) {
		b := m.body(journal).(bundle.JournalBody)
		change(&b)
		inside(name, journal, 13, says, wrong, m.around(journal, audit, vectorEncode(b)))
	}
	journals("journal-part-misplaced", "a part at 1", "a part of a journal begins at 1", func(b *bundle.JournalBody) { b.Offset, b.Total = 1, b.Total+1 })
	journals("journal-part-short", "only the last is short", "a part of a journal is short, and is not the last", func(b *bundle.JournalBody) { b.Total++ })
	journals("journal-plan-empty", "the plan is not text", "the plan in a journal is empty", func(b *bundle.JournalBody) { b.Plan = []byte{} })
	journals("journal-no-digest", "the digest of the whole journal is missing", "the digest of the whole journal is 32 zeros", func(b *bundle.JournalBody) { b.Whole = coproc.Digest{} })
}

// profileOf is a profile's file, by its fields: 1 is the identity that opens the
// state, 3 the seed of the officer's key.
func (m *vectorMaker) profileOf(coprocessor, name string) (fields map[int][]byte) {
	pass := vMust(age.NewScryptIdentity(string(passphraseOf(name))))
	file := filepath.Join(m.store(coprocessor), store.DeviceDir, "profiles", name+".age")
	vectorDecode(vectorPlain(vMust(os.ReadFile(file)), pass), &fields)
	return fields
}

// officerSeeds are the seeds of the officers' keys of a coprocessor.
func (m *vectorMaker) officerSeeds(coprocessor string) map[string]string {
	seeds := map[string]string{}
	for name := range m.plan.Permissions(m.plan.Coprocessor(coprocessor)) {
		seeds[name] = hex.EncodeToString(m.profileOf(coprocessor, name)[3])
	}
	return seeds
}

// lootOf is what all officers together open of a software coprocessor.
func (m *vectorMaker) lootOf(coprocessor string) *thief.Loot {
	all := map[string][]byte{}
	for _, o := range m.plan.Officers {
		all[o.Profile] = passphraseOf(o.Profile)
	}
	l := vMust(thief.Open(filepath.Join(m.store(coprocessor), store.DeviceDir), all))
	if len(l.Closed) > 0 {
		m.t.Fatalf("%s: what is at %q is for nobody", coprocessor, l.Closed)
	}
	return l
}
