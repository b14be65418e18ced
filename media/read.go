package media

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Read returns the files of a folder, or of every *.db folder if folder is
// empty, sorted by folder and name. Of a folder it reads the regular files that
// satisfy CheckName, each in one bounded read, and never looks below it. A
// folder that is not there has no files and is no error. The errors are
// *NameError, *StepError and *LimitError.
func (d *Dir) Read(folder string) ([]File, []Skipped, error) {
	if folder != "" {
		if err := CheckFolder(folder); err != nil {
			return nil, nil, err
		}
	}
	root, err := d.openRoot()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()

	r := &reader{root: root, path: d.root}
	if folder != "" {
		err = r.readOne(folder)
	} else {
		err = r.readAll()
	}
	if err != nil {
		return nil, r.sortedSkipped(), err
	}
	return r.files, r.sortedSkipped(), nil
}

// openRoot opens the carrier's directory, and nothing outside it can be
// reached through what it returns.
func (d *Dir) openRoot() (*os.Root, error) {
	root, err := os.OpenRoot(d.root)
	if err != nil {
		return nil, &StepError{Step: "open", Path: d.root, Err: err}
	}
	if d.device != 0 {
		info, err := root.Stat(".")
		if err != nil || deviceOf(info) != d.device {
			root.Close()
			return nil, &StepError{Step: "open", Path: d.root, Err: cmp.Or(err, errOtherFS)}
		}
	}
	return root, nil
}

// reasonUnfinished is why a temporary file is skipped.
const reasonUnfinished = "unfinished file of an interrupted write"

// reader collects what one Read finds.
type reader struct {
	root    *os.Root
	path    string // of root, for people
	files   []File
	skipped []Skipped
	total   int64 // bytes in files
}

func (r *reader) skip(name, reason string) {
	r.skipped = append(r.skipped, Skipped{name, reason})
}

func (r *reader) sortedSkipped() []Skipped {
	slices.SortFunc(r.skipped, func(a, b Skipped) int { return cmp.Compare(a.Name, b.Name) })
	return r.skipped
}

// readOne reads the folder that the operator named, however it is spelled. What
// is wrong with it is an error.
func (r *reader) readOne(folder string) error {
	for _, name := range r.spelled(folder) {
		info, err := r.root.Lstat(name)
		switch {
		case os.IsNotExist(err):
			continue
		case err != nil:
			return &StepError{Step: "open", Path: filepath.Join(r.path, name), Err: err}
		case !info.IsDir():
			return &StepError{Step: "open", Path: filepath.Join(r.path, name), Err: errNotDir}
		}
		if err := r.readFolder(name, info); err != nil {
			return err
		}
	}
	return nil
}

// spelled are the names of a folder at the root. Where the root cannot be
// listed, or holds too much, it is the usual one.
func (r *reader) spelled(folder string) []string {
	entries, err := listDir(r.root, ".", nil, MaxRootEntries)
	if err != nil {
		return []string{folder}
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return spellings(names, folder)
}

// readAll reads every database folder. A folder that cannot be read is
// skipped, so that one that the adversary added does not hide the others.
func (r *reader) readAll() error {
	entries, err := listDir(r.root, ".", nil, MaxRootEntries)
	if err != nil {
		return r.atRoot(err, "")
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(canonical(a.Name()), canonical(b.Name())) })
	folders := 0
	for _, e := range entries {
		name := e.Name()
		switch {
		case !strings.HasSuffix(canonical(name), folderExt):
			continue // not ours, and none of our business
		case CheckFolder(canonical(name)) != nil:
			r.skip(name, "not a name that gapferry gives to folders")
			continue
		}
		info, err := r.root.Lstat(name)
		switch {
		case err != nil:
			r.skip(name, Cause(err))
			continue
		case !info.IsDir():
			r.skip(name, kindOf(info.Mode())+", not a folder")
			continue
		}
		if folders++; folders > MaxFolders {
			return &LimitError{r.path, MaxFolders, "folders"}
		}
		files, total := len(r.files), r.total
		if err := r.readFolder(name, info); err != nil {
			r.files, r.total = r.files[:files], total
			r.skip(name, reasonOf(err))
		}
		if r.total > MaxTotalBytes {
			return &LimitError{r.path, MaxTotalBytes, "bytes"}
		}
	}
	return nil
}

// readFolder reads the files of one folder, whose Lstat was info. They are told
// under the names that gapferry gives.
func (r *reader) readFolder(folder string, info os.FileInfo) error {
	entries, err := listDir(r.root, folder, info, MaxFiles)
	if err != nil {
		return r.atRoot(err, folder)
	}
	var bytes int64
	for _, e := range entries {
		path := folder + "/" + e.Name()
		switch {
		case isTemp(canonical(e.Name())):
			r.skip(path, reasonUnfinished)
			continue
		case CheckName(canonical(e.Name())) != nil:
			r.skip(path, "not a name that gapferry gives to files")
			continue
		}
		data, reason := r.readFile(path)
		if reason != "" {
			r.skip(path, reason)
			continue
		}
		if bytes += int64(len(data)); bytes > MaxFolderBytes {
			return &LimitError{filepath.Join(r.path, folder), MaxFolderBytes, "bytes"}
		}
		r.total += int64(len(data))
		r.files = append(r.files, File{Name: canonical(e.Name()), Folder: canonical(folder), Data: data})
	}
	return nil
}

// atRoot gives an error of listDir its full path.
func (r *reader) atRoot(err error, folder string) error {
	path := filepath.Join(r.path, folder)
	if limit, ok := err.(*LimitError); ok {
		limit.Path = path
		return limit
	}
	return &StepError{Step: "list", Path: path, Err: err}
}

// reasonOf is an error as a reason to skip a folder, which the caller names.
func reasonOf(err error) string {
	switch e := err.(type) {
	case *LimitError:
		return fmt.Sprintf("more than %d %s", e.Limit, e.What)
	case *StepError:
		return e.Step + ": " + Cause(e.Err)
	}
	return Cause(err)
}

// Loose are the files at the root that have the extension of a bundle, which
// nothing reads there: somebody copied files and not the folders that they lie in.
// The errors are those of Read.
func (d *Dir) Loose() ([]Skipped, error) {
	root, err := d.openRoot()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	r := &reader{root: root, path: d.root}
	entries, err := listDir(r.root, ".", nil, MaxRootEntries)
	if err != nil {
		return nil, r.atRoot(err, "")
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(canonical(e.Name()), looseExt) {
			r.skip(e.Name(), "lies loose in the root: bundles are read from folders like sa.db and csr1.db alone")
		}
	}
	return r.sortedSkipped(), nil
}

// looseExt is the extension of bundles.
const looseExt = ".gfb"
