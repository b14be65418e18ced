package carrier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// frames is what a projection shows: codes of which any need do.
type frames struct {
	need int
	code func(index int) (*draw.Code, error)
}

// codeShow is something on a terminal, laid out for its present size.
type codeShow struct {
	title   string
	before  bool // it was shown before, and may be passed over
	o       CodeOptions
	arrange func(version int) (frames, error) // for codes of at most a version

	window draw.Window
	frames frames
	quiet  int
	codes  map[int][]string // lines of the codes made so far
	notice string           // instead of a code: why there is none
	wrong  bool             // something else was typed than what is asked for
}

// Control sequences of every terminal since the VT220, and xterm's second screen.
const (
	EnterScreen = "\x1b[?1049h\x1b[?25l\x1b[2J"
	LeaveScreen = "\x1b[2J\x1b[H\x1b[?25h\x1b[?1049l" // consoles have no second screen: the code must not stay
)

// bundleShow shows the codes of a bundle.
func bundleShow(s *bundle.Sealed, before bool) *codeShow {
	p := &codeShow{title: captionOf(s).title, before: before}
	p.arrange = func(version int) (frames, error) {
		l, err := layoutForScreen(s.Bytes(), p.o.Form, version)
		if err != nil {
			return frames{}, err
		}
		return frames{l.set.Need(), l.Code}, nil
	}
	return p
}

// Show shows the codes of a bundle, and says by which file name.
func (r *Opener) Show(ctx context.Context, s *bundle.Sealed) (file string, err error) {
	file = captionOf(s).file
	if err = r.play(ctx, bundleShow(s, false)); errors.Is(err, errNotRead) {
		err = &NotReadError{file}
	}
	return file, err
}

// ShowCode shows one code.
func (r *Opener) ShowCode(ctx context.Context, title string, code *draw.Code) error {
	err := r.play(ctx, &codeShow{title: title, arrange: func(version int) (frames, error) {
		if code.Version() > version {
			return frames{}, errors.New("too large for this window")
		}
		return frames{1, func(int) (*draw.Code, error) { return code, nil }}, nil
	}})
	if errors.Is(err, errNotRead) {
		return &NotReadError{title}
	}
	return err
}

// play shows codes in place, one after the other, until somebody presses
// Enter. Nothing scrolls, and the terminal is left as it was found.
func (r *Opener) play(ctx context.Context, p *codeShow) error {
	t := r.Terminal
	p.o = r.Codes
	if err := t.Quiet(); err != nil {
		return err
	}
	defer t.Screen(func() string { return EnterScreen }, func() string { return LeaveScreen })()
	for index := 0; ctx.Err() == nil; index = (index + 1) % frame.Total {
		cols, rows, err := t.Size()
		if err != nil {
			return err
		}
		p.fit(draw.Window{Cols: cols, Rows: rows})
		view, err := p.view(index)
		if err != nil {
			return err
		}
		fmt.Fprint(t.Out, view)
		if !t.Typed(p.pause()) {
			continue
		}
		answer, err := t.WaitLine()
		switch {
		case errors.Is(err, io.EOF), answer == "q":
			return errNotRead
		case err != nil:
			return err
		case answer == "s" && p.before:
			return errPassedOver
		case answer == "" && p.notice == "":
			return nil
		}
		p.wrong = answer != ""
	}
	return ctx.Err()
}

// maxScreenVersion is the largest version on a terminal: larger ones are hard to read
// from a screen that somebody films.
const maxScreenVersion = 20

// statusRows is how many rows of the window are not for the code.
const statusRows = 1

// fit lays the bundle out for a window, if that is not the one of before.
func (p *codeShow) fit(w draw.Window) {
	if w == p.window && p.codes != nil {
		return
	}
	p.window, p.codes, p.notice = w, map[int][]string{}, ""
	version, quiet, ok := draw.Fit(w, p.o.Cells, statusRows, maxScreenVersion)
	if !ok {
		p.notice = "this window is too small for a code: make it larger"
		return
	}
	var err error
	if p.frames, err = p.arrange(version); err != nil {
		p.notice = "this window is too small for so many bytes: make it larger, or hand them over with a stick"
	}
	p.quiet = quiet
}

// pause is how long one view stays. A code that is alone is looked at again
// only in case the window changes.
func (p *codeShow) pause() time.Duration {
	if p.notice != "" || p.frames.need == 1 {
		return pollInterval
	}
	return time.Duration(float64(time.Second) / p.o.Rate)
}

// view is everything that the terminal shows, written in place.
func (p *codeShow) view(index int) (string, error) {
	var lines []string
	if p.notice != "" {
		lines = []string{clip(p.notice, p.window.Cols)}
	} else {
		if p.frames.need == 1 {
			index = 0
		}
		var err error
		if lines, err = p.lines(index); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[K", i+1, line)
	}
	b.WriteString("\x1b[J")
	fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[K", max(p.window.Rows, 1), clip(p.status(index), p.window.Cols-1))
	return b.String(), nil
}

func (p *codeShow) lines(index int) ([]string, error) {
	if have, ok := p.codes[index]; ok {
		return have, nil
	}
	code, err := p.frames.code(index)
	if err != nil {
		return nil, err
	}
	p.codes[index] = code.Lines(p.o.Cells, p.quiet)
	return p.codes[index], nil
}

// status is the last line of the window.
func (p *codeShow) status(index int) string {
	keys := "Enter: it was read, q Enter: stop"
	if p.before {
		keys = "Enter: it was read, s Enter: it was read before, q Enter: stop"
	}
	if p.notice != "" {
		keys = "q Enter: stop"
	}
	if p.wrong {
		return "type nothing else than: " + keys
	}
	if p.notice != "" {
		return p.title + " | " + keys
	}
	if need := p.frames.need; need > 1 {
		return fmt.Sprintf("%s | code %d, any %d do | %s", p.title, index+1, need, keys)
	}
	return p.title + " | " + keys
}

func clip(text string, width int) string {
	if r := []rune(text); len(r) > width {
		return string(r[:max(width, 0)])
	}
	return text
}
