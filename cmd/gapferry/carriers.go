package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// carrier is a medium that a command was told to use.
type carrier interface {
	// Name says which medium it is, safe to print.
	Name() string
	// Read gives the bundles on it that are wanted. Nothing of them is verified.
	Read(context.Context, wanted) ([]bundle.Incoming, error)
	// Write hands a bundle over, and says how.
	Write(context.Context, bundle.Outgoing) (bundle.Delivery, error)
	// Close lets go of it: a stick that is plugged in is ejected.
	Close() error
}

// wanted is what a command wants from a carrier.
type wanted struct {
	folders []string          // the databases to be read; every one, if empty
	have    []bundle.Incoming // what other carriers gave

	// missing says what is still to be waited for, where that is known: a scan
	// ends when nothing is.
	missing func([]bundle.Incoming) []string
	// unfit says why a bundle will not be used, where that can be known.
	unfit func(bundle.Incoming) error
}

// carriers are the media of one phase.
type carriers struct {
	rack   *rack
	from   []carrier
	to     carrier
	shares map[int]carrier // where single shares go instead
	resend bool            // shares go where they are told to
	asks   bool            // somebody at the terminal can say where a share goes
	writes bool            // something will be written, as far as is known
}

// carrierFlags are what a command line says of carriers.
type carrierFlags struct {
	from    []string
	to      string
	shareTo []string
	shares  bool // the sticks of share officers are read, too
}

// openCarriers finds the carriers of a phase: those that the flags name, or
// those of the plan. One for both directions is the normal case; a camera and
// a screen go together.
func openCarriers(r *rack, f carrierFlags, reads bool) (*carriers, error) {
	c := &carriers{rack: r, shares: map[int]carrier{}}
	wants := r.rules.databasePurposes()
	from, to := f.from, f.to
	if len(from) == 0 && to == "" && r.rules.Carrier != "" {
		to = r.rules.Carrier + ":"
	}
	if reads && len(from) == 0 && to == "screen:" {
		from = []string{"camera:"}
	}
	if to == "" && len(from) > 0 && onlyReads(from[0]) {
		to = "screen:"
	}
	readable := wants
	if f.shares { // a share officer's stick is read like the one with the databases
		readable = slices.Concat(wants, r.rules.sharePurposes())
	}
	for _, spec := range from {
		m, err := r.reader(spec, readable...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	if err := c.openTo(to, from, wants, reads); err != nil {
		return nil, err
	}
	if reads && len(c.from) == 0 {
		c.from = []carrier{c.to}
	}
	return c, c.openShares(f.shareTo)
}

// resendShares has what is handed out again go where it is told to: shares to
// sticks of share officers.
func (c *carriers) resendShares(kind bundle.Kind, share int) {
	c.resend = true
	s, ok := c.to.(*slot)
	if !ok || kind != bundle.KindShare && share == 0 {
		return
	}
	suit := c.rack.rules.sharePurposes()
	if share > 0 {
		suit = []string{purposeShare(share)}
	}
	if c.rack.rules.Together {
		suit = append(suit, s.wants...)
	}
	s.wants, s.share = suit, share
}

// openPlain opens the carriers that are named, and no other: with an empty name
// there is none to write to.
func openPlain(r *rack, from []string, to string) (*carriers, error) {
	c := &carriers{rack: r}
	if to != "" {
		var err error
		if c.to, err = r.writer(to); err != nil {
			return nil, err
		}
	}
	for _, spec := range from {
		m, err := r.reader(spec, r.rules.databasePurposes()...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	return c, nil
}

func (c *carriers) openTo(spec string, from, wants []string, reads bool) error {
	if spec == "" && len(from) == 0 {
		both := ""
		if reads {
			both = ", or with --from for both ways"
		}
		return terminal.Usagef("no carrier: name the stick with --to dir:PATH or usb:%s", both)
	}
	for i, s := range from {
		if s == spec || spec == "" { // the stick with the databases comes first
			c.to = c.from[i] // opened once
			return nil
		}
	}
	var err error
	c.to, err = c.rack.writer(spec, wants...)
	return err
}

func (c *carriers) openShares(shareTo []string) error {
	rules := c.rack.rules
	for _, s := range shareTo {
		index, spec, ok := strings.Cut(s, "=")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 1 || i > rules.Shares {
			return terminal.Usagef("--share-to takes INDEX=CARRIER, like 2=dir:PATH, for shares 1 to %d", rules.Shares)
		}
		if c.shares[i] != nil {
			return terminal.Usagef("--share-to names share %d twice", i)
		}
		if err := c.openShare(i, spec); err != nil {
			return err
		}
	}
	for i := 1; i <= rules.Shares && !rules.Together; i++ {
		if c.shares[i] == nil && isUSB(c.to) {
			if err := c.openShare(i, "usb:"); err != nil {
				return err
			}
		}
	}
	return nil
}

// openShare has a share go to a carrier of its own.
func (c *carriers) openShare(i int, spec string) error {
	m, err := c.rack.writer(spec, purposeShare(i))
	if err != nil {
		return err
	}
	if s, ok := m.(*slot); ok {
		s.share = i
	}
	c.shares[i] = m
	return nil
}

// read gives what a phase wants from every carrier.
func (c *carriers) read(ctx context.Context, w wanted) ([]bundle.Incoming, error) {
	for _, m := range c.from {
		more, err := m.Read(ctx, w)
		w.have = append(w.have, more...)
		if err != nil {
			return w.have, err
		}
	}
	return w.have, nil
}

// deliver gives the function that hands bundles to carriers.
func (c *carriers) deliver(ctx context.Context) func(bundle.Outgoing) (bundle.Delivery, error) {
	return func(out bundle.Outgoing) (bundle.Delivery, error) { return c.write(ctx, out) }
}

// write hands a bundle to the carrier that it belongs on.
func (c *carriers) write(ctx context.Context, out bundle.Outgoing) (bundle.Delivery, error) {
	to := c.to
	if own := c.shares[out.Share]; own != nil && out.Kind == bundle.KindShare {
		to = own
	} else if out.Kind == bundle.KindShare && !c.resend {
		switch {
		case len(out.Copies) > 0 && (c.rack.apart() || !slices.Contains(out.Copies, to.Name())):
			return bundle.Delivery{}, nil // it is on a stick of its own, and must not be gathered here
		case c.rack.apart():
			return bundle.Delivery{}, forgotten([]int{out.Share})
		}
	}
	return to.Write(ctx, out)
}

// all are the carriers, in the order in which they are looked at.
func (c *carriers) all() []carrier {
	all := append([]carrier{c.to}, c.from...)
	for i := 1; i <= coproc.MaxShares; i++ {
		if m := c.shares[i]; m != nil {
			all = append(all, m)
		}
	}
	return all
}

// missingDirError is a directory to write to that is not there.
type missingDirError struct{ dir string }

func (e *missingDirError) Error() string {
	return fmt.Sprintf("there is no directory %s: make it, or plug in and mount its medium", media.Escape(e.dir))
}

// ready refuses, before anybody does or scans anything, directories that are
// not there, sticks that are for something else, and those that cannot be written
// where they will be. What a stick is that gapferry finds by itself, is found out
// when it is plugged in.
func (c *carriers) ready(ctx context.Context) error {
	for _, m := range c.all() {
		if s, ok := m.(*slot); ok && c.writes && c.written(s) {
			s.needs = roomNeeded
		}
		if err := readyCarrier(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func readyCarrier(ctx context.Context, c carrier) error {
	switch c := c.(type) {
	case *pictures:
		return existing(c.dir)
	case *slot:
		if !c.usb() {
			if err := existing(c.dir.Root()); err != nil {
				return err
			}
			_, err := c.open(ctx)
			return err
		}
	}
	return nil
}

// roomNeeded is how much room a stick is to have before anybody begins, in
// bytes: some bundles.
const roomNeeded = 64 << 10

// written reports whether something will be put on a stick, as far as is known.
func (c *carriers) written(s *slot) bool {
	if c.to == carrier(s) {
		return true
	}
	for _, m := range c.shares {
		if m == carrier(s) {
			return true
		}
	}
	return false
}

func existing(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return &missingDirError{dir}
	}
	return nil
}

// gathersShares refuses to put several shares for one target into one hand,
// which would undo their separation.
func gathersShares(all []*bundle.Sealed, where string) error {
	shares := map[string]uint8{}
	for _, s := range all {
		h := s.UnverifiedHeader()
		if h.Share == nil {
			continue
		}
		if other, two := shares[h.Database()]; two && other != h.Share.Index {
			return &refusal.Error{Code: refusal.CodeSharesTogether, Text: fmt.Sprintf(
				"that would put more than one share for %s together, on %s: each has its own officer; name one with --share, or its own carrier", strings.Join(h.To, ", "), where)}
		}
		shares[h.Database()] = h.Share.Index
	}
	return nil
}

// noun is what people carry on.
func (c *carriers) noun() string {
	switch c.to.(type) {
	case *pictures:
		return "the codes"
	case *screen:
		return "what was scanned"
	}
	return "the stick"
}

// finish reads written sticks once more after they were plugged in again, if
// asked, and ejects the last one.
func (c *carriers) finish(ctx context.Context, checkAfterReplug bool) error {
	if checkAfterReplug {
		var slots []*slot
		for _, m := range c.all() {
			if s, ok := m.(*slot); ok {
				slots = append(slots, s)
			}
		}
		if err := c.rack.replug(ctx, slots); err != nil {
			return err
		}
	}
	return c.rack.release()
}
