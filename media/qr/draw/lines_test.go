package draw

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// cell is one cell of a terminal: what its upper and lower half show.
type cell struct{ upper, lower bool } // dark

// cellsOf is a small terminal: it understands what Lines may write and nothing
// else.
func cellsOf(t testing.TB, line string) (all []cell) {
	t.Helper()
	body, ok := strings.CutSuffix(line, reset)
	if !ok {
		t.Fatalf("no reset at the end of %q", line)
	}
	set, dark := false, false // colours are set; the ground is dark
	for body != "" {
		switch {
		case strings.HasPrefix(body, onWhite):
			set, dark, body = true, false, body[len(onWhite):]
			continue
		case strings.HasPrefix(body, onBlack):
			set, dark, body = true, true, body[len(onBlack):]
			continue
		case !set:
			t.Fatalf("no colours before %q", body)
		}
		r, n := utf8.DecodeRuneInString(body)
		body = body[n:]
		switch r {
		case ' ':
			all = append(all, cell{dark, dark})
		case '▀':
			all = append(all, cell{!dark, dark})
		case '▄':
			all = append(all, cell{dark, !dark})
		default:
			t.Fatalf("%q in a line", r)
		}
	}
	return all
}

// The terminal shows the modules, and white around them.
func TestLinesShowTheCode(t *testing.T) {
	for _, version := range []int{1, 2, 6, 19, 40} {
		c, err := Encode(randomText(Capacity(version, L), 1), L, version)
		if err != nil {
			t.Fatal(err)
		}
		for quiet := range quietModules + 1 {
			side := c.Size() + 2*quiet
			half := c.Lines(HalfBlocks, quiet)
			if len(half) != (side+1)/2 {
				t.Fatalf("version %d, quiet zone %d: %d lines of half blocks", version, quiet, len(half))
			}
			for i, line := range half {
				var want []cell
				for x := range side {
					want = append(want, cell{c.At(x-quiet, 2*i-quiet), c.At(x-quiet, 2*i+1-quiet)})
				}
				if !slices.Equal(cellsOf(t, line), want) {
					t.Errorf("version %d, quiet zone %d, line %d of half blocks: %q", version, quiet, i, line)
				}
			}
			spaces := c.Lines(Spaces, quiet)
			if len(spaces) != side {
				t.Fatalf("version %d, quiet zone %d: %d lines of spaces", version, quiet, len(spaces))
			}
			for y, line := range spaces {
				var want []cell
				for x := range side {
					dark := c.At(x-quiet, y-quiet)
					want = append(want, cell{dark, dark}, cell{dark, dark})
				}
				if !slices.Equal(cellsOf(t, line), want) || strings.ContainsAny(line, "▀▄") {
					t.Errorf("version %d, quiet zone %d, line %d of spaces: %q", version, quiet, y, line)
				}
			}
		}
	}
}

func TestQuietZoneIsBounded(t *testing.T) {
	c, err := Encode("A", L, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Lines(Spaces, -3)); n != 21 {
		t.Errorf("%d lines", n)
	}
	if n := len(c.Lines(Spaces, 1<<40)); n != 29 {
		t.Errorf("%d lines", n)
	}
}

// The bytes that go to the terminal, with ESC shown as \e.
func TestLinesGolden(t *testing.T) {
	c, err := Encode("GAPFERRY", L, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, cells := range map[string]Cells{"testdata/v1-half.txt": HalfBlocks, "testdata/v1-spaces.txt": Spaces} {
		got := strings.ReplaceAll(strings.Join(c.Lines(cells, 2), "\n")+"\n", "\x1b", `\e`)
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; it is now\n%s", name, got)
		}
	}
}
