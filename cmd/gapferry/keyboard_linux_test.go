package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// modes are those of a seat's terminal.
func modes(t *testing.T, keyboard *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(keyboard.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

func setModes(t *testing.T, keyboard *os.File, change func(*unix.Termios)) unix.Termios {
	t.Helper()
	m := modes(t, keyboard)
	change(&m)
	if err := unix.IoctlSetTermios(int(keyboard.Fd()), unix.TCSETS, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// leftovers are terminals as other programs leave them when they are killed.
var leftovers = map[string]func(*unix.Termios){
	"-icrnl": func(m *unix.Termios) { m.Iflag &^= unix.ICRNL },
	"inlcr, igncr": func(m *unix.Termios) {
		m.Iflag |= unix.INLCR | unix.IGNCR
		m.Iflag &^= unix.ICRNL
	},
	"raw": func(m *unix.Termios) {
		m.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		m.Oflag &^= unix.OPOST
		m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 0, 0
	},
	"istrip, iuclc, xcase, -iutf8, extproc": func(m *unix.Termios) {
		m.Iflag |= unix.ISTRIP | unix.IUCLC | unix.PARMRK
		m.Iflag &^= unix.IUTF8
		m.Lflag |= unix.XCASE | unix.EXTPROC | unix.ECHONL
	},
	"other keys": func(m *unix.Termios) {
		m.Cc[unix.VINTR], m.Cc[unix.VEOF], m.Cc[unix.VERASE], m.Cc[unix.VKILL] = 'k', 'o', 's', 'r'
		m.Cc[unix.VEOL], m.Cc[unix.VSTOP] = 't', 'e'
	},
	"erase is ^H, -iutf8": func(m *unix.Termios) {
		m.Cc[unix.VERASE] = terminal.KeyBackspace
		m.Iflag &^= unix.IUTF8
	},
}

// Whatever the program before left the terminal like: lines end with Enter, sent
// as CR or as LF, letters are erased whole with either key, Ctrl-C stops, and
// the terminal is given back as it was found.
func TestTerminalLeft(t *testing.T) {
	t.Parallel()
	for name, change := range leftovers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var found unix.Termios
			s := sitDown(t, 80, 24, nil, call{args: []string{"plan", "new", "--ask"}, dir: dir, left: func(keyboard *os.File) { found = setModes(t, keyboard, change) }})
			s.sees("title of the ceremony [Master-key cloning]: ")
			s.types("Torstok\u00e4\x7f\u00e4\b\u00e4\u00e4\x7f\x7f \x1b[200~\u00fcber Ko\x1b[201~rrekt\r")
			s.sees("no live node accepts: yes or no [no]: ")
			s.types("<\n")
			s.sees("title of the ceremony [Torstok über Korrekt]: ")
			s.types("\x03")
			if a := s.mustLeave(exitInterrupted); strings.Contains(a.out, "^M") {
				t.Errorf("%q", a.out)
			}
			if got := modes(t, s.keyboard); got != found {
				t.Errorf("the terminal was left as\n%+v, found as\n%+v", got, found)
			}
		})
	}
}

// wrongOnes is the count of wrong passphrases that a store has of a profile.
func wrongOnes(t *testing.T, store, profile string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(store, "coprocessor", "profiles", profile+".failures"))
	if os.IsNotExist(err) {
		return "0"
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// A passphrase is what its officer means by it, whatever the keyboard, the
// terminal or a paste makes of it. What none can be is named when it is chosen,
// and is no wrong passphrase.
func TestPassphraseAtKeyboards(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("csr1", "csr1")
	const composed, decomposed, blanks = "Schlüssel für é", "Schlu\u0308ssel fu\u0308r e\u0301", "Schl\u00fcssel\u00a0f\u00fcr\u00a0\u00e9"
	change := call{args: []string{"coprocessor", "passphrase", "--store", r.store("csr1"), "--profile", "SHARE2"}}
	nth := func(s *seat, what string, n int) {
		t.Helper()
		s.until(what, func(told string) bool { return strings.Count(told, what) >= n })
	}

	s := sitDown(t, 80, 24, nil, change)
	const ask = "passphrase of SHARE2 (to be named): "
	for n, slip := range []string{"y", "\x0c", "Korrekt Hors SHARE2\x1b[A", "1234567", "Korrekt\tHors SHARE2", "Korrekt Hors SHAR\xc9 2"} {
		nth(s, ask, n+1)
		s.types(slip + "\r")
		nth(s, "no passphrase is like that", n+1)
	}
	nth(s, ask, 7)
	s.types("Korrekt Ho\u00e4\x7fr\u00e4\bs SHARE2\n")
	const choose = "chooses a passphrase of at least 8 characters: "
	for n, c := range [][2]string{
		{"ääää", "at least 8 characters"},
		{"\U0001f511\U0001f511", "at least 8 characters"},
		{"\U0001f468\u200d\U0001f469\u200d\U0001f467 und Korrekt", "U+200D in it, an invisible joiner"},
		{"\u2764\ufe0f Korrekt Hors", "U+FE0F in it, an invisible variation selector"},
		{"Korrekt Hors\x1b[D", "U+001B in it, which a key like an arrow sends"},
		{"Schl\xfcssel", "it is not UTF-8"},
	} {
		nth(s, choose, n+1)
		s.types(c[0] + "\r")
		s.until(c[1], func(told string) bool { return strings.Contains(unbroken(told), c[1]) })
	}
	nth(s, choose, 7)
	s.types("\x1b[200~" + composed + "\x1b[201~\r")
	s.sees("once more: ")
	s.types("Schl\u00e4\u00e4\b\x7f\u00fcssel fu\u0308r \u00e9\n")
	a := s.mustLeave(exitDone)
	if n := wrongOnes(t, r.store("csr1"), "SHARE2"); n != "0" {
		t.Errorf("%s wrong passphrases were counted", n)
	}
	for _, secret := range []string{"Korrekt", "Schl", " f\u00fcr"} {
		if strings.Contains(a.out, secret) {
			t.Errorf("the terminal shows %q: %q", secret, a.out)
		}
	}

	note := call{args: []string{"journal", "note", "--store", r.store("csr1"), "--profile", "SHARE2", "--text", "x", "--passphrase-fd", "3", "--yes"}}
	for _, typed := range []string{composed, decomposed, blanks} {
		note.fds = []string{"\ufeffADMIN:unused one\r\nSHARE2:" + typed + "\r\n"}
		r.must(note)
	}
	// And for scripts.
	for _, c := range []struct{ given, want string }{
		{"SHARE2:Schl\xfcssel f\xfcr \xe9\n", "file descriptor 3 gives text that cannot be read: it is not in UTF-8"},
		{"SHARE2:Schlüssel\x07für\n", "SHARE2 did not log on: no passphrase is like that: it has U+0007 in it, a control character"},
		{"SHARE2:kurz\n", "SHARE2 did not log on: no passphrase is like that: passphrases have at least 8 characters"},
	} {
		note.fds = []string{c.given}
		if a := r.do(note); a.code == exitDone || !strings.Contains(a.err, c.want) {
			t.Errorf("%q: %d\n%s%s", c.given, a.code, a.out, a.err)
		}
	}
	change.args = append(change.args, "--passphrase-fd", "3")
	change.fds = []string{"SHARE2:" + decomposed + "\nnew:\U0001f511\u200d\U0001f511 Korrekt\n"}
	if a := r.do(change); a.code != exitRefused || !strings.Contains(a.err, "U+200D") {
		t.Errorf("%d\n%s%s", a.code, a.out, a.err)
	}
	if n := wrongOnes(t, r.store("csr1"), "SHARE2"); n != "0" {
		t.Errorf("%s wrong passphrases were counted", n)
	}
	note.fds = []string{"SHARE2:Schlussel fur e\n"}
	if a := r.do(note); a.code != exitDenied || wrongOnes(t, r.store("csr1"), "SHARE2") != "1" {
		t.Errorf("another passphrase: %d, %s counted", a.code, wrongOnes(t, r.store("csr1"), "SHARE2"))
	}
}

// A passphrase that none can be ends init before anything is made, whoever gives
// it and whoever comes after.
func TestInitRefusesForms(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	init := call{args: []string{"init", "--plan", r.plan, "--node", "csr1", "--store", r.store("csr1"), "--passphrase-fd", "3"}}
	for _, bad := range []string{"ääää", "Korrekt\u200dHors", "x\u0302x\u0302x\u0302x\u0302"} {
		init.fds = []string{strings.Replace(officers(3), "Korrekt Hors SHARE3", bad, 1)}
		a := r.do(init)
		if a.code != exitRefused || !strings.Contains(a.err, "the passphrase of profile SHARE3: no passphrase is like that: ") {
			t.Errorf("%q: %d\n%s%s", bad, a.code, a.out, a.err)
		}
		if _, err := os.Lstat(r.store("csr1")); !os.IsNotExist(err) {
			t.Errorf("%q: a store was left: %v", bad, err)
		}
	}
}

// What is typed before it is asked for is no half of an answer.
func TestTypedEarly(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("csr1", "csr1")
	s := sitDown(t, 80, 24, nil, call{
		args: []string{"journal", "note", "--store", r.store("csr1"), "--profile", "SHARE2", "--text", "x"},
		left: func(keyboard *os.File) { fmt.Fprint(keyboard, "Korrekt Ho") },
	})
	s.sees("is forgotten: wait for the question")
	newCrew(s, "").mustWork(exitDone)
	if n := wrongOnes(t, r.store("csr1"), "SHARE2"); n != "0" {
		t.Errorf("%s wrong passphrases were counted", n)
	}
}

// Plans and cards come from any editor.
func TestEditorsMarks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.toml")
	call{args: []string{"plan", "new", "--plan", path}}.run(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := call{args: []string{"plan", "check", "--plan", path}}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("\ufeff" + strings.ReplaceAll(string(text), "\n", "\r\n")))
	if a := check.run(t); a.code != exitDone {
		t.Errorf("%d\n%s%s", a.code, a.out, a.err)
	}
	marked, err := plan.Parse([]byte("\ufeff" + string(text)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := plan.Parse(text)
	if err != nil || plain.Digest() != marked.Digest() {
		t.Errorf("a mark makes it another plan: %v", err)
	}
	wide := []byte("\xff\xfe")
	for _, b := range text {
		wide = append(wide, b, 0)
	}
	for _, w := range [][]byte{wide, wide[2:]} {
		write(w)
		if a := check.run(t); a.code != exitRefused || !strings.Contains(unbroken(a.err), "plan: it is in UTF-16, as some programs on Windows write text: save it as UTF-8 there") {
			t.Errorf("%d\n%s%s", a.code, a.out, a.err)
		}
	}
}
