package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/testvectors"
)

// Some CBOR, by hand: what these files hold no encoder makes.

// cborHead is the head of an item in its shortest form.
func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
}

func cborBytes(b []byte) []byte { return append(cborHead(2, len(b)), b...) }

func cborText(s string) []byte { return append(cborHead(3, len(s)), s...) }

// sign1 is a message of these parts.
func sign1(protected, payload, signature []byte) []byte {
	return slices.Concat([]byte{0xd2, 0x84}, cborBytes(protected), []byte{0xa0}, cborBytes(payload), cborBytes(signature))
}

// rawMap is a map whose values are whatever they are; the label of the header,
// which is negative, comes last.
func rawMap(m map[int]cbor.RawMessage) []byte {
	b := cborHead(5, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if k >= 0 {
			b = append(append(b, cborHead(0, k)...), m[k]...)
		}
	}
	if v, ok := m[-65537]; ok {
		b = append(append(b, 0x3a, 0, 1, 0, 0), v...)
	}
	return b
}

// grown calls make with the number of bytes that gives a file of as many bytes
// as a bundle can have.
func grown(t testing.TB, file func(n int) []byte) []byte {
	t.Helper()
	n := bundle.MaxSize - len(file(1<<16)) + 1<<16
	for range 8 {
		b := file(n)
		if len(b) == bundle.MaxSize {
			return b
		}
		n += bundle.MaxSize - len(b)
	}
	t.Fatal("no such file has 1 MiB")
	return nil
}

// frozenFile is a good bundle of the frozen ceremony whose name begins so.
func frozenFile(t testing.TB, prefix string) []byte {
	t.Helper()
	found, err := fs.Glob(testvectors.Ceremony(), "stick/"+prefix+"*")
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", prefix, found, err)
	}
	b, err := fs.ReadFile(testvectors.Ceremony(), found[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hostileFiles are files of 1 MiB each that are made to cost much: what the
// owner of a stick can make who has no key but their own.
func hostileFiles(t testing.TB) map[string][]byte {
	t.Helper()
	good, err := cosesig.Parse(frozenFile(t, "sa.db/css-key-"))
	if err != nil {
		t.Fatal(err)
	}
	var protected, header map[int]cbor.RawMessage
	for b, into := range map[*map[int]cbor.RawMessage][]byte{&protected: good.Protected} {
		if err := cbor.Unmarshal(into, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := cbor.Unmarshal(protected[-65537], &header); err != nil {
		t.Fatal(err)
	}
	// with is the good header with another value of a field, or of a label
	// where the field is 0.
	with := func(field, label int, value []byte) []byte {
		p, h := map[int]cbor.RawMessage{}, map[int]cbor.RawMessage{}
		for k, v := range protected {
			p[k] = v
		}
		for k, v := range header {
			h[k] = v
		}
		if h[field] = value; field == 0 {
			delete(h, 0)
			p[label] = value
		}
		p[-65537] = rawMap(h)
		return rawMap(p)
	}
	zeros := func(n int) []byte { return make([]byte, n) }
	ff := func(n int) []byte { return bytes.Repeat([]byte{0xff}, n) }
	inField := func(field int, value func(n int) []byte) []byte {
		return grown(t, func(n int) []byte { return sign1(with(field, 0, value(n)), good.Payload, good.Signature) })
	}
	inLabel := func(label int, value func(n int) []byte) []byte {
		return grown(t, func(n int) []byte { return sign1(with(0, label, value(n)), good.Payload, good.Signature) })
	}
	asPayload := func(payload func(n int) []byte) []byte {
		return grown(t, func(n int) []byte { return sign1(good.Protected, payload(n), good.Signature) })
	}
	text := func(unit string) func(int) []byte {
		return func(n int) []byte { return cborText(strings.Repeat(unit, n/len(unit)+1)[:n]) }
	}
	bignum := func(n int) []byte { return append([]byte{0xc2}, cborBytes(ff(n))...) }
	nested := func(n int) []byte { return append(bytes.Repeat([]byte{0x81}, n), 0) }
	array := func(n int) []byte { return append(cborHead(4, n), zeros(n)...) }
	pairs := func(n int) []byte { // keys of five bytes
		b := cborHead(5, n/6)
		for i := range n / 6 {
			b = append(append(b, cborHead(0, 1<<16+i)...), 0)
		}
		return append(b, zeros(n%6)...) // trailing
	}
	const ageHead = "age-encryption.org/v1\n"
	stanzas := func(unit string) func(int) []byte {
		return func(n int) []byte { return []byte(ageHead + strings.Repeat(unit, n/len(unit)+1)[:n]) }
	}
	files := map[string][]byte{
		"all 00": zeros(bundle.MaxSize), "all ff": ff(bundle.MaxSize), "text": []byte(strings.Repeat("gapferry\n", bundle.MaxSize)[:bundle.MaxSize]),
		"arrays in one another": bytes.Repeat([]byte{0x81}, bundle.MaxSize), "tags in one another": bytes.Repeat([]byte{0xd2}, bundle.MaxSize),
		"a good bundle and zeros": append(frozenFile(t, "sa.db/css-key-"), zeros(bundle.MaxSize)...)[:bundle.MaxSize],
		"half a bundle and ff":    append(frozenFile(t, "sa.db/css-cert-")[:300], ff(bundle.MaxSize)...)[:bundle.MaxSize],

		"level is a bignum":         inField(1, bignum),
		"sequence is a bignum":      inField(7, bignum),
		"unknown field is a bignum": inField(99, bignum),
		"algorithm is a bignum":     inLabel(1, bignum),
		"kind is long":              inField(3, text("k")),
		"kind is controls":          inField(3, text("\x1b[2J")),
		"phase is long":             inField(4, text("3")),
		"sender is long":            inField(5, func(n int) []byte { return slices.Concat([]byte{0xa3, 1}, text("n")(n), header[5][2:]) }),
		"receivers are many":        inField(6, func(n int) []byte { return append(cborHead(4, n/2), bytes.Repeat([]byte{0x61, 'a'}, n/2+1)[:n]...) }),
		"receiver is long":          inField(6, func(n int) []byte { return append([]byte{0x81}, text("r")(n)...) }),
		"header is nested":          inField(99, nested),
		"header has an array":       inField(99, array),
		"header has a map":          inField(99, pairs),
		"key is long":               inField(12, func(n int) []byte { return cborBytes(ff(n)) }),
		"key begins like one":       inField(12, func(n int) []byte { return cborBytes(append([]byte{0xa3, 1}, bignum(n)...)) }),
		"certificate is long":       inField(13, func(n int) []byte { return cborBytes(ff(n)) }),
		"content type is long":      inLabel(3, text("t")),
		"key id is long":            inLabel(4, func(n int) []byte { return cborBytes(zeros(n)) }),
		"label is nested":           inLabel(99, nested),
		"label is not UTF-8":        inLabel(3, func(n int) []byte { return append(cborHead(3, n), ff(n)...) }),
		"protected header is junk":  grown(t, func(n int) []byte { return sign1(ff(n), good.Payload, good.Signature) }),
		"protected header is a map": grown(t, func(n int) []byte { return sign1(pairs(n), good.Payload, good.Signature) }),
		"signature is long":         grown(t, func(n int) []byte { return sign1(good.Protected, good.Payload, zeros(n)) }),

		"age header of one line":   asPayload(stanzas("A")),
		"age stanza of one line":   asPayload(func(n int) []byte { return []byte(ageHead + "-> X25519 " + strings.Repeat("A", n)) }),
		"age stanza of many words": asPayload(func(n int) []byte { return []byte(ageHead + "-> X25519" + strings.Repeat(" A", n/2+1)[:n]) }),
		"age stanzas":              asPayload(stanzas("-> X\n\n")),
		"age stanza of controls":   asPayload(func(n int) []byte { return []byte(ageHead + "-> " + strings.Repeat("\x1b", n)) }),
		"age body of many lines": asPayload(func(n int) []byte {
			return []byte(ageHead + "-> X25519 AA\n" + strings.Repeat(strings.Repeat("A", 64)+"\n", n/65+1)[:n])
		}),
		"payload without an end": asPayload(func(n int) []byte { return append(slices.Clone(good.Payload), zeros(n)...) }),
		"sa-key with zeros":      grownPayload(t, frozenFile(t, "sa.db/sa-key-")),
		"statement with zeros":   grownPayload(t, frozenFile(t, "csr1.db/statement-")),
		"share with zeros":       grownPayload(t, frozenFile(t, "csr1.db/share-01-")),
		"csr-key that verifies":  ownRequest(t, with, good.Payload),
		"statement with a junk certificate": grown(t, func(n int) []byte {
			m, err := cosesig.Parse(frozenFile(t, "csr1.db/statement-"))
			if err != nil {
				t.Fatal(err)
			}
			var p, h map[int]cbor.RawMessage
			if cbor.Unmarshal(m.Protected, &p) != nil || cbor.Unmarshal(p[-65537], &h) != nil {
				t.Fatal("no statement")
			}
			h[13] = cborBytes(sign1([]byte{0xa1, 1, 0x27}, bignum(n), zeros(64)))
			p[-65537] = rawMap(h)
			return sign1(rawMap(p), m.Payload, m.Signature)
		}),
	}
	for name, b := range files {
		if len(b) != bundle.MaxSize {
			t.Fatalf("%s has %d bytes", name, len(b))
		}
	}
	return files
}

// grownPayload is a good bundle whose age file ends in zeros: well formed, and
// its signature is not good.
func grownPayload(t testing.TB, raw []byte) []byte {
	t.Helper()
	m, err := cosesig.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return grown(t, func(n int) []byte {
		return sign1(m.Protected, append(slices.Clone(m.Payload), make([]byte, n)...), m.Signature)
	})
}

// ownRequest asks for a certificate with a key of its own: everybody can, and
// its signature is good.
func ownRequest(t testing.TB, with func(field, label int, value []byte) []byte, payload []byte) []byte {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := cosesig.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	kid := bundle.KeyID(own.Thumbprint())
	var p map[int]cbor.RawMessage
	if err := cbor.Unmarshal(with(12, 0, cborBytes(own.Bytes())), &p); err != nil {
		t.Fatal(err)
	}
	p[4] = cborBytes(kid[:])
	protected := rawMap(p)
	return grown(t, func(n int) []byte {
		file := append(slices.Clone(payload), make([]byte, n)...)
		sig, err := cosesig.SignDetached(cosesig.DomainBundle, protected, file, key)
		if err != nil {
			t.Fatal(err)
		}
		return sign1(protected, file, sig)
	})
}
