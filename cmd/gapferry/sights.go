package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/qr/detect"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// How long to work on one picture. A file is worth some patience; the next
// picture of a camera comes by itself, and after a second without any code one
// picture gets more time.
const (
	fileBudget   = 10 * time.Second
	cameraBudget = 150 * time.Millisecond
	secondLook   = 1500 * time.Millisecond
	blindFor     = time.Second
)

// pictureSight reads the codes of pictures.
type pictureSight struct {
	source capture.Source
	film   bool      // most pictures of many have no code, or one that was read
	live   bool      // they come by themselves: what is not read in time is not missed
	read   time.Time // when a code was read last
}

func (p *pictureSight) Close() error { return p.source.Close() }

func (p *pictureSight) look(ctx context.Context) (seen, error) {
	picture, err := p.source.Next(ctx)
	var bad *capture.PictureError
	if errors.As(err, &bad) {
		return seen{trouble: bad.Error()}, nil
	}
	if err != nil {
		return seen{}, err
	}
	report := detect.Decode(picture.Gray, p.effort())
	var s seen
	if !p.film {
		s.from = media.Escape(picture.Name) + ": "
	}
	if s.texts = textsOf(report); len(s.texts) > 0 {
		p.read = time.Now()
		return s, nil
	}
	s.hint = report.Hint.String()
	if !p.film {
		s.trouble = s.from + s.hint
	}
	return s, nil
}

// textsOf are the texts of the codes on a picture.
func textsOf(report detect.Report) []string {
	texts := []string{}
	for _, c := range report.Codes {
		texts = append(texts, c.Text)
	}
	return texts
}

func (p *pictureSight) effort() detect.Options {
	switch {
	case !p.film:
		return detect.Options{Budget: fileBudget}
	case p.read.IsZero():
		p.read = time.Now()
	case time.Since(p.read) > blindFor:
		p.read = time.Now()
		return detect.Options{Budget: secondLook}
	}
	if p.live {
		return detect.Options{Fast: true, Budget: cameraBudget}
	}
	return detect.Options{Fast: true}
}

// typedSight reads what a handheld scanner types: at the terminal, where an
// empty line ends it, or from a pipe or a file.
type typedSight struct {
	terminal *terminal.Terminal
	lines    <-chan string // instead of the terminal
	failed   <-chan error  // why lines ended
	code     time.Time     // when a code was typed last
}

// pipedLines reads lines in the background, so that somebody who types none
// does not keep the program from looking at the clock.
func pipedLines(r io.Reader) *typedSight {
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		in := bufio.NewScanner(r)
		in.Buffer(nil, 4*frame.MaxText)
		for in.Scan() {
			lines <- in.Text()
		}
		failed <- in.Err()
		close(lines)
	}()
	return &typedSight{lines: lines, failed: failed}
}

// enterBehind is how soon behind a code an empty line is no answer: scanners
// end what they type with one line end or with two.
const enterBehind = 300 * time.Millisecond

// Close waits for the second line end, so that it does not answer the next
// question.
func (t *typedSight) Close() error {
	if t.lines == nil && time.Since(t.code) < enterBehind {
		t.terminal.Typed(enterBehind / 2)
		return t.terminal.Quiet()
	}
	return nil
}

func (t *typedSight) look(ctx context.Context) (seen, error) {
	line, err := t.line(ctx)
	if err != nil {
		return seen{}, err
	}
	text := frame.CleanTyped(line)
	if text != "" {
		t.code = time.Now()
		return seen{texts: []string{text}}, nil
	}
	if t.lines == nil && time.Since(t.code) > enterBehind {
		return seen{}, io.EOF
	}
	return seen{}, nil
}

func (t *typedSight) line(ctx context.Context) (string, error) {
	if t.lines != nil {
		select {
		case line, ok := <-t.lines:
			if ok {
				return line, nil
			}
			if err := <-t.failed; err != nil {
				return "", err
			}
			return "", io.EOF
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	at, _ := ctx.Deadline()
	if !t.terminal.Typed(time.Until(at)) {
		return "", context.DeadlineExceeded
	}
	line, err := t.terminal.WaitLine()
	if errors.Is(err, io.EOF) { // Ctrl-D
		return "", io.EOF
	}
	return line, err
}

// scanner is a camera or a typing scanner as a carrier. It only reads.
type scanner struct {
	rack *rack
	spec media.Spec
}

// scanner makes the carrier of a camera or a typing scanner.
func (r *rack) scanner(spec media.Spec) *scanner { return &scanner{r, spec} }

// onlyReads reports whether a carrier cannot be written to, so that a screen
// goes with it.
func onlyReads(spec string) bool {
	s, err := media.ParseSpec(spec)
	return err == nil && (s.Scheme == "camera" || s.Scheme == "wedge")
}

func (s *scanner) Name() string { return s.spec.Scheme + ":" + media.Escape(s.spec.Rest) }

// Read implements carrier.
func (s *scanner) Read(ctx context.Context, w wanted) ([]bundle.Incoming, error) {
	return s.scan(w).begin(ctx, s.sight)
}

// scan makes the scan that goes with the device.
func (s *scanner) scan(w wanted) *scan {
	look := s.rack.scan(s.Name(), w)
	look.live = true
	if s.spec.Scheme == "wedge" {
		look.typing = s.typedHere()
		look.invitation = "scan the codes (those made with --typed)"
	}
	return look
}

// typedHere reports whether a scanner types at the terminal; else its codes
// come through standard input.
func (s *scanner) typedHere() bool {
	return s.rack.terminal.CanPress() && terminal.IsTerminal(s.rack.in)
}

// sight opens the device.
func (s *scanner) sight() (sight, error) {
	switch {
	case s.spec.Scheme == "wedge" && s.typedHere():
		return &typedSight{terminal: s.rack.terminal}, nil
	case s.spec.Scheme == "wedge":
		return pipedLines(s.rack.in), nil
	case s.spec.Rest == "-" && s.rack.streamed:
		return nil, terminal.Usagef("camera:- reads standard input to its end, and can be named once")
	case s.spec.Rest == "-":
		s.rack.streamed = true
		return &pictureSight{source: capture.OpenStream(s.rack.in, capture.EveryFrame), film: true}, nil
	}
	camera, err := capture.OpenCamera(s.spec.Rest)
	if err != nil {
		return nil, &sightError{s.Name(), err}
	}
	return &pictureSight{source: camera, film: true, live: true}, nil
}

// Close implements carrier.
func (s *scanner) Close() error { return nil }

// Write implements carrier.
func (s *scanner) Write(context.Context, bundle.Outgoing) (bundle.Delivery, error) {
	return bundle.Delivery{}, readsOnly(s.spec)
}

// readsOnly refuses to write to what can only be read.
func readsOnly(s media.Spec) error {
	return terminal.Usagef("%s: reads codes and shows none: hand bundles over with --to screen: or qr:DIR", s.Scheme)
}
