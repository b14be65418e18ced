package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/testvectors"
)

// frozenStick writes the frozen ceremony's stick into a directory.
func frozenStick(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	stick, err := fs.Sub(testvectors.Ceremony(), "stick")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, stick); err != nil {
		t.Fatal(err)
	}
	return dir
}

// An empty stick, and one onto which bundles were copied without their folders,
// are told in words and with a code of their own, by every command that looks.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	skipShort(t)
	from, loose, plan := frozenStick(t), t.TempDir(), filepath.Join(t.TempDir(), "plan.toml")
	if a := (call{args: []string{"plan", "new", "--plan", plan}}).run(t); a.code != exitDone {
		t.Fatal(a.err)
	}
	key := must(filepath.Glob(filepath.Join(from, "sa.db", "sa-key-*")))[0]
	if err := os.WriteFile(filepath.Join(loose, filepath.Base(key)), must(os.ReadFile(key)), 0o600); err != nil {
		t.Fatal(err)
	}
	for stick, want := range map[string]string{t.TempDir(): "", loose: filepath.Base(key) + " lies loose in the root"} {
		for _, args := range [][]string{
			{"media", "check", "--plan", plan, "--stick", "dir:" + stick}, {"media", "wipe", "--stick", "dir:" + stick, "--yes"},
			{"verify", "--from", "dir:" + stick}, {"inspect", "--from", "dir:" + stick},
		} {
			a := call{args: args}.run(t)
			told := a.out + a.err
			if a.code != exitNothing || !strings.Contains(told, "no bundle") || want != "" && !strings.Contains(strings.ReplaceAll(told, ": it lies", " lies"), want) {
				t.Errorf("gapferry %s: exit code %d\n%s", strings.Join(args, " "), a.code, told)
			}
		}
	}
}
