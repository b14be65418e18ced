package carrier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/usb"
)

// pollEvery is how often the rack looks for a stick that it waits for.
const pollEvery = 500 * time.Millisecond

// Opener is where the sticks of one command are plugged in: one at a time, each
// asked for by what it is for.
type Opener struct {
	System      usb.System
	Rules       Rules
	Out         io.Writer
	Terminal    *terminal.Terminal
	Wait        time.Duration // how long to wait for a stick
	KeepMounted bool          // leave sticks mounted
	In          io.Reader     // where pictures and codes come from, if they are piped in
	Codes       CodeOptions
	Resume      *ResumeFile // codes of unfinished scans

	current    *Stick // whose stick is plugged in
	streamed   bool   // standard input is a stream of pictures
	Unfinished int    // bundles of which a scan has read only some codes

	Quiet   bool         // not of shares in folders of one file system: it is known
	volumes []usb.Volume // of this computer, once they were listed

	Store string   // the node's own, or where it is looked for
	roots []string // every directory that was a stick, for the hash card
}

// Open opens a carrier to read from. Purposes are those that a stick may have
// been prepared for.
func (r *Opener) Open(spec string, purposes ...string) (Carrier, error) {
	return r.carrier(spec, purposes, func(s media.Spec) (Carrier, error) {
		if s.Scheme == "screen" {
			return nil, terminal.Usagef("screen: shows codes and reads none: read them with --from camera:, wedge: or qr:DIR")
		}
		return r.Scanner(s), nil
	})
}

// OpenWriter opens a carrier to write to.
func (r *Opener) OpenWriter(spec string, purposes ...string) (Carrier, error) {
	return r.carrier(spec, purposes, func(s media.Spec) (Carrier, error) {
		if s.Scheme == "screen" {
			return r.Screen()
		}
		return nil, readsOnly(s)
	})
}

// carrier opens what a spec names. oneWay opens what can only be read or only be
// written: a camera, a keyboard, a screen.
func (r *Opener) carrier(spec string, purposes []string, oneWay func(media.Spec) (Carrier, error)) (Carrier, error) {
	spec = WithScheme(spec)
	s, err := media.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	switch s.Scheme {
	case "qr":
		return r.pictures(s.Rest)
	case "camera", "wedge", "screen":
		return oneWay(s)
	}
	return r.Slot(spec, purposes...)
}

// choose lists the sticks and asks for a label. It never guesses.
func (r *Opener) choose(several *usb.ChooseError, purpose string) (string, error) {
	if r.Terminal == nil {
		return "", several
	}
	for _, v := range several.Volumes {
		fmt.Fprintf(r.Out, "    %s\n", v)
	}
	label, err := r.Terminal.Line(fmt.Sprintf("    label of the stick for %s: ", purpose))
	if err != nil {
		return "", several
	}
	return label, nil
}

// tell says which stick is used, and what is unusual about it.
func (r *Opener) announce(v usb.Volume) {
	fmt.Fprintf(r.Out, "    using %s\n", v)
	if v.ReadOnly {
		fmt.Fprintln(r.Out, "  ! it is write-protected: nothing can be written to it")
	}
	for _, n := range v.Notes {
		fmt.Fprintf(r.Out, "  ! %s\n", n)
	}
	lacks := slices.DeleteFunc(slices.Clone(v.MissingOptions), func(o string) bool { return o == "ro" || o == "nosymfollow" })
	if len(lacks) > 0 {
		fmt.Fprintf(r.Out, "  ! it is mounted without %s\n", strings.Join(lacks, ", "))
	}
}

// Release lets go of the stick that is plugged in: it is ejected, if it is not
// to stay mounted.
func (r *Opener) Release() error {
	if r.KeepMounted {
		r.current = nil
		return nil
	}
	return r.eject()
}

// eject ejects the stick that is plugged in, and says whether it may be
// removed only when that is true.
func (r *Opener) eject() error {
	s := r.current
	r.current = nil
	if s == nil {
		return nil
	}
	return ejectStick(r.Out, r.System, s.found.Volume())
}

func ejectStick(words io.Writer, sys usb.System, v usb.Volume) error {
	ejected, err := sys.Eject(v)
	for _, n := range ejected.Notes {
		fmt.Fprintf(words, "    %s\n", n)
	}
	if ejected.MayRemove() {
		fmt.Fprintf(words, "    you may remove %s now\n", media.Escape(v.Label))
		return err
	}
	fmt.Fprintf(words, "  ! do NOT remove %s yet: unmount it first\n", media.Escape(v.Label))
	if err != nil {
		fmt.Fprintf(words, "    %v\n", err)
	}
	return nil // what was written is on the stick, read back: the act stands
}

// replug has every stick that was written unplugged and plugged in again, and
// reads once more what was written.
func (r *Opener) replug(ctx context.Context, slots []*Stick) error {
	for _, s := range slots {
		if !s.USB() || len(s.wrote) == 0 {
			continue
		}
		if _, err := s.Open(ctx); err != nil {
			return err
		}
		v := s.found.Volume()
		if err := r.eject(); err != nil { // whatever is to stay mounted later
			return err
		}
		fmt.Fprintf(r.Out, "  * unplug %s, and plug it in again: it is read once more\n", media.Escape(v.Label))
		again, err := r.again(ctx, v)
		if err != nil {
			return err
		}
		for _, f := range s.wrote {
			if _, err := again.Verify(f.Folder, f.Name, f.Data); err != nil {
				return err
			}
		}
		fmt.Fprintf(r.Out, "    %d files are on %s as they were written\n", len(s.wrote), media.Escape(v.Label))
		s.found, r.current = again, s
	}
	return nil
}

// again waits until a stick is back that was gone.
func (r *Opener) again(ctx context.Context, v usb.Volume) (*usb.Stick, error) {
	deadline := time.Now().Add(r.Wait)
	gone := false
	for {
		stick, err := r.System.Reopen(v)
		var none *usb.NoStickError
		switch {
		case err == nil && gone:
			return stick, nil
		case errors.As(err, &none):
			gone = true
		case err != nil:
			return nil, err
		}
		if time.Now().After(deadline) {
			if err == nil {
				err = fmt.Errorf("%s was not unplugged", media.Escape(v.Label))
			}
			return nil, err
		}
		if err := pause(ctx, pollEvery); err != nil {
			return nil, err
		}
	}
}

// pause waits, unless the context is done before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// apart says that shares for one target stay apart.
func (r *Opener) apart() bool { return !r.Rules.Together }
