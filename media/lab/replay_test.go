//go:build linux

package lab

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// replayFills are how many directory slots are taken before each recorded
// write: a sector has 16, so the names begin at every place of one, and some
// lie across two.
var replayFills = []int{0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}

// replaySubsets is how many random sets of writes without a flush behind them
// are tried at each point.
const replaySubsets = 3

// replayCount is what was found in states of a stick.
type replayCount struct {
	states  int
	absent  int // the final name is not there
	whole   int // it is, and its file is whole
	bad     int // it is, and its file is not whole
	lost    int // of absent and bad: after the writer had told it to be done
	pending int // writes without a flush behind them when it told
}

type replayResult struct {
	mu     sync.Mutex
	counts map[[2]string]*replayCount
}

// of sums up a writer's counts over the file systems.
func (r *replayResult) of(writer string) (sum replayCount) {
	for key, c := range r.counts {
		if key[1] == writer {
			sum.states += c.states
			sum.absent += c.absent
			sum.whole += c.whole
			sum.bad += c.bad
			sum.lost += c.lost
			sum.pending += c.pending
		}
	}
	return sum
}

// recording is a log of single writes, one after the other.
type recording struct {
	fs     fileSystem
	writer string
	base   string // the image before
	log    string
	files  []recordedFile
	end    int // requests, after unmounting
}

// recordedFile is a write. Requests from begin on are its own; at told it was
// told to be done.
type recordedFile struct {
	promise
	folder      string
	begin, told int
}

// replay records writes, request by request, and looks at every state in
// which a crash could have left the stick.
func replay(t *testing.T, h *host, b bench) *replayResult {
	r := &replayResult{counts: map[[2]string]*replayCount{}}
	var jobs []func(*machine) error
	for _, fs := range replaySystems {
		for _, writer := range writers {
			base := filepath.Join(h.dir, fmt.Sprintf("replay-%d", len(jobs)))
			jobs = append(jobs, func(m *machine) error {
				rec := &recording{fs: fs, writer: writer, base: base}
				rec.log = rec.base + ".log"
				err := rec.record(m)
				var count *replayCount
				if err == nil {
					count, err = rec.states()
				}
				if err != nil {
					return fmt.Errorf("%s, %s: %w", fs.name, writer, err)
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				r.counts[[2]string{fs.name, writer}] = count
				t.Logf("%s, %s: %+v", fs.name, writer, *count)
				return nil
			})
		}
	}
	b.all(t, jobs)
	if t.Failed() {
		return nil
	}
	if c := r.of("gapferry"); c.bad+c.lost > 0 {
		t.Errorf("gapferry: %d states with a file under its final name that is not whole, %d after it was told to be done", c.bad, c.lost)
	}
	// That the check can fail is known only from seeing it fail.
	if c := r.counts[[2]string{fat32.name, "textbook"}]; c.bad == 0 {
		t.Error("FAT32, textbook: no bad state in the replay, where some are known to be: the replay does not see them")
	}
	return r
}

// record makes the recording in a machine.
func (rec *recording) record(m *machine) error {
	image := rec.base + ".written"
	if err := rec.fs.format(rec.base); err != nil {
		return err
	}
	if err := sized(image, rec.fs.size); err != nil {
		return err
	}
	if err := copyHoles(image, rec.base, 0, 0); err != nil {
		return err
	}
	if err := sized(rec.log, 0); err != nil {
		return err
	}
	s, err := m.plug(image, rec.fs, plugHow{log: rec.log})
	if err != nil {
		return err
	}
	for i, fill := range replayFills {
		f := recordedFile{folder: fmt.Sprintf("r%02d.db", i)}
		burst := []string{"/init", "burst", "-folder", f.folder}
		if _, err := m.run(wire.Request{Args: append(burst, "-fill", fmt.Sprint(fill))}); err != nil {
			return err
		}
		if f.begin, err = logged(rec.log); err != nil {
			return err
		}
		lines, err := m.run(wire.Request{Args: append(burst, "-writer", rec.writer, "-seed", fmt.Sprint(i), "-size", "4000")})
		if err != nil {
			return err
		}
		if f.told, err = logged(rec.log); err != nil {
			return err
		}
		if f.promise, err = promiseOf(lines[0]); err != nil {
			return err
		}
		rec.files = append(rec.files, f)
	}
	if err := s.unplug(); err != nil {
		return err
	}
	rec.end, err = logged(rec.log)
	return err
}

// states replays the log and looks at the file of the time in each state.
func (rec *recording) states() (*replayCount, error) {
	log, err := readLog(rec.log)
	if err != nil {
		return nil, err
	}
	d, err := openDisk(rec.base)
	if err != nil {
		return nil, err
	}
	defer d.close()
	random := rand.New(rand.NewPCG(yankSeed, uint64(len(rec.writer))))
	count := &replayCount{}
	next := 0 // the first file that has not begun
	for i, e := range log.entries {
		if err := d.apply(e); err != nil {
			return nil, err
		}
		for next < len(rec.files) && rec.files[next].begin <= i {
			next++
		}
		if next == 0 {
			continue // mounting
		}
		f := rec.files[next-1]
		if err := rec.look(count, f, i+1 >= f.told); err != nil {
			return nil, err
		}
		if i+1 == f.told {
			count.pending += d.pending()
		}
		for range replaySubsets {
			if d.pending() == 0 {
				break
			}
			err := d.without(random, func() error { return rec.look(count, f, i+1 >= f.told) })
			if err != nil {
				return nil, err
			}
		}
	}
	return count, nil
}

// look looks at a file in the present state.
func (rec *recording) look(count *replayCount, f recordedFile, told bool) error {
	files, err := rec.fs.read(rec.base, f.folder, f.name)
	if err != nil {
		return err
	}
	count.states++
	data, there := files[f.name]
	switch {
	case !there:
		count.absent++
	case f.kept(data):
		count.whole++
		return nil
	default:
		count.bad++
	}
	if told {
		count.lost++
	}
	return nil
}
