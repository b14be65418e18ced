package media_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gapferry/gapferry/media"
)

// A file is written once. The same bytes again are no error, so that a command
// that was interrupted can be repeated; other bytes under its name are.
func ExampleDir_Write() {
	stick, err := os.MkdirTemp("", "stick")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(stick)
	d, err := media.OpenDir(stick)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, data := range []string{"a bundle", "a bundle", "another one"} {
		done, err := d.Write("sa.db", "css-key-css-0001-9f86d081.gfb", []byte(data))
		if err != nil {
			_, conflict := errors.AsType[*media.ConflictError](err)
			fmt.Println(conflict, err)
			continue
		}
		fmt.Println("written", done.Written, "already there", done.AlreadyThere)
	}
	// Output:
	// written true already there false
	// written false already there true
	// true another file of that name with other bytes is there: css-key-css-0001-9f86d081.gfb
}

// What lies where bundles are and is none is not read, and named. The name comes
// from whoever carried the stick.
func ExampleDir_Read() {
	stick, err := os.MkdirTemp("", "stick")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(stick)
	db := filepath.Join(stick, "sa.db")
	err = errors.Join(os.Mkdir(db, 0o755),
		os.WriteFile(filepath.Join(db, "css-key-css-0001-9f86d081.gfb"), []byte("a bundle"), 0o644),
		os.WriteFile(filepath.Join(db, "READ\u202eEM.gfb"), []byte("open me"), 0o644),
		os.Symlink("/etc/passwd", filepath.Join(db, "sa-key-sa-0001-1a2b3c4d.gfb")))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := media.OpenDir(stick)
	if err != nil {
		fmt.Println(err)
		return
	}
	files, skipped, err := d.Read("")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		fmt.Printf("%s/%s: %d bytes\n", f.Folder, f.Name, len(f.Data))
	}
	for _, s := range skipped {
		fmt.Printf("skipped %s: %s\n", media.Escape(s.Name), s.Reason)
	}
	// Output:
	// sa.db/css-key-css-0001-9f86d081.gfb: 8 bytes
	// skipped sa.db/READ\u202eEM.gfb: not a name that gapferry gives to files
	// skipped sa.db/sa-key-sa-0001-1a2b3c4d.gfb: a link, not a regular file
}
