package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// wordsOn gives what of a card stands in a text: two words that follow each
// other, with or without their numbers.
func wordsOn(text, card string) string {
	words, text := strings.Fields(card), " "+unfolded(text)+" "
	for i := range words[:len(words)-1] {
		if pair := words[i] + " " + words[i+1]; strings.Contains(text, " "+pair+" ") {
			return pair
		}
		if pair := numberedPair(words, i); strings.Contains(text, " "+pair+" ") {
			return pair
		}
	}
	return ""
}

func numberedPair(words []string, i int) string {
	return unfolded(fmt.Sprintln(i+1, words[i], i+2, words[i+1]))
}

// screens are what is on terminals that were told something: one with a second
// screen, and one whose second screen was turned off.
func screens(t testing.TB, told string) map[string]string {
	all := map[string]string{}
	for name, lacks := range map[string]bool{"with a second screen": false, "whose second screen is off": true} {
		v := newVT(t, 80, 24)
		v.lacks = lacks
		v.write(told, func(*vt) {})
		all[name] = v.everything()
	}
	return all
}

// cleared wants nothing of a card on any terminal that was told something.
func cleared(t testing.TB, when, told, card string) {
	t.Helper()
	for name, text := range screens(t, told) {
		if pair := wordsOn(text, card); pair != "" {
			t.Errorf("%s, a terminal %s shows %q:\n%s", when, name, pair, text)
		}
	}
}

// codeOf is the code on a card, as a scanner types it.
func codeOf(t testing.TB, card string) string {
	t.Helper()
	hash, err := coproc.ParseThumbprint(card)
	if err != nil {
		t.Fatal(err)
	}
	return frame.HashText(hash)
}

// What an officer types from their card, the next one does not find on the
// screen, nor in what scrolled off it.
func TestTypedCardIsCleared(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	people := newCrew(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a"))), r.hash)
	a := people.mustWork(exitDone)
	if pair := wordsOn(controls.ReplaceAllString(a.out, " "), r.hash); pair == "" {
		t.Error("the officers did not see what they typed")
	}
	before, _, there := strings.Cut(a.out, "passphrase of KEYREG")
	if !there {
		t.Fatalf("nobody asked KEYREG:\n%q", a.out)
	}
	cleared(t, "when KEYREG comes", before, r.hash)
	cleared(t, "at the end", a.out, r.hash)
	hash, err := coproc.ParseThumbprint(r.hash)
	if err != nil {
		t.Fatal(err)
	}
	if digits := coproc.HexGroups(hash)[7]; strings.Contains(a.out, digits) {
		t.Errorf("the hash stands on the screen in digits, %s among them", digits)
	}
}

// So it is with the grid of words in the SA's room: it stands there until it is
// written down, and no longer.
func TestShownCardIsCleared(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("sa", "1")))
	people := newCrew(s, "")
	people.card = func(string) string {
		shown, _, _ := strings.Cut(s.told(), "type yes when both cards are written: ")
		return cardOn(strings.ReplaceAll(controls.ReplaceAllString(shown, ""), "\r", ""))
	}
	tries := 0
	people.yes = func(string) string { // it stays as long as it is wanted
		if tries++; tries == 1 {
			return "no"
		}
		return "yes"
	}
	a := people.mustWork(exitDone)
	if tries != 2 {
		t.Errorf("%d times it was asked whether the cards are written", tries)
	}
	card := people.card("")
	for _, who := range []string{"HASH", "KEYREG"} {
		before, _, there := strings.Cut(a.out, "passphrase of "+who)
		if !there || card == "" {
			t.Fatalf("nobody asked %s, card %q:\n%q", who, card, a.out)
		}
		cleared(t, "when "+who+" comes", before, card)
	}
	cleared(t, "at the end", a.out, card)
}

// Whatever ends the program ends the page with the words, too.
func TestStoppedWhileTyping(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	row := strings.Join(strings.Fields(r.hash)[:4], " ")
	for name, stop := range map[string]func(s *seat){
		"Ctrl-C":  func(s *seat) { s.types("\x03") },
		"SIGTERM": func(s *seat) { _ = s.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(s *seat) { _ = s.cmd.Process.Signal(syscall.SIGHUP) },
		"Ctrl-D":  func(s *seat) { s.types("\x04") },
		"stop":    func(s *seat) { s.types("stop\n") },
	} {
		t.Run(name, func(t *testing.T) {
			s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a", "--json")))
			people := newCrew(s, r.hash)
			people.upTo("from word 1 on: ")
			s.types(row + "\n")
			s.sees("from word 5 on: ")
			stop(s)
			a := s.leaves()
			if a.code == exitDone || strings.Contains(a.out, "from word 9 on: ") {
				t.Errorf("exit code %d\n…%q", a.code, tail(a.out))
			}
			if name == "Ctrl-C" && a.code != exitInterrupted {
				t.Errorf("exit code %d", a.code)
			}
			cleared(t, "after "+name, a.out, r.hash)
		})
	}
}

// A terminal without a second screen is never told a word that an officer
// types; the grid it is told after the officer says that nobody else looks.
func TestUnseenTyping(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	r.loadKnownKey("css")
	for _, env := range [][]string{{"TERM=dumb"}, {"TERM="}, {"TERM=vt220"}, {"TERM=screen", "STY=4711.pts-0"}} {
		c := byOfficers(r.phaseCall("sa", "1"))
		c.env = env
		s := sitDown(t, 80, 24, nil, c)
		people := newCrew(s, "")
		people.yes = func(string) string { return "no" }
		a := people.mustWork(exitNotYet)
		if !strings.Contains(a.out, "type yes when nobody else looks") || cardOn(strings.ReplaceAll(a.out, "\r", "")) != "" || strings.Contains(a.out, "\x1b") {
			t.Fatalf("%v: …%q", env, tail(a.out))
		}
	}
	c := byOfficers(r.phaseCall("sa", "1"))
	c.env = []string{"TERM=dumb"}
	s := sitDown(t, 80, 24, nil, c)
	people := newCrew(s, "")
	people.card = func(string) string { return cardOn(strings.ReplaceAll(s.told(), "\r", "")) }
	a := people.mustWork(exitDone)
	r.hash = people.card("")
	v := newVT(t, 80, 24)
	before, _, _ := strings.Cut(a.out, "passphrase of HASH")
	v.write(before, func(*vt) {})
	v.memory = nil // what a dumb terminal keeps, it keeps
	if pair := wordsOn(v.everything(), r.hash); pair != "" {
		t.Errorf("HASH finds %q on the screen:\n%s", pair, v.everything())
	}

	c = byOfficers(r.phaseCall("css", "2a"))
	c.env = []string{"TERM=dumb"}
	a = newCrew(sitDown(t, 80, 24, nil, c), r.hash).mustWork(exitDone)
	if pair := wordsOn(a.out, r.hash); pair != "" || strings.Contains(a.out, "\x1b") {
		t.Errorf("the terminal was told %q:\n%q", pair, a.out)
	}
}

// One wrong key loses nothing: an empty line changes nothing, < goes back a row,
// and a row that makes the whole no card is typed again alone.
func TestWayBack(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	words := strings.Fields(r.hash)
	row := func(n int) string { return strings.Join(words[4*n:4*n+4], " ") + "\n" }
	other := map[bool]string{true: "zoo", false: "abandon"}[words[8] != "zoo"]
	s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a")))
	people := newCrew(s, r.hash)
	people.upTo("from word 1 on: ")
	then := func(text, prompt string) {
		t.Helper()
		n := strings.Count(s.told(), prompt)
		s.types(text)
		s.until(prompt, func(told string) bool { return strings.Count(told, prompt) > n })
	}
	then(row(0), "from word 5 on: ")
	then("\n", "from word 5 on: ")
	then(row(1), "from word 9 on: ")
	then("<\n", "from word 5 on: ")
	then("<\n", "from word 1 on: ")
	then(row(0), "from word 5 on: ")
	then(words[4]+" vacent\n", "from word 5 on: ")
	if !strings.Contains(unbroken(s.told()), "word 6 of the card is not a BIP-39 word nor its first letters: type the row again (vacant?)") {
		t.Error("it is not said which word is none, and which one it may be")
	}
	then(row(1), "from word 9 on: ")
	then(other+" "+strings.Join(words[9:12], " ")+"\n", "from word 13 on: ")
	then(row(3), "from word 17 on: ")
	then(row(4), "from word 21 on: ")
	then(row(5), "which row is wrong, 1 to 6: ")
	then("\n", "which row is wrong, 1 to 6: ")
	then("3\n", "from word 9 on: ")
	s.types(row(2))
	people.answered = len(s.told())
	a := people.mustWork(exitDone)
	if strings.Count(a.out, "passphrase of HASH") != 1 {
		t.Errorf("HASH had to log on again: …%q", tail(a.out))
	}
	cleared(t, "at the end", a.out, r.hash)
}

// A code in the camera's view is nobody's card: who logs on sees what was read,
// and types words of the card in their own hand, which is another one. The key
// officer types theirs, whatever was scanned before.
func TestScannedCardIsConfirmed(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	honest := r.hash
	evil := strings.Repeat("abandon ", 23) + "art"
	for name, how := range map[string][]string{"wedge:": {"--sa-hash", "wedge:"}, "typed by a scanner": nil} {
		t.Run(name, func(t *testing.T) {
			s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a"), how...))
			people := newCrew(s, honest)
			asks := "from word 1 on: "
			if how != nil {
				asks = "show your own SA-key hash card"
			}
			people.upTo(asks)
			s.types(codeOf(t, evil) + "\n") // the one on the wall
			a := people.mustWork(exitRefused)
			told := unbroken(controls.ReplaceAllString(a.out, " "))
			if !strings.Contains(told, "the card that was read does not have the words that HASH typed; 3 wrong answers end the log-on") {
				t.Errorf("…%q", tail(a.out))
			}
			if strings.Contains(a.out, "This card was read") || strings.Contains(a.out, "done: hash") {
				t.Error("the card was shown to who does not have it, or registered")
			}
		})
	}
	// The hash officer's own card is shown to them; the key officer cannot scan.
	s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a"), "--sa-hash", "wedge:"))
	people := newCrew(s, honest)
	scanned := 0
	people.yes = func(told string) string {
		if strings.Contains(told, "type yes if every word is the same") {
			scanned++
			if scanned == 1 {
				return "no"
			}
		}
		return "yes"
	}
	people.scan = func() string { return codeOf(t, honest) }
	a := people.mustWork(exitDone)
	if scanned != 2 || strings.Count(a.out, "show your own SA-key hash card") != 2 || strings.Contains(a.out, "KEYREG: show your own") {
		t.Errorf("%d times shown: %q", scanned, a.out)
	}
	cleared(t, "at the end", a.out, honest)
}

// The typist alone, with an SA and a target of their own made from the plan, and
// officers who are honest: whatever the typist types or pipes, the source trusts
// the SA of the officers' cards, and gives its key to nobody else's target.
func TestTypistAlone(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	honest := r.hash
	r.init("own-sa", "sa")
	r.init("own-csr1", "csr1")
	own := filepath.Join(r.dir, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	theirs := func(c call) call {
		for i, a := range c.args {
			if a == r.stick("stick") {
				c.args[i] = "dir:" + own
			}
		}
		return c
	}
	c := theirs(r.phaseCall("own-sa", "1"))
	c.stdin = ""
	evil := cardOn(r.mustFail(c, exitNotYet, "the SA-key hash was not entered").out)
	c = theirs(r.phaseCall("own-sa", "1"))
	c.stdin = evil
	r.must(c)
	c = theirs(r.phaseCall("own-csr1", "3a"))
	c.stdin = evil
	r.must(c)

	card := filepath.Join(r.dir, "own-card")
	if err := os.WriteFile(card, []byte(evil), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		flags []string
		in    *os.File
		code  int
	}{
		"a file":             {[]string{"--sa-hash", card}, nil, exitUsage},
		"--yes":              {[]string{"--yes"}, nil, exitUsage},
		"a pipe":             {[]string{"--sa-hash", "-"}, holding(t, evil), exitUsage},
		"pictures":           {[]string{"--sa-hash", "camera:-"}, holding(t, evil), exitUsage},
		"a scanner's pipe":   {[]string{"--sa-hash", "wedge:"}, holding(t, codeOf(t, evil)), exitUsage},
		"redirected input":   {nil, holding(t, evil), exitRefused},
		"the stick alone":    {nil, nil, exitRefused},
		"scanned beforehand": {[]string{"--sa-hash", "wedge:"}, nil, exitRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitDown(t, 80, 24, try.in, theirs(byOfficers(r.phaseCall("css", "2a"), try.flags...)))
			people := newCrew(s, honest)
			people.scan = func() string { return codeOf(t, evil) }
			a := people.mustWork(try.code)
			if try.code == exitUsage && strings.Contains(a.out, "passphrase of") {
				t.Errorf("somebody was asked to log on: %q", a.out)
			}
		})
	}
	status := r.must(call{args: []string{"status", "--store", r.store("css")}}).out
	if strings.Contains(status, "done     Register") {
		t.Fatalf("the typist's SA was registered:\n%s", status)
	}
	// The ceremony goes on as if nothing had been, each officer at the terminal.
	newCrew(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a"))), honest).mustWork(exitDone)
	newCrew(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("sa", "2b"))), honest).mustWork(exitDone)
	// The typist's SA is not the one that certifies a target for 3c.
	c = theirs(r.phaseCall("own-sa", "3b"))
	c.stdin = evil
	r.do(c)
	newCrew(sitDown(t, 80, 24, nil, theirs(byOfficers(r.phaseCall("css", "3c")))), honest).work()
	found, _ := filepath.Glob(filepath.Join(own, "*", "share-*"))
	if len(found) > 0 {
		t.Errorf("shares were given out: %v", found)
	}
}
