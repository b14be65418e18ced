package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is typed wrong is a usage error, with one line that says what.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args  string
		code  int
		words string
	}{
		{"nonsense", exitUsage, `there is no command "nonsense"`},
		{"phase 9", exitUsage, `there is no command "phase 9"`},
		{"phase 1 stray --to dir:x", exitUsage, `takes flags only: what is "stray"?`},
		{"phase 1 --nonsense", exitUsage, "phase 1 has no flag --nonsense"},
		{"phase 1", exitNotYet, "no directory is named for the store"},
		{"media prepare --label all --plan x", exitUsage, "the plan cannot be read"},

		{"phase 1 --to dir:x --store none", exitNotYet, "there is no store in"},

		{"init --node sa --coprocessor hsm", exitUsage, `"hsm" is none of: soft, soft+tpm:DEVICE`},
		{"init --node sa --coprocessor tpm:/dev/tpm0", exitUsage, "name /dev/tpmrm0"},
		{"init --node sa --coprocessor pkcs11:token=a?module-path=/x&pin-value=1234", exitUsage, "the PIN is asked for"},
		{"init --node sa --plan missing.toml", exitUsage, "the plan cannot be read"},
		{"plan new --shares 3of5", exitUsage, "--shares takes M/N"},
		{"plan new --class RSA", exitUsage, "unknown master-key class"},
		{"plan new --shares 4/3", exitRefused, "more shares are needed than are made"},
		{"plan new --shares 1/3", exitRefused, "every single share is the whole key"},
		{"plan new --shares 2/16", exitRefused, "the shares made are 1 to 15"},
		{"plan new --class AES-MK", exitRefused, "allow_aes_cloning"},
		{"status --store none", exitNotYet, "there is no store in"},
		{"verify", exitUsage, "nothing to look at"},
		{"resend --kind letter --to dir:x", exitUsage, `no kind of bundle "letter"`},
		{"coprocessor load --part third", exitUsage, "--part takes first, middle or last"},
	} {
		a := call{args: strings.Fields(c.args), dir: dir}.run(t)
		if a.code != c.code || !strings.Contains(a.err, c.words) || strings.Count(a.err, "\n") > 2 {
			t.Errorf("gapferry %s: exit code %d, want %d with %q\n%s", c.args, a.code, c.code, c.words, a.err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("wrong commands left %v", entries)
	}
}

// One room's session: what must be refused there, with the right exit code.
func TestRefusalsInTheRoom(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	again := call{
		args: []string{"init", "--plan", r.plan, "--node", "sa", "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{officers(3)},
	}
	r.mustFail(again, exitNotYet, "there is a store")

	wrong := r.phaseCall("sa", "1")
	wrong.fds = []string{strings.ReplaceAll(officers(3), "Korrekt Hors", "Falsch Hors")}
	r.mustFail(wrong, exitDenied, "wrong passphrase")
	none := r.phaseCall("sa", "1")
	none.fds = []string{"ADMIN:Korrekt Hors ADMIN\n"}
	r.mustFail(none, exitUsage, "no line for profile AUDITOR")
	nobody := r.phaseCall("sa", "1")
	nobody.args = without(nobody.args, "--passphrase-fd", "3")
	r.mustFail(nobody, exitUsage, "--yes is for scripts, which give passphrases with --passphrase-fd")
	nobody.args = without(without(nobody.args, "--yes"), "--sa-hash", "-")
	r.mustFail(nobody, exitDenied, "no passphrase was given")

	onStick := r.phaseCall("sa", "1", "--card", filepath.Join(r.dir, "stick", "card.txt"))
	r.mustFail(onStick, exitRefused, "must not be on")
	r.phase1("sa")
	// A card is no stick: what lies there is called a file.
	other := filepath.Join(r.dir, "card.txt")
	if err := os.WriteFile(other, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	card := r.mustFail(call{args: []string{"qr", "card", "--store", r.store("sa"), "--out", other, "--passphrase-fd", "3"}, fds: []string{officers(3)}}, exitMedium, "card.txt is there already, and holds something else")
	if strings.Contains(card.err, "stick") {
		t.Errorf("%s", card.err)
	}

	// The source has no master key yet: that is told and asked before anybody logs
	// on. Who says yes all the same gets as far as the key is needed.
	asked := r.phaseCall("css", "2a")
	asked.args = without(asked.args, "--yes")
	a := r.mustFail(asked, exitNotYet, "knows of no SYM-MK master key")
	if strings.Contains(a.out, "AUDITOR") || !strings.Contains(a.out, "Phase 2a was not begun: nothing was done.") {
		t.Errorf("before anybody logs on:\n%s", a.out)
	}
	makesKey := hinted(t, a.err)
	a = r.mustFail(r.phaseCall("css", "2a"), exitNotYet, "load or generate the master key")
	if !strings.Contains(a.out, "knows of no SYM-MK master key") || !strings.Contains(a.out, "What was done stays done.") {
		t.Errorf("said yes to it:\n%s", a.out)
	}
	r.mustFail(r.phaseCall("css", "3c"), exitNotYet, "phase 2a comes first")
	a = r.mustFail(r.phaseCall("css", "3d"), exitNotYet, "there is no CSR node here")
	if strings.Contains(a.out, "Phase 3d") {
		t.Errorf("in the wrong room:\n%s", a.out)
	}
	r.mustFail(r.phaseCall("sa", "2b"), exitNotYet, "there is no css-key")
	r.mustFail(r.phaseCall("sa", "3b"), exitNotYet, "phase 2b comes first")
	for _, args := range append(makesKey, hinted(t, a.err)...) {
		r.must(call{args: append(args, byScript(args)...), fds: []string{officers(3)}, stdin: r.hash})
	}
}

func without(args []string, words ...string) []string {
	var kept []string
	for i := 0; i < len(args); i++ {
		if len(words) > 0 && args[i] == words[0] {
			i += len(words) - 1
			continue
		}
		kept = append(kept, args[i])
	}
	return kept
}

// The hash must come another way than the key.
func TestHashFromTheStick(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	r.phase1("sa")
	card := filepath.Join(r.dir, "stick", "card.txt")
	if err := os.WriteFile(card, []byte(r.hash), 0o600); err != nil {
		t.Fatal(err)
	}
	named := r.phaseCall("css", "2a")
	named.args = append(without(named.args, "--sa-hash", "-"), "--sa-hash", card)
	r.mustFail(named, exitRefused, "the stick that carries the key")

	redirected := r.phaseCall("css", "2a")
	f, err := os.Open(card)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	redirected.in = f
	r.mustFail(redirected, exitRefused, "the stick that carries the key")

	linked := filepath.Join(r.dir, "link")
	if err := os.Symlink(card, linked); err != nil {
		t.Fatal(err)
	}
	named.args = append(without(r.phaseCall("css", "2a").args, "--sa-hash", "-"), "--sa-hash", linked)
	r.mustFail(named, exitRefused, "the stick that carries the key")

	// A pipe is no file, wherever the command runs.
	inside := r.phaseCall("css", "2a")
	inside.dir, inside.stdin = filepath.Join(r.dir, "stick"), ""
	r.mustFail(inside, exitNotYet, "the SA-key hash was not entered")

	mistyped := r.phaseCall("css", "2a")
	mistyped.stdin = strings.Replace(r.hash, strings.Fields(r.hash)[3], "zoo", 1)
	if a := r.do(mistyped); a.code != exitRefused {
		t.Errorf("a mistyped word: exit code %d\n%s", a.code, a.err)
	}
	empty := r.phaseCall("css", "2a")
	empty.stdin = ""
	r.mustFail(empty, exitNotYet, "the SA-key hash was not entered")

	prefixes := r.phaseCall("css", "2a")
	prefixes.stdin = ""
	for _, w := range strings.Fields(r.hash) {
		prefixes.stdin += w[:min(4, len(w))] + "\n"
	}
	r.mustFail(prefixes, exitNotYet, "load or generate the master key") // the hash and the key are registered
}

// A key part with a mistake in it is refused without being repeated.
func TestKeyPartMistakes(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("css", "css")
	load := func(part, line string) call {
		return call{
			args: []string{"coprocessor", "load", "--store", r.store("css"), "--part", part, "--passphrase-fd", "3", "--key-part-fd", "4"},
			fds:  []string{officers(3), line},
		}
	}
	first, second := knownParts()
	for _, c := range []struct{ part, line, words string }{
		{"first", "PART:" + first[:46] + "\n", "has 48 hex digits, 46 were given"},
		{"first", "PART:" + first[:46] + "zz\n", "is not hex"},
		{"first", first + "\n", "is not NAME:SECRET"},
		{"first", "OTHER:" + first + "\n", "no line PART:HEX"},
	} {
		a := r.mustFail(load(c.part, c.line), exitUsage, c.words)
		if strings.Contains(a.out+a.err, first[:16]) {
			t.Errorf("%q repeats the part", a.err)
		}
	}
	if a := r.do(load("last", "PART:"+second+"\n")); a.code == 0 {
		t.Error("the last part was taken without a first")
	}
	r.must(load("first", "PART:"+first+"\n"))
	r.must(call{args: []string{"coprocessor", "clear", "--store", r.store("css"), "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)}})
	if regs := r.registers("css"); regs["new"].State != "empty" {
		t.Errorf("after clear: %v", regs)
	}
	r.notPrinted(first)
}

// notPrinted looks for a key part in everything that was printed.
func (r *rooms) notPrinted(part string) {
	for _, text := range r.words {
		if strings.Contains(text, part[:16]) {
			r.t.Errorf("printed: %q", text)
		}
	}
}

// Every --json gives one JSON value on standard output and nothing else.
func TestJSON(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.phase1("sa")
	for _, args := range [][]string{
		{"version", "--json"},
		{"plan", "check", "--plan", r.plan, "--json"},
		{"plan", "print", "--plan", r.plan, "--json"},
		{"status", "--store", r.store("sa"), "--json"},
		{"audit", "journal", "--look", "--store", r.store("sa"), "--json"},
		{"audit", "access-controls", "--store", r.store("sa"), "--passphrase-fd", "3", "--json"},
		{"coprocessor", "profiles", "--store", r.store("sa"), "--passphrase-fd", "3", "--json"},
		{"inspect", "--from", r.stick("stick"), "--json"},
		{"verify", "--from", r.stick("stick"), "--sa-hash", "-", "--json"},
		{"verify", "--from", r.stick("stick"), "--store", r.store("sa"), "--json"},
		{"resend", "--store", r.store("sa"), "--to", r.stick("share1"), "--json"},
		append(r.phaseCall("sa", "1").args, "--json"),
	} {
		a := r.must(call{args: args, fds: []string{officers(3)}, stdin: r.hash})
		var v any
		if err := json.Unmarshal([]byte(a.out), &v); err != nil || strings.Count(a.out, "\n") != 1 {
			t.Errorf("gapferry %s: %v\n%s", strings.Join(args, " "), err, a.out)
		}
	}
}

// A full stick is said, nothing half-written stays, and another stick finishes
// the phase.
func TestFullStick(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	full := filepath.Join(r.dir, "full")
	mountTiny(t, full)
	c := r.phaseCall("sa", "1")
	c.args = append(without(c.args, "--to", r.stick("stick")), "--to", "dir:"+full)
	if a := r.do(c); a.code != exitMedium {
		t.Fatalf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	var files []string
	err := filepath.WalkDir(full, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "filler" {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) > 0 {
		t.Errorf("on the full stick: %v, %v", files, err)
	}
	r.phase1("sa")
}

func TestRehearse(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	skipUnderRace(t)
	skipShort(t)
	r := &rooms{t: t, dir: t.TempDir()}
	keep := filepath.Join(r.dir, "kept")
	a := r.must(call{args: []string{"rehearse", "--json", "--targets", "3", "--shares", "3/4", "--dir", keep}})
	var result struct {
		Phases  []string `json:"phase_ids"`
		Targets []struct {
			Target, Pattern string
			Equal           bool
		}
	}
	lines := strings.Split(strings.TrimSpace(a.out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &result); err != nil {
		t.Fatal(err)
	}
	if strings.Join(result.Phases, " ") != "1 2a 2b 3a 3b 3c 3d" || len(result.Targets) != 3 {
		t.Errorf("%+v", result)
	}
	for _, target := range result.Targets {
		if !target.Equal || len(target.Pattern) != 16 {
			t.Errorf("%+v", target)
		}
	}
	if _, err := os.Stat(filepath.Join(keep, "stick-share4", "csr3.db")); err != nil {
		t.Error(err)
	}
}

// A rehearsal that is not kept leaves nothing.
func TestRehearseLeavesNothing(t *testing.T) {
	t.Parallel()
	skipUnderRace(t)
	temp := t.TempDir()
	a := call{args: []string{"rehearse", "--targets", "1"}, env: []string{"TMPDIR=" + temp}}.run(t)
	if a.code != exitDone {
		t.Fatalf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("the rehearsal left %v", left)
	}
}
