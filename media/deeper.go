package media

import (
	"os"
	"path/filepath"
	"strings"
)

// Deeper are the folders at the root that hold databases themselves, which
// nothing reads there: somebody copied a whole carrier into one of its folders.
// At most MaxFolders folders are looked into, and as many in them; one that cannot
// be listed is passed over. The names can hold anything: print them with Escape. The errors
// are those of Read.
func (d *Dir) Deeper() ([]string, error) {
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
	var found []string
	looked, inside := 0, MaxFolders
	for _, e := range entries {
		if !e.IsDir() || CheckFolder(canonical(e.Name())) == nil {
			continue
		}
		if looked++; looked > MaxFolders {
			break
		}
		if r.holdsDatabases(e.Name(), &inside) {
			found = append(found, e.Name())
		}
	}
	return found, nil
}

// holdsDatabases reports whether a folder holds a database with a bundle in it.
// It looks into as many as are left.
func (r *reader) holdsDatabases(folder string, left *int) bool {
	for _, e := range r.below(folder, MaxRootEntries) {
		if !e.IsDir() || CheckFolder(canonical(e.Name())) != nil {
			continue
		}
		if *left--; *left < 0 {
			return false
		}
		for _, f := range r.below(folder+"/"+e.Name(), MaxFiles) {
			name := canonical(f.Name())
			if f.Type().IsRegular() && CheckName(name) == nil && strings.HasSuffix(name, looseExt) {
				return true
			}
		}
	}
	return false
}

// below lists a folder; nothing where it is a link, or cannot be listed.
func (r *reader) below(folder string, limit int) []os.DirEntry {
	info, err := r.root.Lstat(folder)
	if err != nil || !info.IsDir() {
		return nil
	}
	entries, err := listDir(r.root, folder, info, limit)
	if err != nil {
		return nil
	}
	return entries
}

// AboveDatabase is the directory that a carrier should have been, where its
// directory is a database itself; empty where it is none.
func (d *Dir) AboveDatabase() string {
	if CheckFolder(canonical(filepath.Base(d.root))) != nil {
		return ""
	}
	return filepath.Dir(d.root)
}
