package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
)

// film runs a terminal that shows codes, and gives a picture of each view. The
// one in front of it presses Enter when enough views were seen.
func film(t testing.TB, s *seat, cols, rows, views int) []byte {
	t.Helper()
	s.until("codes in motion", func(told string) bool {
		v := newVT(t, cols, rows)
		v.write(told, func(*vt) {})
		return v.views >= views
	})
	s.types("\n")
	a := s.mustLeave(exitDone)
	var pictures bytes.Buffer
	v := newVT(t, cols, rows)
	v.write(a.out, func(v *vt) {
		if v.scrolled > 0 {
			t.Fatal("the screen scrolled")
		}
		if err := writePGM(&pictures, v.picture()); err != nil {
			t.Fatal(err)
		}
	})
	if v.second {
		t.Error("the terminal was not put back")
	}
	return pictures.Bytes()
}

// What a terminal shows is read by a camera: the same bytes, in a small window
// as a film, in a large one as one code, with half blocks and without.
func TestScreenToCamera(t *testing.T) {
	t.Parallel()
	skipShort(t)
	stick := frozenStick(t)
	for _, c := range []struct {
		name       string
		cols, rows int
		kind       string
		views      int
		flags      []string
	}{
		{"small", 80, 24, "css-cert", 14, []string{"--rate", "15"}},
		{"large", 120, 60, "css-key", 1, nil},
		{"large, two codes", 100, 50, "css-cert", 4, []string{"--rate", "10"}},
		{"no half blocks", 100, 50, "receipt", 16, []string{"--cells", "spaces", "--target", "csr1", "--rate", "15"}},
		{"typed", 120, 60, "css-key", 1, []string{"--typed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := sitDown(t, c.cols, c.rows, nil, call{args: append([]string{"qr", "show", "--from", "dir:" + stick, "--kind", c.kind}, c.flags...)})
			pictures := film(t, s, c.cols, c.rows, c.views)
			to := t.TempDir()
			stream := filepath.Join(t.TempDir(), "stream.pgm")
			if err := os.WriteFile(stream, pictures, 0o600); err != nil {
				t.Fatal(err)
			}
			in, err := os.Open(stream)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			a := call{args: []string{"qr", "scan", "--from", "camera:-", "--to", "dir:" + to, "--expect", "1"}, in: in}.run(t)
			if a.code != exitDone {
				t.Fatalf("exit code %d\n%s%s", a.code, a.out, a.err)
			}
			sameFiles(t, stick, to, c.kind, 1)
		})
	}
}

// sameFiles compares the files of a kind that were scanned with those shown.
func sameFiles(t testing.TB, from, to, kind string, want int) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(to, "*", kind+"-*"))
	if len(found) != want {
		t.Fatalf("%d files of kind %s were scanned, want %d", len(found), kind, want)
	}
	for _, path := range found {
		rel, _ := filepath.Rel(to, path)
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := os.ReadFile(filepath.Join(from, rel))
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%s is not what was shown: %v", rel, err)
		}
	}
}

// The words on the screen, the answers to it, and a window that changes.
func TestScreenAnswers(t *testing.T) {
	t.Parallel()
	stick := frozenStick(t)
	show := call{args: []string{"qr", "show", "--from", "dir:" + stick, "--kind", "css-key"}}

	s := sitDown(t, 80, 24, nil, show)
	s.sees("css-key for sa | code 1, any ")
	s.resize(120, 60)
	s.sees("css-key for sa | Enter: it was read, q Enter: stop")
	s.resize(20, 5)
	s.sees("this window is too small for a code: make it larger"[:20])
	s.types("\n") // nobody can have read that
	s.resize(120, 60)
	s.types("q\n")
	a := s.mustLeave(exitMedium)
	if !strings.Contains(unbroken(a.out), "nobody said that the other side has read it") || !strings.Contains(a.out, carrier.LeaveScreen) {
		t.Errorf("%q", tail(a.out))
	}
	if strings.Contains(a.out, "q\r\n") {
		t.Error("the answer was shown on the terminal")
	}

	s = sitDown(t, 80, 24, nil, show)
	s.sees("css-key for sa | code 1")
	s.types("\x03")
	if a := s.mustLeave(exitInterrupted); !strings.Contains(a.out, carrier.LeaveScreen) {
		t.Error("Ctrl-C left the terminal as it was")
	}
}

// A screen needs somebody in front of it.
func TestScreenWithoutTerminal(t *testing.T) {
	t.Parallel()
	stick := frozenStick(t)
	a := call{args: []string{"qr", "show", "--from", "dir:" + stick}}.run(t)
	if a.code != exitUsage || !strings.Contains(a.err, "screen: needs a terminal to show codes on") {
		t.Errorf("exit code %d\n%s", a.code, a.err)
	}
}
