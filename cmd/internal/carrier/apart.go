package carrier

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"golang.org/x/text/unicode/norm"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// Shares for one target stay apart: no two of them go to one medium, nor one of
// them to the stick with the databases, unless the plan says so. Here is what
// can be known before anybody logs on; what lies on a medium is in shelf.go.

// CheckApart refuses carriers that would bring shares together, and has whoever types
// the command name those that are missing. It is for phase 3c, when everything
// was read and nobody has logged on.
func (c *Set) CheckApart(ctx context.Context, out []int, targets []string) error {
	if !c.opener.apart() {
		return nil
	}
	if len(targets) == 0 {
		targets = c.opener.Rules.Targets
	}
	if err := c.severalMedia(); err != nil {
		return err
	}
	if err := c.nameMissing(ctx, out, targets); err != nil {
		return err
	}
	for _, i := range c.sharesNamed() {
		if err := c.fits(ctx, i, targets); err != nil {
			return err
		}
	}
	c.tellOneFileSystem()
	return nil
}

// fits refuses a medium on which another share for one of the targets lies. A
// stick that is not plugged in yet is looked at then.
func (c *Set) fits(ctx context.Context, i int, targets []string) error {
	h, ok := c.shares[i].(holder)
	if s, is := c.shares[i].(*Stick); !ok || is && s.USB() {
		return nil
	}
	on, err := h.holds(ctx)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if err := on.refuse(t, i, c.shares[i].Name()); err != nil {
			return err
		}
	}
	return nil
}

func (c *Set) sharesNamed() (list []int) {
	for i := range c.shares {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// nameMissing asks at the terminal where each share goes for which no flag says
// it. Where nobody can be asked it is a usage error.
func (c *Set) nameMissing(ctx context.Context, out []int, targets []string) error {
	var missing []int
	for _, i := range out {
		if c.shares[i] == nil {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !c.Asks {
		return forgotten(missing)
	}
	fmt.Fprintln(c.opener.Terminal.Out, "    each share goes on a medium of its own, which its officer keeps")
	for _, i := range missing {
		if err := c.askFor(ctx, i, targets); err != nil {
			return err
		}
	}
	return nil
}

// forgotten are shares that no flag gives a medium.
func forgotten(shares []int) error {
	var flags []string
	for _, i := range shares {
		flags = append(flags, fmt.Sprintf("--share-to %d=dir:PATH", i))
	}
	what := "shares " + terminal.List(shares) + " need media of their own"
	if len(shares) == 1 {
		what = fmt.Sprintf("share %d needs a medium of its own", shares[0])
	}
	return terminal.Usagef("%s: say %s (or usb:LABEL, qr:DIR, screen:)", what, strings.Join(flags, " "))
}

// askFor asks where one share goes, until the answer will do.
func (c *Set) askFor(ctx context.Context, i int, targets []string) error {
	for {
		spec, err := c.opener.Terminal.ShownLine(fmt.Sprintf("    share %d, of %s:\n    dir:PATH, usb:LABEL, qr:DIR or screen: ", i, media.Escape(c.opener.Rules.Officers[i-1])))
		switch {
		case err != nil:
			return forgotten([]int{i})
		case spec == "":
			continue // one wrong key ends no phase
		}
		if err = c.openShare(i, spec); err == nil {
			err = c.readyShare(ctx, i, targets)
		}
		if err == nil {
			return nil
		}
		delete(c.shares, i)
		terminal.Print(c.opener.Terminal.Out, "  ! ", err.Error())
	}
}

// readyShare is what can be said at once of a medium that was typed.
func (c *Set) readyShare(ctx context.Context, i int, targets []string) error {
	err := readyCarrier(ctx, c.shares[i])
	if err == nil {
		err = c.severalMedia()
	}
	if err == nil {
		err = c.fits(ctx, i, targets)
	}
	return err
}

// sharesTogether refuses what would bring shares together.
func sharesTogether(format string, a ...any) error {
	return &refusal.Error{Code: refusal.CodeSharesTogether, Text: fmt.Sprintf(format, a...)}
}

// severalMedia refuses one medium for two shares, or for a share and the
// databases, under whatever names.
func (c *Set) severalMedia() error {
	shares := c.sharesNamed()
	for k, i := range shares {
		at := c.opener.mediumOf(c.shares[i])
		for _, other := range append([]Carrier{c.To}, c.from...) {
			if why := at.same(c.opener.mediumOf(other)); why != "" {
				return sharesTogether("share %d and the databases would go to one medium: %s %s %s", i, c.shares[i].Name(), why, other.Name())
			}
		}
		for _, j := range shares[:k] {
			if why := at.same(c.opener.mediumOf(c.shares[j])); why != "" {
				return sharesTogether("shares %d and %d would go to one medium: %s %s %s", j, i, c.shares[i].Name(), why, c.shares[j].Name())
			}
		}
	}
	return nil
}

// medium is where the files of a carrier lie, however the carrier was named.
type medium struct {
	root  string      // without links; empty where there are no files, or none yet
	info  os.FileInfo // of root
	stick string      // the mount point of the stick that root lies on, or empty
	label string      // of a stick that is found when it is used; empty for any
}

// mediumOf finds it.
func (r *Opener) mediumOf(c Carrier) medium {
	root := ""
	switch c := c.(type) {
	case *pictures:
		root = c.dir
	case *Stick:
		if c.USB() {
			return medium{label: norm.NFC.String(strings.TrimPrefix(c.spec, "usb:"))}
		}
		root = c.dir.Root()
	}
	if root == "" {
		return medium{}
	}
	m := medium{root: root}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		m.root = real
	}
	if info, err := os.Stat(m.root); err == nil {
		m.info = info
	}
	m.stick = r.stickAt(m.root)
	return m
}

// stickAt is the mount point of the stick on which a directory lies, or empty.
func (r *Opener) stickAt(dir string) string {
	device, known := deviceOf(dir)
	if !known {
		return ""
	}
	if r.volumes == nil {
		r.volumes, _ = r.System.Volumes() // where they cannot be listed, directories are all that is known
	}
	for _, v := range r.volumes {
		if on, ok := deviceOf(v.Mount); v.Usable && ok && on == device {
			return v.Mount
		}
	}
	return ""
}

// same says in words how two media are one; empty where they are not, as far as
// can be known. Directories are compared as the kernel knows them, so that links,
// bind mounts, dots and capitals make no two of one.
func (m medium) same(o medium) string {
	if m.label != "" && strings.EqualFold(m.label, o.label) {
		return "is the stick"
	}
	if m.info == nil || o.info == nil {
		return ""
	}
	switch {
	case os.SameFile(m.info, o.info):
		return "is the same directory as"
	case m.stick != "" && m.stick == o.stick:
		return "is on the same stick as"
	case m.oneFileSystem(o) && m.below(o.root):
		return "lies in"
	case m.oneFileSystem(o) && o.below(m.root):
		return "holds"
	}
	return ""
}

func (m medium) below(dir string) bool {
	return strings.HasPrefix(m.root, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func (m medium) oneFileSystem(o medium) bool {
	a, known := deviceOf(m.root)
	b, also := deviceOf(o.root)
	return m.info != nil && o.info != nil && known && also && a == b
}

// tellOneFileSystem says where shares go to folders of one file system: they are
// apart there as long as nobody takes the disk.
func (c *Set) tellOneFileSystem() {
	if c.opener.Quiet {
		return
	}
	shares := c.sharesNamed()
	var together []int
	for k, i := range shares {
		for _, j := range shares[:k] {
			if c.opener.mediumOf(c.shares[i]).oneFileSystem(c.opener.mediumOf(c.shares[j])) {
				together = append(together, j, i)
			}
		}
	}
	slices.Sort(together)
	if together = slices.Compact(together); len(together) > 0 {
		terminal.Print(c.opener.Out, "  ! ", fmt.Sprintf("shares %s go to folders of one file system: whoever has that disk has them all", terminal.List(together)))
	}
}

// holder is a carrier that keeps files.
type holder interface {
	holds(context.Context) (*Contents, error)
}

// ownMedium refuses to give a share to a medium that would bring shares together.
func ownMedium(ctx context.Context, h holder, apart bool, out bundle.Outgoing, name string) error {
	if out.Share == 0 || !apart {
		return nil
	}
	on, err := h.holds(ctx)
	if err != nil {
		return err
	}
	if err := on.refuse(out.Peer, out.Share, name); err != nil {
		return err
	}
	on.add(out.Peer, out.Share)
	return nil
}

// holds is what lies on a stick, or in a directory. A stick is known by its
// device for as long as it is plugged in; a directory's name can lead elsewhere
// by the next share, so it is looked at each time.
func (s *Stick) holds(ctx context.Context) (*Contents, error) {
	d, err := s.Open(ctx)
	if err != nil || s.USB() && s.contents != nil {
		return s.contents, err
	}
	s.contents, err = contentsOf(d, s.opener.Rules.Ceremony)
	return s.contents, err
}

// holds is what lies in a directory of pictures, now.
func (p *pictures) holds(context.Context) (*Contents, error) {
	d, err := media.OpenDir(p.dir)
	if err != nil {
		return nil, err
	}
	return contentsOf(d, p.opener.Rules.Ceremony)
}
