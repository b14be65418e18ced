package ceremony

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/testvectors"
)

// wrongInsides are refused by Open.
func (m *vectorMaker) wrongInsides() {
	const cert, request, statement, open = "sa.db/css-cert", "sa.db/css-key", "csr1.db/statement", testvectors.AtOpen
	sa, css := m.nodes["sa"], m.nodes["css"]
	body := vectorEncode(m.body(cert))
	to := m.recipients(cert)
	m.add("sealed-to-another", cert, open, 11, "bundle.ErrNotSealedToMe", "not sealed to this node", "a css-cert for css is sealed to csr1", m.sealed(cert, sa, body, m.nodes["csr1"].box.Recipient()))
	inside := func(name, base string, step int, says, wrong string, data []byte) {
		m.add(name, base, open, step, "bundle.ErrInside", says, wrong, data)
	}
	broken := m.message(cert)
	mac := bytes.Index(broken.Payload, []byte("\n--- ")) + len("\n--- ")
	broken.Payload[mac] ^= 1
	inside("age-mac", cert, 11, "the inside of the bundle cannot be used", "the age file's header MAC is wrong; the SA key signed it like this", sa.message(broken.Protected, broken.Payload))
	cut := m.message(cert)
	inside("age-cut", cert, 11, "the inside of the bundle cannot be used", "the age file lacks its last byte; the SA key signed it like this", sa.message(cut.Protected, cut.Payload[:len(cut.Payload)-1]))
	inside("header-swapped", cert, 12, "it was sealed under another header", "the age file of a css-cert under another header: the sequence is another", m.swapped(cert))
	inside("statement-header-swapped", statement, 12, "it was sealed under another header", "the age file of a statement under another header: the sequence is another", m.swapped(statement))
	raw := func(plain []byte) []byte { return sa.message(m.message(cert).Protected, vectorAge(plain, to...)) }
	inside("behind-deflate", cert, 13, "1 bytes behind its end", "there is a byte behind the deflated body", raw(m.inside(cert, body, 0)))
	inside("bomb", cert, 13, "it inflates to more than 262144 bytes", "the body inflates to 262145 bytes", raw(m.inside(cert, make([]byte, bundle.MaxInside+1))))
	var fields vectorMap
	vectorDecode(body, &fields)
	fields[99] = vectorEncode(1)
	inside("body-unknown-field", cert, 13, "unknown field", "the body has a field 99", m.around(cert, sa, vectorEncode(fields)))
	inside("body-trailing-byte", cert, 13, "extraneous data", "there is a byte behind the body, deflated with it", m.around(cert, sa, append(bytes.Clone(body), 0)))

	asks := func(name, says, wrong string, change func(*bundle.RequestBody)) {
		r := m.body(request).(bundle.RequestBody)
		change(&r)
		inside(name, request, 14, says, wrong, m.around(request, css, vectorEncode(r)))
	}
	asks("request-other-key", "is not the one that signed", "a node asks for a certificate of another key than it signs with", func(r *bundle.RequestBody) { r.Keys.Sign = m.nodes["csr1"].Public() })
	asks("request-other-node", `it asks for node "csr1"`, "a node asks for a certificate of another node", func(r *bundle.RequestBody) { r.Node = m.nodes["csr1"].id })
	asks("request-other-role", `it asks for role "CSR"`, "the source asks for a certificate of a target", func(r *bundle.RequestBody) { r.Role = coproc.CSR })
}

// wrongAtNodes are good bundles that a node must refuse.
func (m *vectorMaker) wrongAtNodes() {
	const cssCert, csrCert, request, statement, share, at = "sa.db/css-cert", "csr1.db/csr-cert", "sa.db/css-key", "csr1.db/statement", "csr1.db/share1", testvectors.AtCeremony
	sa, css := m.nodes["sa"], m.nodes["css"]
	node := func(name, base string, c refusal.Code, says, wrong string, data []byte, change ...func(*testvectors.Vector)) {
		m.add(name, base, at, 0, string(c), says, wrong, data, change...)
	}
	// Of another ceremony's kind, of another node, in another place.
	node("rehearsal-at-live-node", share, refusal.CodeRehearsal, "it was made in a rehearsal, and this is no rehearsal", "a bundle of a rehearsal comes to a live node", m.good(share).Bytes(), withoutBase, beside(), func(v *testvectors.Vector) { v.Store = "live-csr1-3a" })
	node("live-at-rehearsal-node", cssCert, refusal.CodeRehearsal, "it is of a live ceremony, and this is a rehearsal", "a live bundle comes to a rehearsal", m.resealed(cssCert, func(h *bundle.Header) { h.Rehearsal = false }))
	node("share-for-other-target", share, refusal.CodeWrongTarget, "it is a share for csr2, not for csr1", "a share for csr2 lies in csr1's database", m.good("csr2.db/share1").Bytes())
	node("certificate-in-other-database", csrCert, refusal.CodeWrongPlace, "it is a csr-cert and belongs into csr2.db", "the csr-cert of csr2 lies in csr1's database", m.good("csr2.db/csr-cert").Bytes())
	node("css-cert-in-csr-place", csrCert, refusal.CodeWrongPlace, "it is a css-cert and belongs into sa.db", "a css-cert lies where a csr-cert should", m.resealed(cssCert, func(h *bundle.Header) { h.Sequence += 10 }))
	ask := func(by *vectorNode, base string, change func(*bundle.Header)) []byte {
		h := m.good(base).UnverifiedHeader()
		h.From, h.Key = by.id, by.Public().Bytes()
		if change != nil {
			change(&h)
		}
		r := m.body(base).(bundle.RequestBody)
		r.Node, r.Keys.Sign = h.From, by.Public()
		return vMust(bundle.Seal(h, r, m.recipients(base), by)).Bytes()
	}
	foreign := css.stranger()
	foreign.id.Serial[7] = 'X'
	node("request-other-serial", request, refusal.CodeWrongSender, "the plan has", "css asks from a coprocessor with another serial number", ask(foreign, request, nil))
	node("request-other-sa-key", request, refusal.CodeOtherRequest, "the request answers request", "css answers another sa-key than this SA's", ask(css, request, func(h *bundle.Header) { h.Answers[0]++ }))
	node("two-requests", request, refusal.CodeTwoRequests, "there are 2 different requests of css", "somebody else asks in the name of css, beside css", ask(css.stranger(), request, nil), beside(request))
	node("request-after-certificate", "csr1.db/csr-key", refusal.CodeCertified, "was certified for another request already", "csr1 asks with another key after it was certified", ask(m.nodes["csr1"].stranger(), "csr1.db/csr-key", nil))
	node("request-replayed", "csr2.db/csr-key", refusal.CodeReplay, "it is a replay", "the request of csr2 that was answered before its newer one", m.oldRequest)
	plan := vMust(bundle.BodyAs[bundle.SAKeyBody](m.opened("sa.db/sa-key", "")))
	plan.Plan = bytes.Replace(plan.Plan, []byte("certificate_days = 30"), []byte("certificate_days = 31"), 1)
	node("plan-differs", "sa.db/sa-key", refusal.CodePlanDiffers, `is "certificate_days = 30", at the SA it is "certificate_days = 31"`, "the SA's plan has another certificate_days", m.remade("sa.db/sa-key", nil, plan, sa))

	// Certificates, in a css-cert for css and in a csr-cert for csr1.
	certificate := func(name, base string, c refusal.Code, says, wrong string, cert coproc.Certificate, by *vectorNode, change func(*coproc.Claims)) {
		claims := cert.Claims()
		change(&claims)
		body := bundle.CertificateBody{Certificate: by.signed(cosesig.DomainCertificate, claims)}
		node(name, base, c, says, wrong, m.remade(base, nil, body, sa))
	}
	same := func(*coproc.Claims) {}
	certificate("css-cert-of-target", cssCert, refusal.CodeCertificate, "the certificate is for a CSR node, css is a CSS node", "a css-cert brings the certificate of csr1", m.csrCert, sa, same)
	certificate("csr-cert-of-source", csrCert, refusal.CodeCertificate, "the certificate is for a CSS node, csr1 is a CSR node", "a csr-cert brings the certificate of css", m.cssCert, sa, same)
	certificate("certificate-other-sa-key", csrCert, refusal.CodeCertificate, "signature does not verify", "another SA key signed the certificate inside", m.csrCert, sa.stranger(), same)
	certificate("certificate-expired", csrCert, refusal.CodeExpired, "valid from", "the certificate has expired", m.csrCert, sa, func(c *coproc.Claims) { c.NotBefore, c.NotAfter = 1, 2 })
	certificate("certificate-other-ceremony", csrCert, refusal.CodeWrongCeremony, "the certificate is of ceremony", "the certificate is of another ceremony", m.csrCert, sa, func(c *coproc.Claims) { c.Ceremony[0]++ })
	certificate("certificate-other-serial", csrCert, refusal.CodeWrongTarget, "the certificate is for csr1 (serial", "the certificate is for another serial number", m.csrCert, sa, func(c *coproc.Claims) { c.Node.Serial[7] = 'X' })
	certificate("certificate-other-target", csrCert, refusal.CodeWrongTarget, "the certificate is for csr2", "the csr-cert about csr1 brings the certificate of csr2", m.csrCert, sa, func(c *coproc.Claims) { c.Node = m.nodes["csr2"].id })
	certificate("certificate-live", csrCert, refusal.CodeRehearsal, "the certificate is of a rehearsal and this is none, or the other way round", "the certificate is live, the bundle around it of a rehearsal", m.csrCert, sa, func(c *coproc.Claims) { c.Rehearsal = false })
	certificate("certificate-other-answer", csrCert, refusal.CodeOtherRequest, "answer different requests", "the certificate answers another request than the bundle around it", m.csrCert, sa, func(c *coproc.Claims) { c.Answers[0]++ })
	certificate("css-cert-other-keys", cssCert, refusal.CodeOtherRequest, "the certificate is for other keys", "the certificate of css is of a key that css does not have", m.cssCert, sa, func(c *coproc.Claims) { c.Keys.Sign = css.stranger().Public() })
	other := m.cssCert.Claims()
	other.Answers[0]++
	node("css-cert-other-request", cssCert, refusal.CodeOtherRequest, "the certificate answers request", "the certificate of css answers a request that css did not make",
		m.remade(cssCert, func(h *bundle.Header) { h.Answers = other.Answers }, bundle.CertificateBody{Certificate: sa.signed(cosesig.DomainCertificate, other)}, sa))
	node("certificate-old-generation", "csr2.db/csr-cert", refusal.CodeOldGeneration, "it is certificate 1 of csr2, certificate 2 is known here", "the certificate that csr2 had before it was set up anew", m.oldCert)

	// Statements and shares at csr1.
	states := func(name string, c refusal.Code, says, wrong string, change func(*coproc.Statement)) {
		node(name, statement, c, says, wrong, m.remade(statement, nil, m.states(css, cosesig.DomainStatement, change), css))
	}
	node("statement-other-answer", statement, refusal.CodeOtherRequest, "the statement answers certificate", "the statement answers another csr-cert than this node's", m.resealed(statement, func(h *bundle.Header) { h.Answers[0]++ }))
	states("statement-aes", refusal.CodeClass, "the statement is of a AES-MK master key, the plan clones SYM-MK", "the statement is of an AES master key", func(s *coproc.Statement) { s.Class = coproc.AesMK })
	states("statement-other-certificate", refusal.CodeOtherRequest, "the statement is for another certificate of csr1", "the statement inside is for another certificate of csr1", func(s *coproc.Statement) { s.Certificate[0]++ })
	states("statement-m-above-n", refusal.CodeShareSet, "4 of 3 shares", "the statement is of 4 of 3 shares", func(s *coproc.Statement) { s.M = 4 })
	states("statement-digest-missing", refusal.CodeShareSet, "2 of 3 shares with 2 digests", "the statement lists two digests for three shares", func(s *coproc.Statement) { s.Shares = s.Shares[:2] })
	states("statement-unknown-class", refusal.CodeClass, `unknown class "DES-MK"`, "the statement is of a class that there is not", func(s *coproc.Statement) { s.Class = "DES-MK" })
	states("statement-other-source", refusal.CodeCertificate, "the statement speaks for css2", "the statement speaks for another node than its certificate", func(s *coproc.Statement) { s.Source.Name = "css2" })
	node("statement-other-domain", statement, refusal.CodeSignature, "signature does not verify", "the statement inside was signed as a bundle", m.remade(statement, nil, m.states(css, cosesig.DomainBundle, nil), css))
	node("two-statements", statement, refusal.CodeShareSet, "there are 2 different statements", "there is a second statement, of another share set", m.remade(statement, nil, m.states(css, cosesig.DomainStatement, func(s *coproc.Statement) { s.ShareSet[0]++ }), css), beside(csrCert, share, statement))
	node("share-other-set", share, refusal.CodeShareSet, "the statement is of set", "a share says that it is of another share set", m.share(1, m.statement.ShareSet, func(_ *vectorShare, h *bundle.Header) { h.Share.Set[0]++ }))
	node("share-repeated", share, refusal.CodeShareRepeat, "share 1 is there twice, with different contents", "share 1 sealed a second time, beside the first", m.share(1, m.statement.ShareSet, nil), beside(csrCert, statement, share))
}

// states is the body of a statement that change spoiled.
func (m *vectorMaker) states(by *vectorNode, d cosesig.Domain, change func(*coproc.Statement)) bundle.StatementBody {
	s := m.statement
	s.Shares = slices.Clone(s.Shares)
	if change != nil {
		change(&s)
	}
	return bundle.StatementBody{Statement: by.signed(d, s)}
}

// vectorShare is a share as the software coprocessor seals it. While it is being
// changed, Share is the share itself.
type vectorShare struct {
	Ceremony    coproc.CeremonyID `cbor:"1,keyasint"`
	ShareSet    coproc.ShareSetID `cbor:"2,keyasint"`
	Class       coproc.Class      `cbor:"3,keyasint"`
	M           uint8             `cbor:"4,keyasint"`
	N           uint8             `cbor:"5,keyasint"`
	Pattern     coproc.Pattern    `cbor:"6,keyasint"`
	Source      coproc.NodeID     `cbor:"7,keyasint"`
	Target      coproc.NodeID     `cbor:"8,keyasint"`
	Certificate coproc.Digest     `cbor:"9,keyasint"`
	Index       uint8             `cbor:"10,keyasint"`
	Share       []byte            `cbor:"11,keyasint"`
	Context     coproc.Digest     `cbor:"12,keyasint"`
}

// share makes share i for csr1 again, of a set, spoiled by change.
func (m *vectorMaker) share(i int, set coproc.ShareSetID, change func(*vectorShare, *bundle.Header)) []byte {
	return m.shareTo(i, set, m.nodes["css"], m.nodes["csr1"], change)
}

func (m *vectorMaker) shareTo(i int, set coproc.ShareSetID, by, to *vectorNode, change func(*vectorShare, *bundle.Header)) []byte {
	good := fmt.Sprintf("csr1.db/share%d", i)
	signed := vMust(cosesig.Parse(vectorPlain(m.message(good).Payload, m.nodes["csr1"].share)))
	var ci vectorShare
	if err := detcbor.Unmarshal(signed.Payload, &ci); err != nil {
		panic(err)
	}
	h := m.good(good).UnverifiedHeader()
	ci.Share = vMust(coproc.OpenShare(m.nodes["csr1"].shares[i-1], ci.Context, ci.Share))
	ci.ShareSet, h.Share.Set = set, set
	ci.Context = coproc.Digest{}
	if change != nil {
		change(&ci, &h)
	}
	s := vMust(bundle.SealWith(h, func(context coproc.Digest) ([]byte, error) {
		if ci.Context.IsZero() {
			ci.Context = context
		}
		ci := ci
		ci.Share = vMust(coproc.SealShare(to.keys.Shares.Key(i), ci.Context, ci.Share))
		return vectorAge(by.signed(cosesig.DomainCloneInfo, ci), to.share.Recipient()), nil
	}, m.nodes["css"]))
	return s.Bytes()
}

// stating makes a good statement of a set of these share bundles, to lie
// beside one of them.
func (m *vectorMaker) stating(name string, set coproc.ShareSetID, shares ...[]byte) string {
	body := m.states(m.nodes["css"], cosesig.DomainStatement, func(s *coproc.Statement) {
		s.ShareSet = set
		for i, b := range shares {
			s.Shares[i] = coproc.DigestOf(vMust(cosesig.Parse(b)).Payload)
		}
	})
	p := "wrong/with/" + name + ".gfb"
	m.write(p, m.remade("csr1.db/statement", nil, body, m.nodes["css"]))
	return p
}

// wrongAtCoprocessors are refused by csr1's coprocessor alone. Most are shares
// of a source that has the right key, and states whatever it sealed.
func (m *vectorMaker) wrongAtCoprocessors() {
	const statement, at = "csr1.db/statement", testvectors.AtCoprocessor
	css, csr2, cert := m.nodes["css"], m.nodes["csr2"], m.paths["csr1.db/csr-cert"]
	swapped := css.message(m.message("csr1.db/share1").Protected, m.message("csr1.db/share2").Payload)
	m.add("share-index-swapped", "csr1.db/share1", at, 0, "coproc.ErrShareSet", "it is not the share 1 that the statement lists", "the header says share 1, the age file is that of share 2", swapped)
	m.add("share-not-listed", "csr1.db/share1", at, 0, "coproc.ErrShareSet", "it is not the share 1 that the statement lists", "share 1 sealed a second time: the statement does not list it", m.share(1, m.statement.ShareSet, nil))
	states := func(name, err, says, wrong string, change func(*coproc.Statement)) {
		m.add(name, statement, at, 0, err, says, wrong, m.remade(statement, nil, m.states(css, cosesig.DomainStatement, change), css))
	}
	states("statement-other-m", "coproc.ErrShareSet", "3 of 3 shares, this coprocessor is set up for 2 of 3", "the statement is of 3 of 3 shares, the ceremony of 2 of 3", func(s *coproc.Statement) { s.M = 3 })
	states("statement-other-target", "coproc.ErrShareTarget", "the statement is for csr2", "the statement inside is for csr2", func(s *coproc.Statement) { s.Target = csr2.id })

	type wrong struct {
		name, err, says, wrong string
		by, to                 *vectorNode
		change                 func(*vectorShare, *bundle.Header)
	}
	csr1 := m.nodes["csr1"]
	tables := [][]wrong{{
		{"inside-other-target", "coproc.ErrShareTarget", "it is for csr2", "the share inside is for csr2", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Target = csr2.id }},
		{"inside-other-set", "coproc.ErrShareSet", "it is of share set", "the share inside is of another share set", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.ShareSet = m.statement.ShareSet }},
		{"inside-other-index", "coproc.ErrShareIndex", "it is share 1, not 3", "the share inside says that it is share 1", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Index = 1 }},
	}, {
		{"inside-other-master-key", "coproc.ErrOtherMasterKey", "its pattern is ffffffffffffffff", "the share inside is of a master key with another pattern", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Pattern = coproc.Pattern(bytes.Repeat([]byte{0xff}, 8)) }},
		{"sealed-to-other-target", "coproc.ErrShareTarget", "it is not sealed to the key of csr1", "the share for csr1 is sealed to csr2", css, csr2, nil},
		{"inside-other-source", "coproc.ErrShareDamaged", "signature does not verify", "another key than the source's signed the share inside", css.stranger(), csr1, nil},
	}, {
		{"inside-other-header", "coproc.ErrShareDamaged", "it was sealed for another bundle", "the share inside names another header than the one around it", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Context = coproc.DigestOf([]byte("another header")) }},
		{"inside-other-certificate", "coproc.ErrShareTarget", "it is for the certificate", "the share inside is for another certificate of csr1", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Certificate[0]++ }},
		{"inside-short", "coproc.ErrShareDamaged", "it has 23 bytes, a share of a SYM-MK has 24", "the share inside has 23 bytes", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Share = c.Share[1:] }},
	}, {
		{},
		{"wrong-value", "coproc.ErrPattern", "the new SYM-MK master key is not the source's", "one bit of the share inside is wrong: with share 1 it makes another master key", css, csr1, func(c *vectorShare, _ *bundle.Header) { c.Share[0] ^= 1 }},
		{},
	}}
	for k, table := range tables {
		set := coproc.ShareSetID{0xf0, byte(k + 1)}
		var shares [][]byte
		for i, w := range table {
			if w.by == nil {
				w.by, w.to = css, csr1
			}
			shares = append(shares, m.shareTo(i+1, set, w.by, w.to, w.change))
		}
		letter := string(rune('a' + k))
		others := []string{cert, m.stating("statement-"+letter, set, shares...)}
		if table[0].name == "" {
			p := "wrong/with/share-" + letter + "1.gfb"
			m.write(p, shares[0])
			others = append(others, p)
		}
		for i, w := range table {
			if w.name != "" {
				m.add("share-"+w.name, "csr1.db/share1", at, 0, w.err, w.says, w.wrong, shares[i], withoutBase, beside(others...))
			}
		}
	}
}
