package media

import (
	"cmp"
	"errors"
	"os"
)

// Report is what lies on a carrier.
type Report struct {
	Marker    *Marker // nil if there is none, or none that is understood
	MarkerErr error   // why Marker is nil: ErrNoMarker or a *MarkerError
	Folders   []FolderReport
	Skipped   []Skipped // what Read would not read
	Leftovers []string  // "folder/name" of unfinished files; the next Write into the folder removes them
	Size      uint64    // bytes, 0 if the file system does not say
	Free      uint64    // bytes
}

// FolderReport is one database.
type FolderReport struct {
	Name  string
	Files int
	Bytes int64
}

// Check reads a whole carrier, as Read does, and tells what is there. It
// writes nothing. The errors are those of Read.
func (d *Dir) Check() (Report, error) {
	var r Report
	files, skipped, err := d.Read("")
	if err != nil {
		return r, err
	}
	for _, f := range files {
		if n := len(r.Folders); n == 0 || r.Folders[n-1].Name != f.Folder {
			r.Folders = append(r.Folders, FolderReport{Name: f.Folder})
		}
		folder := &r.Folders[len(r.Folders)-1]
		folder.Files++
		folder.Bytes += int64(len(f.Data))
	}
	for _, s := range skipped {
		if s.Reason == reasonUnfinished {
			r.Leftovers = append(r.Leftovers, s.Name)
		} else {
			r.Skipped = append(r.Skipped, s)
		}
	}
	m, err := d.ReadMarker()
	var marker *MarkerError
	switch {
	case err == nil:
		r.Marker = &m
	case errors.Is(err, ErrNoMarker), errors.As(err, &marker):
		r.MarkerErr = err
	default:
		return r, err
	}
	r.Size, r.Free = d.space()
	return r, nil
}

// Verify reads a file that Write wrote, past the page cache, and compares it.
// After the stick was unplugged and plugged in again (usb.System.Reopen) that is
// the strongest check that one room can do: a stick may keep in its own
// memory, for as long as it has power, what it never stored. The errors are
// *NameError, *ConflictError for other bytes, and *StepError, which
// is os.ErrNotExist if the file is not there.
func (d *Dir) Verify(folder, name string, data []byte) (ReadBack, error) {
	if err := cmp.Or(CheckFolder(folder), CheckName(name)); err != nil {
		return "", err
	}
	return d.verify(folder, name, data)
}

// errAbsent is a file that was written and is not there.
var errAbsent error = absent{}

type absent struct{}

func (absent) Error() string        { return "the file is not there: write it again" }
func (absent) Is(target error) bool { return target == os.ErrNotExist }
