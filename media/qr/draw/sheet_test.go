package draw

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile is what somebody could call a node.
const hostile = "<script>alert('1')</script>&amp;\"><img src=x onerror=\"x\">\u202etxt\x00\x1b[2J\xff\n\\"

// sample is a sheet of n codes with the words that a real one has.
func sample(t testing.TB, n, version int, name string) (*Sheet, []string) {
	t.Helper()
	s := &Sheet{
		Title: "Certificate of the CSR keys",
		Paper: "A4",
		Facts: [][2]string{{"ceremony", "vault-2026"}, {"kind", "csr-cert"}, {"from", name}, {"to", "csr1"},
			{"digest words", "abandon ability able about above absent absorb abstract"}},
		Notes: []string{"Read the sheet in the other room with gapferry qr scan, in any order.", "The codes are signed. They need not be kept secret."},
	}
	var texts []string
	for i := range n {
		c, text := full(t, version, M, uint64(i))
		texts = append(texts, text)
		s.Figures = append(s.Figures, Figure{
			Code: c, Heading: fmt.Sprintf("Code %d of %d, any %d suffice", i+1, n, n-n/5),
			Lines: []string{"csr-cert of vault-2026", "from " + name + " to csr1"}, ID: fmt.Sprintf("9f86d081884c7d659a2feaa0 %d", i),
		})
	}
	return s, texts
}

func mustHTML(t testing.TB, page interface{ HTML() ([]byte, error) }) string {
	t.Helper()
	b, err := page.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSheetSaysWhatItIs(t *testing.T) {
	s, _ := sample(t, 5, 15, "sa")
	page := mustHTML(t, s)
	for _, want := range []string{
		"<h1 class=\"title\">Certificate of the CSR keys</h1>",
		"<tr><th>from</th><td>sa</td></tr>",
		"<li>The codes are signed. They need not be kept secret.</li>",
		"<h2 class=\"heading\">Code 5 of 5, any 4 suffice</h2>",
		"<p class=\"id\">9f86d081884c7d659a2feaa0 4</p>",
		"@page { size: A4 portrait; margin: 15mm }",
		"<th>Printed by</th>", "<th>Received by</th>",
		"<span>sheet 1 of 2</span>", "<span>sheet 2 of 2</span>",
	} {
		if n := strings.Count(page, want); n != 1 {
			t.Errorf("%d times: %s", n, want)
		}
	}
	if strings.Contains(page, "REHEARSAL") {
		t.Error("it says REHEARSAL")
	}
	for _, each := range []string{"<svg ", "<p class=\"line\">from sa to csr1</p>"} {
		if n := strings.Count(page, each); n != 5 {
			t.Errorf("%d times: %s", n, each)
		}
	}
	if again := mustHTML(t, s); again != page {
		t.Error("not the same bytes again")
	}
}

// Every page and every code says REHEARSAL: pages get separated.
func TestRehearsalIsOnEveryPage(t *testing.T) {
	s, _ := sample(t, 5, 15, "sa")
	s.Rehearsal = true
	pages := strings.Split(mustHTML(t, s), "<section class=\"page\">")[1:]
	for i, page := range pages {
		figures := strings.Count(page, "<figure")
		if n := strings.Count(page, "<b>REHEARSAL</b>"); n != 2+figures {
			t.Errorf("page %d with %d codes: %d times", i+1, figures, n)
		}
	}
	if len(pages) < 2 {
		t.Errorf("%d pages", len(pages))
	}
}

// tags is all markup of a page; escaped text has no "<".
var tags = regexp.MustCompile(`<[^>]*>`)

// plain is the markup that this package writes. None of it fetches or runs
// anything.
var plain = regexp.MustCompile(`^</?(html|head|title|style|body|section|div|span|b|i|h1|h2|table|tr|th|td|ul|ol|li|p|figure|figcaption|footer)( (class|lang|style)="[a-z0-9 :;.,()-]*")*>$` +
	`|^<!DOCTYPE html>$|^<meta (charset="utf-8"|http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'")>$` +
	`|^<svg [a-zA-Z0-9 ="._-]*>$|^<path d="[Mhvz0-9 -]*"/>$|^</svg>$`)

// Names stay text, and nothing comes from outside.
func TestNamesAreEscaped(t *testing.T) {
	const shown = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;&#34;&gt;&lt;img src=x onerror=&#34;x&#34;&gt;\\u202etxt\\x00\\x1b[2J\\xff\\n\\\\"
	s, _ := sample(t, 1, 7, hostile)
	s.Title, s.Notes[0], s.Facts[0], s.Figures[0].Heading, s.Figures[0].ID = hostile, hostile, [2]string{hostile, hostile}, hostile, hostile
	card := sampleCard(t)
	card.Title, card.Notes[0], card.Facts[0], card.Words[3], card.HexGroups[2] = hostile, hostile, [2]string{hostile, hostile}, hostile, hostile
	for _, test := range []struct {
		name, page string
		times      int
	}{
		{"sheet", mustHTML(t, s), 9},    // <title>, title, a fact, its name, "from", note, heading, line, ID
		{"card", mustHTML(t, card), 13}, // <title>, and twice title, a fact, its name, word, digits, note
	} {
		if n := strings.Count(test.page, shown); n != test.times {
			t.Errorf("%s: the name is shown %d times", test.name, n)
		}
		for _, tag := range tags.FindAllString(test.page, -1) {
			if !plain.MatchString(tag) {
				t.Errorf("%s: %q in the page", test.name, tag)
			}
		}
		if strings.ContainsAny(test.page, "\x00\x1b\u202e") || !utf8.ValidString(test.page) {
			t.Errorf("%s: what cannot be printed is in the page", test.name)
		}
		if strings.Count(test.page, "Content-Security-Policy") != 1 {
			t.Errorf("%s: no policy", test.name)
		}
	}
}

// The style fetches nothing either.
func TestStyleIsSelfContained(t *testing.T) {
	for _, not := range []string{"url(", "@import", "@font-face", "http", "<"} {
		if strings.Contains(printCSS, not) {
			t.Errorf("%s in print.css", not)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	if got := printable(strings.Repeat("ä", 300)); got != strings.Repeat("ä", 300) {
		t.Errorf("%q", got)
	}
	if got := printable(strings.Repeat("ä", 1<<20)); got != strings.Repeat("ä", 300)+"…" {
		t.Errorf("%q", got)
	}
}

func TestSheetRefuses(t *testing.T) {
	code, err := Encode("A", M, 7)
	if err != nil {
		t.Fatal(err)
	}
	one := []Figure{{Code: code}}
	for _, test := range []struct {
		sheet Sheet
		want  string
	}{
		{Sheet{Paper: "A5", Figures: one}, `there is no paper "A5": the papers are A4 and Letter`},
		{Sheet{Paper: strings.Repeat("\x1b", 50), Figures: one}, `there is no paper "` + strings.Repeat(`\x1b`, 40) + `…": the papers are A4 and Letter`},
		{Sheet{Paper: "A4"}, "a sheet needs at least one code"},
		{Sheet{Paper: "A4", Figures: make([]Figure, 1025)}, "a sheet has 1025 codes, at most 1024 can be printed: use larger codes"},
		{Sheet{Paper: "A4", Figures: make([]Figure, 1)}, "figure 1 of the sheet has no code"},
		{Sheet{Paper: "A4", Figures: []Figure{{Code: &Code{}}}}, "figure 1 of the sheet has no code"},
		{Sheet{Paper: "A4", Figures: one, Facts: make([][2]string, 41), Notes: make([]string, 2)}, "a sheet has 41 facts and 2 notes, at most 40 of each can be printed"},
		{Sheet{Paper: "A4", Figures: []Figure{{Code: code, Lines: make([]string, 41)}}}, "figure 1 of the sheet has 41 lines of text, at most 40 can be printed"},
		{Sheet{Paper: "Letter", Figures: []Figure{{Code: code, Lines: many(40, strings.Repeat("W", 300))}}},
			"a code with its words does not fit on Letter with modules of 0.5 mm: use smaller codes or fewer words"},
	} {
		_, err := test.sheet.HTML()
		wantErr(t, err, test.want)
	}
}

func many(n int, text string) (all []string) {
	for range n {
		all = append(all, text)
	}
	return all
}
