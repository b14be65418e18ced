package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A path that begins with ~ is in the home directory, also where no shell wrote it
// out; another's is said not to be known. Nothing is made that is called ~.
func TestHome(t *testing.T) {
	t.Parallel()
	skipUnderRace(t)
	home, dir := t.TempDir(), t.TempDir()
	for _, stick := range []string{"stick", "pages"} {
		if err := os.Mkdir(filepath.Join(home, stick), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	try := func(args ...string) answer {
		return call{args: args, dir: dir, env: []string{"HOME=" + home}, fds: []string{officers(3)}}.run(t)
	}
	for _, args := range []string{
		"plan new --plan ~/plan.toml --rehearsal",
		"init --plan ~/plan.toml --node sa --store ~/store --passphrase-fd 3",
		"status --store ~/store",
		"plan print --plan ~/plan.toml --store ~/store --store ~/store",
		"media prepare --plan ~/plan.toml --label all --stick dir:~/stick",
	} {
		if a := try(strings.Fields(args)...); a.code != exitDone {
			t.Fatalf("gapferry %s: exit code %d\n%s%s", args, a.code, a.out, a.err)
		}
	}
	for args, want := range map[string]string{
		"status --store ~nobody/store":               "~nobody is no directory that is known here",
		"inspect --file ~nobody/a.gfb":               "~nobody is no directory that is known here",
		"inspect --from dir:~nobody/stick":           "~nobody is no directory that is known here",
		"inspect --from qr:~nobody":                  "~nobody is no directory that is known here",
		"qr scan --from wedge: --to dir:~/not-there": "there is no directory " + home + "/not-there",
	} {
		if a := try(strings.Fields(args)...); a.code == exitDone || !strings.Contains(unbroken(a.err), want) {
			t.Errorf("gapferry %s: exit code %d\n%s", args, a.code, a.err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("in the working directory: %v", left)
	}
}
