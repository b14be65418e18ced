package frame

import (
	"slices"
	"strings"
	"testing"
)

// step is a text and what is said of it.
type step struct {
	text     string
	state    State
	got      int
	why      string
	complete string // the payload, with Complete
}

func run(t *testing.T, c *Collector, steps []step) {
	t.Helper()
	for i, s := range steps {
		e := c.Add(s.text)
		if e.State != s.state || e.Got != s.got || e.Why != s.why || string(e.Data) != s.complete {
			t.Errorf("step %d, %.60q:\n got %v, %d, %q, %q\nwant %v, %d, %q, %q", i, s.text,
				e.State, e.Got, e.Data, e.Why, s.state, s.got, s.complete, s.why)
		}
	}
}

func TestForeignTexts(t *testing.T) {
	quoted := func(s string) string { return "a QR code that is not gapferry's: " + s }
	other := func(s string) string { return "written by another version of gapferry's QR codes: " + s }
	var steps []step
	for _, f := range []struct {
		text  string
		state State
		why   string
	}{
		{"", Foreign, quoted(`""`)},
		{"GF", Foreign, quoted(`"GF"`)},
		{"GF1", Foreign, quoted(`"GF1"`)},
		{"http://example.com/", Foreign, quoted(`"http://example.com/"`)},
		{"WIFI:S:net;P:\"secret\";;", Foreign, quoted(`"WIFI:S:net;P:\"secret\";;"`)},
		{"\x1b[2J\x07\u202egnp.exe\xff\n", Foreign, quoted(`"\x1b[2J\a\u202egnp.exe\xff\n"`)},
		{strings.Repeat("\u00e9", 4000), Foreign, quoted(`"` + strings.Repeat("\u00e9", 48) + `…"`)},
		{strings.Repeat("\x00", 5000), Foreign, quoted(`"` + strings.Repeat(`\x00`, 12) + `…"`)},
		{strings.ToLower(golden[0].text), Foreign, quoted(`"` + strings.ToLower(golden[0].text)[:48] + `…"`)},
		{" " + golden[0].text, Foreign, quoted(`" ` + golden[0].text[:47] + `…"`)},
		{"GFHAS", Foreign, quoted(`"GFHAS"`)},
		{"GF2A" + golden[0].text[4:], OtherVersion, other(`"GF2A` + golden[0].text[4:48] + `…"`)},
		{"GF1C" + golden[0].text[4:], OtherVersion, other(`"GF1C` + golden[0].text[4:48] + `…"`)},
		{"GF10", OtherVersion, other(`"GF10"`)},
		{"GF0A", OtherVersion, other(`"GF0A"`)},
		{"GF9Z\n\x1b", OtherVersion, other(`"GF9Z\n\x1b"`)},
		{"GF1a", Foreign, quoted(`"GF1a"`)},
		{"GFXA", Foreign, quoted(`"GFXA"`)},
		{"GF1A", Damaged, "a damaged gapferry QR code: it is too short; read it again"},
		{"GF1B", Damaged, "a damaged gapferry QR code: it is too short; read it again"},
		{"GF1Aa", Damaged, "a damaged gapferry QR code: it is not base45 text; read it again"},
		{"GF1B1", Damaged, "a damaged gapferry QR code: it is not base32 text; read it again"},
		{golden[0].text + "\n", Damaged, "a damaged gapferry QR code: it is not base45 text; read it again"},
		{golden[8].text + "\n", Damaged, "a damaged gapferry QR code: it is not base32 text; read it again"},
		{golden[0].text[:53] + "3", Damaged, "a damaged gapferry QR code: its checksum does not fit; read it again"},
		{golden[0].text[:49], Damaged, "a damaged gapferry QR code: its checksum does not fit; read it again"},
		{"GF1A" + strings.Repeat("0", MaxText-3), Damaged, "a damaged gapferry QR code: it is longer than any QR code; read it again"},
		{goldenHashText, HashCard, "an SA-key hash card: it is read when the hash is asked for"},
		{goldenHashText + "0", Damaged, "a damaged SA-key hash card: read it again, or type its words"},
		{"GFHASH", Damaged, "a damaged SA-key hash card: read it again, or type its words"},
	} {
		steps = append(steps, step{f.text, f.state, 0, f.why, ""})
	}
	c := newTestCollector()
	run(t, c, steps)
	if p := c.Progress(); len(p) != 0 {
		t.Errorf("foreign texts opened sets: %+v", p)
	}

	// Among genuine codes they change nothing.
	for _, g := range []int{0, 5, 3} {
		run(t, c, steps)
		c.Add(golden[g].text)
	}
	if p := c.Progress(); len(p) != 1 || !p[0].Complete {
		t.Errorf("%+v", p)
	}
}

// Frames with a checksum that fits and fields that Split never writes.
func TestMalformed(t *testing.T) {
	s := goldenSet(t, Base45)
	one := mustSplit(t, []byte("ABCDEF"), Base45, 100)
	rule := func(what string) string {
		return "a gapferry QR code that breaks the rules of its format: " + what + "; make it again"
	}
	for _, test := range []struct {
		set    *Set
		index  int
		change func(*frame)
		why    string
	}{
		{s, 0, func(f *frame) { f.length = 0 }, rule("its payload has no bytes or too many")},
		{s, 0, func(f *frame) { f.length = MaxPayload + 1 }, rule("its payload has no bytes or too many")},
		{s, 0, func(f *frame) { f.need = 0 }, rule("it needs no codes")},
		{s, 0, func(f *frame) { f.need = 4 }, rule("its shard has another size than its header says")},
		{s, 0, func(f *frame) { f.shard = append(f.shard, 0) }, rule("its shard has another size than its header says")},
		{s, 0, func(f *frame) { f.shard = f.shard[1:] }, rule("its shard has another size than its header says")},
		{s, 0, func(f *frame) { f.shard = nil }, "a damaged gapferry QR code: it is too short; read it again"},
		{s, 0, func(f *frame) { f.length, f.need, f.shard = 10, 6, f.shard[:2] }, rule("it was cut into more codes than its bytes fill")},
		{s, 0, func(f *frame) { f.length, f.need, f.shard = 3, 4, f.shard[:1] }, rule("it was cut into more codes than its bytes fill")},
		{s, 2, func(f *frame) { f.shard[10] = 1 }, rule("its padding is not zero")},
		{one, 0, flip(0, 1), rule("its bytes are not those that it names")},
		{one, 77, flip(5, 128), rule("its bytes are not those that it names")},
		{one, 0, func(f *frame) { f.id[11]++ }, rule("its bytes are not those that it names")},
	} {
		c := newTestCollector()
		e := c.Add(forge(test.set, test.index, test.change))
		if e.State != Damaged || e.Why != test.why || len(c.Progress()) != 0 {
			t.Errorf("%v %q, want %q", e.State, e.Why, test.why)
		}
	}
}

func TestInterleavedSets(t *testing.T) {
	a, b := goldenSet(t, Base45), mustSplit(t, []byte("another set, of two codes"), Base32, 62)
	if b.Need() != 2 {
		t.Fatal(b.Need())
	}
	doneB := "a code of set " + b.ID().short() + ", which was completed before"
	c := newTestCollector()
	run(t, c, []step{
		{a.Text(2, 0), New, 1, "", ""},
		{b.Text(9, 0), New, 1, "", ""},
		{a.Text(2, 9), Duplicate, 1, "", ""},
		{"hello", Foreign, 0, `a QR code that is not gapferry's: "hello"`, ""},
		{a.Text(77, 0), New, 2, "", ""},
		{b.Text(0, 0), Complete, 2, "", "another set, of two codes"},
		{b.Text(1, 0), AlreadyComplete, 2, doneB, ""},
		{a.Text(77, 0), Duplicate, 2, "", ""},
	})
	want := []Progress{
		{Set: a.ID(), Length: 32, Got: 2, Need: 3, Have: []int{2, 77}},
		{Set: b.ID(), Length: 25, Got: 2, Need: 2, Complete: true},
	}
	same := func(p, q Progress) bool {
		return p.Set == q.Set && p.Length == q.Length && p.Got == q.Got && p.Need == q.Need &&
			p.Complete == q.Complete && p.Contradiction == q.Contradiction && slices.Equal(p.Have, q.Have)
	}
	if got := c.Progress(); !slices.EqualFunc(got, want, same) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	run(t, c, []step{{a.Text(0, 0), Complete, 3, "", goldenPayload}})
}

// The same payload shown in codes of two sizes, or a forger who tries to spoil
// a set with another length: each is gathered apart.
func TestOtherShape(t *testing.T) {
	s := goldenSet(t, Base45)
	large := mustSplit(t, []byte(goldenPayload), Base45, 70)
	forged := forge(s, 1, func(f *frame) { f.length-- })
	c := newTestCollector()
	run(t, c, []step{
		{forged, New, 1, "", ""}, // first come, and not first served
		{s.Text(0, 0), Conflict, 1, "a code of set 34b9f028 cut up in another way: 3 codes for 32 bytes, not 3 codes for 31 bytes: they are gathered apart", ""},
		{s.Text(1, 0), New, 2, "", ""},
		{large.Text(0, 0), Conflict, 1, "a code of set 34b9f028 cut up in another way: 2 codes for 32 bytes, not 3 codes for 32 bytes: they are gathered apart", ""},
		{forged, Duplicate, 1, "", ""},
		{s.Text(2, 0), Complete, 3, "", goldenPayload},
		{large.Text(1, 0), AlreadyComplete, 2, "a code of set 34b9f028, which was completed before", ""},
		{forged, Conflict, 0, "a forged code: set 34b9f028 was completed and has 32 bytes, not 31", ""},
	})
	if p := c.Progress(); len(p) != 1 || !p[0].Complete {
		t.Errorf("%+v", p)
	}
}

func TestStateNames(t *testing.T) {
	for s := New; s <= Conflict; s++ {
		if s.String() == "unknown" || s.String() == "" {
			t.Errorf("state %d has no name", int(s))
		}
	}
	if State(-1).String() != "unknown" || (Conflict+1).String() != "unknown" {
		t.Error("a state that does not exist has a name")
	}
}
