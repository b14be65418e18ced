//go:build linux

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// readFAT reads files of a folder of a stick with mtools, which share no code
// with the kernel. A folder that is not there has no files.
func readFAT(image, folder, pattern string) (map[string][]byte, error) {
	drive := fmt.Sprintf("%s@@%d", image, partitionStart)
	path := "::" + folder + "/" + pattern
	files, said, err := mcopy(drive, path)
	if err == nil || strings.Contains(said, "not found") {
		return files, nil
	}
	if !strings.Contains(said, "Fat problem") {
		return nil, fmt.Errorf("mcopy: %w\n%s", err, said)
	}
	// Of one name the clusters are not (all) there, and mcopy gives up. mdir
	// tells which names are there; each is then read by itself.
	listed, _ := exec.Command("mdir", "-b", "-i", drive, path).Output()
	for line := range strings.Lines(string(listed)) {
		name := filepath.Base(strings.TrimSpace(line))
		if _, ok := files[name]; !ok {
			alone, _, _ := mcopy(drive, "::"+folder+"/"+name)
			files[name] = alone[name] // nothing, if it cannot be read
		}
	}
	return files, nil
}

// mcopy copies files from a stick and gives them, and what it said.
func mcopy(drive, path string) (files map[string][]byte, said string, err error) {
	dir, err := os.MkdirTemp("", "gapferry-lab-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	out, failed := exec.Command("mcopy", "-n", "-i", drive, path, dir).CombinedOutput()
	copied, err := os.ReadDir(dir)
	if err != nil {
		return nil, "", err
	}
	files = map[string][]byte{}
	for _, e := range copied {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, "", err
		}
	}
	return files, string(out), failed
}
