package media

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Holder is a process that keeps a volume from being unmounted.
type Holder struct {
	PID     int
	Command string // its name, 15 bytes at most; print it with Escape
	What    string // "current directory", "open file", "root directory", "program"
	Path    string // print it with Escape
}

func (h Holder) String() string {
	return fmt.Sprintf("%s (process %d, %s %s)", Escape(h.Command), h.PID, h.What, Escape(h.Path))
}

// BusyError is a volume that is in use, and so was not unmounted.
type BusyError struct {
	Mount   string
	Holders []Holder // who uses it, so far as this user may see
	Mounts  []string // what is mounted below it
	// Unseen is the number of processes of other users, which may be those.
	Unseen int
}

func (e *BusyError) Error() string {
	var by []string
	for _, h := range e.Holders {
		by = append(by, h.String())
	}
	for _, m := range e.Mounts {
		by = append(by, "what is mounted at "+Escape(m))
	}
	s := fmt.Sprintf("unmount %s: it is in use", Escape(e.Mount))
	if len(by) > 0 {
		s += " by " + strings.Join(by, ", ")
	} else if e.Unseen > 0 {
		s += fmt.Sprintf(", perhaps by one of %d processes of other users", e.Unseen)
	}
	return s + ": leave the folder or end the program, and repeat; do not unplug it"
}

// holders finds the processes that use something below a mount point: one
// line for each process, the first use that is found.
func (s System) holders(point string) (all []Holder, unseen int) {
	for _, name := range namesIn(s.proc()) {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		h, err := s.holding(name, point)
		switch {
		case os.IsPermission(err):
			unseen++
		case h.Path != "":
			h.PID, h.Command = pid, attribute(s.proc(name, "comm"))
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b Holder) int { return a.PID - b.PID })
	return all, unseen
}

// holding looks at one process. The error is that of a process whose files
// this user may not see.
func (s System) holding(pid, point string) (Holder, error) {
	for _, link := range []struct{ name, what string }{
		{"cwd", "current directory"}, {"root", "root directory"}, {"exe", "program"},
	} {
		path, err := os.Readlink(s.proc(pid, link.name))
		if os.IsPermission(err) {
			return Holder{}, err
		}
		if err == nil && isUnder(path, point) {
			return Holder{What: link.what, Path: path}, nil
		}
	}
	files, err := os.ReadDir(s.proc(pid, "fd"))
	if os.IsPermission(err) {
		return Holder{}, err
	}
	for _, f := range files {
		path, err := os.Readlink(filepath.Join(s.proc(pid, "fd"), f.Name()))
		if err == nil && isUnder(path, point) {
			return Holder{What: "open file", Path: strings.TrimSuffix(path, " (deleted)")}, nil
		}
	}
	return Holder{}, nil
}
