package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// What sticks are prepared for, as their markers say it.
const purposeDatabases = "all databases"

func purposeDatabase(node string) string { return "database of " + node }

func purposeShare(i int) string { return fmt.Sprintf("share officer %d", i) }

// carriers are the sticks of one phase.
type carriers struct {
	rack   *rack
	from   []*slot
	to     *slot
	shares map[int]*slot // where single shares go instead
	resend bool          // shares go where they are told to
}

// carrierFlags are what a command line says of carriers.
type carrierFlags struct {
	from    []string
	to      string
	shareTo []string
}

// openCarriers finds the carriers of a phase: those that the flags name, or
// those of the plan. One for both directions is the normal case.
func openCarriers(r *rack, f carrierFlags, p *ceremony.Plan, reads bool) (*carriers, error) {
	c := &carriers{rack: r, shares: map[int]*slot{}}
	wants := databasePurposes(p)
	from, to := f.from, f.to
	if len(from) == 0 && to == "" && p.Carrier != "" {
		to = p.Carrier + ":"
	}
	// A share officer's stick is read like the one with the databases.
	readable := slices.Concat(wants, sharePurposes(p))
	for _, spec := range from {
		s, err := r.slot(spec, readable...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, s)
	}
	if err := c.openTo(to, wants); err != nil {
		return nil, err
	}
	if reads && len(c.from) == 0 {
		c.from = []*slot{c.to}
	}
	return c, c.openShares(f.shareTo, p)
}

func (c *carriers) openTo(spec string, wants []string) error {
	switch {
	case spec == "" && len(c.from) > 0:
		c.to = c.from[0] // the stick with the databases comes first
		return nil
	case spec == "" && len(c.from) == 0:
		return usagef("no carrier: name the stick with --to dir:PATH or usb:, or with --from for both ways")
	}
	for _, s := range c.from {
		if s.spec == spec {
			c.to = s // the same stick, opened once
			return nil
		}
	}
	var err error
	c.to, err = c.rack.slot(spec, wants...)
	return err
}

func (c *carriers) openShares(shareTo []string, p *ceremony.Plan) error {
	for _, s := range shareTo {
		index, spec, ok := strings.Cut(s, "=")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 1 || i > p.N {
			return usagef("--share-to takes INDEX=CARRIER, like 2=dir:PATH, for shares 1 to %d", p.N)
		}
		if c.shares[i] != nil {
			return usagef("--share-to names share %d twice", i)
		}
		if c.shares[i], err = c.rack.slot(spec, purposeShare(i)); err != nil {
			return err
		}
	}
	for i := 1; i <= p.N && p.ShareSticks; i++ {
		if c.shares[i] == nil && c.to.usb() {
			s, err := c.rack.slot("usb:", purposeShare(i))
			if err != nil {
				return err
			}
			c.shares[i] = s
		}
	}
	return nil
}

// databasePurposes are the purposes of sticks that carry databases.
func databasePurposes(p *ceremony.Plan) []string {
	wants := []string{purposeDatabases, purposeDatabase("sa")}
	for _, t := range p.Targets() {
		wants = append(wants, purposeDatabase(t.Name))
	}
	return wants
}

func sharePurposes(p *ceremony.Plan) []string {
	var wants []string
	for i := 1; i <= p.N; i++ {
		wants = append(wants, purposeShare(i))
	}
	return wants
}

// read reads the databases that a phase wants from every carrier.
func (c *carriers) read(folders []string, words io.Writer) ([]ceremony.Incoming, error) {
	var in []ceremony.Incoming
	for _, s := range c.from {
		more, err := readSlot(s, folders, words)
		if err != nil {
			return nil, err
		}
		in = append(in, more...)
	}
	return in, nil
}

func readSlot(s *slot, folders []string, words io.Writer) ([]ceremony.Incoming, error) {
	var in []ceremony.Incoming
	var total int64
	for _, folder := range folders {
		files, skipped, err := s.Read(folder)
		if folderOnly(err) && len(folders) > 1 {
			// One bad database must not keep the other targets waiting.
			fmt.Fprintf(words, "  ! %s: %s is passed over: %s\n", s.Name(), folder, media.Escape(err.Error()))
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if total += int64(len(f.Data)); total > media.MaxTotalBytes {
				return nil, &media.LimitError{Path: s.Name(), Limit: media.MaxTotalBytes, What: "bytes"}
			}
			in = append(in, ceremony.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
		}
		for _, k := range skipped {
			fmt.Fprintf(words, "  ! %s: passed over %s: %s\n", s.Name(), media.Escape(k.Name), media.Escape(k.Reason))
		}
	}
	return in, nil
}

// folderOnly reports whether an error is about one folder of a stick that can
// be read otherwise.
func folderOnly(err error) bool {
	var step *media.StepError
	return isA[*media.LimitError](err) || errors.As(err, &step) && step.Step == "open" && !errors.Is(err, fs.ErrNotExist)
}

// readShareSticks asks for the share officers' sticks one after the other,
// where the plan gives each share a stick of its own, until enough shares are
// there.
func (c *carriers) readShareSticks(n *ceremony.Node, words io.Writer) ([]ceremony.Incoming, error) {
	p := n.Plan()
	if !p.ShareSticks || !c.to.usb() || c.rack.terminal == nil {
		return nil, nil
	}
	var in []ceremony.Incoming
	need := n.SharesNeeded()
	for i := 1; i <= p.N && need > 0; i++ {
		answer, err := c.rack.terminal.line(fmt.Sprintf("    now the stick of share officer %d: type ok, or skip: ", i))
		if err != nil {
			return nil, err
		}
		if answer != "ok" {
			continue
		}
		s, err := c.rack.slot("usb:", purposeShare(i))
		if err != nil {
			return nil, err
		}
		more, err := readSlot(s, n.Folders("3d"), words)
		if err != nil {
			return nil, err
		}
		if len(more) > 0 {
			need--
		}
		in = append(in, more...)
	}
	return in, nil
}

// deliver writes a bundle where it belongs and returns that carrier's name.
func (c *carriers) deliver(out ceremony.Outgoing) (string, error) {
	s := c.to
	if own := c.shares[out.Share]; own != nil && out.Kind == bundle.KindShare {
		s = own
	} else if out.Kind == bundle.KindShare && !c.resend && len(out.Copies) > 0 && !slices.Contains(out.Copies, s.Name()) {
		return "", nil // it is on a stick of its own, and must not be gathered here
	}
	if _, err := s.Write(out.Folder, out.Name, out.Data); err != nil {
		return "", err
	}
	return s.Name(), nil
}

// finish reads written sticks once more after they were plugged in again, if
// asked, and ejects the last one.
func (c *carriers) finish(checkAfterReplug bool) error {
	if checkAfterReplug {
		slots := append([]*slot{c.to}, c.from...)
		for i := 1; i <= coproc.MaxShares; i++ {
			if s := c.shares[i]; s != nil {
				slots = append(slots, s)
			}
		}
		if err := c.rack.replug(slots); err != nil {
			return err
		}
	}
	return c.rack.release()
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// fileOnStick names the stick on which an open file lies, or returns "".
func (r *rack) fileOnStick(f *os.File) string {
	name := f.Name()
	// Standard input has no name of its own; the kernel knows it.
	if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd())); err == nil {
		name = target
	}
	return r.pathOnStick(name)
}

// pathOnStick names the stick on which a path lies, or returns "". The path's
// directory must be there; the file need not.
func (r *rack) pathOnStick(path string) string {
	dir, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	dir = filepath.Dir(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return ""
	}
	for _, root := range r.roots {
		at, err := filepath.EvalSymlinks(root)
		if err != nil {
			continue
		}
		if dir == at || strings.HasPrefix(dir, strings.TrimSuffix(at, "/")+"/") {
			return root
		}
	}
	return ""
}
