package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
)

// Pace is what happens to pictures that come faster than they are asked for.
type Pace int

const (
	// EveryFrame: they wait. None is lost.
	EveryFrame Pace = iota
	// NewestFrame: all but the newest are dropped.
	NewestFrame
)

// still is one picture on its way: raw, encoded, or what is wrong with it.
type still struct {
	n    int // counted from 1
	gray *image.Gray
	data []byte // if gray is nil
	why  string // if there is no picture
}

// picture decodes.
func (s still) picture() (Picture, error) {
	name := fmt.Sprintf("frame %d", s.n)
	if s.why != "" {
		return Picture{}, &PictureError{name, s.why}
	}
	if s.gray != nil {
		return Picture{name, s.gray}, nil
	}
	gray, err := decode(s.data)
	if err != nil {
		return Picture{}, &PictureError{name, err.Error()}
	}
	return Picture{name, gray}, nil
}

// backgroundSource is a Source that is filled in the background. Pictures are decoded when
// they are asked for, so that a dropped one costs little.
type backgroundSource struct {
	pace   Pace
	stills chan still
	closed chan struct{}
	once   sync.Once
	stop   func(ended <-chan struct{}) error // gives back what next uses; nil for nothing
	ended  chan struct{}                     // closed when next is not called any more
	err    error                             // why stills was closed
}

var errClosed = errors.New("the source of pictures was closed")

// startBackground calls next until it gives an error.
func startBackground(pace Pace, next func() (still, error), stop func(ended <-chan struct{}) error) *backgroundSource {
	room := 0
	if pace == NewestFrame {
		room = 1
	}
	p := &backgroundSource{pace: pace, stills: make(chan still, room), closed: make(chan struct{}), ended: make(chan struct{}), stop: stop}
	go p.run(next)
	return p
}

func (p *backgroundSource) run(next func() (still, error)) {
	defer close(p.ended)
	defer close(p.stills)
	for n := 1; ; n++ {
		s, err := next()
		if err != nil {
			p.err = err
			return
		}
		s.n = n
		if p.pace == NewestFrame {
			select {
			case <-p.stills: // nobody else fills it, so now there is room
			default:
			}
		}
		select {
		case p.stills <- s:
		case <-p.closed:
			p.err = errClosed
			return
		}
	}
}

func (p *backgroundSource) Next(ctx context.Context) (Picture, error) {
	if err := ctx.Err(); err != nil {
		return Picture{}, err
	}
	select {
	case <-p.closed: // whatever is there besides
		return Picture{}, errClosed
	default:
	}
	select {
	case s, ok := <-p.stills:
		if !ok {
			return Picture{}, p.err
		}
		return s.picture()
	case <-p.closed:
		return Picture{}, errClosed
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
}

func (p *backgroundSource) Close() (err error) {
	p.once.Do(func() {
		close(p.closed)
		if p.stop != nil {
			err = p.stop(p.ended)
		}
	})
	return err
}
