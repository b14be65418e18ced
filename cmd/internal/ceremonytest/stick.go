package ceremonytest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// What carriers say. Neither is a refusal.
var (
	ErrFull     = errors.New("no space left on the stick")
	ErrConflict = errors.New("another file has that name on the stick")
)

// File is a file on a stick.
type File struct {
	Folder, Name string
	Data         []byte
	Label        string // what it was when it was made: "csr-key csr1.db 2", for traces
}

func (f File) path() string { return f.Folder + "/" + f.Name }

// Stick is what is carried between rooms. Anything can happen to its files, and
// nothing on it is read by itself.
type Stick struct {
	Name  string // as a journal has it: each stick its own
	Files map[string]File
}

func (s *Stick) clone() *Stick { return &Stick{s.Name, maps.Clone(s.Files)} }

func emptyStick() *Stick { return &Stick{"an empty stick", map[string]File{}} }

func (s *Stick) put(f File) error {
	if have, there := s.Files[f.path()]; there && string(have.Data) != string(f.Data) {
		return fmt.Errorf("%w: %s on %s", ErrConflict, f.path(), s.Name)
	}
	s.Files[f.path()] = f
	return nil
}

// inOrder are the files of sticks, in an order that a seed repeats although
// their names are new each time.
func inOrder(files map[string]File) []File {
	return slices.SortedFunc(maps.Values(files), func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.path(), b.path()))
	})
}

// read gives what a command reads of sticks.
func read(folders []string, sticks ...*Stick) (in []bundle.Incoming) {
	for _, s := range sticks {
		for _, f := range inOrder(s.Files) {
			if slices.Contains(folders, f.Folder) {
				in = append(in, bundle.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
			}
		}
	}
	return in
}

// sticks are those of a ceremony, and what was ever on one.
type sticks struct {
	Stick  *Stick   // the one that is carried around
	Shares []*Stick // those for shares, by index
	Shelf  []File   // every file that ever was on a stick

	each    int // shares that are made
	labels  map[coproc.Digest]string
	made    map[string]int
	shelved map[coproc.Digest]bool
	taken   int // how often sticks were taken
}

// delivery is a carrier during one command.
type delivery struct {
	w     *World
	k     *killer
	fault Faults
	count int
}

func (d *delivery) take(out bundle.Outgoing) (to bundle.Delivery, err error) {
	err = d.k.step("deliver", func() error {
		d.count++
		if d.count == d.fault.Full {
			return fmt.Errorf("%s/%s: %w", out.Folder, out.Name, ErrFull)
		}
		f := File{out.Folder, out.Name, out.Data, d.w.label(out)}
		d.w.shelf(f)
		stick := d.w.stickFor(out)
		if d.fault.Hold {
			stick = &Stick{Name: "held back", Files: map[string]File{}}
		}
		if d.fault.To != nil {
			stick = d.fault.To
		}
		if err := stick.put(f); err != nil {
			return err
		}
		to = bundle.Delivery{Carrier: stick.Name}
		return nil
	})
	return to, err
}

// label says what a bundle is, and the how manieth of its kind.
func (w *sticks) label(out bundle.Outgoing) string {
	if l, known := w.labels[out.Digest]; known {
		return l
	}
	l := fmt.Sprintf("%s %s %s", out.Kind, out.Folder, out.Peer)
	if out.Share > 0 {
		l += fmt.Sprintf(" share %d", out.Share)
	}
	w.made[l]++
	l += fmt.Sprintf(" #%d", w.made[l])
	w.labels[out.Digest] = l
	return l
}

// shelf keeps every file that was ever put on a stick: old ones come back.
func (w *sticks) shelf(f File) {
	key := coproc.DigestOf(f.Data)
	if !w.shelved[key] {
		w.shelved[key] = true
		w.Shelf = append(w.Shelf, f)
	}
}

// stickFor is the stick of a bundle: shares have their own, one for each index.
func (w *sticks) stickFor(out bundle.Outgoing) *Stick {
	if out.Kind == bundle.KindShare {
		return w.Shares[out.Share-1]
	}
	return w.Stick
}

// FreshSticks puts all sticks away, and takes new ones.
func (w *sticks) FreshSticks() {
	w.taken++
	w.Stick = &Stick{fmt.Sprintf("stick %d", w.taken), map[string]File{}}
	w.Shares = nil
	for i := range w.each {
		w.Shares = append(w.Shares, &Stick{fmt.Sprintf("stick %d for share %d", w.taken, i+1), map[string]File{}})
	}
}

// everything are the sticks that somebody carries along.
func (w *sticks) everything() []*Stick { return append([]*Stick{w.Stick}, w.Shares...) }
