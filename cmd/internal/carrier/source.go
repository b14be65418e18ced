package carrier

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
	FileBudget   = 10 * time.Second
	cameraBudget = 150 * time.Millisecond
	secondLook   = 1500 * time.Millisecond
	blindFor     = time.Second
)

// imageSource reads the codes of pictures.
type imageSource struct {
	source capture.Source
	film   bool      // most pictures of many have no code, or one that was read
	live   bool      // they come by themselves: what is not read in time is not missed
	read   time.Time // when a code was read last
}

func (p *imageSource) Close() error { return p.source.Close() }

func (p *imageSource) next(ctx context.Context) (reading, error) {
	picture, err := p.source.Next(ctx)
	var bad *capture.PictureError
	if errors.As(err, &bad) {
		return reading{trouble: bad.Error()}, nil
	}
	if err != nil {
		return reading{}, err
	}
	report := detect.Decode(picture.Gray, p.effort())
	var s reading
	if !p.film {
		s.from = media.Escape(picture.Name) + ": "
	}
	if s.texts = Texts(report); len(s.texts) > 0 {
		p.read = time.Now()
		return s, nil
	}
	s.hint = report.Hint.String()
	if !p.film {
		s.trouble = s.from + s.hint
	}
	return s, nil
}

// Texts are the texts of the codes on a picture.
func Texts(report detect.Report) []string {
	texts := []string{}
	for _, c := range report.Codes {
		texts = append(texts, c.Text)
	}
	return texts
}

func (p *imageSource) effort() detect.Options {
	switch {
	case !p.film:
		return detect.Options{Budget: FileBudget}
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

// keyboardSource reads what a handheld scanner types: at the terminal, where an
// empty line ends it, or from a pipe or a file.
type keyboardSource struct {
	terminal *terminal.Terminal
	lines    <-chan string // instead of the terminal
	failed   <-chan error  // why lines ended
	code     time.Time     // when a code was typed last
}

// pipedLines reads lines in the background, so that somebody who types none
// does not keep the program from looking at the clock.
func pipedLines(r io.Reader) *keyboardSource {
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
	return &keyboardSource{lines: lines, failed: failed}
}

// EnterBehind is how soon behind a code an empty line is no answer: scanners
// end what they type with one line end or with two.
const EnterBehind = 300 * time.Millisecond

// Close waits for the second line end, so that it does not answer the next
// question.
func (t *keyboardSource) Close() error {
	if t.lines == nil && time.Since(t.code) < EnterBehind {
		t.terminal.Typed(EnterBehind / 2)
		return t.terminal.Quiet()
	}
	return nil
}

func (t *keyboardSource) next(ctx context.Context) (reading, error) {
	line, err := t.line(ctx)
	if err != nil {
		return reading{}, err
	}
	text := frame.CleanTyped(line)
	if text != "" {
		t.code = time.Now()
		return reading{texts: []string{text}}, nil
	}
	if t.lines == nil && time.Since(t.code) > EnterBehind {
		return reading{}, io.EOF
	}
	return reading{}, nil
}

func (t *keyboardSource) line(ctx context.Context) (string, error) {
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
	opener *Opener
	spec   media.Spec
}

// Scanner makes the carrier of a camera or a typing scanner.
func (r *Opener) Scanner(spec media.Spec) *scanner { return &scanner{r, spec} }

// onlyReads reports whether a carrier cannot be written to, so that a screen
// goes with it.
func onlyReads(spec string) bool {
	s, err := media.ParseSpec(spec)
	return err == nil && (s.Scheme == "camera" || s.Scheme == "wedge")
}

func (s *scanner) Name() string { return s.spec.Scheme + ":" + media.Escape(s.spec.Rest) }

// Read implements carrier.
func (s *scanner) Read(ctx context.Context, w Request) ([]bundle.Incoming, error) {
	return s.scan(w).begin(ctx, s.source)
}

// scan makes the scan that goes with the device.
func (s *scanner) scan(w Request) *scan {
	look := s.opener.scan(s.Name(), w)
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
	return s.opener.Terminal.CanPress() && terminal.IsTerminal(s.opener.In)
}

// source opens the device.
func (s *scanner) source() (codeSource, error) {
	switch {
	case s.spec.Scheme == "wedge" && s.typedHere():
		return &keyboardSource{terminal: s.opener.Terminal}, nil
	case s.spec.Scheme == "wedge":
		return pipedLines(s.opener.In), nil
	case s.spec.Rest == "-" && s.opener.streamed:
		return nil, terminal.Usagef("camera:- reads standard input to its end, and can be named once")
	case s.spec.Rest == "-":
		s.opener.streamed = true
		return &imageSource{source: capture.OpenStream(s.opener.In, capture.EveryFrame), film: true}, nil
	}
	camera, err := capture.OpenCamera(s.spec.Rest)
	if err != nil {
		return nil, &SourceError{s.Name(), err}
	}
	return &imageSource{source: camera, film: true, live: true}, nil
}

// Write implements carrier.
func (s *scanner) Write(context.Context, bundle.Outgoing) (bundle.Delivery, error) {
	return bundle.Delivery{}, readsOnly(s.spec)
}

// readsOnly refuses to write to what can only be read.
func readsOnly(s media.Spec) error {
	return terminal.Usagef("%s: reads codes and shows none: hand bundles over with --to screen: or qr:DIR", s.Scheme)
}
