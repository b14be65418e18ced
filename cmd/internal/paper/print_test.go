package paper

import (
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
)

// program is the path of a program that the test runs. Where it is missing the
// test is skipped, or fails if GAPFERRY_REQUIRE says that none may be missing.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("GAPFERRY_REQUIRE") != "" {
			t.Fatalf("needs the program %s", name)
		}
		t.Skipf("needs the program %s", name)
	}
	return path
}

// patience bounds how long a program may take.
const patience = 2 * time.Minute

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(name), err)
	}
	return string(out)
}

// sheet is a printed page.
type sheet struct {
	width, height float64 // points
	words         []box
	text          string // its words, each behind a blank
}

type box struct {
	text                   string
	left, top, right, foot float64
}

var (
	pageOf = regexp.MustCompile(`<page width="([0-9.]+)" height="([0-9.]+)">`)
	wordOf = regexp.MustCompile(`<word xMin="(-?[0-9.]+)" yMin="(-?[0-9.]+)" xMax="(-?[0-9.]+)" yMax="(-?[0-9.]+)">(.*)</word>`)
)

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err) // the expression lets only numbers pass
	}
	return f
}

// printed prints a document with Chromium, and gives its pages.
func printed(t *testing.T, d *Doc, paper string) []*sheet {
	t.Helper()
	chromium, pdftotext := program(t, "chromium"), program(t, "pdftotext")
	dir := t.TempDir()
	source, pdf, boxes := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf"), filepath.Join(dir, "boxes")
	b, err := d.HTML(paper)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, b, 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--print-to-pdf="+pdf, "--no-pdf-header-footer", "file://"+source)
	run(t, pdftotext, "-bbox", pdf, boxes)
	text, err := os.ReadFile(boxes)
	if err != nil {
		t.Fatal(err)
	}
	var sheets []*sheet
	for _, line := range strings.Split(string(text), "\n") {
		if m := pageOf.FindStringSubmatch(line); m != nil {
			sheets = append(sheets, &sheet{width: number(m[1]), height: number(m[2])})
		} else if m := wordOf.FindStringSubmatch(line); m != nil {
			s := sheets[len(sheets)-1]
			s.words = append(s.words, box{html.UnescapeString(m[5]), number(m[1]), number(m[2]), number(m[3]), number(m[4])})
			s.text += " " + html.UnescapeString(m[5])
		}
	}
	return sheets
}

// point is how many points a millimetre has.
const point = 72 / 25.4

// wellPrinted checks what holds for every page: nothing is outside of its
// margins, it has its number and reference, and is not nearly empty by accident.
func wellPrinted(t *testing.T, d *Doc, sheets []*sheet) {
	t.Helper()
	if len(sheets) == 0 {
		t.Fatal("nothing was printed")
	}
	for i, s := range sheets {
		for _, w := range s.words {
			if w.left < 15*point || w.right > s.width-15*point || w.top < 5*point || w.foot > s.height-5*point {
				t.Errorf("page %d: %q is outside of the margins: %.0f to %.0f of %.0f, %.0f to %.0f of %.0f", i+1, w.text, w.left, w.right, s.width, w.top, w.foot, s.height)
			}
		}
		if n := fmt.Sprintf("page %d of %d", i+1, len(sheets)); !strings.Contains(s.text, n) {
			t.Errorf("page %d does not say %q", i+1, n)
		}
		if !strings.Contains(s.text, d.Reference) || !strings.Contains(s.text, d.Kind) {
			t.Errorf("page %d does not say what it is: %s", i+1, s.text)
		}
		if d.Rehearsal != strings.Contains(s.text, "REHEARSAL") {
			t.Errorf("page %d: a rehearsal is marked: %t", i+1, !d.Rehearsal)
		}
	}
}

var rowPhase = regexp.MustCompile(` csr[0-9]+ 3[a-d] | sa 3b | css 3c `)

// Forms of many targets have their head on every page, and names as long as a
// plan allows stay on the paper.
func TestPrintedForms(t *testing.T) {
	p := samplePlan(t, func(o *draft.Options) {
		o.Targets, o.Rehearsal, o.Title = 30, true, strings.Repeat("W", 80)
		o.Persons["HASH"] = strings.Repeat("W", 80)
		o.EIDs = map[string]string{"csr7": strings.Repeat("W", 16)}
	})
	d := Forms(p, Prefill{})
	sheets := printed(t, d, "A4")
	wellPrinted(t, d, sheets)
	forms := map[string]int{}
	rows := 0
	for i, s := range sheets {
		name := "Form 1 of 3"
		if s.height > s.width {
			name = "Form 2 of 3"
		}
		if strings.Contains(s.text, "Form 3 of 3") {
			name = "Form 3 of 3"
		}
		forms[name]++
		if !strings.Contains(s.text, name) {
			t.Errorf("page %d is not of %s", i+1, name)
		}
		rows += strings.Count(s.text, "Verify CSR new")
		if at := strings.LastIndex(s.text, "share receiving (CSR)"); at >= 0 && s.width > s.height && len(rowPhase.FindAllString(s.text[at:], -1)) < 2 {
			t.Errorf("page %d ends with a title that has no two rows: %s", i+1, s.text[at:])
		}
		if strings.Contains(s.text, "Certify CSR") && !strings.Contains(s.text, "Date, time") {
			t.Errorf("page %d has rows and no head above them", i+1)
		}
	}
	if rows != 30 || forms["Form 1 of 3"] < 10 || forms["Form 2 of 3"] < 3 {
		t.Errorf("%d rows for 30 targets, pages %v", rows, forms)
	}
}

// The steps, and every sheet for something that goes wrong, begin on a page of
// their own. Each visit has its first step on the page of its head, and no page
// of steps but the last is nearly empty.
func TestPrintedScript(t *testing.T) {
	p := samplePlan(t, func(o *draft.Options) { o.Rehearsal = true })
	d := Script(p, sampleDurations())
	sheets := printed(t, d, "Letter")
	wellPrinted(t, d, sheets)
	var heads []string
	for i, part := range d.parts {
		switch head := part.blocks[0].(type) {
		case together:
			heads = append(heads, string(head[0].(title)))
		case title:
			heads = append(heads, string(head))
		}
		if i > 1 {
			heads[i] += " The screen says" // others name the sheet too
		}
	}
	at := 0
	for _, s := range sheets {
		if s.width > s.height || s.height > 280*point {
			t.Errorf("a page of %.0f by %.0f points is no upright Letter", s.width, s.height)
		}
		if at < len(heads) && strings.Contains(s.text, heads[at]) {
			at++
		}
		for _, next := range heads[min(at, len(heads)):] {
			if strings.Contains(s.text, next) {
				t.Errorf("%q is on the page of another", next)
			}
		}
	}
	for i, s := range sheets {
		if strings.Contains(s.text, "If something goes wrong") && !strings.Contains(s.text, "The screen says") && !strings.Contains(s.text, "Keep in the journal") {
			t.Errorf("page %d has only the end of a sheet: %s", i+1, s.text)
		}
		foot := 0.0
		for _, w := range s.words {
			if w.foot < s.height-25*point {
				foot = max(foot, w.foot)
			}
		}
		next := i+1 < len(sheets) && strings.Contains(sheets[i+1].text, "Step by step")
		if next && strings.Contains(s.text, "Step by step") && foot < s.height/3 {
			t.Errorf("page %d ends %.0f points above its foot: %s", i+1, s.height-foot, s.text)
		}
		if _, head, ok := strings.Cut(s.text, "Begun, ended"); ok && !strings.Contains(head, "done at") {
			t.Errorf("page %d ends with the head of a visit", i+1)
		}
	}
	if at != len(heads) {
		t.Errorf("%d of %d parts begin on a page of their own: missing is %q", at, len(heads), heads[at])
	}
}

// A report has its verdict on the first page and the auditor's line at the end;
// the picture of the ways is whole.
func TestPrintedReport(t *testing.T) {
	r := sampleResult(t, samplePlan(t, nil), strings.Repeat("W", 300)+" and "+hostile)
	d := Report(r)
	sheets := printed(t, d, "A4")
	wellPrinted(t, d, sheets)
	first, last := sheets[0].text, sheets[len(sheets)-1].text
	if !strings.Contains(first, "VERIFIED with 3 exceptions") || !strings.Contains(first, "64fc66286e2942fe") {
		t.Errorf("the first page says %s", first)
	}
	if !strings.Contains(last, "Auditor") || !strings.Contains(last, "transcript verify") {
		t.Errorf("the last page says %s", last)
	}
	for _, s := range sheets {
		if strings.Contains(s.text, "The ways of the bundles") && !strings.Contains(s.text, "share 1, 3, 4 for csr1") {
			t.Errorf("the picture is not below its heading: %s", s.text)
		}
	}
}
