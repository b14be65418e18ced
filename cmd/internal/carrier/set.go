// Package carrier is how bundles travel: directories, sticks, pictures of codes, a
// screen that shows codes, and cameras and scanners that read them, all behind one
// interface. A Set has those of one command, and keeps shares apart.
package carrier

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

// Carrier is a medium that a command was told to use.
type Carrier interface {
	// Name says which medium it is, safe to print.
	Name() string
	// Read gives the bundles on it that are wanted. Nothing of them is verified.
	Read(context.Context, Request) ([]bundle.Incoming, error)
	// Write hands a bundle over, and says how.
	Write(context.Context, bundle.Outgoing) (bundle.Delivery, error)
}

// Request is what a command wants from a carrier.
type Request struct {
	Folders []string          // the databases to be read; every one, if empty
	Have    []bundle.Incoming // what other carriers gave

	// missing says what is still to be waited for, where that is known: a scan
	// ends when nothing is.
	Missing func([]bundle.Incoming) []string
	// unfit says why a bundle will not be used, where that can be known.
	Unusable func(bundle.Incoming) error
}

// Set are the media of one phase.
type Set struct {
	opener *Opener
	from   []Carrier
	To     Carrier
	shares map[int]Carrier // where single shares go instead
	resend bool            // shares go where they are told to
	Asks   bool            // somebody at the terminal can say where a share goes
	Writes bool            // something will be written, as far as is known
}

// Named are what a command line says of carriers.
type Named struct {
	From    []string
	To      string
	ShareTo []string
	Shares  bool // the sticks of share officers are read, too
}

// OpenSet finds the carriers of a phase: those that the flags name, or
// those of the plan. One for both directions is the normal case; a camera and
// a screen go together.
func OpenSet(r *Opener, f Named, reads bool) (*Set, error) {
	c := &Set{opener: r, shares: map[int]Carrier{}}
	wants := r.Rules.databasePurposes()
	from, to := f.From, f.To
	if len(from) == 0 && to == "" && r.Rules.Carrier != "" {
		to = r.Rules.Carrier + ":"
	}
	if reads && len(from) == 0 && to == "screen:" {
		from = []string{"camera:"}
	}
	if to == "" && len(from) > 0 && onlyReads(from[0]) {
		to = "screen:"
	}
	readable := wants
	if f.Shares { // a share officer's stick is read like the one with the databases
		readable = slices.Concat(wants, r.Rules.sharePurposes())
	}
	for _, spec := range from {
		m, err := r.Open(spec, readable...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	if err := c.openTo(to, from, wants, reads); err != nil {
		return nil, err
	}
	if reads && len(c.from) == 0 {
		c.from = []Carrier{c.To}
	}
	return c, c.openShares(f.ShareTo)
}

// ResendShares has what is handed out again go where it is told to: shares to
// sticks of share officers.
func (c *Set) ResendShares(kind bundle.Kind, share int) {
	c.resend = true
	s, ok := c.To.(*Stick)
	if !ok || kind != bundle.KindShare && share == 0 {
		return
	}
	suit := c.opener.Rules.sharePurposes()
	if share > 0 {
		suit = []string{PurposeShare(share)}
	}
	if c.opener.Rules.Together {
		suit = append(suit, s.wants...)
	}
	s.wants, s.share = suit, share
}

// OpenNamed opens the carriers that are named, and no other: with an empty name
// there is none to write to.
func OpenNamed(r *Opener, from []string, to string) (*Set, error) {
	c := &Set{opener: r}
	if to != "" {
		var err error
		if c.To, err = r.OpenWriter(to); err != nil {
			return nil, err
		}
	}
	for _, spec := range from {
		m, err := r.Open(spec, r.Rules.databasePurposes()...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	return c, nil
}

func (c *Set) openTo(spec string, from, wants []string, reads bool) error {
	if spec == "" && len(from) == 0 {
		both := ""
		if reads {
			both = ", or with --from for both ways"
		}
		return terminal.Usagef("no carrier: name the stick with --to dir:PATH or usb:%s", both)
	}
	for i, s := range from {
		if s == spec || spec == "" { // the stick with the databases comes first
			c.To = c.from[i] // opened once
			return nil
		}
	}
	var err error
	c.To, err = c.opener.OpenWriter(spec, wants...)
	return err
}

func (c *Set) openShares(shareTo []string) error {
	rules := c.opener.Rules
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
		if c.shares[i] == nil && isUSB(c.To) {
			if err := c.openShare(i, "usb:"); err != nil {
				return err
			}
		}
	}
	return nil
}

// openShare has a share go to a carrier of its own.
func (c *Set) openShare(i int, spec string) error {
	m, err := c.opener.OpenWriter(spec, PurposeShare(i))
	if err != nil {
		return err
	}
	if s, ok := m.(*Stick); ok {
		s.share = i
	}
	c.shares[i] = m
	return nil
}

// Read gives what a phase wants from every carrier.
func (c *Set) Read(ctx context.Context, w Request) ([]bundle.Incoming, error) {
	for _, m := range c.from {
		more, err := m.Read(ctx, w)
		w.Have = append(w.Have, more...)
		if err != nil {
			return w.Have, err
		}
	}
	return w.Have, nil
}

// Deliver gives the function that hands bundles to carriers.
func (c *Set) Deliver(ctx context.Context) func(bundle.Outgoing) (bundle.Delivery, error) {
	return func(out bundle.Outgoing) (bundle.Delivery, error) { return c.write(ctx, out) }
}

// write hands a bundle to the carrier that it belongs on.
func (c *Set) write(ctx context.Context, out bundle.Outgoing) (bundle.Delivery, error) {
	to := c.To
	if own := c.shares[out.Share]; own != nil && out.Kind == bundle.KindShare {
		to = own
	} else if out.Kind == bundle.KindShare && !c.resend {
		switch {
		case len(out.Copies) > 0 && (c.opener.apart() || !slices.Contains(out.Copies, to.Name())):
			return bundle.Delivery{}, nil // it is on a stick of its own, and must not be gathered here
		case c.opener.apart():
			return bundle.Delivery{}, forgotten([]int{out.Share})
		}
	}
	return to.Write(ctx, out)
}

// all are the carriers, in the order in which they are looked at.
func (c *Set) all() []Carrier {
	all := append([]Carrier{c.To}, c.from...)
	for i := 1; i <= coproc.MaxShares; i++ {
		if m := c.shares[i]; m != nil {
			all = append(all, m)
		}
	}
	return all
}

// MissingDirError is a directory to write to that is not there.
type MissingDirError struct{ dir string }

func (e *MissingDirError) Error() string {
	return fmt.Sprintf("there is no directory %s: make it, or plug in and mount its medium", media.Escape(e.dir))
}

// AboutMedium marks a problem of a medium.
func (*MissingDirError) AboutMedium() {}

// Ready refuses, before anybody does or scans anything, directories that are
// not there, sticks that are for something else, and those that cannot be written
// where they will be. What a stick is that gapferry finds by itself, is found out
// when it is plugged in.
func (c *Set) Ready(ctx context.Context) error {
	for _, m := range c.all() {
		if s, ok := m.(*Stick); ok && c.Writes && c.written(s) {
			s.needs = roomNeeded
		}
		if err := readyCarrier(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func readyCarrier(ctx context.Context, c Carrier) error {
	switch c := c.(type) {
	case *pictures:
		return NeedDir(c.dir)
	case *Stick:
		if !c.USB() {
			if err := NeedDir(c.dir.Root()); err != nil {
				return err
			}
			_, err := c.Open(ctx)
			return err
		}
	}
	return nil
}

// roomNeeded is how much room a stick is to have before anybody begins, in
// bytes: some bundles.
const roomNeeded = 64 << 10

// written reports whether something will be put on a stick, as far as is known.
func (c *Set) written(s *Stick) bool {
	if c.To == Carrier(s) {
		return true
	}
	for _, m := range c.shares {
		if m == Carrier(s) {
			return true
		}
	}
	return false
}

func NeedDir(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return &MissingDirError{dir}
	}
	return nil
}

// MixesShares refuses to put several shares for one target into one hand,
// which would undo their separation.
func MixesShares(all []*bundle.Sealed, where string) error {
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

// Noun is what people carry on.
func (c *Set) Noun() string {
	switch c.To.(type) {
	case *pictures:
		return "the codes"
	case *screen:
		return "what was scanned"
	}
	return "the stick"
}

// Finish reads written sticks once more after they were plugged in again, if
// asked, and ejects the last one.
func (c *Set) Finish(ctx context.Context, checkAfterReplug bool) error {
	if checkAfterReplug {
		var slots []*Stick
		for _, m := range c.all() {
			if s, ok := m.(*Stick); ok {
				slots = append(slots, s)
			}
		}
		if err := c.opener.replug(ctx, slots); err != nil {
			return err
		}
	}
	return c.opener.Release()
}
