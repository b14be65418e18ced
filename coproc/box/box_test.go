package box

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
)

// The files were made with age's own package tag, v1.3.2, for the keys that
// known makes.
var (
	//go:embed testdata/p256tag.txt
	classicText string
	//go:embed testdata/p256tag.age
	classicFile []byte
	//go:embed testdata/mlkem768p256tag.txt
	hybridText string
	//go:embed testdata/mlkem768p256tag.age
	hybridFile []byte
)

// half is 32 bytes of a known key.
func half(name string) []byte {
	h := sha256.Sum256([]byte("gapferry box test: " + name))
	return h[:]
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func knownKey() *ecdh.PrivateKey { return must(ecdh.P256().NewPrivateKey(half("P-256"))) }
func knownSeed() []byte          { return slices.Concat(half("d"), half("z")) }

// known are two identities over one P-256 key, whose chip is agree.
func known(agree Agree) map[string]*Identity {
	return map[string]*Identity{
		"p256tag":         must(NewIdentity(knownKey().PublicKey(), agree)),
		"mlkem768p256tag": must(NewHybridIdentity(knownKey().PublicKey(), knownSeed(), agree)),
	}
}

var recorded = map[string]struct {
	recipient string
	file      []byte
}{
	"p256tag":         {strings.TrimSpace(classicText), classicFile},
	"mlkem768p256tag": {strings.TrimSpace(hybridText), hybridFile},
}

func open(file []byte, id age.Identity) (string, error) {
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

func seal(t *testing.T, text string, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	must(io.WriteString(w, text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRecorded: what age made is opened, and its recipients are ours.
func TestRecorded(t *testing.T) {
	for name, id := range known(knownKey().ECDH) {
		want := recorded[name]
		if got := id.Recipient().String(); got != want.recipient {
			t.Errorf("%s: the recipient is %s, age's %s", name, got, want.recipient)
		}
		if text, err := open(want.file, id); text != "sealed by age to "+name {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		r := must(ParseRecipient(want.recipient))
		if text, err := open(seal(t, "hello", r), id); text != "hello" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if r.Hybrid() != (name != "p256tag") || !r.P256().Equal(knownKey().PublicKey()) {
			t.Errorf("%s is another key", name)
		}
	}
}

// TestTag: the tag of the recorded files is the one that we make.
func TestTag(t *testing.T) {
	for name, id := range known(knownKey().ECDH) {
		header, _, _ := strings.Cut(string(recorded[name].file), "\n---")
		args := strings.Fields(strings.Split(header, "\n")[1])
		enc := must(base.DecodeString(args[3]))
		if tag := must(id.Recipient().tag(enc)); base.EncodeToString(tag) != args[2] {
			t.Errorf("%s: tag %x, age's %s", name, tag, args[2])
		}
	}
}

// TestShortCoordinate: TPMs leave out zeros at the beginning of a coordinate,
// one in 256 times.
func TestShortCoordinate(t *testing.T) {
	short := 0
	agree := func(point *ecdh.PublicKey) ([]byte, error) {
		x := must(knownKey().ECDH(point))
		if x[0] == 0 {
			short++
		}
		return bytes.TrimLeft(x, "\x00"), nil
	}
	for name, id := range known(agree) {
		for short = 0; short == 0; {
			key := bytes.Repeat([]byte{7}, 16)
			if got, err := id.Unwrap(must(id.Recipient().Wrap(key))); !bytes.Equal(got, key) {
				t.Fatalf("%s: %x, %v", name, got, err)
			}
		}
	}
	long := func(*ecdh.PublicKey) ([]byte, error) { return make([]byte, 33), nil }
	for name, id := range known(long) {
		if _, err := id.Unwrap(must(id.Recipient().Wrap(make([]byte, 16)))); err == nil {
			t.Errorf("%s: a coordinate of 33 bytes was taken", name)
		}
	}
}

// TestChipSaysNo: whatever the chip says is what the caller hears.
func TestChipSaysNo(t *testing.T) {
	no := errors.New("nobody touched it")
	for name, id := range known(func(*ecdh.PublicKey) ([]byte, error) { return nil, no }) {
		stanzas := must(id.Recipient().Wrap(make([]byte, 16)))
		if _, err := id.Unwrap(stanzas); !errors.Is(err, no) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNotAsked: a chip is not asked, and nobody has to touch it, for what is
// sealed to another key.
func TestNotAsked(t *testing.T) {
	asked := func(*ecdh.PublicKey) ([]byte, error) {
		t.Error("the chip was asked")
		return nil, errors.New("")
	}
	other := must(ecdh.P256().GenerateKey(nil)).PublicKey()
	to := map[string]*Recipient{
		"p256tag":         must(NewRecipient(other)),
		"mlkem768p256tag": must(NewHybridRecipient(other, make([]byte, HybridSeedSize))),
	}
	for name, id := range known(asked) {
		for _, r := range to {
			if _, err := id.Unwrap(must(r.Wrap(make([]byte, 16)))); !errors.Is(err, age.ErrIncorrectIdentity) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestSameTag: a stanza with our tag that is not for us is passed over.
func TestSameTag(t *testing.T) {
	for name, id := range known(knownKey().ECDH) {
		good := must(id.Recipient().Wrap(bytes.Repeat([]byte{7}, 16)))
		bad := *good[0]
		bad.Body = bytes.Clone(bad.Body)
		bad.Body[0]++
		if _, err := id.Unwrap([]*age.Stanza{&bad}); !errors.Is(err, age.ErrIncorrectIdentity) {
			t.Errorf("%s: %v", name, err)
		}
		if key, err := id.Unwrap([]*age.Stanza{&bad, good[0]}); len(key) != 16 || key[0] != 7 {
			t.Errorf("%s: %x, %v", name, key, err)
		}
	}
}

// TestMalformed: no stanza but those of the one form is taken. Bad points have
// their right tag, so that they come as far as they can.
func TestMalformed(t *testing.T) {
	for name, id := range known(knownKey().ECDH) {
		good := must(id.Recipient().Wrap(make([]byte, 16)))[0]
		enc := must(base.DecodeString(good.Args[1]))
		point := func(change func([]byte)) []string {
			e := bytes.Clone(enc)
			change(e[len(e)-pointSize:])
			return []string{base.EncodeToString(must(id.Recipient().tag(e))), base.EncodeToString(e)}
		}
		for what, s := range map[string]age.Stanza{
			"no arguments":     {Args: nil, Body: good.Body},
			"three arguments":  {Args: append(slices.Clone(good.Args), "x"), Body: good.Body},
			"short body":       {Args: good.Args, Body: good.Body[1:]},
			"long body":        {Args: good.Args, Body: append(bytes.Clone(good.Body), 0)},
			"long tag":         {Args: []string{base.EncodeToString(make([]byte, 5)), good.Args[1]}, Body: good.Body},
			"no base64":        {Args: []string{good.Args[0], "!" + good.Args[1]}, Body: good.Body},
			"base64 with ends": {Args: []string{good.Args[0], good.Args[1] + "\n"}, Body: good.Body},
			"short key":        {Args: []string{good.Args[0], base.EncodeToString(enc[1:])}, Body: good.Body},
			"off the curve":    {Args: point(func(p []byte) { p[pointSize-1] ^= 1 }), Body: good.Body},
			"compressed":       {Args: point(func(p []byte) { p[0] = 2 }), Body: good.Body},
			"zeros":            {Args: point(func(p []byte) { clear(p) }), Body: good.Body},
		} {
			s.Type = good.Type
			if _, err := id.Unwrap([]*age.Stanza{&s}); !errors.Is(err, errStanza) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

// TestLabels: a hybrid recipient stands beside no other kind, which would open
// to a quantum computer.
func TestLabels(t *testing.T) {
	ids := known(knownKey().ECDH)
	x := must(age.GenerateX25519Identity()).Recipient()
	if _, err := age.Encrypt(io.Discard, x, ids["p256tag"].Recipient()); err != nil {
		t.Error(err)
	}
	if _, err := age.Encrypt(io.Discard, x, ids["mlkem768p256tag"].Recipient()); err == nil {
		t.Error("a hybrid recipient stands beside X25519")
	}
	if _, err := age.Encrypt(io.Discard, must(age.GenerateHybridIdentity()).Recipient(), ids["mlkem768p256tag"].Recipient()); err != nil {
		t.Error(err)
	}
}

// TestRecipientRefused: nothing is a recipient that nothing can be sealed to, or
// that has two forms.
func TestRecipientRefused(t *testing.T) {
	hexed := func(s string) []byte { return must(hex.DecodeString(s)) }
	_, h, err := decodeBech32(recorded["mlkem768p256tag"].recipient)
	if err != nil {
		t.Fatal(err)
	}
	lattice, point := h[:len(h)-pointSize], h[len(h)-pointSize:]
	// p = 2^256 - 2^224 + 2^192 + 2^96 - 1; x = 5 is on the curve, and p + 5 its second form.
	const p5 = "ffffffff00000001000000000000000000000001000000000000000000000004"
	if _, err := parseClassic(hexed("02" + strings.Repeat("0", 63) + "5")); err != nil {
		t.Errorf("x = 5: %v", err)
	}
	tag := func(b []byte) string { return encodeBech32("age1tag", b) }
	pq := func(b ...[]byte) string { return encodeBech32("age1tagpq", slices.Concat(b...)) }
	flipped := bytes.Clone(point)
	flipped[pointSize-1] ^= 1
	classic := recorded["p256tag"].recipient
	for name, s := range map[string]string{
		"nothing": "", "no key": "age1tag1", "upper case": strings.ToUpper(classic), "blank": classic + " ",
		"wrong checksum": classic[:len(classic)-1] + "x", "age1": encodeBech32("age", make([]byte, 32)),
		"wrong name": encodeBech32("age1tagg", must(hex.DecodeString("02"+strings.Repeat("0", 63)+"5"))),
		"padding":    padded(classic),
		"x above p":  tag(hexed("02" + p5)), "no such x": tag(hexed("02" + strings.Repeat("ff", 32))),
		"neutral": tag(make([]byte, 33)), "one zero": tag([]byte{0}), "uncompressed": tag(point), "prefix 5": tag(slices.Concat([]byte{5}, point[1:33])),
		"hybrid, short": pq(h[1:]), "hybrid, off the curve": pq(lattice, flipped), "hybrid, compressed": pq(lattice, slices.Concat([]byte{2}, point[1:33])),
		"hybrid, neutral": pq(lattice, make([]byte, pointSize)), "hybrid, mixed form": pq(lattice, []byte{6}, point[1:]),
		"hybrid, coefficients above q": pq(bytes.Repeat([]byte{0xff}, len(lattice)), point),
	} {
		if r, err := ParseRecipient(s); err == nil {
			t.Errorf("%s: %s was taken as %s", name, s, r)
		}
	}
}

// padded has bits of padding that are not zero, and the right checksum.
func padded(s string) string {
	hrp := s[:strings.LastIndexByte(s, '1')]
	var values []byte
	for _, c := range []byte(s[len(hrp)+1 : len(s)-checksumSize]) {
		values = append(values, byte(strings.IndexByte(alphabet, c)))
	}
	values[len(values)-1] ^= 1
	out := hrp + "1"
	for _, v := range append(values, checksum(hrp, values)...) {
		out += string(alphabet[v])
	}
	return out
}

func FuzzRecipient(f *testing.F) {
	for _, r := range recorded {
		f.Add(r.recipient)
		f.Add(padded(r.recipient))
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRecipient(s)
		if err != nil {
			return
		}
		if r.String() != s {
			t.Errorf("%q was accepted and is written %q", s, r)
		}
		if _, err := r.Wrap(make([]byte, 16)); err != nil {
			t.Error(err)
		}
	})
}
