package draw

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// printed prints a page with Chromium and gives the sheets of paper as
// pictures, at so many dots an inch.
func printed(t *testing.T, html string, dpi ...int) map[int][]*image.Gray {
	t.Helper()
	chromium, pdftoppm := program(t, "chromium"), program(t, "pdftoppm")
	dir := t.TempDir()
	page, pdf := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(page, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--print-to-pdf="+pdf, "--no-pdf-header-footer", "file://"+page)
	sheets := map[int][]*image.Gray{}
	for _, d := range dpi {
		prefix := filepath.Join(dir, fmt.Sprint("at", d))
		run(t, pdftoppm, "-r", fmt.Sprint(d), "-gray", "-png", pdf, prefix)
		names, err := filepath.Glob(prefix + "-*.png")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			img, err := readGray(name)
			if err != nil {
				t.Fatal(err)
			}
			sheets[d] = append(sheets[d], img)
		}
	}
	return sheets
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, out)
	}
}

// A printed sheet has the pages that it says, and all its codes are read from
// paper, at a scanner's resolutions; the names on it are hostile and long.
func TestPrintedSheet(t *testing.T) {
	type sheet struct {
		n, version int
		paper      string
		rehearsal  bool
		name       string
	}
	tests := []sheet{{5, 15, "A4", true, hostile + strings.Repeat("W", 200)}}
	if sweep() {
		tests = append(tests, sheet{1, 5, "A4", false, "sa"}, sheet{1, 40, "Letter", true, "sa"}, sheet{23, 15, "A4", false, "sa"},
			sheet{23, 10, "Letter", true, strings.Repeat("Wm ", 60)}, sheet{6, 25, "Letter", false, strings.Repeat("漢", 250)})
	}
	for _, test := range tests {
		what := fmt.Sprintf("%d codes of version %d on %s", test.n, test.version, test.paper)
		s, texts := sample(t, test.n, test.version, test.name)
		s.Paper, s.Rehearsal = test.paper, test.rehearsal
		page := mustHTML(t, s)
		sections := strings.Split(page, "<section")[1:]
		for dpi, sheets := range printed(t, page, 150, 300) {
			if len(sheets) != len(sections) {
				t.Fatalf("%s: %d pages on %d sheets of paper", what, len(sections), len(sheets))
			}
			found := map[string]bool{}
			for i, img := range sheets {
				for text := range codesIn(img, strings.Count(sections[i], "<figure ")) {
					found[text] = true
				}
			}
			for i, text := range texts {
				if !found[text] {
					t.Errorf("%s: code %d is not read at %d dpi", what, i+1, dpi)
				}
			}
			if len(found) != len(texts) {
				t.Errorf("%s: %d texts read at %d dpi", what, len(found), dpi)
			}
		}
	}
}

// Both cards are on one sheet of paper, even with the mark and on the lower of
// the two papers.
func TestPrintedHashCard(t *testing.T) {
	c := sampleCard(t)
	c.Rehearsal = true
	c.Paper = "Letter"
	for dpi, sheets := range printed(t, mustHTML(t, c), 150) {
		if len(sheets) != 1 {
			t.Fatalf("%d sheets of paper", len(sheets))
		}
		img := sheets[0]
		middle := img.Rect.Dy() / 2
		for name, half := range map[string]image.Rectangle{
			"upper": image.Rect(0, 0, img.Rect.Dx(), middle), "lower": image.Rect(0, middle, img.Rect.Dx(), img.Rect.Dy()),
		} {
			part := image.NewGray(half.Sub(half.Min))
			draw.Draw(part, part.Rect, img, half.Min, draw.Src)
			if n := len(codesIn(part, 0)); n != 1 {
				t.Errorf("%d codes on the %s half at %d dpi", n, name, dpi)
			}
		}
	}
}
