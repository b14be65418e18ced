//go:build linux

package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gapferry/gapferry/media"
)

// burst writes files one after the other and says "done NAME HASH" after each
// write that returned without an error, as a program would tell its user.
// The eight digits in a name are the beginning of the content's SHA-256: so
// the host can tell whole files from others, told or not.
func burst(args []string) int {
	flags := flag.NewFlagSet("burst", flag.ContinueOnError)
	writer := flags.String("writer", "", "naive, textbook or gapferry")
	folder := flags.String("folder", "sa.db", "where on the stick")
	seed := flags.Uint64("seed", 0, "decides the contents")
	count := flags.Int("count", 1, "how many files")
	size := flags.Int("size", 64<<10, "bytes of the largest file")
	fill := flags.Int("fill", -1, "instead of writing: make the folder with `N` empty files of one directory slot each, and sync")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *fill >= 0 {
		return status(fillFolder(filepath.Join(mountPoint, *folder), *fill))
	}
	write, ok := writers[*writer]
	if !ok {
		return status(fmt.Errorf("no writer %q", *writer))
	}
	start := time.Now()
	random := rand.New(rand.NewPCG(*seed, 0))
	for i := range *count {
		data := make([]byte, 1+random.IntN(*size))
		for j := range data {
			data[j] = byte(random.Uint32())
		}
		hash := sha256.Sum256(data)
		name := fmt.Sprintf("share-%02d-csr1-%04d-%x.gfb", 1+i%15, i+1, hash[:4])
		if err := write(*folder, name, data); err != nil {
			return status(fmt.Errorf("%s: %w", name, err))
		}
		fmt.Printf("done %s %x\n", name, hash)
	}
	fmt.Fprintln(os.Stderr, time.Since(start))
	return 0
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "burst:", err)
		return 1
	}
	return 0
}

// writers are the three that the lab compares, and one to be as fast as.
var writers = map[string]func(folder, name string, data []byte) error{
	"naive":    naive,
	"textbook": textbook,
	"gapferry": careful,
	"cp":       copySync,
}

// careful is the writer of this project.
func careful(folder, name string, data []byte) error {
	c, err := media.OpenDir(mountPoint)
	if err != nil {
		return err
	}
	res, err := c.Write(folder, name, data)
	if err == nil && !res.Written {
		err = errors.New("was there before")
	}
	return err
}

// naive is what most programs do.
func naive(folder, name string, data []byte) error {
	dir, err := makeFolder(folder)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), data, 0o644)
}

// copySync is cp and then sync, as people do it who want to be sure.
func copySync(folder, name string, data []byte) error {
	if err := naive(folder, name, data); err != nil {
		return err
	}
	syscall.Sync()
	return nil
}

// textbook is what careful programs do: temporary file, fsync, rename, fsync
// of the folder.
func textbook(folder, name string, data []byte) error {
	dir, err := makeFolder(folder)
	if err != nil {
		return err
	}
	if err := syncFolder(mountPoint); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "gf*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func makeFolder(folder string) (string, error) {
	dir := filepath.Join(mountPoint, folder)
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return dir, err
}

// fillFolder makes the next name in a folder begin at another place of a
// directory sector. Names in capitals take one slot on FAT.
func fillFolder(dir string, n int) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("FILL%02d.TXT", i)), nil, 0o644); err != nil {
			return err
		}
	}
	syscall.Sync()
	return syncFolder(dir) // sync sends no flush to the stick, on vfat
}
