package carrier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// pollInterval is how long a scan looks before it asks itself again whether somebody
// pressed Enter or the time is over.
const pollInterval = 250 * time.Millisecond

// reading is what one look gave.
type reading struct {
	from    string   // which picture it was, for people and with a colon; empty for a film
	texts   []string // of codes
	trouble string   // what is wrong with one picture, safe to print
	hint    string   // what to do where no code was read; empty if there was nothing to look at
}

// sight is where codes come from: pictures, or a scanner that types.
type codeSource interface {
	// look waits for the next look; io.EOF ends the scan, and so does any other
	// error but that of the context.
	next(context.Context) (reading, error)
	Close() error
}

// scan gathers bundles from codes that somebody holds before it.
type scan struct {
	opener     *Opener
	name       string // of the carrier
	want       Request
	live       bool   // somebody holds codes before it: each of them is meant
	typing     bool   // what is typed are codes; an empty line ends it
	invitation string // what the person is to do
	collector  *frame.Collector
	got        []bundle.Incoming
	asked      bool
	wanting    string          // what was said to be missing
	printed    map[string]bool // what was said once
	line       statusLine
}

func (r *Opener) scan(name string, w Request) *scan {
	s := &scan{opener: r, name: name, want: w, collector: frame.NewCollector(), printed: map[string]bool{}}
	s.invitation = "hold the codes before the camera"
	if r.Terminal != nil {
		s.line.out = r.Terminal.Out
	}
	return s
}

// begin opens the sight and runs the scan. Nobody is asked to show codes where
// nothing is needed; a directory is read as a stick is, whatever is needed.
func (s *scan) begin(ctx context.Context, open func() (codeSource, error)) ([]bundle.Incoming, error) {
	if s.live && s.enough() {
		return nil, nil
	}
	from, err := open()
	if err != nil {
		return nil, err
	}
	return s.run(ctx, from)
}

// attended reports whether somebody is there who can go on showing codes and
// can say that this was all.
func (s *scan) attended() bool { return s.opener.Terminal.CanPress() }

// missing is what is still wanted, where that is known.
func (s *scan) missing() (words []string, known bool) {
	if s.want.Missing == nil {
		return nil, false
	}
	return s.want.Missing(slices.Concat(s.want.Have, s.got)), true
}

// enough reports whether everything that is wanted is there.
func (s *scan) enough() bool {
	missing, known := s.missing()
	return known && len(missing) == 0
}

// run looks until everything is there, or somebody says that it is enough, or
// nothing comes any more, and gives the bundles, also beside an error. What is
// unfinished then is told: the phase decides whether it can go on without.
func (s *scan) run(ctx context.Context, from codeSource) ([]bundle.Incoming, error) {
	defer from.Close()
	s.resume()
	if s.live && s.enough() {
		return s.got, nil
	}
	if s.attended() {
		if err := s.opener.Terminal.Quiet(); err != nil {
			return nil, err
		}
	}
	if s.live {
		s.ask()
	}
	err := s.watch(ctx, from)
	s.line.clear()
	for _, p := range s.collector.Progress() {
		if !p.Complete && !s.have(p.Set) {
			s.opener.Unfinished++
			s.printOnce("  ! ", fmt.Sprintf("not complete: of bundle %s, %d of %d codes were read", shortID(p.Set), p.Got, p.Need))
		}
	}
	return s.got, err
}

// have reports whether the bundle of a set came another way.
func (s *scan) have(id frame.ID) bool {
	return slices.ContainsFunc(slices.Concat(s.want.Have, s.got), func(in bundle.Incoming) bool {
		digest := coproc.DigestOf(in.Data)
		return bytes.HasPrefix(digest[:], id[:])
	})
}

// resume begins with the codes of an earlier scan that was stopped.
func (s *scan) resume() {
	keep := s.opener.Resume
	s.opener.Resume = nil // they are kept already
	s.take(reading{texts: keep.earlier()})
	s.opener.Resume = keep
	for _, p := range s.collector.Progress() {
		if !p.Complete {
			s.print("    ", fmt.Sprintf("going on with bundle %s: %d of %d codes are there", shortID(p.Set), p.Got, p.Need))
		}
	}
}

// ask says once what the person is to do.
func (s *scan) ask() {
	if !s.attended() || s.asked {
		return
	}
	s.asked = true
	s.print("  * ", s.invitation+"; press Enter when that was all")
	s.wants()
}

// wants says what is missing, when that is not what was said before.
func (s *scan) wants() {
	missing, known := s.missing()
	if text := "wanted: " + strings.Join(missing, ", "); known && len(missing) > 0 && text != s.wanting {
		s.wanting = text
		s.print("    ", text)
	}
}

func (s *scan) watch(ctx context.Context, from codeSource) error {
	last := time.Now() // when something new came
	for {
		if time.Since(last) > s.opener.Wait {
			s.print("  ! ", fmt.Sprintf("nothing new came in %s", s.opener.Wait))
			return nil
		}
		look, err := s.look(ctx, from)
		switch {
		case errors.Is(err, errIdle) && s.enough():
			return nil // all pictures that are there were looked at
		case errors.Is(err, errIdle):
			s.ask()
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if s.take(look) {
			last = time.Now()
			if s.live && s.enough() {
				return nil
			}
		}
	}
}

// errIdle is a look that saw nothing in time.
var errIdle = errors.New("there was nothing to look at")

// look looks once, for as long as a glance. io.EOF says that there is no more,
// or that somebody pressed Enter.
func (s *scan) look(ctx context.Context, from codeSource) (reading, error) {
	if !s.typing && s.attended() && s.opener.Terminal.Pressed() {
		return reading{}, io.EOF
	}
	inTime, cancel := context.WithTimeout(ctx, pollInterval)
	defer cancel()
	look, err := from.next(inTime)
	switch {
	case ctx.Err() != nil:
		return look, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return look, errIdle
	case err != nil && !errors.Is(err, io.EOF):
		return look, &SourceError{s.name, err}
	}
	return look, err
}

// SourceError is a camera, a directory or a stream that cannot be used any more.
type SourceError struct {
	name string
	err  error
}

func (e *SourceError) Error() string {
	return strings.TrimSuffix(e.name, ":") + ": " + media.Cause(e.err)
}

// AboutMedium marks a problem of a medium.
func (*SourceError) AboutMedium() {}

func (e *SourceError) Unwrap() error { return e.err }

// take takes what one look gave, and reports whether any of it was new.
func (s *scan) take(look reading) (fresh bool) {
	if look.trouble != "" {
		s.printOnce("  ! ", look.trouble)
	}
	for _, text := range look.texts {
		e := s.collector.Add(text)
		switch e.State {
		case frame.New, frame.Complete, frame.Conflict:
			fresh = true
			if err := s.opener.Resume.add(text); err != nil {
				s.printOnce("  ! ", media.Escape(err.Error()))
			}
		case frame.HashCard:
			s.printOnce("  ! ", "an SA-key hash card is not read here: it is asked for when the hash is registered")
			continue
		}
		if e.Why != "" && e.State != frame.AlreadyComplete {
			s.printOnce("  ! ", look.from+e.Why)
		}
		if e.State == frame.Complete {
			s.complete(e.Data)
		}
	}
	s.show(look)
	return fresh
}

// complete takes the bytes of a set whose codes are all there.
func (s *scan) complete(data []byte) {
	sealed, err := bundle.Parse(data)
	if err != nil {
		s.printOnce("  ! ", "these codes hold something else than a bundle: "+media.Escape(err.Error()))
		return
	}
	h := sealed.UnverifiedHeader()
	in := bundle.Incoming{Folder: h.Database(), Name: h.FileName(sealed.Digest()), Data: data}
	where := in.Folder + "/" + in.Name
	if slices.ContainsFunc(slices.Concat(s.want.Have, s.got), func(o bundle.Incoming) bool { return o.Folder == in.Folder && o.Name == in.Name }) {
		return // from another directory, or shown once more
	}
	if len(s.want.Folders) > 0 && !slices.Contains(s.want.Folders, in.Folder) {
		if s.live {
			s.printOnce("  ! ", where+" is not for here: left alone")
		}
		return
	}
	s.got = append(s.got, in)
	s.print("    ", "scanned "+where+", digest words: "+DigestWords(sealed.Digest()))
	if s.want.Unusable != nil {
		var why *refusal.Error
		err := s.want.Unusable(in)
		again := errors.As(err, &why) && why.Code == refusal.CodeReplay
		if err != nil && (s.live || !again) { // a directory keeps what was used
			s.printOnce("  ! ", "it will not be used: "+media.Escape(err.Error()))
		}
	}
	if s.asked {
		s.wants()
	}
}

// shortID is how a set is called: its bundle's file name ends with the same.
func shortID(id frame.ID) string { return id.String()[:8] }
