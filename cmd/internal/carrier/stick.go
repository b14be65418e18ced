package carrier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/usb"
)

// Stick is a stick that a command wants. It opens itself when it is first used.
type Stick struct {
	opener   *Opener
	spec     string
	wants    []string // the purposes that suit; the first one is what people are told
	dir      *media.Dir
	found    *usb.Stick
	wrote    []media.File
	share    int       // the share that it is for; 0 for none
	contents *Contents // what lies on it, once that was looked at
	needs    int       // bytes that it must have room for; 0 where nothing will be written
}

// WrongStickError is a stick that was prepared for something else.
type WrongStickError struct {
	Stick, Found, Wanted string
}

func (e *WrongStickError) Error() string {
	return fmt.Sprintf("%s was prepared for %s; wanted is the stick for %s", e.Stick, e.Found, e.Wanted)
}

// Advice says what to do about it.
func (*WrongStickError) Advice() string {
	return "take this stick out and plug in the one that is wanted"
}

// AboutMedium marks a problem of a medium.
func (*WrongStickError) AboutMedium() {}

// Slot makes a slot for a carrier. Wrong words are found now, a missing stick
// when it is used.
func (r *Opener) Slot(spec string, wants ...string) (*Stick, error) {
	spec = WithScheme(spec)
	s := &Stick{opener: r, spec: spec, wants: wants}
	if s.USB() {
		return s, nil
	}
	words, err := media.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	if words.Scheme != "dir" {
		return nil, &media.UnsupportedError{Scheme: words.Scheme}
	}
	dir, err := media.OpenDir(words.Rest)
	if err != nil {
		return nil, err
	}
	s.dir = dir
	r.roots = append(r.roots, dir.Root())
	return s, nil
}

func (s *Stick) USB() bool { return strings.HasPrefix(s.spec, "usb:") }

// isUSB reports whether a carrier is a stick that gapferry finds by itself.
func isUSB(c Carrier) bool {
	s, ok := c.(*Stick)
	return ok && s.USB()
}

// Name says which stick or directory it is, safe to print.
func (s *Stick) Name() string {
	if s.found != nil {
		return s.found.Name()
	}
	if s.dir != nil {
		return s.dir.Name()
	}
	return media.Escape(s.spec)
}

// readFolder opens the stick and reads a database on it, or all if none is named.
func (s *Stick) readFolder(ctx context.Context, folder string) ([]media.File, []media.Skipped, error) {
	d, err := s.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return d.Read(folder)
}

// Write implements carrier.
func (s *Stick) Write(ctx context.Context, out bundle.Outgoing) (bundle.Delivery, error) {
	if err := ownMedium(ctx, s, s.opener.apart(), out, s.Name()); err != nil {
		return bundle.Delivery{}, err
	}
	done, err := s.writeFile(ctx, out.Folder, out.Name, out.Data)
	if err != nil {
		return bundle.Delivery{}, err
	}
	how := fmt.Sprintf("wrote %s/%s to %s and read it back", out.Folder, out.Name, s.Name())
	return bundle.Delivery{Carrier: s.Name(), How: how, New: done.Written}, nil
}

// writeFile opens the stick and writes to it, see media.Dir, and keeps in mind what
// was written.
func (s *Stick) writeFile(ctx context.Context, folder, name string, data []byte) (media.WriteResult, error) {
	d, err := s.Open(ctx)
	if err != nil {
		return media.WriteResult{}, err
	}
	result, err := d.Write(folder, name, data)
	if err != nil {
		return result, err
	}
	for _, temp := range result.Cleaned {
		fmt.Fprintf(s.opener.Out, "    removed %s, which an interrupted write had left\n", media.Escape(temp))
	}
	if !slices.ContainsFunc(s.wrote, func(f media.File) bool { return f.Folder == folder && f.Name == name }) {
		s.wrote = append(s.wrote, media.File{Folder: folder, Name: name, Data: data})
	}
	return result, nil
}

// Open gives the directory of the stick, which is plugged in then and is not
// one prepared for something else.
func (s *Stick) Open(ctx context.Context) (*media.Dir, error) {
	if !s.USB() {
		if s.opener.Rules.Ceremony == "" {
			return s.dir, nil
		}
		if err := s.suits(s.dir); err != nil {
			return s.dir, err
		}
		return s.dir, s.takes(s.dir)
	}
	if s.opener.current == s {
		return s.found.Dir, nil
	}
	if err := s.opener.Release(); err != nil {
		return nil, err
	}
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	s.opener.current = s
	s.opener.roots = append(s.opener.roots, s.found.Root())
	s.opener.announce(s.found.Volume())
	return s.found.Dir, s.takes(s.found.Dir)
}

// takes refuses a stick that will be written to and cannot be.
func (s *Stick) takes(d *media.Dir) error {
	if s.needs == 0 {
		return nil
	}
	needs := s.needs
	s.needs = 0 // once: later on each bundle is asked for
	return d.Takes(needs)
}

// suits compares the marker of a stick, if it has one, with what is wanted.
func (s *Stick) suits(d *media.Dir) error {
	m, err := d.ReadMarker()
	switch {
	case errors.Is(err, media.ErrNoMarker) || len(s.wants) == 0:
		return nil
	case err != nil:
		return err
	case s.opener.Rules.Ceremony != "" && m.Ceremony != s.opener.Rules.Ceremony:
		return &WrongStickError{d.Name(), "ceremony " + media.Escape(m.Ceremony), "ceremony " + s.opener.Rules.Ceremony}
	case !slices.Contains(s.wants, m.Purpose):
		return &WrongStickError{d.Name(), media.Escape(m.Purpose), s.wants[0]}
	}
	return nil
}

// apart refuses a stick that holds another share than the one that it is for.
func (s *Stick) apart(d *media.Dir) error {
	if s.share == 0 || !s.opener.apart() {
		return nil
	}
	on, err := contentsOf(d, s.opener.Rules.Ceremony)
	if err != nil {
		return err
	}
	if err := on.refuseAny(s.share, d.Name()); err != nil {
		return err
	}
	s.contents = on
	return nil
}

// find waits for the stick, asks which one it is, and passes over wrong ones.
func (s *Stick) find(ctx context.Context) error {
	deadline := time.Now().Add(s.opener.Wait)
	label := strings.TrimPrefix(s.spec, "usb:")
	said := ""
	say := func(text string) {
		if text != said {
			fmt.Fprintf(s.opener.Out, "  * %s\n", text)
			said = text
		}
	}
	for {
		stick, err := s.opener.System.OpenStick(label)
		var none *usb.NoStickError
		var several *usb.ChooseError
		switch {
		case err == nil:
			if err = s.suits(stick.Dir); err == nil {
				err = s.apart(stick.Dir)
			}
			if err == nil {
				s.found = stick
				return nil
			}
			say(err.Error())
		case errors.As(err, &none):
			text := fmt.Sprintf("plug in the stick for %s; waiting", s.purpose())
			if len(none.Others)+len(none.Unmounted) > 0 || label != "" {
				text += ": " + err.Error()
			}
			say(text)
		case errors.As(err, &several):
			if label, err = s.opener.choose(several, s.purpose()); err != nil {
				return err
			}
			continue
		default:
			return err
		}
		if time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, pollEvery); err != nil {
			return err
		}
	}
}

// Volume is the stick that is plugged in, of a slot that is open.
func (s *Stick) Volume() usb.Volume { return s.found.Volume() }

func (s *Stick) purpose() string {
	if len(s.wants) == 0 {
		return "this command"
	}
	return s.wants[0]
}
