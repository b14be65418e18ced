package capture

import (
	"context"
	"sync"
	"time"
)

// watched is a Source that goes on with what arrives in a folder.
type watched struct {
	dir    string
	wait   func(ctx context.Context, closed <-chan struct{}) error // until the next poll
	seen   map[string]fileState
	ready  []string // to be given
	polled bool
	closed chan struct{}
	once   sync.Once
}

// fileState is how a file looked at the last poll.
type fileState struct {
	look
	polls int // for how many it has not changed
	given bool
}

// steady is how many polls must find a file as the one before did: it may be
// a photo that is being copied.
const steady = 2

// settled is how old a file must be to be taken without that. If a clock lies
// and it is still being copied, it changes, and is given again.
const settled = 3 * time.Second

func (s *watched) Next(ctx context.Context) (Picture, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Picture{}, err
		}
		if len(s.ready) > 0 {
			name := s.ready[0]
			s.ready = s.ready[1:]
			return picture(s.dir, name)
		}
		if s.polled {
			if err := s.wait(ctx, s.closed); err != nil {
				return Picture{}, err
			}
		}
		s.polled = true
		if err := s.poll(); err != nil {
			return Picture{}, err
		}
	}
}

// poll looks at the folder once.
func (s *watched) poll() error {
	found, err := scan(s.dir)
	if err != nil {
		return err
	}
	now := make(map[string]fileState, len(found)) // what has gone is forgotten
	for _, f := range found {
		last, known := s.seen[f.name]
		sight := fileState{look: f.look}
		switch {
		case known && last.size == f.size && last.modified.Equal(f.modified):
			sight = last
			sight.polls++
		case !known && time.Since(f.modified) > settled:
			sight.polls = steady // it was there before anybody watched
		}
		if sight.polls >= steady && !sight.given && sight.size > 0 {
			sight.given = true
			s.ready = append(s.ready, f.name)
		}
		now[f.name] = sight
	}
	s.seen = now
	return nil
}

func (s *watched) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// pollWait makes what waits for the time of the next poll. A wait that the
// context ends goes on where it was: a caller may look in more often than that.
func pollWait() func(ctx context.Context, closed <-chan struct{}) error {
	var due time.Time
	return func(ctx context.Context, closed <-chan struct{}) error {
		if due.IsZero() {
			due = time.Now().Add(pollInterval)
		}
		err := waitUntil(ctx, closed, due)
		if err == nil {
			due = time.Time{}
		}
		return err
	}
}

func waitUntil(ctx context.Context, closed <-chan struct{}, due time.Time) error {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-closed:
		return errClosed
	}
}
