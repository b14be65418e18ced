package ceremony

import (
	"bytes"
	"fmt"
	"path"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/testvectors"
)

// vectorPlaces is where a node meets a file that stands for a good one.
var vectorPlaces = map[string]testvectors.Vector{
	"sa.db/sa-key":      {Node: "css", Phase: "2a"},
	"sa.db/css-key":     {Node: "sa", Store: "sa-1", Phase: "2b"},
	"sa.db/css-cert":    {Node: "css", Store: "css-2a", Phase: "3c", WithPaths: []string{"csr1.db/csr-cert"}},
	"csr1.db/csr-key":   {Node: "sa", Store: "sa-3b", Phase: "3b"},
	"csr1.db/csr-cert":  {Node: "css", Store: "css-2a", Phase: "3c", WithPaths: []string{"sa.db/css-cert"}},
	"csr2.db/csr-key":   {Node: "sa", Store: "sa-3b", Phase: "3b"},
	"csr2.db/csr-cert":  {Node: "css", Store: "css-3c", Phase: "3c"},
	"csr1.db/statement": {Node: "csr1", Store: "csr1-3a", Phase: "3d", WithPaths: []string{"csr1.db/csr-cert", "csr1.db/share1"}},
	"csr1.db/cancel":    {Node: "csr1", Store: "csr1-3a", Phase: "3d", WithPaths: []string{"csr1.db/csr-cert", "csr1.db/statement", "csr1.db/share1"}},
	"sa.db/revoke":      {Node: "css", Store: "css-2a", Phase: "3c", WithPaths: []string{"sa.db/css-cert", "csr1.db/csr-cert"}},
	"sa.db/journal":     {Node: "sa", Phase: testvectors.Merge},
	"csr1.db/share1":    {Node: "csr1", Store: "csr1-3a", Phase: "3d", WithPaths: []string{"csr1.db/csr-cert", "csr1.db/statement"}},
}

// vectorCodes is what a node refuses with, where the error says it all.
var vectorCodes = map[string]refusal.Code{
	"bundle.ErrTooLarge": refusal.CodeFormat, "bundle.ErrFormat": refusal.CodeFormat, "bundle.ErrLevel": refusal.CodeLevel, "bundle.ErrKind": refusal.CodeFormat,
	"bundle.ErrCeremony": refusal.CodeWrongCeremony, "bundle.ErrUnknownKey": refusal.CodeUnknownKey, "bundle.ErrCertificate": refusal.CodeCertificate,
	"bundle.ErrSignature": refusal.CodeSignature, "bundle.ErrNotSealedToMe": refusal.CodeNotSealedToMe, "bundle.ErrInside": refusal.CodeInside,
	"coproc.ErrShareSet": refusal.CodeShareSet, "coproc.ErrShareTarget": refusal.CodeWrongTarget, "coproc.ErrShareIndex": refusal.CodeShareIndex,
	"coproc.ErrShareDamaged": refusal.CodeShareDamaged, "coproc.ErrOtherMasterKey": refusal.CodeOtherMasterKey, "coproc.ErrPattern": refusal.CodePattern,
}

// add keeps a wrong bundle that stands for a good one. err is the error that
// refuses it, or a ceremony's code.
func (m *vectorMaker) add(name, base string, layer testvectors.Layer, step int, err, says, wrong string, data []byte, change ...func(*testvectors.Vector)) {
	v := vectorPlaces[base]
	v.Name, v.Wrong, v.Layer, v.Step, v.Says, v.Folder = name, wrong, layer, step, says, path.Dir(base)
	if layer == testvectors.AtCeremony {
		v.Code = err
	} else {
		v.Error, v.Code = err, string(vectorCodes[err])
	}
	v.BasePath = m.paths[base]
	v.WithPaths = slices.Clone(v.WithPaths)
	for _, c := range change {
		c(&v)
	}
	for i, p := range v.WithPaths {
		if full, ok := m.paths[p]; ok {
			v.WithPaths[i] = full
		}
	}
	if v.Recipe == nil {
		m.write("wrong/"+name+".gfb", data)
	}
	m.index = append(m.index, v)
}

func withCode(c refusal.Code) func(*testvectors.Vector) {
	return func(v *testvectors.Vector) { v.Code = string(c) }
}
func withoutBase(v *testvectors.Vector) { v.BasePath = "" }
func beside(paths ...string) func(*testvectors.Vector) {
	return func(v *testvectors.Vector) { v.WithPaths = paths }
}

// Some CBOR, to write what no encoder of ours makes.
var vectorCBOR = vMust(cbor.CoreDetEncOptions().EncMode())

type vectorMap map[int]cbor.RawMessage

func vectorEncode(v any) cbor.RawMessage { return vMust(vectorCBOR.Marshal(v)) }

const (
	vectorHeader = -65537
	formatStep   = 2
	headerStep   = 4
	kindStep     = 5
)

// withHeader signs anew, with the good payload, a header that edit spoiled.
func (m *vectorMaker) withHeader(base string, edit func(p, h vectorMap)) []byte {
	msg := m.message(base)
	var p, h vectorMap
	vectorDecode(msg.Protected, &p)
	vectorDecode(p[vectorHeader], &h)
	edit(p, h)
	if len(h) > 0 {
		p[vectorHeader] = vectorEncode(h)
	}
	return m.signer(base).message(vectorEncode(p), msg.Payload)
}

// wrongForms are refused by Parse.
func (m *vectorMaker) wrongForms() {
	const cert, share, parse = "sa.db/css-cert", "csr1.db/share1", testvectors.AtParse
	msg := m.message(cert)
	good := m.good(cert).Bytes()
	sa := m.nodes["sa"]
	form := func(name, says, wrong string, data []byte) {
		m.add(name, cert, parse, formatStep, "bundle.ErrFormat", says, wrong, data)
	}
	bstr := func(b []byte) []byte { return vMust(cbor.Marshal(b)) }
	parts := func(head []byte, p ...[]byte) []byte { return slices.Concat(append([][]byte{head}, p...)...) }
	p, none, payload, sig := bstr(msg.Protected), []byte{0xa0}, bstr(msg.Payload), bstr(msg.Signature)
	head := []byte{0xd2, 0x84}
	if !bytes.Equal(parts(head, p, none, payload, sig), good) || p[0] != 0x58 {
		panic("the message is not put together as the vectors need it")
	}
	form("empty", "not a COSE_Sign1 message", "the file has no bytes", nil)
	form("truncated-1", "not a COSE_Sign1 message", "the last byte is missing", good[:len(good)-1])
	form("truncated-half", "not a COSE_Sign1 message", "the second half is missing", good[:len(good)/2])
	form("trailing-byte", "not a COSE_Sign1 message", "there is a zero byte behind the end", append(bytes.Clone(good), 0))
	form("no-tag", "not a COSE_Sign1 message", "CBOR tag 18 is missing", good[1:])
	form("other-tag", "not a COSE_Sign1 message", "CBOR tag 17 (COSE_Mac0) in the place of 18", append([]byte{0xd1}, good[1:]...))
	form("indefinite-array", "not a COSE_Sign1 message", "the outer array has an indefinite length", parts([]byte{0xd2, 0x9f}, p, none, payload, sig, []byte{0xff}))
	form("indefinite-payload", "not a COSE_Sign1 message", "the payload is a byte string of indefinite length", parts(head, p, none, []byte{0x5f}, payload, []byte{0xff}, sig))
	form("long-length", "not the deterministic CBOR encoding", "the length of the protected header is written in two bytes where one suffices", parts(head, []byte{0x59, 0}, p[1:], none, payload, sig))
	form("unprotected-not-empty", "the unprotected header is not empty", "the unprotected header holds a key id", parts(head, p, []byte{0xa1, 0x04, 0x41, 0x01}, payload, sig))
	form("detached-payload", "not a bundle in the one accepted form", "the payload is nil: detached", parts(head, p, none, []byte{0xf6}, sig))

	header := func(name, base string, step int, err, says, wrong string, edit func(p, h vectorMap)) {
		m.add(name, base, parse, step, err, says, wrong, m.withHeader(base, edit))
	}
	edit := func(name, says, wrong string, edit func(p, h vectorMap)) {
		header(name, cert, headerStep, "bundle.ErrFormat", says, wrong, edit)
	}
	edit("long-integer", "not the deterministic CBOR encoding", "the sequence is an integer in more bytes than it needs", func(_, h vectorMap) { h[7] = []byte{0x19, 0, h[7][0]} })
	edit("float-sequence", "cannot unmarshal", "the sequence is a floating-point number", func(_, h vectorMap) { h[7] = []byte{0xf9, 0x40, 0x00} })
	edit("unknown-field", "unknown field", "the header has a field 99", func(_, h vectorMap) { h[99] = vectorEncode(1) })
	edit("unknown-label", "unknown field", "the protected header has a label 99", func(p, _ vectorMap) { p[99] = vectorEncode(1) })
	edit("crit-label", "unknown field", "the protected header has the label 2, crit", func(p, _ vectorMap) { p[2] = []byte{0x81, 0x01} })
	edit("spelled-default", "not the deterministic CBOR encoding", "field 8, which answers nothing, would be left out: here it is 32 zeros", func(_, h vectorMap) { h[8] = vectorEncode(make([]byte, 32)) })
	edit("content-type", `content type "text/plain"`, "the content type is text/plain", func(p, _ vectorMap) { p[3] = vectorEncode("text/plain") })
	edit("no-content-type", "not the deterministic CBOR encoding", "there is no content type", func(p, _ vectorMap) { delete(p, 3) })
	edit("algorithm", "signature algorithm -37", "the algorithm is PS256", func(p, _ vectorMap) { p[1] = vectorEncode(-37) })
	edit("short-kid", "protected header", "the key id has 15 bytes", func(p, _ vectorMap) { p[4] = vectorEncode(make([]byte, 15)) })
	edit("level-0", "no level", "the level is 0", func(_, h vectorMap) { h[1] = vectorEncode(0) })
	m.add("duplicate-field", cert, parse, headerStep, "bundle.ErrFormat", "duplicate map key", "field 1 of the header is there twice, with the same value", m.duplicate(cert))
	m.add("unsorted-labels", cert, parse, headerStep, "bundle.ErrFormat", "not the deterministic CBOR encoding", "labels 1 and 3 of the protected header are exchanged", m.unsorted(cert))
	header("level-2", cert, 3, "bundle.ErrLevel", "written by level 2, this node is level 1: bring both to one level", "it was written by level 2", func(_, h vectorMap) { h[1] = vectorEncode(2) })

	kind := func(name, base, says, wrong string, edit func(p, h vectorMap)) {
		header(name, base, kindStep, "bundle.ErrFormat", says, wrong, edit)
	}
	header("unknown-kind", cert, kindStep, "bundle.ErrKind", `unknown kind "css-gift"`, "its kind is css-gift", func(_, h vectorMap) { h[3] = vectorEncode("css-gift") })
	kind("other-phase", cert, `phase "3b", it belongs to phase 2b`, "a css-cert says that it is of phase 3b", func(_, h vectorMap) { h[4] = vectorEncode("3b") })
	kind("ceremony-zero", cert, "the ceremony id is missing", "the ceremony id is 16 zeros", func(_, h vectorMap) { h[2] = vectorEncode(make([]byte, 16)) })
	kind("name-escape", cert, "node name", "the name of the sender clears a terminal", func(_, h vectorMap) {
		h[5] = vectorEncode(map[int]any{1: "\x1b[2J", 2: sa.id.Serial[:], 3: sa.id.EID[:]})
	})
	kind("to-nobody", cert, "addressed to 0 nodes", "it is addressed to nobody", func(_, h vectorMap) { delete(h, 6) })
	kind("to-unsorted", "csr1.db/csr-cert", "are not sorted, or not unique", "the nodes that it is addressed to are not sorted", func(_, h vectorMap) { h[6] = vectorEncode([]string{"css", "csr1"}) })
	kind("to-twice", "csr1.db/csr-cert", "are not sorted, or not unique", "it is addressed to csr1 twice", func(_, h vectorMap) { h[6] = vectorEncode([]string{"csr1", "csr1"}) })
	kind("about-another", "csr1.db/csr-cert", "which it is not addressed to", "it is about csr2 and addressed to csr1 and css", func(_, h vectorMap) { h[14] = vectorEncode("csr2") })
	kind("share-without-ref", share, "the share is missing", "a share does not say which one it is", func(_, h vectorMap) { delete(h, 11) })
	ref := func(i int) cbor.RawMessage { return vectorEncode(map[int]any{1: m.statement.ShareSet[:], 2: i}) }
	kind("share-0", share, "share 0 of share set", "a share has index 0", func(_, h vectorMap) { h[11] = ref(0) })
	kind("share-16", share, "share 16 of share set", "a share has index 16", func(_, h vectorMap) { h[11] = ref(16) })
	kind("key-off-curve", "sa.db/css-key", "not a usable public key", "the key that asks is a P-256 key that is not on its curve", func(_, h vectorMap) {
		h[12] = vectorEncode([]byte(vectorEncode(map[int]any{1: 2, -1: 1, -2: make([]byte, 32), -3: make([]byte, 32)})))
	})
	kind("no-certificate", "csr1.db/statement", "the certificate is missing", "a statement does not bring its signer's certificate", func(_, h vectorMap) { delete(h, 13) })

	short := msg
	short.Signature = msg.Signature[:63]
	m.add("short-signature", cert, parse, 6, "bundle.ErrFormat", "signature of 63 bytes", "the signature has 63 bytes", vMust(short.Bytes()))
	ageFile := func(name, base, says, wrong string, payload []byte) {
		m.add(name, base, parse, 7, "bundle.ErrFormat", says, wrong, m.signer(base).message(m.message(base).Protected, payload))
	}
	ageFile("not-age", cert, "payload is not an age file", "the payload is a text", []byte("this is not an age file\n"))
	ageFile("share-not-postquantum", share, `share is sealed to a recipient of type "X25519"`, "a share is sealed to a classic key", m.message("csr1.db/statement").Payload)
	ageFile("passphrase", cert, `css-cert is sealed to a recipient of type "scrypt"`, "a css-cert is sealed to a passphrase", m.message("sa.db/sa-key").Payload)
	m.tooLarge(share)
}

// duplicate writes the first pair of the header twice.
func (m *vectorMaker) duplicate(base string) []byte {
	return m.withHeader(base, func(p, h vectorMap) {
		b := vectorEncode(h)
		if b[0]&0xe0 != 0xa0 || b[1] != 1 {
			panic("the header does not begin with the level")
		}
		p[vectorHeader] = slices.Concat([]byte{b[0] + 1}, b[1:3], b[1:])
		clear(h)
	})
}

// unsorted exchanges the first two pairs of the protected header.
func (m *vectorMaker) unsorted(base string) []byte {
	msg := m.message(base)
	var p vectorMap
	vectorDecode(msg.Protected, &p)
	one, three := append([]byte{1}, p[1]...), append([]byte{3}, p[3]...)
	rest := bytes.TrimPrefix(msg.Protected, slices.Concat([]byte{0xa4}, one, three))
	return m.signer(base).message(slices.Concat([]byte{0xa4}, three, one, rest), msg.Payload)
}

// tooLarge is a well-formed, signed share of 1 MiB and a byte. It is kept as a
// recipe.
func (m *vectorMaker) tooLarge(base string) {
	msg := m.message(base)
	size := len(m.good(base).Bytes())
	grow := bundle.MaxSize + 1 - size - 2 // the length of the payload takes two bytes more
	file := append(bytes.Clone(msg.Payload), make([]byte, grow)...)
	whole := m.signer(base).message(msg.Protected, file)
	if len(whole) != bundle.MaxSize+1 {
		panic(fmt.Sprintf("made %d bytes", len(whole)))
	}
	tail := len(msg.Signature) + 2
	r := &testvectors.Recipe{Head: "wrong/with/too-large.head", Count: grow, Tail: "wrong/with/too-large.tail"}
	m.write(r.Head, whole[:len(whole)-tail-grow])
	m.write(r.Tail, whole[len(whole)-tail:])
	m.add("too-large", base, testvectors.AtParse, 1, "bundle.ErrTooLarge", "1048577 bytes, at most 1048576",
		"it has 1 MiB and a byte: its payload ends in zeros, signed with the rest", nil,
		func(v *testvectors.Vector) { v.Recipe = r })
}
