package bundle

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Some CBOR, to write messages with that no encoder of ours makes.
func bstr(b []byte) []byte           { return must(cbor.Marshal(b)) }
func join(parts ...[]byte) []byte    { return bytes.Join(parts, nil) }
func rawMessage(p ...[]byte) []byte  { return append([]byte{0xd2, 0x84}, join(p...)...) }
func chunked(b []byte) []byte        { return join([]byte{0x5f}, bstr(b), []byte{0xff}) }
func rawFields(h Header) map[int]any { return must(toMap(must(detcbor.Marshal(h)))) }

func toMap(b []byte) (m map[int]any, err error) {
	return m, cbor.Unmarshal(b, &m)
}

var sorted = must(cbor.CoreDetEncOptions().EncMode())

// TestOneEncoding writes the same good message in every other way.
func TestOneEncoding(t *testing.T) {
	w := newWorld(t, newEd25519)
	m := w.bundles[KindCSSCert].message
	p, payload, sig := bstr(m.Protected), bstr(m.Payload), bstr(m.Signature)
	none := []byte{0xa0}
	if _, err := Parse(rawMessage(p, none, payload, sig)); err != nil {
		t.Fatalf("the good message: %v", err)
	}
	long := join([]byte{0x5a, 0, 0}, p[1:]) // the length in four bytes for two
	if p[0] == 0x58 {
		long = join([]byte{0x59, 0}, p[1:])
	}
	for name, b := range map[string][]byte{
		"nothing":                    nil,
		"trailing byte":              append(rawMessage(p, none, payload, sig), 0),
		"no tag":                     rawMessage(p, none, payload, sig)[1:],
		"another tag":                append([]byte{0xd1}, rawMessage(p, none, payload, sig)[1:]...),
		"tag in a tag":               append([]byte{0xd9, 0xd9, 0xf7}, rawMessage(p, none, payload, sig)...),
		"indefinite array":           append([]byte{0xd2, 0x9f}, join(p, none, payload, sig, []byte{0xff})...),
		"five parts":                 append([]byte{0xd2, 0x85}, join(p, none, payload, sig, none)...),
		"indefinite unprotected":     rawMessage(p, []byte{0xbf, 0xff}, payload, sig),
		"unprotected is not empty":   rawMessage(p, []byte{0xa1, 0x18, 0x63, 0x00}, payload, sig),
		"unprotected key id":         rawMessage(p, join([]byte{0xa1, 0x04}, bstr([]byte{1})), payload, sig),
		"indefinite protected":       rawMessage(chunked(m.Protected), none, payload, sig),
		"indefinite payload":         rawMessage(p, none, chunked(m.Payload), sig),
		"indefinite signature":       rawMessage(p, none, payload, chunked(m.Signature)),
		"length longer than needed":  rawMessage(long, none, payload, sig),
		"detached payload":           rawMessage(p, none, []byte{0xf6}, sig),
		"empty payload":              rawMessage(p, none, []byte{0x40}, sig),
		"payload is text":            rawMessage(p, none, join([]byte{0x60 | payload[0]&0x1f}, payload[1:]), sig),
		"signature of 63 bytes":      rawMessage(p, none, payload, bstr(m.Signature[:63])),
		"empty signature":            rawMessage(p, none, payload, []byte{0x40}),
		"protected is no map":        rawMessage(bstr([]byte{0x80}), none, payload, sig),
		"protected is empty":         rawMessage([]byte{0x40}, none, payload, sig),
		"trailing byte in protected": rawMessage(bstr(append(bytes.Clone(m.Protected), 0)), none, payload, sig),
	} {
		if _, err := Parse(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestProtectedEncoding does the same inside of the protected header, with
// good signatures.
func TestProtectedEncoding(t *testing.T) {
	w := newWorld(t, newEd25519)
	good := w.bundles[KindCSSCert]
	header := must(detcbor.Marshal(good.header.Header))
	kid := bstr(good.header.KeyID[:])
	label := []byte{0x3a, 0x00, 0x01, 0x00, 0x00} // -65537
	typ := must(cbor.Marshal(contentType))
	alg := []byte{0x27} // -8
	one, three, four := []byte{1}, []byte{3}, []byte{4}
	parse := func(protected []byte) error {
		_, err := Parse(forge(w.sa, protected, good.message.Payload))
		return err
	}
	if err := parse(join([]byte{0xa4}, one, alg, three, typ, four, kid, label, header)); err != nil {
		t.Fatalf("the good header: %v", err)
	}
	with := func(key int, value any) []byte {
		m := rawFields(good.header.Header)
		m[key] = value
		return join([]byte{0xa4}, one, alg, three, typ, four, kid, label, must(sorted.Marshal(m)))
	}
	for name, protected := range map[string][]byte{
		"indefinite map":           join([]byte{0xbf}, one, alg, three, typ, four, kid, label, header, []byte{0xff}),
		"not sorted":               join([]byte{0xa4}, three, typ, one, alg, four, kid, label, header),
		"duplicate label":          join([]byte{0xa5}, one, alg, one, alg, three, typ, four, kid, label, header),
		"unknown label":            join([]byte{0xa5}, one, alg, three, typ, four, kid, []byte{0x18, 99, 0}, label, header),
		"crit":                     join([]byte{0xa5}, one, alg, []byte{2, 0x81, 1}, three, typ, four, kid, label, header),
		"no algorithm":             join([]byte{0xa3}, three, typ, four, kid, label, header),
		"another algorithm":        join([]byte{0xa4}, one, []byte{0x38, 0x24}, three, typ, four, kid, label, header),
		"algorithm as text":        join([]byte{0xa4}, one, must(cbor.Marshal("EdDSA")), three, typ, four, kid, label, header),
		"no content type":          join([]byte{0xa3}, one, alg, four, kid, label, header),
		"another content type":     join([]byte{0xa4}, one, alg, three, must(cbor.Marshal("text/plain")), four, kid, label, header),
		"no key id":                join([]byte{0xa3}, one, alg, three, typ, label, header),
		"short key id":             join([]byte{0xa4}, one, alg, three, typ, four, bstr(good.header.KeyID[:15]), label, header),
		"long key id":              join([]byte{0xa4}, one, alg, three, typ, four, bstr(append(good.header.KeyID[:], 0)), label, header),
		"no header":                join([]byte{0xa3}, one, alg, three, typ, four, kid),
		"unknown field":            with(99, 1),
		"field of no answer":       with(8, make([]byte, 32)),
		"short answer":             with(8, []byte{1}),
		"not a rehearsal, spelled": with(9, false),
		"empty key":                with(12, []byte{}),
		"empty about":              with(14, ""),
		"share of null":            with(11, nil),
		"sequence as float":        with(7, 2.0),
		"negative sequence":        with(7, -1),
		"level as text":            with(1, "1"),
		"level 0":                  with(1, 0),
		"name not UTF-8":           with(4, cbor.RawMessage{0x62, 0xff, 0xfe}),
	} {
		if err := parse(protected); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherLevel: a bundle of another level is refused for its level, whatever
// else that level changed.
func TestOtherLevel(t *testing.T) {
	w := newWorld(t, newEd25519)
	good := w.bundles[KindCSSCert]
	for level, want := range map[uint64]string{
		2:       "written by level 2, this node is level 1: bring both to one level",
		1 << 40: "written by level 1099511627776, this node is level 1: bring both to one level",
	} {
		fields := rawFields(good.header.Header)
		fields[1], fields[3], fields[77] = level, "other-kind", "new"
		p := must(sorted.Marshal(map[int]any{1: -8, 3: "application/vnd.age", 5: []byte("new"), headerLabel: fields}))
		_, err := Parse(forge(w.sa, p, []byte("not even an age file")))
		if !errors.Is(err, ErrLevel) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("level %d: %v", level, err)
		}
	}
}

const headerLabel = -65537

func TestRecipientRules(t *testing.T) {
	w := newWorld(t, newEd25519)
	payload := func(k Kind) []byte { return w.bundles[k].message.Payload }
	for name, c := range map[string]struct {
		kind    Kind
		payload []byte
	}{
		"sa-key to a key":            {KindSAKey, payload(KindCSSKey)},
		"css-cert to a passphrase":   {KindCSSCert, payload(KindSAKey)},
		"share to a classic key":     {KindShare, payload(KindCSSKey)},
		"armored":                    {KindCSSCert, []byte("-----BEGIN AGE ENCRYPTED FILE-----\n")},
		"no age file":                {KindCSSCert, []byte("hello")},
		"age file without its MAC":   {KindCSSCert, payload(KindCSSCert)[:80]},
		"an unknown recipient type":  {KindCSSCert, bytes.Replace(payload(KindCSSCert), []byte("X25519"), []byte("Y25519"), 1)},
		"more recipients than nodes": {KindCSSCert, manyStanzas(payload(KindCSSCert), MaxTo+1)},
	} {
		n := w.signer(c.kind)
		h := w.header(c.kind)
		h.Level = Level
		if _, err := Parse(forge(n, must(protectedFor(h, n.Public())), c.payload)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.bundles[KindCSRCert].Recipients(); strings.Join(got, " ") != "X25519 X25519" {
		t.Errorf("Recipients of csr-cert are %q", got)
	}
	if got, want := w.bundles[KindCSRCert].PayloadSize(), len(payload(KindCSRCert)); got != want {
		t.Errorf("PayloadSize is %d, want %d", got, want)
	}
}

// manyStanzas repeats the first recipient stanza of an age file n times.
func manyStanzas(file []byte, n int) []byte {
	from := bytes.Index(file, []byte("-> "))
	to := bytes.Index(file, []byte("---"))
	return join(file[:from], bytes.Repeat(file[from:to], n), file[to:])
}

// TestKeyID holds the key id's definition.
func TestKeyID(t *testing.T) {
	var thumb cosesig.Thumbprint
	for i := range thumb {
		thumb[i] = byte(i)
	}
	want := coproc.DigestOf(append([]byte("gapferry key id v1"), thumb[:]...))
	if got := KeyID(thumb); !bytes.Equal(got[:], want[:16]) {
		t.Errorf("KeyID is %x, want %x", got, want[:16])
	}
	if got := KeyID(thumb); bytes.Contains(thumb[:], got[:4]) {
		t.Error("the key id shows the thumbprint")
	}
}
