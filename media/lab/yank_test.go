//go:build linux

package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// yankRounds is how many sticks of each file system are pulled out under a
// writer. Those of the other two are there to be compared with.
var yankRounds = map[string]int{"naive": 4, "textbook": 6, "gapferry": 12}

const (
	yankSeed = 20261123
	// A stick is pulled out between these times after the writer has begun.
	yankFirst = 200 * time.Millisecond
	yankLast  = 3500 * time.Millisecond
	// burstFiles is more than any writer gets to write in that time.
	burstFiles = 400
)

// yankCount is what was found after yanks.
type yankCount struct {
	rounds int
	told   int // files that the writer had told to be done
	whole  int // those of them that are
	bad    int // files under a final name, told or not, that are not whole
	temps  int // unfinished files left, under the name of one
	lossy  int // rounds in which a told file is not whole
}

// yankResult has a count for each file system and writer.
type yankResult struct {
	mu     sync.Mutex
	counts map[[2]string]*yankCount
}

// of sums up a writer's counts over the file systems.
func (r *yankResult) of(writer string) (sum yankCount) {
	for key, c := range r.counts {
		if key[1] == writer {
			sum.rounds += c.rounds
			sum.told += c.told
			sum.whole += c.whole
			sum.bad += c.bad
			sum.temps += c.temps
			sum.lossy += c.lossy
		}
	}
	return sum
}

// yank pulls sticks out of machines that write to them, at random moments.
func yank(t *testing.T, h *host, b bench) *yankResult {
	r := &yankResult{counts: map[[2]string]*yankCount{}}
	var jobs []func(*machine) error
	for _, fs := range fileSystems {
		for _, writer := range writers {
			r.counts[[2]string{fs.name, writer}] = &yankCount{}
			for round := range yankRounds[writer] {
				image := filepath.Join(h.dir, fmt.Sprintf("yank-%d", len(jobs)))
				jobs = append(jobs, func(m *machine) error {
					y := &yankRound{
						fs: fs, writer: writer, seed: yankSeed + uint64(len(writer)*1000+round), image: image,
					}
					if err := y.do(m); err != nil {
						return fmt.Errorf("%s, %s, round %d: %w", fs.name, writer, round, err)
					}
					return r.judge(t, y)
				})
			}
		}
	}
	// Shuffled, so that no writer has the busier half of the time.
	rand.New(rand.NewPCG(yankSeed, 0)).Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	b.all(t, jobs)
	if t.Failed() {
		return nil
	}
	return r
}

// yankRound is one stick that is pulled out.
type yankRound struct {
	fs     fileSystem
	writer string
	seed   uint64
	image  string
	after  time.Duration // when it was pulled out
	told   []promise
}

func (y *yankRound) do(m *machine) error {
	random := rand.New(rand.NewPCG(y.seed, 1))
	y.after = yankFirst + time.Duration(random.Int64N(int64(yankLast-yankFirst)))
	if err := y.fs.format(y.image); err != nil {
		return err
	}
	s, err := m.plug(y.image, y.fs, plugHow{slow: true})
	if err != nil {
		return err
	}
	id, answers, err := m.start(wire.Request{Op: wire.Exec, Args: []string{
		"/init", "burst", "-writer", y.writer, "-seed", fmt.Sprint(y.seed), "-count", fmt.Sprint(burstFiles), "-size", "20000",
	}})
	if err != nil {
		return err
	}
	end, err := y.listen(answers, time.After(y.after), true)
	if err != nil {
		return err
	}
	if err := s.pull(); err != nil {
		return err
	}
	if end == nil {
		// What the naive writer tells from now on is about the machine's
		// memory; whoever asks the stick must notice that it is gone.
		end, err = y.listen(answers, time.After(callWait), y.writer != "naive")
		if err == nil && end == nil {
			m.call(wire.Request{Op: wire.Kill, Target: id})
			err = errors.New("the writer does not end when its stick is gone")
		}
		if err != nil {
			return err
		}
	}
	if y.writer != "naive" && end.Code != 1 {
		return fmt.Errorf("the writer ended with %d, and not because its stick was pulled out:\n%s", end.Code, end.Stderr)
	}
	if _, _, err := m.call(wire.Request{Op: wire.Detach, Point: s.point}); err != nil {
		return err
	}
	return s.free()
}

// listen notes what the writer tells, until it ends or the time is over.
func (y *yankRound) listen(answers <-chan wire.Message, over <-chan time.Time, count bool) (*wire.Exit, error) {
	for {
		select {
		case msg, ok := <-answers:
			switch {
			case !ok:
				return nil, errors.New("the writer is gone")
			case msg.Error != "":
				return nil, errors.New(msg.Error)
			case msg.Exit != nil:
				return msg.Exit, nil
			case count:
				p, err := promiseOf(*msg.Line)
				if err != nil {
					return nil, err
				}
				y.told = append(y.told, p)
			}
		case <-over:
			return nil, nil
		}
	}
}

// judge compares what was told with what is on the stick.
func (r *yankResult) judge(t *testing.T, y *yankRound) error {
	files, err := y.fs.read(y.image, "sa.db", "*")
	if err != nil {
		return err
	}
	os.Remove(y.image)
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.counts[[2]string{y.fs.name, y.writer}]
	c.rounds++
	c.told += len(y.told)
	lost := 0
	for _, p := range y.told {
		if data, ok := files[p.name]; ok && p.kept(data) {
			c.whole++
		} else {
			lost++
		}
	}
	if lost > 0 {
		c.lossy++
	}
	bad := 0
	for name, data := range files {
		switch {
		case strings.HasSuffix(name, ".tmp"):
			c.temps++
		case !whole(name, data):
			bad++
		}
	}
	c.bad += bad
	if y.writer == "gapferry" && (lost > 0 || bad > 0) {
		t.Errorf("%s, gapferry, pulled out after %v: %d of %d files told done are not whole, %d files under a final name are not whole",
			y.fs.name, y.after, lost, len(y.told), bad)
	}
	return nil
}
