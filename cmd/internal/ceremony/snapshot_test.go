package ceremony

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// fastDir is a directory of the test, in memory where the system has one:
// what is tested here is not the disk, and its syncs take most of the time.
func fastDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "gapferry-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// setting is a plan that many tests begin with.
type setting struct {
	name   string
	change func(*draft.Options)
}

var (
	standard = setting{"standard", nil} // 2 of 3, two targets
	small    = setting{"small", func(o *draft.Options) { o.M, o.N, o.Targets = 2, 2, 1 }}
)

// snapshot is a world at rest.
type snapshot struct {
	plan    *plan.Plan
	files   map[string][]byte
	stick   stick
	hash    coproc.Thumbprint
	pattern coproc.Pattern // of the source's master key
}

// snapshots are the worlds that were made before, by setting and last phase.
var snapshots = map[[2]string]snapshot{}

// after makes a world in which every phase up to last is done at every node,
// and the source has a master key. It is made once and copied from then on.
func after(t testing.TB, s setting, last procedure.PhaseID) *world {
	t.Helper()
	key := [2]string{s.name, string(last)}
	if made, ok := snapshots[key]; ok {
		return made.restore(t)
	}
	var w *world
	if i := phaseIndex(last); i < 0 {
		w = newWorld(t, s.change)
		w.pattern = w.masterKey(w.plan.Source().Name)
	} else {
		previous := procedure.PhaseID("")
		if i > 0 {
			previous = procedure.Table1[i-1].Phase
		}
		w = after(t, s, previous)
		for _, node := range w.plan.WithRole(procedure.Table1[i].Role) {
			w.phase(node.Name, last)
		}
	}
	snapshots[key] = w.snapshot()
	return w
}

func (w *world) snapshot() snapshot {
	w.t.Helper()
	return snapshot{
		plan: w.plan, files: tree(w.t, w.dir), stick: maps.Clone(w.stick),
		hash: w.people.hash, pattern: w.pattern,
	}
}

func (s snapshot) restore(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, plan: s.plan, dir: fastDir(t), people: &people{hash: s.hash},
		stick: maps.Clone(s.stick), now: testNow, pattern: s.pattern,
	}
	for _, c := range s.plan.Coprocessors {
		if err := os.MkdirAll(filepath.Join(w.dir, c.Name, store.OutboxDir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for path, data := range s.files {
		at := filepath.Join(w.dir, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, at, data)
	}
	return w
}

// tree reads every file below a directory.
func tree(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		path, err = filepath.Rel(dir, path)
		files[path] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
