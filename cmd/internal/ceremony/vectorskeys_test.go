package ceremony

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/testvectors"
)

// Points of Ed25519 that no private key has.
const (
	vectorIdentity   = "0100000000000000000000000000000000000000000000000000000000000000" // signs everything
	vectorOrder8     = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
	vectorNoPoint    = "0200000000000000000000000000000000000000000000000000000000000000"
	vectorSecondForm = "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" // y = p+3
)

// Box keys that nothing can be sealed to, or that are written in a second way.
const (
	vectorBoxZero   = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"      // u = 0
	vectorBoxOrder8 = "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9"      // of order 8
	vectorBoxHigh   = "age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzqqyr3apl"      // u = 9, bit 255 set
	vectorBoxPlusP  = "age17mlllllllllllllllllllllllllllllllllllllllllllllllllalsxajvgg"    // u = p+9
	vectorBoxP256   = "age1tag1qf43050juykyy3lchnnw2caygre8wqmasyk7kvaq7jsnj3wcnrpfv3tze8w" // P-256
	vectorBoxBad    = "age1nonsense"
	vectorShareBad  = "age1pq1nonsense"
)

// edwards is a COSE_Key of these 32 bytes, whatever they are.
func edwards(point string) []byte {
	return vectorEncode(map[int]any{1: 1, -1: 6, -2: vMust(hex.DecodeString(point))})
}

// wrongKeys are keys that are refused wherever they come in.
func (m *vectorMaker) wrongKeys() {
	const request, target, saKey, statement = "sa.db/css-key", "csr1.db/csr-key", "sa.db/sa-key", "csr1.db/statement"
	for _, k := range []struct{ name, point, wrong string }{
		{"identity", vectorIdentity, "the neutral point of Ed25519: one signature is good for everything"},
		{"small-order", vectorOrder8, "a point of order 8 of Ed25519"},
		{"no-point", vectorNoPoint, "no point of Ed25519"},
		{"second-form", vectorSecondForm, "a point of Ed25519 in a second encoding: y is not below p"},
	} {
		m.add("key-"+k.name, request, testvectors.AtParse, kindStep, "bundle.ErrFormat", "not a usable public key", "the key that asks is "+k.wrong,
			m.withHeader(request, func(_, h vectorMap) { h[12] = vectorEncode(edwards(k.point)) }))
		m.add("request-audit-"+k.name, request, testvectors.AtOpen, 13, "bundle.ErrInside", "not a usable public key", "the Audit key of css is "+k.wrong,
			m.withKeys(request, 3, 4, edwards(k.point)))
	}
	m.add("certificate-audit-identity", statement, testvectors.AtVerify, 8, "bundle.ErrCertificate", "not a usable public key", "the certificate that a statement brings has the neutral point as Audit key",
		m.certifiedAs(statement, 4, edwards(vectorIdentity)))

	unanswered := func(v *testvectors.Vector) { v.Store = strings.Replace(v.Store, "sa-3b", "sa-2b", 1) }
	box := func(name, base string, key int, value, wrong string) {
		m.add(name, base, testvectors.AtOpen, 13, "bundle.ErrInside", "nothing can be sealed to the key", wrong, m.withKeys(base, 3, key, value), unanswered)
	}
	own := m.nodes["css"].keys.Box
	box("request-box-nonsense", request, 2, vectorBoxBad, "the Box of css is no recipient")
	box("request-box-upper", request, 2, strings.ToUpper(own), "the Box of css is in upper case")
	box("request-box-hybrid", request, 2, m.nodes["csr1"].keys.ShareBox, "the Box of css is a post-quantum recipient")
	box("request-box-p256", request, 2, vectorBoxP256, "the Box of css is a P-256 recipient, which level 1 does not take")
	box("request-box-zero", request, 2, vectorBoxZero, "the Box of css is the point 0: every shared secret is zero")
	box("request-box-small-order", request, 2, vectorBoxOrder8, "the Box of css is a point of order 8: every shared secret is zero")
	box("request-box-high-bit", request, 2, vectorBoxHigh, "bit 255 of the Box of css is set: X25519 leaves it out, so that it is a second form")
	box("request-box-plus-p", request, 2, vectorBoxPlusP, "the Box of css is not below 2^255-19: a second form of 9")
	box("csr-request-box-nonsense", target, 2, vectorBoxBad, "the Box of csr1 is no recipient")
	box("csr-request-share-box-nonsense", target, 3, vectorShareBad, "the ShareBox of csr1 is no recipient")
	box("csr-request-share-box-classic", target, 3, own, "the ShareBox of csr1 is an X25519 recipient")
	m.add("csr-request-no-share-box", target, testvectors.AtOpen, 14, "bundle.ErrInside", `does not go with role "CSR"`, "csr1 asks without a ShareBox", m.withKeys(target, 3, 3, nil), unanswered)
	m.add("request-share-box", request, testvectors.AtOpen, 14, "bundle.ErrInside", `does not go with role "CSS"`, "css asks with a ShareBox", m.withKeys(request, 3, 3, m.nodes["csr1"].keys.ShareBox))
	shares := []byte(m.nodes["csr1"].keys.Shares)
	inner := func(name, wrong string, value []byte) {
		m.add(name, target, testvectors.AtOpen, 13, "bundle.ErrInside", "nothing can be sealed to the key", wrong, m.withKeys(target, 3, 10, value), unanswered)
	}
	box("request-intake-nonsense", request, 8, vectorBoxBad, "the Intake key of css is no recipient")
	inner("csr-request-share-keys-cut", "the share keys of csr1 lack a byte", shares[1:])
	inner("csr-request-share-key-twice", "two shares of csr1 have the same key", append(shares[:64:64], shares[:32]...))
	inner("csr-request-share-key-zero", "the key of share 1 of csr1 is the point 0: every shared secret is zero", append(make([]byte, 32), shares[32:]...))
	m.add("csr-request-no-share-keys", target, testvectors.AtOpen, 14, "bundle.ErrInside", `does not go with role "CSR"`, "csr1 asks without share keys", m.withKeys(target, 3, 10, nil), unanswered)
	m.add("csr-request-no-receipt-key", target, testvectors.AtOpen, 14, "bundle.ErrInside", `a key to sign receipts does not go with role "CSR"`, "csr1 asks without a key for receipts", m.withKeys(target, 3, 9, nil), unanswered)
	m.add("certificate-box-nonsense", statement, testvectors.AtVerify, 8, "bundle.ErrCertificate", "nothing can be sealed to the key", "the certificate that a statement brings has a Box that is no recipient",
		m.certifiedAs(statement, 2, vectorBoxBad))

	sa := func(name, says, wrong string, field, key int, value any) {
		m.add(name, saKey, testvectors.AtVerify, 8, "bundle.ErrInside", says, wrong, m.withKeys(saKey, field, key, value))
	}
	sa("sa-key-box-nonsense", "nothing can be sealed to the key", "the Box of the SA is no recipient", 1, 2, vectorBoxBad)
	sa("sa-key-share-box", `does not go with role "SA"`, "the SA has a ShareBox", 1, 3, m.nodes["csr1"].keys.ShareBox)
	sa("sa-key-audit-identity", "not a usable public key", "the Audit key of the SA is the neutral point", 1, 4, edwards(vectorIdentity))
	sa("sa-key-plan-empty", "the plan is not text", "the plan is empty", 2, 0, []byte{})
	sa("sa-key-plan-not-text", "the plan is not text", "the plan is not UTF-8", 2, 0, []byte{0xff})
}

// withKeys seals a good body anew in which one of the keys in a field is another
// value, or gone; with key 0 it is the field itself.
func (m *vectorMaker) withKeys(base string, field, key int, value any) []byte {
	return m.around(base, m.signer(base), edited(vectorEncode(m.body(base)), field, key, value))
}

func edited(body []byte, field, key int, value any) []byte {
	var fields vectorMap
	vectorDecode(body, &fields)
	if key == 0 {
		fields[field] = vectorEncode(value)
		return vectorEncode(fields)
	}
	var keys vectorMap
	vectorDecode(fields[field], &keys)
	if keys[key] = vectorEncode(value); value == nil {
		delete(keys, key)
	}
	fields[field] = vectorEncode(keys)
	return vectorEncode(fields)
}

// certifiedAs gives a good statement a certificate of the SA in which one of
// the keys is another value.
func (m *vectorMaker) certifiedAs(base string, key int, value any) []byte {
	claims := edited(vectorEncode(m.cssCert.Claims()), 5, key, value)
	return m.resealed(base, func(h *bundle.Header) {
		h.Certificate = m.nodes["sa"].signed(cosesig.DomainCertificate, cbor.RawMessage(claims))
	})
}

// wrongLimits are files that cost a reader much, or that have a second form.
func (m *vectorMaker) wrongLimits() {
	const cert, request, parse = "sa.db/css-cert", "sa.db/css-key", testvectors.AtParse
	header := func(name string, step int, err, says, wrong string, edit func(p, h vectorMap)) {
		m.add(name, cert, parse, step, err, says, wrong, m.withHeader(cert, edit))
	}
	big := slices.Concat([]byte{0xc2, 0x58, 200}, bytes.Repeat([]byte{0xff}, 200)) // tag 2
	header("level-bignum", headerStep, "bundle.ErrFormat", "protected header", "the level is a bignum of 1600 bits", func(_, h vectorMap) { h[1] = big })
	header("level-max", 3, "bundle.ErrLevel", "written by level 18446744073709551615", "the level is 2^64-1", func(_, h vectorMap) { h[1] = vectorEncode(^uint64(0)) })
	header("level-2-other-form", 3, "bundle.ErrLevel", "written by level 2", "level 2: no content type, another key id, a label and a field that level 1 does not know", func(p, h vectorMap) {
		delete(p, 3)
		p[4], p[2], h[1], h[99] = vectorEncode("kid"), vectorEncode([]int{4}), vectorEncode(2), vectorEncode(1)
	})
	header("sequence-bignum", headerStep, "bundle.ErrFormat", "protected header", "the sequence is a bignum, 2^64", func(_, h vectorMap) {
		h[7] = append([]byte{0xc2, 0x49, 1}, make([]byte, 8)...)
	})
	header("tagged-time", headerStep, "bundle.ErrFormat", "protected header", "the time has tag 1", func(_, h vectorMap) {
		h[10] = append([]byte{0xc1}, h[10]...)
	})
	header("nested", headerStep, "bundle.ErrFormat", "protected header", "the header has a field 99 with nine arrays in one another", func(_, h vectorMap) {
		h[99] = append(bytes.Repeat([]byte{0x81}, 9), 0)
	})
	none := m.message(cert)
	none.Signature = nil
	m.add("empty-signature", cert, parse, formatStep, "bundle.ErrFormat", "it has no signature", "the signature has no bytes", vMust(none.Bytes()))

	stanza := "-> X25519 " + strings.Repeat("A", 43) + "\n" + strings.Repeat("A", 43) + "\n"
	file := "age-encryption.org/v1\n" + strings.Repeat(stanza, bundle.MaxTo+1) + "--- " + strings.Repeat("A", 43) + "\n"
	m.add("recipients-17", cert, parse, 7, "bundle.ErrFormat", "sealed to 17 recipients", "the age file has 17 recipient stanzas", m.signer(cert).message(m.message(cert).Protected, []byte(file)))

	m.highS(request)
}

// highS lets the source ask with a P-256 key, and writes the larger s.
func (m *vectorMaker) highS(base string) {
	key := vMust(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	pub := vMust(cosesig.NewPublicKey(key.Public()))
	kid := bundle.KeyID(pub.Thumbprint())
	msg := cosesig.Message{
		Protected: m.protectedWith(base, func(p, h vectorMap) {
			p[1], p[4], h[12] = vectorEncode(-7), vectorEncode(kid[:]), vectorEncode(pub.Bytes())
		}),
		Payload: m.message(base).Payload,
	}
	msg.Signature = secondForm(vMust(cosesig.SignDetached(cosesig.DomainBundle, msg.Protected, msg.Payload, key)))
	m.add("high-s", base, testvectors.AtParse, 6, "bundle.ErrFormat", "not in its low-S form", "css asks with a P-256 key, and n-s stands in the place of s", vMust(msg.Bytes()))

	// The same inside: the SA certified such a source, which states.
	const statement = "csr1.db/statement"
	claims := m.cssCert.Claims()
	claims.Keys.Sign = pub
	certificate := m.nodes["sa"].signed(cosesig.DomainCertificate, claims)
	states := vMust(cosesig.Sign(cosesig.DomainStatement, vMust(coproc.ProtectedFor(pub)), vectorEncode(m.statement), key))
	states.Signature = secondForm(states.Signature)
	h := m.good(statement).UnverifiedHeader()
	h.Certificate = certificate
	b := vMust(bundle.Seal(h, bundle.StatementBody{Statement: vMust(states.Bytes())}, m.recipients(statement), p256Signer{key, pub}))
	m.add("statement-high-s", statement, testvectors.AtCeremony, 0, string(refusal.CodeSignature), "not in its low-S form", "the source signs with a P-256 key, and n-s stands in the place of s in the statement inside", b.Bytes())
}

// secondForm is what everyone can make of a P-256 signature.
func secondForm(sig []byte) []byte {
	half := len(sig) / 2
	s := new(big.Int).SetBytes(sig[half:])
	s.Sub(elliptic.P256().Params().N, s)
	return append(bytes.Clone(sig[:half]), s.FillBytes(make([]byte, half))...)
}

// p256Signer signs bundles with a key in hand.
type p256Signer struct {
	key *ecdsa.PrivateKey
	pub coproc.PublicKey
}

func (s p256Signer) Public() coproc.PublicKey { return s.pub }

func (s p256Signer) SignBundle(protected, payload []byte) ([]byte, error) {
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, s.key)
}
