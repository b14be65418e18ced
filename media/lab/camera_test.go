//go:build linux

package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// TestLabCamera boots one machine with a virtual camera, and runs there what
// package capture tests with it: a QR code that one program shows on a video
// output goes through V4L2 of a real kernel, and is read.
func TestLabCamera(t *testing.T) {
	if !*labFlag && os.Getenv(labEnv) != "1" {
		t.Skip("boots a machine in QEMU: set " + labEnv + "=1 or give -lab")
	}
	h := newCameraHost(t)
	m := h.boot(t, "camera")[0]
	t.Logf("the machine is up after %.1f s", time.Since(h.start).Seconds())
	const test = "TestVivid"
	lines, err := m.run(wire.Request{Args: []string{"/capture.test", "-test.v", "-test.run", "^" + test + "$"}})
	t.Log(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	// A test that was skipped there has failed here.
	if !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "--- PASS: "+test+" ") }) {
		t.Errorf("%s did not run", test)
	}
	m.powerOff(t)
	t.Logf("the camera took %.0f s", time.Since(h.start).Seconds())
}

// newCameraHost builds what that machine is made of. It needs QEMU alone.
func newCameraHost(t testing.TB) *host {
	t.Helper()
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		t.Fatal("qemu-system-x86_64 is missing: install qemu-system-x86 and seabios")
	}
	tree := kernelTree(t)
	h := &host{start: time.Now(), dir: t.TempDir()}
	h.kernel = bootable(t, tree, h.dir)
	agent, capture := filepath.Join(h.dir, "agent"), filepath.Join(h.dir, "capture.test")
	build(t, agent, "github.com/gapferry/gapferry/media/lab/agent")
	buildTest(t, capture, "github.com/gapferry/gapferry/media/qr/capture")
	files := []cpioFile{
		{name: "init", mode: 0o100755, data: read(t, agent)},
		{name: "capture.test", mode: 0o100755, data: read(t, capture)},
	}
	h.pack(t, tree, files, "vivid")
	return h
}

// buildTest builds the tests of a package as a program that needs nothing but
// a kernel.
func buildTest(t testing.TB, out, pkg string) {
	t.Helper()
	cmd := exec.Command("go", "test", "-c", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the tests of %s: %v\n%s", pkg, err, text)
	}
}
