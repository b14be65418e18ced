package main

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

// rack is where the sticks of one command are plugged in: one at a time, each
// asked for by what it is for.
type rack struct {
	sys      usb.System
	rules    rules
	words    io.Writer
	terminal *terminal.Terminal
	wait     time.Duration // how long to wait for a stick
	keep     bool          // leave sticks mounted
	in       io.Reader     // where pictures and codes come from, if they are piped in
	qr       qrOptions
	kept     *kept // codes of unfinished scans

	current    *slot // whose stick is plugged in
	streamed   bool  // standard input is a stream of pictures
	unfinished int   // bundles of which a scan has read only some codes

	quiet   bool         // not of shares in folders of one file system: it is known
	volumes []usb.Volume // of this computer, once they were listed

	store string   // the node's own, or where it is looked for
	roots []string // every directory that was a stick, for the hash card
}

// reader opens a carrier to read from. Purposes are those that a stick may have
// been prepared for.
func (r *rack) reader(spec string, purposes ...string) (carrier, error) {
	spec = schemed(spec)
	s, err := media.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	switch s.Scheme {
	case "qr":
		return r.pictures(s.Rest)
	case "camera", "wedge":
		return r.scanner(s), nil
	case "screen":
		return nil, terminal.Usagef("screen: shows codes and reads none: read them with --from camera:, wedge: or qr:DIR")
	}
	return r.slot(spec, purposes...)
}

// writer opens a carrier to write to.
func (r *rack) writer(spec string, purposes ...string) (carrier, error) {
	spec = schemed(spec)
	s, err := media.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	switch s.Scheme {
	case "qr":
		return r.pictures(s.Rest)
	case "camera", "wedge":
		return nil, readsOnly(s)
	case "screen":
		return r.screen()
	}
	return r.slot(spec, purposes...)
}

// choose lists the sticks and asks for a label. It never guesses.
func (r *rack) choose(several *usb.ChooseError, purpose string) (string, error) {
	if r.terminal == nil {
		return "", several
	}
	for _, v := range several.Volumes {
		fmt.Fprintf(r.words, "    %s\n", v)
	}
	label, err := r.terminal.Line(fmt.Sprintf("    label of the stick for %s: ", purpose))
	if err != nil {
		return "", several
	}
	return label, nil
}

// tell says which stick is used, and what is unusual about it.
func (r *rack) tell(v usb.Volume) {
	fmt.Fprintf(r.words, "    using %s\n", v)
	if v.ReadOnly {
		fmt.Fprintln(r.words, "  ! it is write-protected: nothing can be written to it")
	}
	for _, n := range v.Notes {
		fmt.Fprintf(r.words, "  ! %s\n", n)
	}
	lacks := slices.DeleteFunc(slices.Clone(v.MissingOptions), func(o string) bool { return o == "ro" || o == "nosymfollow" })
	if len(lacks) > 0 {
		fmt.Fprintf(r.words, "  ! it is mounted without %s\n", strings.Join(lacks, ", "))
	}
}

// release lets go of the stick that is plugged in: it is ejected, if it is not
// to stay mounted.
func (r *rack) release() error {
	if r.keep {
		r.current = nil
		return nil
	}
	return r.eject()
}

// eject ejects the stick that is plugged in, and says whether it may be
// removed only when that is true.
func (r *rack) eject() error {
	s := r.current
	r.current = nil
	if s == nil {
		return nil
	}
	return ejectStick(r.words, r.sys, s.stick.Volume())
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
func (r *rack) replug(ctx context.Context, slots []*slot) error {
	for _, s := range slots {
		if !s.usb() || len(s.wrote) == 0 {
			continue
		}
		if _, err := s.open(ctx); err != nil {
			return err
		}
		v := s.stick.Volume()
		if err := r.eject(); err != nil { // whatever is to stay mounted later
			return err
		}
		fmt.Fprintf(r.words, "  * unplug %s, and plug it in again: it is read once more\n", media.Escape(v.Label))
		again, err := r.again(ctx, v)
		if err != nil {
			return err
		}
		for _, f := range s.wrote {
			if _, err := again.Verify(f.Folder, f.Name, f.Data); err != nil {
				return err
			}
		}
		fmt.Fprintf(r.words, "    %d files are on %s as they were written\n", len(s.wrote), media.Escape(v.Label))
		s.stick, r.current = again, s
	}
	return nil
}

// again waits until a stick is back that was gone.
func (r *rack) again(ctx context.Context, v usb.Volume) (*usb.Stick, error) {
	deadline := time.Now().Add(r.wait)
	gone := false
	for {
		stick, err := r.sys.Reopen(v)
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
func (r *rack) apart() bool { return !r.rules.Together }
