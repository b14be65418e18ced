package frame

import (
	"bytes"
	"testing"
)

// The examples of RFC 9285, sections 4.3 and 4.4.
func TestBase45Vectors(t *testing.T) {
	for data, text := range map[string]string{
		"AB":      "BB8",
		"Hello!!": "%69 VD92EX0",
		"base-45": "UJCLQE7W581",
		"ietf!":   "QED8WEX0",
		"":        "",
	} {
		if got := encode45([]byte(data)); got != text {
			t.Errorf("encode45(%q) = %q, want %q", data, got, text)
		}
		if got, err := decode45(text); err != nil || string(got) != data {
			t.Errorf("decode45(%q) = %q, %v, want %q", text, got, err, data)
		}
	}
}

// Every text of one, two and three characters either is refused or is the one
// text of its bytes; and all bytes are reached.
func TestBase45OneText(t *testing.T) {
	reached := map[int]int{}
	check := func(text string) {
		data, err := decode45(text)
		if err != nil {
			return
		}
		reached[len(data)]++
		if again := encode45(data); again != text {
			t.Fatalf("%q is accepted as %x, whose text is %q", text, data, again)
		}
	}
	for _, a := range []byte(alphabet45) {
		check(string(a))
		for _, b := range []byte(alphabet45) {
			check(string([]byte{a, b}))
			for _, c := range []byte(alphabet45) {
				check(string([]byte{a, b, c}))
			}
		}
	}
	if reached[0] != 0 || reached[1] != 1<<8 || reached[2] != 1<<16 {
		t.Errorf("reached %d texts of 0 bytes, %d of 1, %d of 2", reached[0], reached[1], reached[2])
	}
}

func TestBase45Refusals(t *testing.T) {
	for _, text := range []string{
		"GGX",  // 65536: RFC 9285, section 6
		":::",  // 91124
		"V5",   // 256
		"::",   // 2024
		"A",    // no group
		"BB8A", // the same after a whole group
		"bb8", "BB8\n", " BB8\r", "B\x00", "BB8=", "BB\u00e9",
	} {
		if got, err := decode45(text); err == nil {
			t.Errorf("decode45(%q) = %x", text, got)
		}
	}
	if got, err := decode45("FGWU5"); err != nil || !bytes.Equal(got, []byte{0xff, 0xff, 0xff}) {
		t.Errorf("the largest groups: %x, %v", got, err)
	}
}

func TestBase32OneText(t *testing.T) {
	for text, data := range map[string]string{"MZXW6YQ": "foob", "MZXW6YTBOI": "foobar"} { // RFC 4648, section 10
		if got, err := Base32.decode(text); err != nil || string(got) != data {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"MZXW6YR", "MZXW6YQ=", "mzxw6yq", "MZXW6Y\nQ", "MZXW6YQ\r\n", "MZXW6Y", "M", "MZX16YQ", "MZX 6YQ"} {
		if got, err := Base32.decode(text); err == nil {
			t.Errorf("%q is accepted as %q", text, got)
		}
	}
}
