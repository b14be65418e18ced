package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/coproc/atomicfile"
)

// Names and modes within the directory of a coprocessor.
const (
	stateFile   = "state.age"
	profileDir  = "profiles"
	keySuffix   = ".age"
	countSuffix = ".failures"
	limitSuffix = ".limit"

	dirMode fs.FileMode = 0o700
)

// cleanTemps removes the files that a crash left half written.
func cleanTemps(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), atomicfile.TempSuffix) {
			if err := atomicfile.RemoveIfThere(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
