//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// kernelEnv names a directory with boot/vmlinuz-* and lib/modules/*: an
// unpacked kernel package. Without it, "gapferry-lab/tree" in the user's cache.
const kernelEnv = "GAPFERRY_LAB_KERNEL"

// host is what the machines are made of.
type host struct {
	start  time.Time
	dir    string // for images, sockets and logs
	kernel string // a file to boot
	initrd string

	devices []string // of QEMU, besides those that every machine has
}

// tools are the programs that the host side calls, and their packages.
var tools = []struct{ name, from string }{
	{"qemu-system-x86_64", "qemu-system-x86 and seabios"},
	{"mcopy", "mtools"},
	{"mkfs.vfat", "dosfstools"},
	{"fsck.vfat", "dosfstools"},
	{"mkfs.exfat", "exfatprogs"},
	{"fsck.exfat", "exfatprogs"},
}

// newHost builds the programs, the plans and the initial file system.
func newHost(t testing.TB) *host {
	t.Helper()
	// Where mkfs and fsck are, for who has not got it in the path.
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.name); err != nil {
			t.Fatalf("%s is missing: install %s", tool.name, tool.from)
		}
	}
	tree := kernelTree(t)
	h := &host{start: time.Now(), dir: t.TempDir()}
	h.kernel = bootable(t, tree, h.dir)

	gapferry, agent := filepath.Join(h.dir, "gapferry"), filepath.Join(h.dir, "agent")
	build(t, gapferry, "github.com/gapferry/gapferry/cmd/gapferry")
	build(t, agent, "github.com/gapferry/gapferry/media/lab/agent")
	files := []cpioFile{
		{name: "init", mode: 0o100755, data: read(t, agent)},
		{name: "gapferry", mode: 0o100755, data: read(t, gapferry)},
	}
	for _, fs := range fileSystems {
		// A rehearsal: its passphrases are cheap to check, which would else
		// take an emulated machine minutes. Phases need no word of sticks.
		plan := filepath.Join(h.dir, fs.mount+".toml")
		args := []string{"plan", "new", "--plan", plan, "--title", "Lab", "--rehearsal", "--shares", "2/3", "--carrier", "usb"}
		if fs.mount != fat32.mount {
			args = append(args, "--shares-together")
		}
		run(t, gapferry, args...)
		files = append(files, cpioFile{name: fs.mount + ".toml", mode: 0o100644, data: read(t, plan)})
	}
	h.pack(t, tree, files, "usb-storage", "xhci-pci", "sd_mod", "vfat", "exfat", "nls_cp437", "nls_ascii", "nls_utf8")
	return h
}

// pack makes the initial file system of files and kernel modules.
func (h *host) pack(t testing.TB, tree string, files []cpioFile, names ...string) {
	t.Helper()
	files = append(files,
		cpioFile{name: "dev", mode: 0o040755},
		cpioFile{name: "dev/console", mode: 0o020600, major: 5, minor: 1},
		cpioFile{name: "modules", mode: 0o040755})
	for i, path := range modules(t, tree, names...) {
		files = append(files, cpioFile{
			name: fmt.Sprintf("modules/%02d-%s", i, filepath.Base(path)), mode: 0o100644, data: read(t, path),
		})
	}
	h.initrd = filepath.Join(h.dir, "initrd.cpio")
	write(t, h.initrd, cpio(files))
}

// build builds a program that needs nothing but a kernel.
func build(t testing.TB, out, pkg string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, text)
	}
}

// run runs a program that must succeed and gives its output.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, stderr.Bytes())
	}
	return string(out)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
