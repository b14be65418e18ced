package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// scripted is a command of a printed script, and what its screen must say.
type scripted struct {
	args   []string
	screen []string
}

var (
	wordOfCommand = regexp.MustCompile(`"[^"]*"|\S+`)
	inProse       = regexp.MustCompile("`gapferry ([^`]*)`")
)

func words(command string) []string {
	list := wordOfCommand.FindAllString(command, -1)
	for i, w := range list {
		list[i] = strings.Trim(w, `"`)
	}
	return list
}

// firstSheet is the first one behind the steps.
const firstSheet = "A key card differs from the screen"

// readScript takes the commands from a script as text: those of the steps, and
// those of the sheets for what goes wrong.
func readScript(text string) (steps, sheets []scripted) {
	into := &steps
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == firstSheet:
			into = &sheets
		case strings.HasPrefix(line, "gapferry ") && strings.HasPrefix(lines[i], "      "):
			for strings.HasSuffix(line, `\`) {
				i++
				line = strings.TrimSuffix(line, `\`) + strings.TrimSpace(lines[i])
			}
			if args := words(line)[1:]; !strings.HasSuffix(args[0], ":") {
				*into = append(*into, scripted{args: args})
			}
		case strings.HasPrefix(line, "| ") && into == &steps:
			last := &steps[len(steps)-1]
			last.screen = append(last.screen, strings.TrimPrefix(line, "| "))
		}
	}
	return steps, sheets
}

// lostSA is the sheet on which the SA is exchanged.
const lostSA = "The SA is lost"

// sheetCommands are the commands of a sheet.
func sheetCommands(text, name string) []scripted {
	_, rest, _ := strings.Cut(text, "\n"+name+"\n===")
	rest, _, _ = strings.Cut(rest, "\nDo not\n")
	_, commands := readScript(firstSheet + "\n" + rest)
	return commands
}

// printScript prints the script of a plan.
func printScript(t *testing.T, planFlags ...string) (text string, r *rooms) {
	t.Helper()
	r = newRooms(t, planFlags...)
	a := r.must(call{args: []string{"plan", "script"}, dir: r.dir})
	for _, line := range strings.Split(a.out, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	return a.out, r
}

// Every command that a script prints is one that gapferry takes.
func TestScriptCommands(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{
		{"--targets", "2"},
		{"--targets", "2", "--carrier", "usb", "--shares", "3/5"},
		{"--targets", "1", "--sa-with", "css"},
		{"--targets", "15", "--sa-with", "csr1", "--carrier", "usb", "--shares-together"},
		{"--targets", "1", "--shares-together"},
	} {
		text, _ := printScript(t, flags...)
		steps, sheets := readScript(text)
		var all [][]string
		for _, s := range append(steps, sheets...) {
			all = append(all, s.args)
		}
		for _, m := range inProse.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1) {
			all = append(all, words(m[1]))
		}
		if len(steps) < 15 || len(sheets) < 25 {
			t.Fatalf("%v: only %d commands, and %d on the sheets", flags, len(steps), len(sheets))
		}
		anew := 0
		for _, s := range sheetCommands(text, lostSA) {
			if slices.Equal(s.args[:2], []string{"coprocessor", "anew"}) {
				anew++
			}
		}
		if anew != 2 {
			t.Errorf("%v: on the sheet for a lost SA %d nodes begin anew: source and target do", flags, anew)
		}
		for i, args := range all {
			app := (&env{in: strings.NewReader(""), out: io.Discard, err: io.Discard}).app()
			reached := false
			var replace func([]*cli.Command)
			replace = func(commands []*cli.Command) {
				for _, c := range commands {
					replace(c.Subcommands)
					if len(c.Subcommands) == 0 {
						c.Action = func(ctx *cli.Context) error {
							reached = ctx.NArg() == 0
							if i < len(steps)+len(sheets) && slices.Contains(ctx.Command.Flags, cli.Flag(storeFlag)) && ctx.String(storeFlag.Name) == storeFlag.Value {
								t.Errorf("gapferry %s: the script's rooms have their stores elsewhere", strings.Join(args, " "))
							}
							return nil
						}
					}
				}
			}
			replace(app.Commands)
			if err := app.Run(append([]string{"gapferry"}, args...)); err != nil || !reached {
				t.Errorf("gapferry %s: %v", strings.Join(args, " "), err)
			}
		}
	}
}

// Whoever does what a script says has done the ceremony, and sees on the screen
// what it says.
func TestScriptIsTheCeremony(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	text, r := printScript(t, "--targets", "1", "--rehearsal")
	r.newSticks("STICK", "SHARE1", "SHARE2", "SHARE3")
	steps, _ := readScript(text)
	r.follow(steps)
	report, err := os.ReadFile(filepath.Join(r.dir, "report.html"))
	if err != nil || !strings.Contains(string(report), "VERIFIED with ") {
		t.Errorf("the report: %v", err)
	}
	afterwards(r)
}

// newSticks makes empty sticks; one of that name is put aside.
func (r *rooms) newSticks(names ...string) {
	r.t.Helper()
	for _, name := range names {
		path := filepath.Join(r.dir, name)
		if err := os.Rename(path, filepath.Join(r.t.TempDir(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.t.Fatal(err)
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
}

// unasked are the commands for which nobody logs on.
var unasked = []string{"plan check", "plan print", "media prepare", "media wipe", "transcript merge", "transcript report"}

// asking are the others in which somebody says yes.
var asking = []string{"coprocessor generate", "coprocessor set", "coprocessor clear", "coprocessor unlock", "coprocessor anew", "journal note", "media wipe"}

// follow does what a script says, and looks whether the screen says it too.
func (r *rooms) follow(steps []scripted) {
	r.t.Helper()
	for _, s := range steps {
		name := strings.Join(s.args[:2], " ")
		if name == "coprocessor load" {
			continue // the key is made at random
		}
		c := call{args: slices.Clone(s.args), dir: r.dir, fds: []string{officers(3)}}
		if !slices.Contains(unasked, name) {
			c.args = append(c.args, "--passphrase-fd", "3")
		}
		if slices.Contains([]string{"phase", "cancel", "revoke"}, s.args[0]) || slices.Contains(asking, name) {
			c.args = append(c.args, "--yes")
		}
		switch name {
		case "phase 1":
			a := r.do(call{args: append(c.args, "--sa-hash", "-"), dir: r.dir, fds: c.fds})
			r.hash = cardOn(a.out)
			if err := os.WriteFile(filepath.Join(r.dir, "CARD"), []byte(r.hash), 0o600); err != nil {
				r.t.Fatal(err)
			}
			fallthrough
		case "phase 2a", "phase 3a":
			c.args, c.stdin = append(c.args, "--sa-hash", "-"), r.hash
		}
		a := r.must(c)
		told := unfolded(a.out)
		for _, want := range s.screen {
			if !matches(told, want) {
				r.t.Errorf("gapferry %s: the screen does not say %q:\n%s", strings.Join(s.args, " "), want, a.out)
			}
		}
	}
}

// Whoever does what the sheets for a target that is cancelled, and for one that
// has to be set up anew say, one after the other, has the key there, and a
// transcript that verifies. Then the target is revoked.
func TestSheetsLeadOut(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	text, r := printScript(t, "--targets", "1", "--rehearsal")
	r.newSticks("STICK", "SHARE1", "SHARE2", "SHARE3")
	steps, _ := readScript(text)
	at := slices.IndexFunc(steps, func(s scripted) bool { return slices.Equal(s.args[:2], []string{"phase", "3d"}) })
	r.follow(steps[:at])
	sheet := func(name string) []scripted { return sheetCommands(text, name) }
	without := func(all []scripted, first string) []scripted {
		return slices.DeleteFunc(all, func(s scripted) bool { return s.args[0] == first })
	}
	r.follow(without(sheet("A target is to be cancelled"), "phase"))
	r.newSticks("SHARE1", "SHARE2", "SHARE3")
	r.follow(sheet("A target is to be cancelled")[3:])

	anew := sheet("A target has to be set up anew")
	r.follow(anew[:1])
	store := filepath.Join(r.dir, "room-csr1")
	if err := os.Rename(store, store+"-old"); err != nil {
		t.Fatal(err)
	}
	r.newSticks("SHARE1", "SHARE2", "SHARE3")
	r.follow(anew[1:])
	a := r.must(call{args: []string{"status", "--store", "room-csr1"}, dir: r.dir})
	if !strings.Contains(a.out, "phase 3d, csr1: done") {
		t.Errorf("the target does not have the key:\n%s", a.out)
	}
	r.follow(steps[at+1:])
	report, err := os.ReadFile(filepath.Join(r.dir, "report.html"))
	for _, want := range []string{"VERIFIED with ", "<td class=\"mono\">csr1</td><td class=\"\">has the master key</td>", "Cancelled, revoked, set up anew"} {
		if err != nil || !strings.Contains(string(report), want) {
			t.Errorf("the report does not say %q: %v", want, err)
		}
	}
	r.follow(sheet("A node is not to be trusted any more: revoke it"))
}

// Whoever does what the sheet for a lost SA says, in the middle of a ceremony,
// ends with the key at the target, under the certificates of the new SA.
func TestLostSASheetLeadsOut(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	text, r := printScript(t, "--targets", "1", "--rehearsal")
	r.newSticks("STICK", "SHARE1", "SHARE2", "SHARE3")
	steps, _ := readScript(text)
	r.follow(steps[:slices.IndexFunc(steps, func(s scripted) bool { return slices.Equal(s.args[:2], []string{"phase", "3c"}) })])
	store := filepath.Join(r.dir, "room-sa")
	if err := os.Rename(store, store+"-old"); err != nil {
		t.Fatal(err)
	}
	r.newSticks("STICK")
	r.follow(sheetCommands(text, lostSA))
	a := r.must(call{args: []string{"status", "--store", "room-csr1"}, dir: r.dir})
	if !strings.Contains(a.out, "phase 3d, csr1: done") {
		t.Errorf("the target does not have the key:\n%s", a.out)
	}
}

// afterwards looks at what the stores and the transcript of a ceremony fill in.
func afterwards(r *rooms) {
	t := r.t
	at := func(args string) call { return call{args: words(args), dir: r.dir} }
	forms := r.must(at("plan print --store room-sa --store room-css")).out
	hash := unfolded(forms)
	for _, want := range []string{
		"done by, date and time: KEYREG, 20", "SHARE2, 20", "css current, phase 2a", "set up with this serial number and EID 20", "CSS keys ",
	} {
		if !strings.Contains(hash, want) {
			t.Errorf("the filled forms do not say %q:\n%s", want, forms)
		}
	}
	for i, w := range strings.Fields(r.hash) {
		if !strings.Contains(hash, fmt.Sprintf("%d %s ", i+1, w)) {
			t.Errorf("the filled forms do not have word %d of the card, %s", i+1, w)
		}
	}
	if n := strings.Count(forms, "________________\n"); n < 2 { // csr1 is not asked
		t.Errorf("nothing is left to be written by hand:\n%s", forms)
	}
	for _, from := range []string{"--minutes-from room-css", "--minutes-from ceremony.gft --sa-hash CARD"} {
		if route := r.must(at("plan route " + from)).out; !strings.Contains(unfolded(route), "(rehearsal: 0:0") {
			t.Errorf("no minutes are learned with %s:\n%s", from, route)
		}
	}
	var route struct {
		Walks []struct{ Coprocessor string }
		Saved int `json:"walks_saved"`
	}
	if err := json.Unmarshal([]byte(r.must(at("plan route --json")).out), &route); err != nil || len(route.Walks) != 6 || route.Saved != 1 {
		t.Errorf("the route: %v, %+v", err, route)
	}

	// Nothing is overwritten, and nothing else is taken for a store's plan.
	r.mustFail(at("transcript report --transcript ceremony.gft --sa-hash CARD --html report.html"), exitUsage, "a report is never overwritten")
	r.mustFail(at("transcript report --transcript ceremony.gft --sa-hash CARD --html new --text ./new"), exitUsage, "name the same file")
	r.mustFail(at("transcript report --transcript ceremony.gft --sa-hash CARD --html new --text report.html"), exitUsage, "report.html is there already: a report is never overwritten")
	if _, err := os.Lstat(filepath.Join(r.dir, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of a report was written: %v", err)
	}
	r.mustFail(at("transcript report --transcript ceremony.gft --sa-hash CARD"), exitUsage, "needs --html FILE or --text FILE")
	r.must(at("plan print --html forms.html"))
	r.mustFail(at("plan print --html forms.html"), exitUsage, "never overwritten")
	r.must(at("plan new --plan other.toml --title Other --rehearsal"))
	r.mustFail(at("plan print --plan other.toml --store room-css"), exitRefused, "was made from another plan")
	text := r.must(at("transcript report --transcript ceremony.gft --sa-hash CARD --text -")).out
	for _, line := range strings.Split(text, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("the report has a long line: %q", line)
		}
	}
}

// unfolded is a text on one line.
func unfolded(text string) string { return strings.Join(strings.Fields(text), " ") }

// matches reports whether a text has a line in it, in which … stands for
// anything.
func matches(text, line string) bool {
	parts := strings.Split(unfolded(line), "…")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(strings.Join(parts, ".*")).MatchString(text)
}
