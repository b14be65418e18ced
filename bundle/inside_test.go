package bundle

import (
	"bytes"
	"compress/flate"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

func encodeProtected(p protected) ([]byte, error) { return detcbor.Marshal(p) }

// openForged seals plaintext under the header of a good bundle, signs it as
// its maker would, and opens it.
func openForged(w *world, k Kind, plaintext []byte) error {
	good := w.bundles[k]
	payload := must(encrypt(plaintext, w.recipients(k)))
	s := must(Parse(forge(w.signer(k), good.message.Protected, payload)))
	v, err := s.Verify(trusting{w.signer(k).Public()})
	if err != nil {
		return err
	}
	_, err = v.Open(w.identity(k))
	return err
}

// TestHeaderReplaced signs another header around the same age file, which the
// owner of the key can do and nobody may profit from.
func TestHeaderReplaced(t *testing.T) {
	w := newWorld(t, newEd25519)
	for _, k := range Kinds {
		if k == KindShare {
			continue // the coprocessor compares the context of a share
		}
		h := w.bundles[k].UnverifiedHeader()
		h.Sequence++
		n := w.signer(k)
		s := must(Parse(forge(n, must(protectedFor(h, n.Public())), w.bundles[k].message.Payload)))
		v, err := s.Verify(trusting{n.Public()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Open(w.identity(k)); !errors.Is(err, ErrInside) || !strings.Contains(err.Error(), "it was sealed under another header") {
			t.Errorf("%s: %v", k, err)
		}
	}
	h := w.bundles[KindSAKey].UnverifiedHeader()
	h.Sequence++
	s := must(Parse(forge(w.sa, must(protectedFor(h, w.sa.Public())), w.bundles[KindSAKey].message.Payload)))
	if _, err := s.Verify(w.anchors()); !errors.Is(err, ErrInside) {
		t.Errorf("sa-key, by its anchors: %v", err)
	}
}

func TestInsideEncoding(t *testing.T) {
	w := newWorld(t, newEd25519)
	const k = KindCSSCert
	header := w.bundles[k].message.Protected
	context := w.bundles[k].Context()
	cert := must(detcbor.Marshal(w.body(k)))
	deflated := func(b []byte) []byte { return append(context[:len(context):len(context)], must(deflate(b, header))...) }
	if err := openForged(w, k, deflated(cert)); err != nil {
		t.Fatalf("the good inside: %v", err)
	}
	for name, plaintext := range map[string][]byte{
		"nothing":             nil,
		"digest alone":        context[:],
		"not deflated":        append(context[:len(context):len(context)], cert...),
		"empty":               deflated(nil),
		"behind the stream":   append(deflated(cert), 0),
		"cut stream":          deflated(cert)[:64],
		"trailing byte":       deflated(append(bytes.Clone(cert), 0)),
		"indefinite":          deflated(join([]byte{0xbf}, cert[1:], []byte{0xff})),
		"no digest":           deflated(cert)[len(context):],
		"another digest":      append(make([]byte, len(context)), deflated(cert)[len(context):]...),
		"another dictionary":  append(context[:len(context):len(context)], must(deflate(cert, nil))[1:]...),
		"body of null":        deflated([]byte{0xf6}),
		"empty body":          deflated([]byte{0xa0}),
		"unknown field":       deflated(join([]byte{0xa2}, cert[1:], []byte{0x18, 99, 0})),
		"certificate of null": deflated([]byte{0xa1, 0x01, 0xf6}),
		"body of a receipt":   must(encodeInside(header, ReceiptBody{})),
		"bomb":                append(context[:len(context):len(context)], bomb(64<<20)...),
		"a byte too many":     append(context[:len(context):len(context)], bomb(MaxInside+1)...),
	} {
		if err := openForged(w, k, plaintext); !errors.Is(err, ErrInside) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bomb deflates n zeros.
func bomb(n int) []byte {
	var out bytes.Buffer
	f := must(flate.NewWriter(&out, flate.BestCompression))
	for ; n > 0; n -= min(n, 1<<16) {
		must(f.Write(make([]byte, min(n, 1<<16))))
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// TestBomb holds that a bomb is refused for its size, and not for what is in it.
func TestBomb(t *testing.T) {
	if b := bomb(64 << 20); len(b) > MaxSize {
		t.Fatalf("the bomb has %d bytes and fits no bundle", len(b))
	}
	if _, err := inflate(bomb(64<<20), nil, MaxInside); err == nil || !strings.Contains(err.Error(), "inflates to more than 262144 bytes") {
		t.Error(err)
	}
	if b, err := inflate(bomb(MaxInside), nil, MaxInside); err != nil || len(b) != MaxInside {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// TestBodyRules spoils bodies. Seal refuses them, and Open does when someone
// else sealed them.
func TestBodyRules(t *testing.T) {
	w := newWorld(t, newEd25519)
	thief := newNode("thief", newEd25519)
	saKey := func(change func(*SAKeyBody)) Body {
		b := w.body(KindSAKey).(SAKeyBody)
		change(&b)
		return b
	}
	request := func(k Kind, change func(*RequestBody)) Body {
		b := w.body(k).(RequestBody)
		change(&b)
		return b
	}
	receipt := func(change func(*ReceiptBody)) Body {
		b := w.body(KindReceipt).(ReceiptBody)
		change(&b)
		return b
	}
	cancel := func(change func(*CancelBody)) Body {
		b := w.body(KindCancel).(CancelBody)
		change(&b)
		return b
	}
	revoke := func(change func(*RevokeBody)) Body {
		b := w.body(KindRevoke).(RevokeBody)
		change(&b)
		return b
	}
	journal := func(change func(*JournalBody)) Body {
		b := w.body(KindJournal).(JournalBody)
		change(&b)
		return b
	}
	for _, c := range []struct {
		name string
		kind Kind
		body Body
		says string
	}{
		{"SA key of another", KindSAKey, saKey(func(b *SAKeyBody) { b.Keys.Sign = thief.Public() }), "is not the one that signed"},
		{"no plan", KindSAKey, saKey(func(b *SAKeyBody) { b.Plan = nil }), "the plan is not text"},
		{"binary plan", KindSAKey, saKey(func(b *SAKeyBody) { b.Plan = []byte{0xff} }), "the plan is not text"},
		{"request for another key", KindCSSKey, request(KindCSSKey, func(b *RequestBody) { b.Keys.Sign = thief.Public() }), "is not the one that signed"},
		{"request for another node", KindCSRKey, request(KindCSRKey, func(b *RequestBody) { b.Node.Name = "csr2" }), `asks for node "csr2"`},
		{"source asks as target", KindCSSKey, request(KindCSSKey, func(b *RequestBody) { b.Role = coproc.CSR }), `role "CSR"`},
		{"target asks as source", KindCSRKey, request(KindCSRKey, func(b *RequestBody) { b.Role = coproc.CSS }), `role "CSS"`},
		{"no certificate", KindCSRCert, CertificateBody{}, "no certificate"},
		{"no statement", KindStatement, StatementBody{}, "no statement"},
		{"unknown class", KindReceipt, receipt(func(b *ReceiptBody) { b.Class = "\x1b" }), `class "\x1b"`},
		{"no shares", KindReceipt, receipt(func(b *ReceiptBody) { b.Installed = nil }), "no share was installed"},
		{"share 0", KindReceipt, receipt(func(b *ReceiptBody) { b.Installed = []uint8{0} }), "installed shares [0]"},
		{"share 16", KindReceipt, receipt(func(b *ReceiptBody) { b.Installed = []uint8{16} }), "installed shares [16]"},
		{"share twice", KindReceipt, receipt(func(b *ReceiptBody) { b.Installed = []uint8{2, 2} }), "installed shares [2 2]"},
		{"unknown register state", KindReceipt, receipt(func(b *ReceiptBody) { b.Old.State = 9 }), "register state 9"},
		{"nobody", KindReceipt, receipt(func(b *ReceiptBody) { b.By = "" }), `profile ""`},
		{"cancel of nothing", KindCancel, cancel(func(b *CancelBody) { b.ShareSet = coproc.ShareSetID{} }), "it names no share set"},
		{"cancel of share 16", KindCancel, cancel(func(b *CancelBody) { b.Out = []uint8{16} }), "shares [16]"},
		{"cancel without a reason", KindCancel, cancel(func(b *CancelBody) { b.Reason = " " }), "no reason is given"},
		{"cancel by nobody", KindCancel, cancel(func(b *CancelBody) { b.By = "" }), `profile ""`},
		{"a long reason", KindCancel, cancel(func(b *CancelBody) { b.Reason = strings.Repeat("x", MaxReason+1) }), "the reason has 201 bytes, at most 200"},
		{"a reason for a terminal", KindRevoke, revoke(func(b *RevokeBody) { b.Reason = "\x1b[2J" }), "characters that are not printed"},
		{"revoke of another node", KindRevoke, revoke(func(b *RevokeBody) { b.Node.Name = "csr2" }), `it revokes node "csr2"`},
		{"revoke of no certificate", KindRevoke, revoke(func(b *RevokeBody) { b.Generation = 0 }), "it takes back no certificate"},
		{"journal without a plan", KindJournal, journal(func(b *JournalBody) { b.Plan = nil }), "the plan is not text"},
		{"journal without a part", KindJournal, journal(func(b *JournalBody) { b.Part = nil }), "a part of 0 bytes"},
		{"a part behind the end", KindJournal, journal(func(b *JournalBody) { b.Total = 10 }), "300 bytes at 0 of a journal of 10"},
		{"a part in between", KindJournal, journal(func(b *JournalBody) { b.Offset, b.Total = 7, 307 }), "a part at 7"},
		{"a short part", KindJournal, journal(func(b *JournalBody) { b.Total = 301 }), "only the last is short"},
		{"a whole of nothing", KindJournal, journal(func(b *JournalBody) { b.Whole = coproc.Digest{} }), "the digest of the whole journal is missing"},
		{"profile for a terminal", KindReceipt, receipt(func(b *ReceiptBody) { b.By = "\x1b[2J" }), `profile "\x1b[2J"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, ErrInside) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %q", what, err, c.says)
				}
			}
			_, err := w.sealAs(w.header(c.kind), c.body)
			check("Seal", err)
			plaintext := must(encodeInside(w.bundles[c.kind].message.Protected, c.body))
			check("Open", openForged(w, c.kind, plaintext))
		})
	}
}

func TestWrongBody(t *testing.T) {
	w := newWorld(t, newEd25519)
	for _, k := range Kinds {
		for _, other := range Kinds {
			body := w.body(other)
			_, err := Seal(w.header(k), body, []age.Recipient{w.sa.box.Recipient()}, w.signer(k))
			same := w.body(k) != nil && body != nil && typeName(body) == typeName(w.body(k))
			if !same && !errors.Is(err, ErrKind) {
				t.Errorf("%T in %q: %v", body, k, err)
			}
		}
	}
}

func typeName(v Body) string { return strings.SplitN(wrongBody(Header{}, v).Error(), " does", 2)[0] }
