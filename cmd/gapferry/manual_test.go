package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

const manual = "README.md"

// everyCommand lists the commands that do something, with what is typed for them.
func everyCommand(t *testing.T) (names []string, commands map[string]*cli.Command) {
	t.Helper()
	commands = map[string]*cli.Command{}
	var below func(before string, all []*cli.Command)
	below = func(before string, all []*cli.Command) {
		for _, c := range all {
			if c.Hidden {
				continue
			}
			name := before + c.Name
			commands[name] = c
			if len(c.Subcommands) == 0 {
				names = append(names, name)
			}
			below(name+" ", c.Subcommands)
		}
	}
	below("", newApp(strings.NewReader(""), io.Discard, io.Discard, nil).Commands)
	return names, commands
}

var (
	repeated  = regexp.MustCompile(` \[ [^]]+ \]$`)
	noDefault = regexp.MustCompile(` \(default: (false|-1|0)\)`)
)

// manualTables are every command with its flags, and every flag with what it
// means, as `--help` says them.
func manualTables(t *testing.T) string {
	names, commands := everyCommand(t)
	var b strings.Builder
	b.WriteString("| command | does | flags |\n|---|---|---|\n")
	type meaning struct {
		flag, text string
		of         []string
	}
	var meanings []*meaning
	other := map[string]int{} // how many things a flag's name means
	for _, name := range names {
		var flags []string
		for _, f := range commands[name].VisibleFlags() {
			typed, text, _ := strings.Cut(f.String(), "\t")
			typed = repeated.ReplaceAllString(typed, "")
			text = strings.TrimSpace(noDefault.ReplaceAllString(text, ""))
			flags = append(flags, "--"+f.Names()[0])
			i := slices.IndexFunc(meanings, func(m *meaning) bool { return m.flag == typed && m.text == text })
			if i < 0 {
				i = len(meanings)
				meanings = append(meanings, &meaning{flag: typed, text: text})
				other["--"+f.Names()[0]]++
			}
			meanings[i].of = append(meanings[i].of, name)
		}
		does := fmt.Sprintf("| `%s` | %s |", name, cell(commands[name].Usage))
		if len(flags) > 0 {
			does += " `" + strings.Join(flags, " ") + "` |"
		} else {
			does += " |"
		}
		b.WriteString(does + "\n")
	}
	slices.SortStableFunc(meanings, func(a, b *meaning) int { return strings.Compare(word(a.flag), word(b.flag)) })
	b.WriteString("\n| flag | means |\n|---|---|\n")
	for _, m := range meanings {
		of := ""
		if other[word(m.flag)] > 1 {
			of = "of `" + strings.Join(m.of, "`, `") + "`: "
		}
		fmt.Fprintf(&b, "| `%s` | %s%s |\n", m.flag, of, cell(m.text))
	}
	return b.String()
}

// word is a flag without its value and its short form.
func word(flag string) string {
	w, _, _ := strings.Cut(flag, " ")
	return strings.TrimSuffix(w, ",")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// The manual has every command and every flag, as the program itself explains them.
func TestManual(t *testing.T) {
	const begin, end = "<!-- made by: go test ./cmd/gapferry -run TestManual -update -->\n", "<!-- end of what is made -->\n"
	text := string(must(os.ReadFile(manual)))
	before, rest, ok := strings.Cut(text, begin)
	have, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s does not have\n%s…\n%s", manual, begin, end)
	}
	want := "\n" + manualTables(t) + "\n"
	if *update {
		if err := os.WriteFile(manual, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		for _, line := range strings.SplitAfter(want, "\n") {
			if !strings.Contains(have, line) {
				t.Errorf("%s does not have\n%s", manual, line)
			}
		}
		t.Errorf("%s is not what the program says of itself: go test ./cmd/gapferry -run TestManual -update", manual)
	}
	for _, code := range []int{exitDone, exitOther, exitUsage, exitRefused, exitNotYet, exitMedium, exitCoprocessor, exitDenied, exitNothing, exitInterrupted} {
		if !strings.Contains(text, fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("%s does not have exit code %d", manual, code)
		}
	}
}

// Whatever a paper tells a person to type is a command of this program, with flags
// that it has.
func TestPapersNameCommands(t *testing.T) {
	papers := []string{
		"../../README.md", "../../SECURITY.md", "../../ARCHITECTURE.md", "../../CONTRIBUTING.md", "../../NEWS.md",
		"../internal/plan/PLAN.md", manual,
	}
	_, commands := everyCommand(t)
	named := map[string]bool{}
	for _, paper := range papers {
		for _, typed := range typedIn(string(must(os.ReadFile(paper)))) {
			c, rest, flags := commandOf(commands, typed)
			if typed[0] == "gapferry" && (c == nil || rest != "" && rest != "…" && rest != strings.ToUpper(rest)) {
				t.Errorf("%s: there is no command %q", filepath.Base(paper), typed)
			}
			if c == nil {
				continue
			}
			named[typed[0]] = true
			for _, f := range flags {
				if !hasFlag(c, f) {
					t.Errorf("%s: %q has a flag that the command does not", filepath.Base(paper), typed)
				}
			}
		}
	}
	if len(named) < 10 {
		t.Errorf("only %d commands were found in the papers", len(named))
	}
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// typedIn are the words of each code span, and of each line of an indented block,
// that may be a command.
func typedIn(text string) (all [][]string) {
	var prose strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if typed, ok := strings.CutPrefix(line, "    "); ok {
			typed, _, _ = strings.Cut(typed, " # ")
			if strings.HasPrefix(typed, "gapferry ") {
				all = append(all, strings.Fields(typed))
			}
			prose.WriteString("\n")
			continue
		}
		prose.WriteString(line)
	}
	for _, paragraph := range strings.Split(prose.String(), "\n\n") {
		for _, span := range codeSpan.FindAllStringSubmatch(paragraph, -1) {
			if words := strings.Fields(span[1]); len(words) > 1 || len(words) == 1 && strings.HasPrefix(words[0], "--") {
				all = append(all, words)
			}
		}
	}
	return all
}

// commandOf finds the command that is typed, the first word that is none, and the flags. "gapferry" is often left
// out; flags that
// stand alone can be of any command.
func commandOf(commands map[string]*cli.Command, typed []string) (c *cli.Command, rest string, flags []string) {
	words, anyOf := typed, &cli.Command{}
	if words[0] == "gapferry" {
		words = words[1:]
	}
	name := ""
	for _, w := range words {
		next := strings.TrimSpace(name + " " + w)
		if commands[next] == nil {
			if !strings.HasPrefix(w, "-") {
				rest = w
			}
			break
		}
		name = next
	}
	for _, w := range words {
		if strings.HasPrefix(w, "--") && w != "--help" && w != "--version" && w != "--" {
			w, _, _ = strings.Cut(w, "=")
			flags = append(flags, strings.TrimLeft(w, "-"))
		}
	}
	if name == "" && strings.HasPrefix(words[0], "--") { // of any command
		for _, c := range commands {
			anyOf.Subcommands = append(anyOf.Subcommands, c)
		}
		return anyOf, "", flags
	}
	return commands[name], rest, flags
}

func hasFlag(c *cli.Command, name string) bool {
	if len(c.Subcommands) > 0 { // "phase … --store D": any of its commands
		return slices.ContainsFunc(c.Subcommands, func(s *cli.Command) bool { return hasFlag(s, name) })
	}
	return slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// Every file and folder that ARCHITECTURE.md names is there, and it has every
// package of the upper half.
func TestArchitectureNames(t *testing.T) {
	text := string(must(os.ReadFile("../../ARCHITECTURE.md")))
	before, rest, _ := strings.Cut(text, "```\n")
	picture, after, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("ARCHITECTURE.md has no picture")
	}
	found := 0
	for _, span := range codeSpan.FindAllStringSubmatch(before+after, -1) {
		if !strings.Contains(span[1], "/") || strings.ContainsAny(span[1], " \n") {
			continue
		}
		found++
		if _, err := os.Stat("../../" + span[1]); err != nil {
			t.Errorf("ARCHITECTURE.md names %s, which is not there", span[1])
		}
	}
	if found < 20 {
		t.Errorf("only %d files were found", found)
	}
	for name := range arrows {
		room, internal := strings.CutPrefix(name, "cmd/internal/")
		if internal && !strings.Contains(room, "/") && !strings.HasSuffix(room, "test") && !strings.Contains(picture, "\n  "+room+" ") {
			t.Errorf("the picture in ARCHITECTURE.md does not have %s", room)
		}
	}
}
