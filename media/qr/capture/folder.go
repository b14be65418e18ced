package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// extensions of pictures, in any case.
var extensions = []string{
	".png", ".jpg", ".jpeg", ".pgm", ".ppm",
	".heic", ".heif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".dng", // not read, but not passed over without a word either
}

// subfolder ends the name of a folder that is looked into.
const subfolder = ".db"

// Folder lists the pictures of a folder and of its *.db folders, by their
// extension, sorted: "csr1.db/a.png", "x.JPG". They need not be readable: what
// Load refuses, a link or a folder of such a name, is listed too, so that it is
// told and not passed over in silence. Links to folders are not followed.
func Folder(dir string) ([]string, error) {
	found, err := scan(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = f.name
	}
	return names, nil
}

// OpenFolder gives the pictures that Folder lists, in that order. With watch
// it goes on with those that arrive, or are replaced, until the context ends;
// a picture that is still being written is waited for.
func OpenFolder(dir string, watch bool) (Source, error) {
	found, err := scan(dir)
	if err != nil {
		return nil, err
	}
	if watch {
		return &watched{dir: dir, wait: pollWait(), seen: map[string]fileState{}, closed: make(chan struct{})}, nil
	}
	return &folder{dir: dir, left: found}, nil
}

// entry is a file that may be a picture.
type entry struct {
	name string // below the folder, with "/"
	look
}

// look is how a file looks from outside.
type look struct {
	size     int64 // bytes
	modified time.Time
}

// scan lists a folder.
func scan(dir string) ([]entry, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, folderError(dir, err)
	}
	// Not kept open: a stick with an open folder cannot be ejected.
	defer root.Close()
	all, folders, err := list(root, ".")
	if err != nil {
		return nil, folderError(dir, err)
	}
	if len(folders) > MaxFolders {
		return nil, folderError(dir, fmt.Errorf("more than %d %s folders", MaxFolders, subfolder))
	}
	for _, f := range folders {
		more, _, err := list(root, f)
		if err != nil {
			return nil, folderError(dir+"/"+f, err)
		}
		if all = append(all, more...); len(all) > MaxEntries {
			return nil, folderError(dir, errCrowded)
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

var errCrowded = fmt.Errorf("more than %d entries: use a folder for the pictures alone", MaxEntries)

func folderError(dir string, err error) error {
	return fmt.Errorf("folder %s: %s", quote(dir), cause(err))
}

// list lists one folder: what may be a picture, and the *.db folders.
func list(root *os.Root, dir string) (pictures []entry, folders []string, err error) {
	before, err := root.Lstat(dir)
	if err != nil {
		return nil, nil, err
	}
	f, err := root.OpenFile(dir, readFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	// os.Root follows a link that stays inside: one may have taken its place.
	if now, err := f.Stat(); err != nil || !os.SameFile(before, now) {
		return nil, nil, cmp.Or(err, errors.New("another one took its place: try again"))
	}
	files, err := f.ReadDir(MaxEntries + 1)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	if len(files) > MaxEntries {
		return nil, nil, errCrowded
	}
	for _, file := range files {
		name := file.Name()
		if slices.Contains(extensions, strings.ToLower(path.Ext(name))) {
			info, err := file.Info()
			if err != nil {
				continue // it has gone since
			}
			pictures = append(pictures, entry{path.Join(dir, name), look{info.Size(), info.ModTime()}})
		} else if file.IsDir() && strings.HasSuffix(name, subfolder) {
			folders = append(folders, name)
		}
	}
	return pictures, folders, nil
}

// folder is a Source of files that are there.
type folder struct {
	dir  string
	left []entry
}

func (s *folder) Next(ctx context.Context) (Picture, error) {
	if err := ctx.Err(); err != nil {
		return Picture{}, err
	}
	if len(s.left) == 0 {
		return Picture{}, io.EOF
	}
	name := s.left[0].name
	s.left = s.left[1:]
	return picture(s.dir, name)
}

func (s *folder) Close() error { return nil }

// picture loads a picture of a folder.
func picture(dir, name string) (Picture, error) {
	gray, err := loadBelow(dir, name)
	if err != nil {
		return Picture{}, &PictureError{name, err.Error()}
	}
	return Picture{name, gray}, nil
}

// loadBelow follows no link below a folder, also not one that took the place
// of a *.db folder.
func loadBelow(dir, name string) (*image.Gray, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, imageProblem(cause(err))
	}
	defer root.Close()
	if sub, file := path.Split(name); sub != "" {
		info, err := root.Lstat(path.Clean(sub))
		if err != nil {
			return nil, imageProblem(cause(err))
		}
		if !info.IsDir() {
			return nil, imageProblem("its folder is " + kindOf(info.Mode()))
		}
		inner, err := root.OpenRoot(path.Clean(sub))
		if err != nil {
			return nil, imageProblem(cause(err))
		}
		defer inner.Close()
		return loadIn(inner, file)
	}
	return loadIn(root, name)
}
