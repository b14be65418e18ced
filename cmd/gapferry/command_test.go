package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// A command that a hint names is written as this session has to type it.
func TestSpell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at         place
		text, want string
	}{
		{place{}, "see {status}", "see `gapferry status`"},
		{place{store: "room-sa"}, "{status} or {audit journal --look}", "`gapferry status --store room-sa` or `gapferry audit journal --look --store room-sa`"},
		{place{store: "it's here"}, "{status}", `$gapferry status --store 'it'"'"'s here'$`},
		{place{store: "-s", from: []string{"dir:a b", "qr:c"}}, "{phase 3d}", "`gapferry phase 3d --store '-s' --from 'dir:a b' --from qr:c`"},
		{place{from: []string{"dir:a", "dir:share1"}}, "{phase 2a}", "`gapferry phase 2a --from dir:a`"},
		{place{from: []string{"dir:a"}, to: "dir:b"}, "{phase 3b}", "`gapferry phase 3b --from dir:a --to dir:b`"},
		{place{from: []string{"dir:a"}}, "{phase 1}", "`gapferry phase 1 --to dir:a`"},
		{place{store: "x"}, "{} {\"a\": 1} {Not a command}", "{} {\"a\": 1} {Not a command}"},
	} {
		if got := c.at.spell(c.text); got != strings.ReplaceAll(c.want, "$", "`") {
			t.Errorf("%q in %+v is %s", c.text, c.at, got)
		}
	}
}

// What somebody copies from the screen is not broken over two lines, where it
// fits on one.
func TestCommandsStayWhole(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	command := "`gapferry coprocessor unlock --profile SHARE1 --store room-csr2`"
	terminal.PrintWrapped(&b, "  hint: ", "ADMIN unlocks it when it is known who tried: "+command+", and not before")
	if !strings.Contains(b.String(), command) {
		t.Errorf("broken:\n%s", b.String())
	}
	b.Reset()
	terminal.PrintWrapped(&b, "  hint: ", "`gapferry "+strings.Repeat("word ", 30)+"`")
	for _, line := range strings.Split(b.String(), "\n") {
		if len(line) > terminal.Width {
			t.Errorf("%d columns", len(line))
		}
	}
}

// A name from outside in a command, copied from the screen into a shell, is one
// word, and runs nothing.
func TestCopiedCommandsRunNothingElse(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		missing(t, "a shell: "+err.Error())
	}
	for _, name := range []string{
		"it's here", "x'; echo RAN; '", "a'\\''; echo RAN; '", "$(echo RAN)", "`echo RAN`", "a\n echo RAN", "\x1b[2Ja b", `back\slash`,
		"a;echo RAN", "a&&echo RAN", "#a", "~a", "-a", "a\u202eb", "\"; echo RAN; \"",
	} {
		var b bytes.Buffer
		terminal.Print(&b, "", place{store: name}.command("status"))
		out, err := exec.Command(sh, "-c", `gapferry() { printf '%s\n' "$#" "$3"; }; `+b.String()).CombinedOutput()
		if want := "3\n" + name + "\n"; err != nil || string(out) != want && string(out) != "3\n…\n" {
			t.Errorf("%q is printed as %sand gives %q, %v", name, b.String(), out, err)
		}
	}
}
