package draw

import (
	"fmt"
	"testing"
)

// How codes come onto pages, if the words at the top take 110 mm of the first:
// the numbers at the end are codes on each page.
func TestPlan(t *testing.T) {
	for _, test := range []struct {
		n, version int
		paper      string
		want       string
	}{
		{1, 5, "A4", "1 columns, 1.00 mm: 1"},
		{1, 15, "A4", "1 columns, 1.00 mm: 1"},
		{1, 25, "A4", "1 columns, 1.00 mm: 1"},
		{1, 40, "A4", "1 columns, 0.72 mm: 1"},
		{1, 40, "Letter", "1 columns, 1.00 mm: 0 1"},
		{5, 7, "A4", "3 columns, 0.90 mm: 5"},
		{5, 15, "A4", "2 columns, 1.00 mm: 2 3"},
		{5, 20, "Letter", "2 columns, 0.84 mm: 2 3"},
		{23, 10, "Letter", "3 columns, 0.74 mm: 3 9 9 2"},
		{23, 15, "A4", "2 columns, 0.70 mm: 2 6 6 6 3"},
		{23, 25, "A4", "2 columns, 0.68 mm: 2 4 4 4 4 4 1"},
	} {
		code, err := Encode("A", L, test.version)
		if err != nil {
			t.Fatal(err)
		}
		var figures []Figure
		for range test.n {
			figures = append(figures, Figure{Code: code, Heading: "Code 1 of 5, any 4 suffice", Lines: []string{"csr-cert of vault-2026", "from sa to csr1"}, ID: "9f86d081884c7d659a2feaa0"})
		}
		p, err := findPaper(test.paper)
		if err != nil {
			t.Fatal(err)
		}
		width, high := p.inner()
		l := plan(figures, false, width, high-110, high-footerHeight)
		got := fmt.Sprintf("%d columns, %.2f mm:", l.columns, l.module)
		sum := 0
		for _, page := range l.pages {
			got += fmt.Sprint(" ", len(page))
			sum += len(page)
		}
		if got != test.want || sum != test.n {
			t.Errorf("%d codes of version %d on %s: %q", test.n, test.version, test.paper, got)
		}
		if code := l.module * float64(code.side()); code > l.cell || l.cell*float64(l.columns)+gap*float64(l.columns-1) > width+0.001 {
			t.Errorf("%d codes of version %d on %s: %.1f mm in %d columns of %.1f mm", test.n, test.version, test.paper, code, l.columns, l.cell)
		}
	}
}

func TestHeight(t *testing.T) {
	for _, test := range []struct {
		text  string
		width float64
		lines float64
	}{
		{"", 50, 1},
		{"aaaaaaaaaa", 6.6, 1},
		{"aaaaaaaaaa", 6.4, 2},
		{"aaaaa bbbbb", 6.9, 1},
		{"aaaaa bbbbb", 6.6, 2},
		{"aaaaa aaaaaaaaaaaaaaaaaaaa bb", 6.6, 4},
		{"WWWWWWWWWW", 6.6, 2},
		{"漢漢漢漢漢漢", 6.2, 2},
	} {
		if got := height(test.text, 1, 10, test.width); got != 10*test.lines {
			t.Errorf("%q in %v: %v lines", test.text, test.width, got/10)
		}
	}
}
