package draw

import "testing"

func TestFit(t *testing.T) {
	small, large := Window{80, 24}, Window{100, 50}
	for _, test := range []struct {
		window         Window
		cells          Cells
		reserve, most  int
		version, quiet int
	}{
		{small, HalfBlocks, 1, 40, 6, 2},  // 45 columns, 23 rows
		{small, HalfBlocks, 0, 40, 6, 3},  // 47, 24
		{small, HalfBlocks, 2, 40, 5, 3},  // 43, 22
		{small, HalfBlocks, 1, 5, 5, 4},   // 45, 23
		{large, HalfBlocks, 1, 40, 19, 2}, // 97, 49
		{large, HalfBlocks, 0, 40, 19, 3}, // 99, 50
		{large, HalfBlocks, 2, 40, 18, 3}, // 95, 48
		{large, HalfBlocks, 1, 18, 18, 4}, // 97, 49
		{large, HalfBlocks, 1, 10, 10, 4},
		{large, Spaces, 0, 40, 7, 2}, // 98, 49
		{large, Spaces, 1, 40, 7, 2},
		{large, Spaces, 2, 40, 6, 3},
		{small, Spaces, 0, 40, 1, 1}, // 46, 23
		{small, Spaces, 1, 40, 1, 1},
		{small, Spaces, -9, 40, 1, 1},
		{Window{400, 200}, HalfBlocks, 1, 99, 40, 4},
		{Window{97, 1000}, HalfBlocks, 1, 40, 19, 2},
		{Window{96, 1000}, HalfBlocks, 1, 40, 18, 3},
	} {
		version, quiet, ok := Fit(test.window, test.cells, test.reserve, test.most)
		if !ok || version != test.version || quiet != test.quiet {
			t.Errorf("%+v: version %d, quiet zone %d, %v", test, version, quiet, ok)
		}
	}
	for _, none := range []struct {
		window        Window
		cells         Cells
		reserve, most int
	}{
		{small, Spaces, 2, 40},
		{small, HalfBlocks, 1, 0},
		{small, HalfBlocks, 24, 40},
		{Window{22, 100}, HalfBlocks, 0, 40},
		{Window{}, HalfBlocks, 0, 40},
		{Window{-5, -5}, Spaces, 0, 40},
	} {
		if version, quiet, ok := Fit(none.window, none.cells, none.reserve, none.most); ok {
			t.Errorf("%+v: version %d, quiet zone %d", none, version, quiet)
		}
	}
}

// What Fit promises is what Lines prints, and a version more has no room.
func TestFitIsWhatLinesPrint(t *testing.T) {
	codes := map[int]*Code{}
	for version := 1; version <= MaxVersion; version++ {
		c, err := Encode("A", L, version)
		if err != nil {
			t.Fatal(err)
		}
		codes[version] = c
	}
	for _, cells := range []Cells{HalfBlocks, Spaces} {
		for cols := 10; cols < 140; cols += 7 {
			for rows := 5; rows < 70; rows += 3 {
				version, quiet, ok := Fit(Window{cols, rows}, cells, 1, MaxVersion)
				if !ok {
					continue
				}
				lines := codes[version].Lines(cells, quiet)
				width := len(cellsOf(t, lines[0]))
				if len(lines) > rows-1 || width > cols {
					t.Errorf("%dx%d: version %d takes %dx%d", cols, rows, version, width, len(lines))
				}
				next := cells.window(modules(version+1) + 2*fairQuiet)
				if quiet >= fairQuiet && version < MaxVersion && next.Cols <= cols && next.Rows <= rows-1 {
					t.Errorf("%dx%d: version %d, but %d fits", cols, rows, version, version+1)
				}
			}
		}
	}
}
