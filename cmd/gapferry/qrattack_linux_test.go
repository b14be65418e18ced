package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// --keep touches nothing but a file of its own kind.
func TestKeepTouchesNothingElse(t *testing.T) {
	t.Parallel()
	stick, dir, to := frozenStick(t), t.TempDir(), t.TempDir()
	codes := strings.Join(typedCodes(t, stick, "sa.db/css-cert-*"), "\n")
	path := func(name string) string { return filepath.Join(dir, name) }
	journal := []byte("a journal\n")
	if err := os.WriteFile(path("journal"), journal, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path("journal"), path("link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string]string{
		"journal": "was not made by a scan with --keep", "link": "is no regular file", "fifo": "is no regular file",
		"missing/codes": "no such file or directory", ".": "is no regular file",
	} {
		a := call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "dir:" + to, "--keep", path(name)}, stdin: codes}.run(t)
		if a.code != exitMedium || !strings.Contains(a.err, words) {
			t.Errorf("--keep %s: exit code %d, want %q\n%s", name, a.code, words, a.err)
		}
	}
	if got, err := os.ReadFile(path("journal")); err != nil || !bytes.Equal(got, journal) {
		t.Errorf("the file is %q now, %v", got, err)
	}

	// A line that was cut off costs one code, and no other.
	texts := typedCodes(t, stick, "sa.db/css-cert-*")
	cut := "gapferry codes of an unfinished scan, version 1\n" + texts[0] + "\n" + texts[1][:40]
	if err := os.WriteFile(path("codes"), []byte(cut), 0o600); err != nil {
		t.Fatal(err)
	}
	a := call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "dir:" + to, "--keep", path("codes")}, stdin: texts[2]}.run(t)
	if a.code != exitDone {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	sameFiles(t, stick, to, "css-cert", 1)
}

// What is complete is written although the scan ends badly.
func TestScanEndsBadly(t *testing.T) {
	t.Parallel()
	stick, to := frozenStick(t), t.TempDir()
	found, _ := filepath.Glob(filepath.Join(stick, "sa.db", "css-key-*"))
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	l, err := carrier.LayoutForPaper(data, frame.Base45)
	if err != nil {
		t.Fatal(err)
	}
	code, err := l.Code(0)
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	if err := writePGM(&stream, code.Image(4)); err != nil {
		t.Fatal(err)
	}
	stream.WriteString("GARBAGE")
	a := call{args: []string{"qr", "scan", "--from", "camera:-", "--to", "dir:" + to}, stdin: stream.String()}.run(t)
	if a.code != exitMedium || !strings.HasPrefix(a.err, "gapferry: camera:-: ") {
		t.Errorf("exit code %d\n%s", a.code, a.err)
	}
	sameFiles(t, stick, to, "css-key", 1)
}

// Pictures are all looked at, as the files of a stick are: a bundle of another
// ceremony that comes first does not keep the right one away.
func TestStrayPicturesFirst(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	photos := filepath.Join(r.dir, "photos")
	if err := os.MkdirAll(filepath.Join(photos, "a.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	stray := t.TempDir()
	r.must(call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "qr:" + stray}, stdin: strings.Join(typedCodes(t, frozenStick(t), "sa.db/css-key-*"), "\n")})
	pictures, _ := filepath.Glob(filepath.Join(stray, "sa.db", "*.png"))
	if len(pictures) != 1 {
		t.Fatalf("%v", pictures)
	}
	if err := os.Rename(pictures[0], filepath.Join(photos, "a.db", "first.png")); err != nil {
		t.Fatal(err)
	}
	r.must(r.phaseCall("css", "2a", "--to", "qr:"+photos))
	c := r.phaseCall("sa", "2b")
	c.args = append(without(c.args, "--from", r.stick("stick")), "--from", "qr:"+photos)
	a := r.must(c)
	if !strings.Contains(a.out, "it will not be used: it is of ceremony ") {
		t.Errorf("the stray is not named:\n%s", a.out)
	}
}

// A scanner that ends what it types with two line ends has said one thing.
func TestScannerWithTwoLineEnds(t *testing.T) {
	t.Parallel()
	stick, to := frozenStick(t), t.TempDir()
	s := sitDown(t, 80, 24, nil, call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "dir:" + to, "--expect", "1"}})
	s.sees("press Enter when that was all")
	for _, c := range typedCodes(t, stick, "sa.db/css-cert-*")[:2] {
		s.types(c + "\r\n")
	}
	s.mustLeave(exitDone)
	sameFiles(t, stick, to, "css-cert", 1)
}

// A terminal that does not say how large it is, and one whose keys would stop
// the program while nobody's typing is shown.
func TestStrangeTerminals(t *testing.T) {
	t.Parallel()
	show := call{args: []string{"qr", "show", "--from", "dir:" + frozenStick(t), "--kind", "css-key"}}
	s := sitDown(t, 0, 0, nil, show)
	s.sees(carrier.EnterScreen)
	s.types("\x1a\n") // Ctrl-Z is a letter like any other
	s.types("q\n")
	s.mustLeave(exitMedium)

	s = sitDown(t, 80, 24, nil, show)
	s.sees("css-key for sa")
	s.types("yes\n")
	s.sees("type nothing else than: Enter: it was read, q Enter: stop")
	s.types("\x1c") // Ctrl-\
	if a := s.mustLeave(exitInterrupted); !strings.Contains(a.out, carrier.LeaveScreen) {
		t.Error("Ctrl-\\ left the terminal as it was")
	}

	s = sitDown(t, 80, 24, nil, show)
	s.sees("css-key for sa")
	s.types("\x04") // Ctrl-D
	s.mustLeave(exitMedium)
}

// What pictures and their names say cannot act on a terminal.
func TestDecodeEscapes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	png := helloPNG(t)
	if err := os.WriteFile(filepath.Join(dir, "a\u009b31m\x1b[2J\u202e.png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{{"--json"}, nil} {
		a := call{args: append([]string{"qr", "decode", "--images", dir}, flags...)}.run(t)
		if a.code != exitDone || strings.ContainsAny(a.out, "\x1b\u009b\u202e") || !strings.Contains(a.out, "HELLO") {
			t.Errorf("%v: exit code %d, %q", flags, a.code, a.out)
		}
	}
}

// The card does not lie on the medium that brings the key, whatever part of it
// a carrier names.
func TestCardOnTheSameMedium(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	r.loadKnownKey("css")
	medium := filepath.Join(r.dir, "medium")
	mountMedium(t, medium)
	part := filepath.Join(medium, "part")
	if err := os.Mkdir(part, 0o700); err != nil {
		t.Fatal(err)
	}
	c := r.phaseCall("sa", "1", "--card", filepath.Join(medium, "card.html"))
	c.args = append(without(c.args, "--to", r.stick("stick")), "--to", "qr:"+part)
	r.mustFail(c, exitRefused, "must not be on "+part)
	r.phase1("sa")
	r.must(call{args: []string{"resend", "--store", r.store("sa"), "--to", "qr:" + part}})
	if err := os.WriteFile(filepath.Join(medium, "card.txt"), []byte(r.hash), 0o600); err != nil {
		t.Fatal(err)
	}
	c = r.phaseCall("css", "2a")
	c.args = without(without(c.args, "--sa-hash", "-"), "--from", r.stick("stick"))
	c.args = append(c.args, "--from", "qr:"+part, "--sa-hash", filepath.Join(medium, "card.txt"))
	r.mustFail(c, exitRefused, "the stick that carries the key")
}
