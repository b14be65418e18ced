package usb

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

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
