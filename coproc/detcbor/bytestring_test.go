package detcbor

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// TestFirstBytes: it takes and refuses what UnmarshalFirst does of a byte string.
func TestFirstBytes(t *testing.T) {
	for _, n := range []int{0, 1, 23, 24, 255, 256, 65535, 65536, 1 << 20} {
		content := bytes.Repeat([]byte{7}, n)
		b, err := Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, append(BytesHead(n), content...)) {
			t.Errorf("%d bytes: the head is %x", n, BytesHead(n))
		}
		got, rest, err := FirstBytes(append(b, 1, 2))
		if err != nil || got == nil || !bytes.Equal(got, content) || !bytes.Equal(rest, []byte{1, 2}) || cap(got) != n {
			t.Errorf("%d bytes: %d, rest %x, %v", n, len(got), rest, err)
		}
		if _, _, err := FirstBytes(b[:len(b)-1]); n > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes, cut: %v", n, err)
		}
	}
	for name, c := range map[string]struct {
		hex string
		is  error
	}{
		"nothing": {"", io.ErrUnexpectedEOF}, "text": {"6161", nil}, "null": {"f6", nil}, "tag": {"c24101", nil}, "array": {"8101", nil},
		"indefinite": {"5f4101ff", nil}, "reserved 28": {"5c", nil}, "no length": {"5a0000", io.ErrUnexpectedEOF},
		"length longer than needed": {"580101", ErrNotDeterministic}, "in two": {"5900ff" + "00", ErrNotDeterministic},
		"in four": {"5a0000ffff", ErrNotDeterministic}, "in eight": {"5b00000000ffffffff", ErrNotDeterministic},
		"longer than all": {"5bffffffffffffffff01", io.ErrUnexpectedEOF}, "by one": {"420a", io.ErrUnexpectedEOF},
	} {
		got, _, err := FirstBytes(unhex(t, c.hex))
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %x, %v, want %v", name, got, err, c.is)
		}
	}
}

// TestPeek: it passes over what it does not know, and takes no tag either.
func TestPeek(t *testing.T) {
	var p struct {
		Number uint64 `cbor:"1,keyasint"`
	}
	if err := Peek(unhex(t, "a3 01 1bffffffffffffffff 02 60 09 f6"), &p); err != nil || p.Number != 1<<64-1 {
		t.Errorf("%d, %v", p.Number, err)
	}
	for name, s := range map[string]string{
		"a bignum": "a1 01 c2 49 01 0000000000000000", "a bignum elsewhere": "a2 01 00 02 c2 41 01", "twice": "a2 01 00 01 00",
		"indefinite": "bf 01 00 ff", "behind it": "a1 01 00 00", "nine arrays": "a2 01 00 02 818181818181818181 00",
	} {
		if err := Peek(unhex(t, s), &p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCut(t *testing.T) {
	b := unhex(t, "a2 01 00 02 4401020304")
	for n := 1; n < len(b); n++ {
		if !Cut(b[:n]) {
			t.Errorf("%d bytes are not cut", n)
		}
	}
	for _, s := range []string{"a2 01 00 02 4401020304", "ff", "c1 00", "1c"} {
		if Cut(unhex(t, s)) {
			t.Errorf("%s is cut", s)
		}
	}
}

// FuzzFirstBytes compares the two ways to read a byte string.
func FuzzFirstBytes(f *testing.F) {
	for _, s := range []string{"40", "4101", "5818" + "00", "580101", "5f4101ff", "5bffffffffffffffff01", "6161", "f6"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		content, rest, err := FirstBytes(b)
		var want []byte
		behind, other := UnmarshalFirst(b, &want)
		if want == nil && other == nil {
			return // null
		}
		if (err == nil) != (other == nil) || err == nil && (!bytes.Equal(content, want) || !bytes.Equal(rest, behind)) {
			t.Errorf("%x: %x, %v; the other way %x, %v", b, content, err, want, other)
		}
	})
}
