package frame

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// FuzzAdd gives a collector that is one code short of a payload two texts and
// one frame whose checksum fits, whatever is in it.
func FuzzAdd(f *testing.F) {
	body := func(i int) []byte {
		b, err := golden[i].form.decode(golden[i].text[prefixLen:])
		if err != nil {
			f.Fatal(err)
		}
		return b[:len(b)-crcLen]
	}
	for i, g := range golden {
		f.Add(g.text, "http://example.com/", body(i))
	}
	f.Add(goldenHashText, "GF2A00", []byte{})
	f.Add("GF1A", "GF1B", bytes.Repeat([]byte{1}, 40))
	f.Fuzz(func(t *testing.T, one, two string, body []byte) {
		c := newTestCollector()
		c.Add(golden[3].text)
		c.Add(golden[4].text)
		fits := Base45.encode(binary.BigEndian.AppendUint32(body, crc32.ChecksumIEEE(body)))
		for _, text := range []string{one, two, fits, fits, one, CleanTyped(two)} {
			e := c.Add(text)
			if (e.Data != nil) != (e.State == Complete) {
				t.Fatalf("%q: %v with %d bytes", text, e.State, len(e.Data))
			}
			if e.Data != nil && (idOf(e.Data) != e.Set || len(e.Data) > MaxPayload) {
				t.Fatalf("%q: completed wrongly", text)
			}
			if strings.ContainsFunc(e.Why, control) || len(e.Why) > 1000 {
				t.Fatalf("%q: not safe to print: %q", text, e.Why)
			}
		}
		if n := len(c.Progress()); n == 0 || n > 4 {
			t.Fatalf("%d sets", n)
		}
		c.Add(golden[5].text)
		if e := c.Add(golden[6].text); e.State != Complete && e.State != AlreadyComplete && !c.contradicted() {
			t.Fatalf("the genuine set was disturbed: %v %s", e.State, e.Why)
		}
	})
}

// contradicted says whether a forged code is among those of the golden set.
func (c *Collector) contradicted() bool {
	for _, p := range c.Progress() {
		if p.Contradiction {
			return true
		}
	}
	return false
}

// FuzzParse: what is accepted is written again as the same text.
func FuzzParse(f *testing.F) {
	for _, g := range golden {
		f.Add(g.text)
	}
	f.Add("GF1A+10DQJ8GQSXCJFFL97%CE100V50PD8G2JS2")
	f.Add(goldenHashText)
	f.Add("GF2A")
	f.Fuzz(func(t *testing.T, text string) {
		if fr, form, refused := parse(text); refused == nil {
			if again := form.encode(fr.bytes()); again != text {
				t.Fatalf("%q is written again as %q", text, again)
			}
		}
		if hash, err := ParseHashText(text); err == nil && HashText(hash) != text {
			t.Fatalf("%q is written again as %q", text, HashText(hash))
		}
		if data, err := decode45(text); err == nil && encode45(data) != text {
			t.Fatalf("%q is written again as %q", text, encode45(data))
		}
	})
}

// FuzzTyped: cleaning what is clean changes nothing, and noise around a text
// does not get into it.
func FuzzTyped(f *testing.F) {
	f.Add("]Q1"+golden[8].text+"\r\n", "\t")
	f.Add(strings.ToLower(goldenHashText), " ")
	f.Add(golden[0].text, "]Q1")
	f.Fuzz(func(t *testing.T, line, before string) {
		clean := CleanTyped(line)
		if again := CleanTyped(clean); again != clean {
			t.Fatalf("%q, then %q", clean, again)
		}
		if len(before) < 4 && !strings.ContainsAny(before, "gGfF1") {
			if got := CleanTyped(before + golden[8].text + "\r\n"); got != golden[8].text {
				t.Fatalf("%q before: %q", before, got)
			}
		}
	})
}
