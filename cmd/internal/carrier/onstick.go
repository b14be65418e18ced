package carrier

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FileOnStick names the stick on which an open file lies, or returns "".
func (r *Opener) FileOnStick(f *os.File) string {
	name := f.Name()
	// Standard input has no name of its own; the kernel knows it.
	if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd())); err == nil {
		if !filepath.IsAbs(target) {
			return "" // a pipe: it lies nowhere
		}
		name = target
	}
	return r.PathOnStick(name)
}

// PathOnStick names the stick on which a path lies, or returns "". The path's
// directory must be there; the file need not. A stick is told by its directory
// and by the device that it is, whatever part of it a carrier names and wherever
// else it is mounted; the device of the node's own store is no stick.
func (r *Opener) PathOnStick(path string) string {
	dir, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	dir = filepath.Dir(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return ""
	}
	device, known := deviceOf(dir)
	home, _ := deviceOf(r.Store)
	for _, root := range r.roots {
		at, err := filepath.EvalSymlinks(root)
		if err != nil {
			continue
		}
		if dir == at || strings.HasPrefix(dir, strings.TrimSuffix(at, "/")+"/") {
			return root
		}
		if on, ok := deviceOf(at); ok && known && on == device && on != home {
			return root
		}
	}
	return ""
}
