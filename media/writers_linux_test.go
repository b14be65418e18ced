package media

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestWritersAtOnce lets processes, and goroutines of this one, write the
// same file: one writes it, the others find it.
func TestWritersAtOnce(t *testing.T) {
	root := t.TempDir()
	results := make(chan string, 16)
	var all sync.WaitGroup
	for i := range cap(results) {
		all.Go(func() {
			if i%4 == 0 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), helperEnv+"="+root+" sa.db a.gfb")
				out, err := cmd.Output()
				if err != nil {
					t.Error(err)
				}
				results <- strings.TrimSpace(string(out))
				return
			}
			res, err := openDir(t, root).Write("sa.db", "a.gfb", helperData)
			if err != nil {
				t.Error(err)
			}
			results <- describe(res)
		})
	}
	all.Wait()
	close(results)
	count := map[string]int{}
	for r := range results {
		count[r]++
	}
	if len(count) != 2 || count["written"] != 1 || count["already there"] != 15 {
		t.Error(count)
	}
	wantTree(t, root, "sa.db/", "sa.db/a.gfb 100000")
}

// TestWritersOfOtherBytes lets two writers want one name.
func TestWritersOfOtherBytes(t *testing.T) {
	for range 20 {
		root := t.TempDir()
		var errs [2]error
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = openDir(t, root).Write("sa.db", "a.gfb", []byte{byte(i)}) })
		}
		all.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		var conflict *ConflictError
		if errs[winner] != nil || !errors.As(errs[1-winner], &conflict) {
			t.Fatal(errs)
		}
		if got, err := os.ReadFile(root + "/sa.db/a.gfb"); err != nil || got[0] != byte(winner) {
			t.Fatal(got, err)
		}
	}
}

func TestLockedFolder(t *testing.T) {
	defer func(d time.Duration) { lockWait = d }(lockWait)
	lockWait = 30 * time.Millisecond
	root := t.TempDir()
	mustWrite(t, root+"/sa.db/gfabcdef.tmp", []byte("at work"))
	f, err := os.Open(root + "/sa.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	_, err = openDir(t, root).Write("sa.db", "a.gfb", []byte("a"))
	wantErr(t, err, root, "lock <path>/sa.db: locked by another program: another program is using it: wait for it and repeat")
	wantTree(t, root, "sa.db/", "sa.db/gfabcdef.tmp 7")
	f.Close()
	if _, err := openDir(t, root).Write("sa.db", "a.gfb", []byte("a")); err != nil {
		t.Error(err)
	}
}
