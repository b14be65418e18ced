package media

import "path/filepath"

// WriteFileNew writes one local file by the same recipe as Dir.Write: a
// node's own store, an operator's card. The file is readable by its owner
// alone and may be empty and of any size. The directory must exist; its name,
// like that of the file, is the caller's: neither is checked against CheckName.
//
// It never overwrites. A file that holds the same bytes already is no error,
// so that a command that was interrupted can be repeated; one that holds
// others is a *ConflictError. Other errors are *StepError, *SpaceError and
// *NameError.
//
// While it writes it holds the directory's flock; the caller must not. If the
// process is killed, a file named gf??????.tmp may stay in the directory:
// CleanTemps removes it.
func WriteFileNew(path string, data []byte) error {
	dir, name := filepath.Split(filepath.Clean(path))
	if name == "" || name == "." || name == ".." || isTemp(name) {
		return &NameError{path, "not the name of a file"}
	}
	if dir == "" {
		dir = "."
	}
	return writeLocal(dir, name, data)
}
