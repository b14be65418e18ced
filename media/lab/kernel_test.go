//go:build linux

package lab

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kernelTree finds an unpacked kernel package.
func kernelTree(t testing.TB) string {
	t.Helper()
	tree := os.Getenv(kernelEnv)
	if tree == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatalf("no kernel: set %s (%v)", kernelEnv, err)
		}
		tree = filepath.Join(cache, "gapferry-lab", "tree")
	}
	one(t, tree, "boot/vmlinuz-*")
	one(t, tree, "lib/modules/*")
	return tree
}

// one finds the one file of a tree that matches.
func one(t testing.TB, tree, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(tree, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has %d of %s, want 1 (%v): unpack one kernel package there and name it in %s, see README.md",
			tree, len(found), pattern, err, kernelEnv)
	}
	return found[0]
}

// bootable takes the kernel out of its compressed image: an emulated machine
// needs three seconds to do that at each boot. Where it cannot (another
// compression than xz, no xz), the image does.
func bootable(t testing.TB, tree, dir string) string {
	t.Helper()
	image := one(t, tree, "boot/vmlinuz-*")
	b := read(t, image)
	// The x86 boot protocol (Documentation/arch/x86/boot.rst): setup_sects at
	// 0x1f1, payload_offset and payload_length at 0x248 and 0x24c.
	if len(b) < 0x250 || string(b[0x202:0x206]) != "HdrS" {
		t.Fatalf("%s is not a kernel", image)
	}
	at := (int(b[0x1f1])+1)*512 + int(binary.LittleEndian.Uint32(b[0x248:]))
	length := int(binary.LittleEndian.Uint32(b[0x24c:]))
	if at < 0 || length < 4 || at+length > len(b) || !bytes.HasPrefix(b[at:], []byte("\xfd7zXZ\x00")) {
		return image
	}
	cmd := exec.Command("xz", "-dc", "--single-stream")
	cmd.Stdin = bytes.NewReader(b[at : at+length-4]) // behind the payload, its length
	kernel, err := cmd.Output()
	if err != nil {
		t.Logf("booting the compressed kernel: xz: %v", err)
		return image
	}
	path := filepath.Join(dir, "vmlinux")
	write(t, path, kernel)
	return path
}

// modules gives the files of modules and of all that they need, in the order
// in which they are to be loaded. An unpacked package has no modules.dep,
// which its installation would make, so the modules themselves are asked.
func modules(t testing.TB, tree string, names ...string) []string {
	t.Helper()
	root := one(t, tree, "lib/modules/*")
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".ko"); ok {
			files[moduleName(name)] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	builtin := map[string]bool{}
	for line := range strings.Lines(string(read(t, filepath.Join(root, "modules.builtin")))) {
		builtin[moduleName(strings.TrimSuffix(filepath.Base(strings.TrimSpace(line)), ".ko"))] = true
	}
	var order []string
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		name = moduleName(name)
		if seen[name] || builtin[name] {
			return
		}
		seen[name] = true
		path := files[name]
		if path == "" {
			t.Fatalf("the kernel in %s has no module %s: it must be a generic one, not one for clouds", tree, name)
		}
		for _, need := range needs(t, path) {
			visit(need)
		}
		order = append(order, path)
	}
	for _, name := range names {
		visit(name)
	}
	return order
}

func moduleName(s string) string { return strings.ReplaceAll(s, "-", "_") }

// needs reads which modules a module depends on.
func needs(t testing.TB, path string) (names []string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer f.Close()
	section := f.Section(".modinfo")
	if section == nil {
		t.Fatalf("%s has no .modinfo", path)
	}
	data, err := section.Data()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for entry := range strings.SplitSeq(string(data), "\x00") {
		if list, ok := strings.CutPrefix(entry, "depends="); ok && list != "" {
			names = append(names, strings.Split(list, ",")...)
		}
	}
	return names
}
