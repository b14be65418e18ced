package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// session is what officers see at the terminals of their rooms, command by
// command, 80 columns wide: a file of testdata/sessions, in which what is another
// in each ceremony stands as a placeholder.
type session struct {
	*rooms
	text   strings.Builder
	broken map[string]bool // profiles that mistype their passphrase
	yes    string          // the answer to what is to be compared
	card   string          // what is typed, where it is not the right one
}

// newSession goes on with a ceremony in a folder whose name has always the same
// length: where a line is broken depends on it.
func newSession(t testing.TB, stage string) *session {
	s := &session{rooms: after(t, stage), yes: "yes"}
	var id [4]byte
	_, _ = rand.Read(id[:])
	dir := fmt.Sprintf("/tmp/gapferry-%x", id)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	copyTree(t, s.dir, dir)
	s.dir = dir
	return s
}

// types gives a command at a terminal of a room, and officers who answer.
func (s *session) types(command string) (code int) {
	s.t.Helper()
	c := call{args: strings.Fields(command), dir: s.dir}
	people := newCrew(sitDown(s.t, 80, 24, nil, c), s.hash)
	people.yes = func(string) string { return s.yes }
	people.mistypes = s.broken
	people.card = func(string) string {
		switch {
		case s.card != "":
			return s.card
		case s.hash == "":
			return cardOn(people.told()) // phase 1 shows it
		}
		return s.hash
	}
	a := people.work()
	seen := stillScreen(a.out)
	for _, line := range strings.Split(seen, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			s.t.Errorf("gapferry %s: more than 80 columns: %s", command, line)
		}
	}
	if s.hash == "" {
		s.hash = cardOn(a.out)
	}
	fmt.Fprintf(&s.text, "$ %s\n%s", folded("gapferry "+command), seen)
	if a.code != 0 {
		fmt.Fprintf(&s.text, "[exit code %d]\n", a.code)
	}
	s.text.WriteString("\n")
	return a.code
}

// folded is a command as it is typed over several lines.
func folded(command string) string {
	words := strings.Split(command, " ")
	text, width := words[0], len(words[0])
	for _, w := range words[1:] {
		if width+len(w) > 70 && strings.HasPrefix(w, "--") {
			text, width = text+" \\\n     ", 6
		}
		text, width = text+" "+w, width+1+len(w)
	}
	return text
}

// secondScreen is what stands on it until it is left; of its views the last counts.
var secondScreen = regexp.MustCompile(`(?s)\x1b\[\?1049h.*?\x1b\[\?1049l`)

// stillScreen is what a terminal was told, without what moves about: what the second
// screen showed stands between two lines that say so.
func stillScreen(told string) string {
	told = secondScreen.ReplaceAllStringFunc(told, func(views string) string {
		last := max(strings.LastIndex(views, "\x1b[2J"), strings.LastIndex(views, "\x1b[H"), 0)
		return "\x1b[?1049h" + strings.TrimPrefix(views[last:], "\x1b[?1049h")
	})
	told = strings.NewReplacer("\x1b[?1049h", "\n[for a while the screen shows]\n", "\x1b[?1049l", "\n[and no longer]\n", "\r\n", "\n").Replace(told)
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(controls.ReplaceAllString(told, "")), "\n") {
		line = strings.TrimRight(line, "\r ")
		lines = append(lines, strings.TrimRight(line[strings.LastIndexByte(line, '\r')+1:], " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// done gives a command that has to succeed.
func (s *session) done(command string) {
	s.t.Helper()
	if code := s.types(command); code != exitDone {
		s.t.Fatalf("gapferry %s: exit code %d\n%s", command, code, s.text.String())
	}
}

// says begins a part of the session.
func (s *session) says(format string, a ...any) {
	fmt.Fprintf(&s.text, "# "+format+"\n\n", a...)
}

// placeholders are what is another in each ceremony, and what stands for it. Each
// keeps its width, because what stands behind it is aligned and wrapped.
var placeholders = []struct {
	is   *regexp.Regexp
	kept string // characters that are kept; any other becomes put
	put  rune
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\dZ?)?)?`), "-: TZ", '0'},
	{regexp.MustCompile(`\b[0-9a-f]{4}(?: {1,3}[0-9a-f]{4}){3,}\b`), " ", 'f'},
	{regexp.MustCompile(`\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12}|[0-9a-f]{8})\b`), "", 'f'},
}

var (
	cardRow  = regexp.MustCompile(`(?m)^.{0,6}(?: *\d+ +[a-z]{3,8}){4} *$`)
	cardWord = regexp.MustCompile(`[a-z]{3,8} *`)
	typedRow = regexp.MustCompile(`(?m)(from word +\d+ on: )[a-z ]+$`)
	planRows = regexp.MustCompile(`(?m)^(  plan {7})(?:[a-z]{3,8} ?){4}\n {13}(?:[a-z]{3,8} ?){4}$`)
	// sizes of bundles differ: age puts stanzas of random length into a file.
	sizes    = regexp.MustCompile(`\b\d{3,} bytes`)
	planLine = regexp.MustCompile(`(?m), plan(?:\s+[a-z]{3,8}){8}$`)
	keyWords = regexp.MustCompile(`((?:\s+[a-z]{3,8}){8})\s+\([0-9a-f]{8}\s+[0-9a-f]{8}\s+[0-9a-f]{8}\)`)
	// stageFolder is where the stages were played that a session goes on with.
	stageFolder = regexp.MustCompile(`dir:/tmp/gapferry-test-[0-9]+/now/`)
	someWords   = regexp.MustCompile(`(?m)(words?) (\d+)((?: \d+)*): [a-z ]+$`)
)

// steady is a text with placeholders for what is another in each ceremony.
func (s *session) steady() string {
	text := stageFolder.ReplaceAllString(s.text.String(), "dir:")
	text = cardRow.ReplaceAllStringFunc(text, func(row string) string {
		return strings.TrimRight(cardWord.ReplaceAllStringFunc(row, func(w string) string {
			return fmt.Sprintf("%-*s", len(w), "word")[:max(len(w), 4)]
		}), " ")
	})
	text = keyWords.ReplaceAllStringFunc(text, func(found string) string {
		before := found[:strings.IndexFunc(found, func(r rune) bool { return r > ' ' })]
		if strings.Contains(before, "\n") {
			before = " " // the words decide whether the line is broken there
		}
		return before + "EIGHT WORDS (ffffffff ffffffff ffffffff)"
	})
	text = sizes.ReplaceAllString(text, "N bytes")
	text = planRows.ReplaceAllString(text, "${1}FOUR WORDS\n             FOUR WORDS")
	text = planLine.ReplaceAllString(text, ", plan EIGHT WORDS")
	text = typedRow.ReplaceAllString(text, "${1}WORDS OF THE CARD")
	text = someWords.ReplaceAllString(text, "${1} N N N: WORDS OF THE CARD")
	for _, c := range placeholders {
		text = c.is.ReplaceAllStringFunc(text, func(found string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(c.kept, r) {
					return r
				}
				return c.put
			}, found)
		})
	}
	return text
}

// golden compares the session with its file, or writes it anew with -update.
func (s *session) golden(name string) {
	s.t.Helper()
	path := filepath.Join("testdata", "sessions", name+".txt")
	got := s.steady()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	want := strings.Split(string(must(os.ReadFile(path))), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(want) || line != want[i] {
			s.t.Fatalf("%s:%d: officers read\n%s\nand not\n%s\nIf that is meant: go test -run %s -update, and look at what changed.\n%s",
				path, i+1, line, strings.Join(want[min(i, len(want)):min(i+1, len(want))], ""), s.t.Name(), got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != len(want) {
		s.t.Errorf("%s: officers read %d lines, not %d", path, n, len(want))
	}
}

// What the officers of a whole ceremony read, from the first log-on to the
// transcript.
func TestSessionOfACeremony(t *testing.T) {
	t.Parallel()
	s := newSession(t, "init")
	s.hash = ""
	const shares = " --share-to 1=dir:share1 --share-to 2=dir:share2 --share-to 3=dir:share3"
	s.says("the room of the SA")
	s.done("phase 1 --store room-sa/store --to dir:stick")
	s.says("the room of the source")
	s.done("phase 2a --store room-css/store --from dir:stick --to dir:stick")
	s.says("the room of the target")
	s.done("phase 3a --store room-csr1/store --from dir:stick --to dir:stick")
	s.says("the room of the SA")
	s.done("phase 2b --store room-sa/store --from dir:stick --to dir:stick")
	s.done("phase 3b --store room-sa/store --from dir:stick --to dir:stick")
	s.says("the room of the source")
	s.done("phase 3c --store room-css/store --from dir:stick --to dir:stick" + shares)
	s.says("the room of the target")
	s.done("phase 3d --store room-csr1/store --from dir:stick --from dir:share1 --from dir:share3 --to dir:stick")
	s.done("journal export --store room-csr1/store --to dir:stick")
	s.says("the room of the source")
	s.done("receipts --store room-css/store --from dir:stick")
	s.done("journal export --store room-css/store --to dir:stick")
	s.says("the room of the SA")
	s.done("receipts --store room-sa/store --from dir:stick")
	s.done("journal export --store room-sa/store --to dir:stick")
	s.says("the auditor")
	s.done("transcript merge --from dir:stick --out ceremony.gft")
	s.golden("ceremony")
}

// What officers read who are refused: before the SA's key is known, and with a
// wrong passphrase, card or answer.
func TestSessionOfRefusedLogOns(t *testing.T) {
	t.Parallel()
	s := newSession(t, "1")
	const phase2a = "phase 2a --store room-css/store --from dir:stick --to dir:stick"
	s.says("another store is named than there is")
	s.types("phase 2a --store room-csr9/store --from dir:stick --to dir:stick")
	s.says("the phase is of another room")
	s.types("phase 3a --store room-css/store --from dir:stick --to dir:stick")
	s.says("its turn has not come")
	s.types("phase 3c --store room-css/store --from dir:stick --to dir:stick --share-to 1=dir:share1 --share-to 2=dir:share2 --share-to 3=dir:share3")
	s.says("the stick is empty")
	s.types("phase 2a --store room-css/store --from dir:share1 --to dir:share1")
	s.says("an officer mistypes the passphrase")
	s.broken = map[string]bool{"AUDITOR": true}
	s.types(phase2a)
	s.broken = nil
	s.says("the card is of another SA key")
	s.card = strings.Repeat("abandon ", 23) + "art"
	s.types(phase2a)
	s.golden("logons")
}

// What officers read who have the wrong stick, too few shares, or another one's.
func TestSessionOfWrongSticks(t *testing.T) {
	t.Parallel()
	s := newSession(t, "3c")
	s.says("one share of two is brought")
	s.types("phase 3d --store room-csr1/store --from dir:stick --from dir:share1 --to dir:stick")
	s.says("two shares would go on one stick")
	s.types("resend --store room-css/store --kind share --target csr1 --share 2 --to dir:share1")
	s.says("a share was damaged")
	found := must(filepath.Glob(filepath.Join(s.dir, "share3", "csr1.db", "share-03-*")))
	data := must(os.ReadFile(found[0]))
	data[len(data)/2] ^= 1
	if err := os.WriteFile(found[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.types("phase 3d --store room-csr1/store --from dir:stick --from dir:share3 --to dir:stick")
	s.golden("sticks")
}

// What officers read who say no.
func TestSessionOfNo(t *testing.T) {
	t.Parallel()
	s := newSession(t, "3a")
	s.yes = "no"
	s.says("the key card is another one")
	s.types("phase 2b --store room-sa/store --from dir:stick --to dir:stick")
	s.golden("no")
}
