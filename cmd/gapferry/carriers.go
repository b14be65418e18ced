package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/media"
)

// carriers are the media of one phase.
type carriers struct {
	from   []media.Carrier
	to     media.Carrier
	shares map[int]media.Carrier // where single shares go instead
	roots  []string              // directories that are sticks
}

// open opens one carrier.
func (c *carriers) open(spec string) (media.Carrier, error) {
	m, err := media.Open(spec)
	if err != nil {
		return nil, err
	}
	if root, ok := strings.CutPrefix(spec, "dir:"); ok {
		c.roots = append(c.roots, root)
	}
	return m, nil
}

// openCarriers opens what the flags name. One carrier for both directions is
// the normal case.
func openCarriers(from []string, to string, shareTo []string, reads bool) (*carriers, error) {
	c := &carriers{shares: map[int]media.Carrier{}}
	for _, spec := range from {
		m, err := c.open(spec)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	switch {
	case to != "":
		m, err := c.open(to)
		if err != nil {
			return nil, err
		}
		c.to = m
	case len(c.from) == 1:
		c.to = c.from[0]
	case len(c.from) == 0:
		return nil, usagef("no carrier: name the stick with --to dir:PATH, or with --from dir:PATH for both ways")
	default:
		return nil, usagef("several --from: name the one to write to with --to dir:PATH")
	}
	if reads && len(c.from) == 0 {
		c.from = []media.Carrier{c.to}
	}
	for _, s := range shareTo {
		index, spec, ok := strings.Cut(s, "=")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 1 {
			return nil, usagef("--share-to takes INDEX=CARRIER, like 2=dir:PATH")
		}
		if c.shares[i] != nil {
			return nil, usagef("--share-to names share %d twice", i)
		}
		if c.shares[i], err = c.open(spec); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// read reads the databases that a phase wants from every carrier.
func (c *carriers) read(folders []string, words io.Writer) ([]ceremony.Incoming, error) {
	var in []ceremony.Incoming
	for _, m := range c.from {
		for _, folder := range folders {
			files, skipped, err := m.Read(folder)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				in = append(in, ceremony.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
			}
			for _, s := range skipped {
				fmt.Fprintf(words, "  ! %s: passed over %s: %s\n", m.Name(), media.Escape(s.Name), media.Escape(s.Reason))
			}
		}
	}
	return in, nil
}

// deliver writes a bundle where it belongs and returns that carrier's name.
func (c *carriers) deliver(out ceremony.Outgoing) (string, error) {
	m := c.to
	if s := c.shares[out.Share]; s != nil && out.Kind == bundle.KindShare {
		m = s
	}
	if _, err := m.Write(out.Folder, out.Name, out.Data); err != nil {
		return "", err
	}
	return m.Name(), nil
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// fileOnStick names the stick on which an open file lies, or returns "".
func (c *carriers) fileOnStick(f *os.File) string {
	name := f.Name()
	// Standard input has no name of its own; the kernel knows it.
	if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd())); err == nil {
		name = target
	}
	return c.pathOnStick(name)
}

// pathOnStick names the stick on which a path lies, or returns "". The path's
// directory must be there; the file need not.
func (c *carriers) pathOnStick(path string) string {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return ""
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return ""
	}
	for _, root := range c.roots {
		at, err := filepath.Abs(root)
		if err != nil {
			continue
		}
		if at, err = filepath.EvalSymlinks(at); err != nil {
			continue
		}
		if dir == at || strings.HasPrefix(dir, strings.TrimSuffix(at, "/")+"/") {
			return root
		}
	}
	return ""
}
