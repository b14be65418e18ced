package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// beGapferry makes the test binary behave as gapferry itself, so that tests
// run real processes without building anything.
const beGapferry = "GAPFERRY_TEST_BE_GAPFERRY"

// clockShift sets the clock of a process: by how much it differs from the real one.
const clockShift = "GAPFERRY_TEST_CLOCK_SHIFT"

func TestMain(m *testing.M) {
	if os.Getenv(beGapferry) != "" {
		if shift, err := time.ParseDuration(os.Getenv(clockShift)); err == nil {
			wallClock = func() time.Time { return time.Now().Add(shift) }
		}
		if os.Getenv(measureTo) == "" {
			garbage = 800 // its memory is not measured, and its time is the tests'
		}
		// On one thread, so that a test can count the system calls.
		runtime.LockOSThread()
		code := run()
		if path := os.Getenv(measureTo); path != "" {
			measure(path)
		}
		os.Exit(code)
	}
	lessCollecting()
	code := m.Run()
	if plain.dir != "" {
		_ = os.RemoveAll(plain.dir)
	}
	os.Exit(code)
}

// call is one gapferry process.
type call struct {
	args   []string
	dir    string
	env    []string // beside the test's own
	stdin  string
	in     *os.File                // instead of stdin
	out    *os.File                // at a terminal: where the output goes instead of there
	fds    []string                // contents of descriptors 3, 4, …
	prefix []string                // a program that runs it, like strace
	self   string                  // the program, if it is another copy of it
	left   func(keyboard *os.File) // at a terminal: what was done at it before
}

// answer is how it ended.
type answer struct {
	out, err string
	code     int
	killed   bool
}

func (c call) run(t testing.TB) answer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append(append(append([]string{}, c.prefix...), cmp.Or(c.self, self)), c.args...)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), beGapferry+"=1", "GAPFERRY_STORE="), c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	if c.in != nil {
		cmd.Stdin = c.in
	}
	cmd.SysProcAttr = noTerminal()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	for _, content := range c.fds {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() {
			fmt.Fprint(w, content)
			w.Close()
		}()
		cmd.ExtraFiles = append(cmd.ExtraFiles, r)
	}
	err = cmd.Run()
	a := answer{out: out.String(), err: errOut.String(), code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	a.killed = a.code == -1
	if !a.killed {
		checkShape(t, c.args, a.out, a.code)
	}
	return a
}

// rooms is a ceremony in separate processes: a directory for each room with
// its store, one for each stick, and nothing else that moves.
type rooms struct {
	t     testing.TB
	dir   string
	plan  string
	hash  string   // the card
	words []string // everything that any process printed
}

// officers are the passphrases of every profile, as the descriptor wants them.
func officers(n int) string {
	var b strings.Builder
	profiles := []string{"ADMIN", "AUDITOR", "KEYGEN", "HASH", "KEYREG", "CERTIFIER", "VERIFIER", "SETTER", "PART1", "PART2"}
	for i := range n {
		profiles = append(profiles, fmt.Sprintf("SHARE%d", i+1))
	}
	for _, p := range profiles {
		fmt.Fprintf(&b, "%s:Korrekt Hors %s\n", p, p)
	}
	return b.String()
}

// newRooms writes a plan. Rehearsal plans are used unless the test is about
// live ones, because their passphrases are cheap to check. Where the plain
// ceremony will do, after has it ready.
func newRooms(t testing.TB, planFlags ...string) *rooms {
	t.Helper()
	skipUnderRace(t)
	skipShort(t)
	r := &rooms{t: t, dir: t.TempDir()}
	r.furnish(planFlags...)
	return r
}

// furnish makes a plan and empty sticks.
func (r *rooms) furnish(planFlags ...string) {
	r.t.Helper()
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		r.t.Fatal(err)
	}
	r.plan = filepath.Join(r.dir, "plan.toml")
	r.must(call{args: append([]string{"plan", "new", "--plan", r.plan}, planFlags...)})
	for _, stick := range []string{"stick", "share1", "share2", "share3"} {
		if err := os.MkdirAll(filepath.Join(r.dir, stick), 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rooms) store(room string) string { return filepath.Join(r.dir, "room-"+room, "store") }

func (r *rooms) stick(name string) string { return "dir:" + filepath.Join(r.dir, name) }

// do runs a process and remembers what it printed.
func (r *rooms) do(c call) answer {
	r.t.Helper()
	a := c.run(r.t)
	r.words = append(r.words, a.out, a.err)
	return a
}

func (r *rooms) must(c call) answer {
	r.t.Helper()
	a := r.do(c)
	if a.code != 0 {
		r.t.Fatalf("gapferry %s: exit code %d\n%s%s", strings.Join(c.args, " "), a.code, a.out, a.err)
	}
	return a
}

// mustFail wants an exit code and words on standard error.
func (r *rooms) mustFail(c call, code int, words string) answer {
	r.t.Helper()
	a := r.do(c)
	if a.code != code || !strings.Contains(a.err, words) {
		r.t.Fatalf("gapferry %s: exit code %d, want %d with %q\n%s%s", strings.Join(c.args, " "), a.code, code, words, a.out, a.err)
	}
	return a
}

func (r *rooms) init(room, node string) {
	r.t.Helper()
	r.must(call{
		args: []string{"init", "--plan", r.plan, "--node", node, "--store", r.store(room), "--passphrase-fd", "3"},
		fds:  []string{officers(5)},
	})
}

// phaseCall is a phase in a room, from and to the one stick; shares go on sticks
// of their own, and come from there.
func (r *rooms) phaseCall(room, id string, flags ...string) call {
	args := []string{"phase", id, "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3", "--yes"}
	if id != "1" {
		args = append(args, "--from", r.stick("stick"))
	}
	if id == "1" || id == "2a" || id == "3a" {
		args = append(args, "--sa-hash", "-")
	}
	args = append(args, r.shareSticks(id, flags)...)
	return call{args: append(args, flags...), fds: []string{officers(5)}, stdin: r.hash}
}

// shareSticks are the flags for share1 and so on, where no flag names a stick of
// a share.
func (r *rooms) shareSticks(id string, flags []string) (more []string) {
	for i := 1; i <= 3; i++ {
		stick := r.stick(fmt.Sprintf("share%d", i))
		switch {
		case id == "3c" && !slices.Contains(flags, "--share-to") && !slices.Contains(flags, "--share"):
			more = append(more, "--share-to", fmt.Sprintf("%d=%s", i, stick))
		case id == "3d" && !slices.Contains(flags, "--from"):
			more = append(more, "--from", stick)
		}
	}
	return more
}

// noShareTo are arguments without those that say where shares go.
func noShareTo(args []string) (bare []string) {
	for i := 0; i < len(args); i++ {
		if args[i] == "--share-to" {
			i++
			continue
		}
		bare = append(bare, args[i])
	}
	return bare
}

// phase1 does phase 1 and copies the card from the screen.
func (r *rooms) phase1(room string) {
	r.t.Helper()
	c := r.phaseCall(room, "1", "--json")
	c.stdin = ""
	a := r.mustFail(c, exitNotYet, "the SA-key hash was not entered")
	r.hash = cardOn(a.err)
	if r.hash == "" {
		r.t.Fatalf("no card on the screen:\n%s", a.err)
	}
	r.must(r.phaseCall(room, "1"))
}

// cardOn finds the 24 numbered words on a screen.
func cardOn(screen string) string {
	var words []string
	for _, line := range strings.Split(screen, "\n") {
		f := strings.Fields(line)
		if len(f) == 8 && f[0] == fmt.Sprint(len(words)+1) {
			words = append(words, f[1], f[3], f[5], f[7])
		}
	}
	if len(words) != 24 {
		return ""
	}
	return strings.Join(words, " ")
}

// knownParts are two parts whose XOR is 0102…18, the key whose pattern is known.
func knownParts() (first, second string) {
	part := make([]byte, 24)
	other := make([]byte, 24)
	for i := range part {
		part[i] = byte(0xa5 ^ 29*i)
		other[i] = part[i] ^ byte(i+1)
	}
	return hex.EncodeToString(part), hex.EncodeToString(other)
}

const knownPattern = "083bf1025be34c44"

// loadKnownKey loads 0102…18 into a room's SYM-MK register by two officers.
func (r *rooms) loadKnownKey(room string) {
	r.t.Helper()
	first, second := knownParts()
	for _, p := range []struct{ part, hex string }{{"first", first}, {"last", second}} {
		r.must(call{
			args: []string{"coprocessor", "load", "--store", r.store(room), "--class", "SYM-MK", "--part", p.part, "--passphrase-fd", "3", "--key-part-fd", "4"},
			fds:  []string{officers(5), "PART:" + p.hex + "\n"},
		})
	}
	r.must(call{
		args: []string{"coprocessor", "set", "--store", r.store(room), "--class", "SYM-MK", "--passphrase-fd", "3", "--yes"},
		fds:  []string{officers(5)},
	})
}

// registers reads a room's SYM-MK registers: state and pattern of new, current, old.
func (r *rooms) registers(room string) map[string]struct{ State, Pattern string } {
	r.t.Helper()
	a := r.must(call{
		args: []string{"coprocessor", "registers", "--store", r.store(room), "--passphrase-fd", "3", "--json"},
		fds:  []string{officers(5)},
	})
	var all struct {
		Registers []json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.out), &all); err != nil {
		r.t.Fatal(err)
	}
	regs := map[string]struct{ State, Pattern string }{}
	for _, raw := range all.Registers {
		var class struct{ Class string }
		_ = json.Unmarshal(raw, &class)
		if class.Class == "SYM-MK" {
			var one struct {
				New, Current, Old struct{ State, Pattern string }
			}
			if err := json.Unmarshal(raw, &one); err != nil {
				r.t.Fatal(err)
			}
			regs["new"], regs["current"], regs["old"] = one.New, one.Current, one.Old
		}
	}
	return regs
}

// unbroken is what a terminal was told, on one line.
func unbroken(told string) string { return strings.Join(strings.Fields(told), " ") }

// skipUnderRace skips what runs in separate processes: they share no memory,
// and the race detector makes the hashing of their passphrases very slow.
func skipUnderRace(t testing.TB) {
	t.Helper()
	if raceEnabled {
		t.Skip("separate processes: nothing for the race detector to find")
	}
}

// skipShort skips under -short what starts many processes, unless it was asked
// for by name: then somebody wants to see just that.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() && flag.Lookup("test.run").Value.String() == "" {
		t.Skip("many processes: run without -short, or by name (-run)")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
