package detcbor

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

type sample struct {
	Number int      `cbor:"1,keyasint"`
	Bytes  []byte   `cbor:"2,keyasint"`
	Text   string   `cbor:"3,keyasint"`
	List   []uint64 `cbor:"4,keyasint"`
	ID     [4]byte  `cbor:"-1,keyasint"`
	Maybe  string   `cbor:"10,keyasint,omitempty"`
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The encodings are from RFC 8949 appendix A, and by hand after §4.2.1: keys
// in the order of their encodings, so that -1 (20) comes after 10 (0a).
func TestMarshal(t *testing.T) {
	for _, test := range []struct {
		value any
		hex   string
	}{
		{uint64(23), "17"}, {uint64(24), "1818"}, {uint64(1000000), "1a000f4240"}, {-100, "3863"},
		{"IETF", "6449455446"}, {[]byte{1, 2, 3, 4}, "4401020304"}, {true, "f5"},
		{[]any{uint64(1), []any{uint64(2), uint64(3)}}, "8201820203"},
		{
			sample{Number: -1, Bytes: []byte{7}, Text: "ü", List: []uint64{500}, ID: [4]byte{1, 2, 3, 4}},
			"a5 01 20 02 4107 03 62c3bc 04 811901f4 20 4401020304",
		},
		{sample{Maybe: "x"}, "a6 01 00 02 f6 03 60 04 f6 0a 6178 20 4400000000"},
	} {
		got, err := Marshal(test.value)
		if err != nil || !bytes.Equal(got, unhex(t, test.hex)) {
			t.Errorf("%+v: %x, error %v, want %s", test.value, got, err, test.hex)
		}
	}
	if _, err := Marshal(make(chan int)); err == nil {
		t.Error("a channel was encoded")
	}
}

func TestRoundTrip(t *testing.T) {
	for _, want := range []sample{
		{},
		{Number: 1 << 40, Bytes: []byte{}, Text: "text", List: []uint64{0, 23, 24, 1 << 63}, ID: [4]byte{9}},
		{Bytes: bytes.Repeat([]byte{1}, 70000), Maybe: "there"},
	} {
		b, err := Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got sample
		if err := Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, error %v, want %+v", got, err, want)
		}
		rest, err := UnmarshalFirst(append(b, 0xff, 1), &got)
		if err != nil || !bytes.Equal(rest, []byte{0xff, 1}) {
			t.Errorf("rest %x, error %v", rest, err)
		}
		for n := range min(len(b), 100) {
			if err := Unmarshal(b[:n], &got); err == nil {
				t.Errorf("accepted the first %d bytes of %x", n, b[:min(len(b), 100)])
			}
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, test := range []struct {
		name, hex string
		is        error // nil: any error
	}{
		{"nothing", "", nil},
		{"trailing byte", "a5 01 00 02 40 03 60 04 80 20 4400000000 00", nil},
		{"not a map", "80", nil},
		{"missing key", "a4 01 00 02 40 03 60 04 80", ErrNotDeterministic},
		{"unknown key", "a6 01 00 02 40 03 60 04 80 05 00 20 4400000000", nil},
		{"unknown text key", "a6 01 00 02 40 03 60 04 80 20 4400000000 61 61 00", nil},
		{"duplicate key", "a6 01 00 01 00 02 40 03 60 04 80 20 4400000000", nil},
		{"keys out of order", "a5 02 40 01 00 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"-1 before 4", "a5 01 00 02 40 03 60 20 4400000000 04 80", ErrNotDeterministic},
		{"number longer than needed", "a5 01 1800 02 40 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"length longer than needed", "a5 01 00 02 5800 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"key longer than needed", "a5 1801 00 02 40 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"array head longer than needed", "a5 01 00 02 40 03 60 04 9800 20 4400000000", ErrNotDeterministic},
		{"map head longer than needed", "b805 01 00 02 40 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"float in place of an integer", "a5 01 f93c00 02 40 03 60 04 80 20 4400000000", nil},
		{"null in place of an integer", "a5 01 f6 02 40 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"undefined", "a5 01 f7 02 40 03 60 04 80 20 4400000000", ErrNotDeterministic},
		{"tag", "a5 01 c1 00 02 40 03 60 04 80 20 4400000000", nil},
		{"bignum", "a5 01 c2 4101 02 40 03 60 04 80 20 4400000000", nil},
		{"text in place of bytes", "a5 01 00 02 60 03 60 04 80 20 4400000000", nil},
		{"not UTF-8", "a5 01 00 02 40 03 61ff 04 80 20 4400000000", nil},
		{"indefinite map", "bf 01 00 02 40 03 60 04 80 20 4400000000 ff", nil},
		{"indefinite array", "a5 01 00 02 40 03 60 04 9fff 20 4400000000", nil},
		{"indefinite bytes", "a5 01 00 02 5fff 03 60 04 80 20 4400000000", nil},
		{"array of bytes too short", "a5 01 00 02 40 03 60 04 80 20 43000000", ErrNotDeterministic},
		{"array of bytes too long", "a5 01 00 02 40 03 60 04 80 20 450000000000", ErrNotDeterministic},
		{"empty where omitted", "a6 01 00 02 40 03 60 04 80 0a 60 20 4400000000", ErrNotDeterministic},
		{"too many elements", "a5 01 00 02 40 03 60 04 991001" + strings.Repeat("00", 4097) + "20 4400000000", nil},
		{"huge length", "a5 01 00 02 5b7fffffffffffffff", nil},
	} {
		b := unhex(t, test.hex)
		var s sample
		err := Unmarshal(b, &s)
		if err == nil || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %+v, error %v, want %v", test.name, s, err, test.is)
		}
		if test.name == "trailing byte" {
			continue // it is what UnmarshalFirst is for
		}
		if _, err := UnmarshalFirst(b, &s); err == nil {
			t.Errorf("%s: accepted as the first item", test.name)
		}
	}
	var deep any
	if err := Unmarshal(append(bytes.Repeat([]byte{0x81}, 9), 0), &deep); err == nil {
		t.Error("nine levels were accepted")
	}
}

// FuzzUnmarshal holds the promise of the package: what is accepted has one encoding.
func FuzzUnmarshal(f *testing.F) {
	for _, s := range []sample{{}, {Number: -5, Bytes: []byte{1}, Text: "t", List: []uint64{1, 2}, Maybe: "m"}} {
		b, err := Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(unhex(f, "bf 01 00 ff"))
	f.Add(unhex(f, "a5 01 c2 49 01 0000000000000000 02 40 03 60 04 80 20 4400000000"))
	f.Add(unhex(f, "a5 01 c1 00 02 40 03 60 04 80 20 4400000000"))
	f.Add(unhex(f, "818181818181818181 00"))
	f.Add(unhex(f, "a5 01 1800 02 40 03 60 04 80 20 4400000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s sample
		if Unmarshal(b, &s) != nil {
			return
		}
		again, err := Marshal(s)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x was accepted and encodes as %x, error %v", b, again, err)
		}
	})
}
