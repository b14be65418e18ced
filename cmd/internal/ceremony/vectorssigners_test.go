package ceremony

import (
	"bytes"
	"compress/flate"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/testvectors"
)

// wrongSigners are refused by Verify.
func (m *vectorMaker) wrongSigners() {
	const cert, saKey, statement, share, verify = "sa.db/css-cert", "sa.db/sa-key", "csr1.db/statement", "csr1.db/share1", testvectors.AtVerify
	sa, css := m.nodes["sa"], m.nodes["css"]
	msg := m.message(cert)
	flip := func(name, wrong string, change func(*cosesig.Message)) {
		f := m.message(cert)
		change(&f)
		m.add(name, cert, verify, 10, "bundle.ErrSignature", "signature does not verify", wrong, vMust(f.Bytes()))
	}
	flip("flip-header", "a bit of the header's time is flipped", func(f *cosesig.Message) { f.Protected[m.timeAt(f.Protected)] ^= 1 })
	flip("flip-payload", "the last bit of the payload is flipped", func(f *cosesig.Message) { f.Payload[len(f.Payload)-1] ^= 1 })
	flip("flip-signature", "the first bit of the signature is flipped", func(f *cosesig.Message) { f.Signature[0] ^= 0x80 })
	thief := sa.stranger()
	flip("other-signer", "another key signed than the one whose key id it has", func(f *cosesig.Message) {
		f.Signature = vMust(thief.SignBundle(f.Protected, f.Payload))
	})
	flip("certificate-domain", "the SA key signed it as a certificate, not as a bundle", func(f *cosesig.Message) {
		f.Signature = vMust(cosesig.SignDetached(cosesig.DomainCertificate, f.Protected, f.Payload, sa.sign))
	})
	algorithm := m.withHeader(cert, func(p, _ vectorMap) { p[1] = vectorEncode(-7) })
	m.add("algorithm-of-another-key", cert, verify, 9, "bundle.ErrSignature", "algorithm -7 does not go with the key", "the algorithm is ES256, the key is an Ed25519 key", m.lowS(algorithm))

	unknown := func(name, base, says, wrong string, step int, data []byte, change ...func(*testvectors.Vector)) {
		m.add(name, base, verify, step, "bundle.ErrUnknownKey", says, wrong, data, change...)
	}
	unknown("wrong-kid", cert, "another SA key than the registered one", "the key id is random; the SA key signed", 8,
		m.withHeader(cert, func(p, _ vectorMap) { p[4] = vectorEncode(make([]byte, 16)) }))
	other := m.message(cert)
	kid := bundle.KeyID(thief.Public().Thumbprint())
	other.Protected = m.protectedWith(cert, func(p, _ vectorMap) { p[4] = vectorEncode(kid[:]) })
	unknown("other-sa-key", cert, "another SA key than the registered one", "another SA key signed, in the name of the SA", 8, thief.message(other.Protected, msg.Payload))
	stranger := css.stranger()
	kid = bundle.KeyID(stranger.Public().Thumbprint())
	unknown("share-other-source", share, "no certificate known here", "a source signed that has no certificate", 8,
		stranger.message(m.protectedWith(share, func(p, _ vectorMap) { p[4] = vectorEncode(kid[:]) }), m.message(share).Payload))

	// sa-key: the key inside must have the hash of the card.
	body := vMust(bundle.BodyAs[bundle.SAKeyBody](m.opened(saKey, "")))
	body.Keys.Sign = thief.Public()
	unknown("sa-key-other-inside", saKey, "does not have the registered hash", "the SA key inside is another than the one that signed and was registered", 8,
		m.around(saKey, sa, vectorEncode(body)))
	words := vMust(bundle.HashRecipient(thief.Public().Thumbprint()))
	m.add("sa-key-other-words", saKey, verify, 8, "bundle.ErrNotSealedToMe", "not sealed to this node", "an sa-key is sealed to the words of another hash", m.sealed(saKey, sa, vectorEncode(vMust(bundle.BodyAs[bundle.SAKeyBody](m.opened(saKey, "")))), words))
	m.add("sa-key-header-swapped", saKey, verify, 8, "bundle.ErrInside", "sealed under another header", "the age file of an sa-key under another header: the sequence is another", m.swapped(saKey))

	m.add("other-ceremony", cert, verify, 8, "bundle.ErrCeremony", "it is of ceremony", "it was made for another ceremony", m.resealed(cert, func(h *bundle.Header) { h.Ceremony[0]++ }))
	claims := m.cssCert.Claims()
	certified := func(name, says, wrong string, by *vectorNode, change func(*coproc.Claims), codes ...func(*testvectors.Vector)) {
		c := claims
		change(&c)
		m.add(name, statement, verify, 8, "bundle.ErrCertificate", says, wrong,
			m.resealed(statement, func(h *bundle.Header) { h.Certificate = by.signed(cosesig.DomainCertificate, c) }), codes...)
	}
	certified("statement-certificate-expired", "valid from", "the certificate that a statement brings has expired", sa, func(c *coproc.Claims) { c.NotBefore, c.NotAfter = 1, 2 }, withCode(refusal.CodeExpired))
	certified("statement-certificate-early", "valid from", "the certificate that a statement brings is not valid for two days yet", sa, func(c *coproc.Claims) { c.NotBefore = m.now.Unix() + 2*86400 }, withCode(refusal.CodeExpired))
	certified("statement-certificate-role", `"statement" is signed by a CSS node`, "the certificate that a statement brings is of a target", sa, func(c *coproc.Claims) {
		c.Role, c.Keys = coproc.CSR, m.csrCert.Claims().Keys
	})
	certified("statement-certificate-ceremony", "it is of ceremony", "the certificate that a statement brings is of another ceremony", sa, func(c *coproc.Claims) { c.Ceremony[0]++ })
	certified("statement-certificate-serial", "or their coprocessors differ", "the certificate that a statement brings is of another serial number", sa, func(c *coproc.Claims) { c.Node.Serial[7] = 'X' })
	certified("statement-certificate-live", "one is for a rehearsal, the other is not", "the certificate that a statement brings is live, the statement is of a rehearsal", sa, func(c *coproc.Claims) { c.Rehearsal = false })
	certified("statement-certificate-unsigned", "signature does not verify", "the certificate that a statement brings was signed by another SA key", thief, func(*coproc.Claims) {})
}

// lowS leaves an Ed25519 signature in a form that ES256 has, so that nothing
// but the algorithm is wrong.
func (m *vectorMaker) lowS(b []byte) []byte {
	for range 256 {
		if _, err := bundle.Parse(b); err == nil {
			return b
		}
		msg := vMust(cosesig.Parse(b))
		msg.Signature[32] &= 0x3f
		b = vMust(msg.Bytes())
	}
	panic("no low S")
}

// timeAt finds the last byte of the time in a protected header.
func (m *vectorMaker) timeAt(protected []byte) int {
	i := bytes.Index(protected, vectorEncode(m.now.Unix()))
	if i < 0 {
		panic("no time in the header")
	}
	return i + len(vectorEncode(m.now.Unix())) - 1
}

func (m *vectorMaker) protectedWith(base string, edit func(p, h vectorMap)) []byte {
	return vMust(cosesig.Parse(m.withHeader(base, edit))).Protected
}

// recipients are those of a good bundle.
func (m *vectorMaker) recipients(base string) []age.Recipient {
	if len(m.good(base).UnverifiedHeader().To) == 0 {
		return []age.Recipient{vMust(bundle.HashRecipient(m.people.hash))}
	}
	var to []age.Recipient
	for _, name := range m.good(base).UnverifiedHeader().To {
		to = append(to, m.opener(base, name).Recipient())
	}
	return to
}

func vectorAge(plain []byte, to ...age.Recipient) []byte {
	var b bytes.Buffer
	w := vMust(age.Encrypt(&b, to...))
	vMust(w.Write(plain))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// inside is a plaintext: the context of the good header, the deflated body,
// and what is behind it.
func (m *vectorMaker) inside(base string, body []byte, behind ...byte) []byte {
	protected := m.message(base).Protected
	context := coproc.DigestOf(protected)
	b := bytes.NewBuffer(bytes.Clone(context[:]))
	w := vMust(flate.NewWriterDict(b, flate.BestCompression, protected))
	vMust(w.Write(body))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return append(b.Bytes(), behind...)
}

// sealed puts a body under the good header, sealed to others.
func (m *vectorMaker) sealed(base string, by *vectorNode, body []byte, to ...age.Recipient) []byte {
	return by.message(m.message(base).Protected, vectorAge(m.inside(base, body), to...))
}

// around puts a body under the good header.
func (m *vectorMaker) around(base string, by *vectorNode, body []byte) []byte {
	return m.sealed(base, by, body, m.recipients(base)...)
}

// swapped puts the good age file under another header.
func (m *vectorMaker) swapped(base string) []byte {
	return m.withHeader(base, func(_, h vectorMap) { h[7] = vectorEncode(4321) })
}

// resealed makes a good bundle again with another header.
func (m *vectorMaker) resealed(base string, change func(*bundle.Header)) []byte {
	return m.remade(base, change, nil, m.signer(base))
}

// remade makes a good bundle again with another header, body (nil for the
// good one) or signer.
func (m *vectorMaker) remade(base string, change func(*bundle.Header), body bundle.Body, by *vectorNode) []byte {
	h := m.good(base).UnverifiedHeader()
	if change != nil {
		change(&h)
	}
	if body == nil {
		body = m.body(base)
	}
	to := m.recipients(base)
	return vMust(bundle.Seal(h, body, to, by)).Bytes()
}

func (m *vectorMaker) body(base string) bundle.Body {
	to := ""
	switch h := m.good(base).UnverifiedHeader(); h.Kind {
	case bundle.KindSAKey, bundle.KindRevoke, bundle.KindJournal:
	case bundle.KindCSSKey, bundle.KindCSRKey:
		to = "sa"
	case bundle.KindCancel:
		to = h.About
	default:
		to = h.To[0]
	}
	return m.opened(base, to).Body()
}
