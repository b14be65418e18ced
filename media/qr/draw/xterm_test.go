package draw

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for another program to show something.
const patience = 60 * time.Second

// A real terminal shows codes that both readers take from its screen.
func TestXterm(t *testing.T) {
	for _, name := range []string{"Xvfb", "xterm", "import", "zbarimg"} {
		program(t, name)
	}
	font := "DejaVu Sans Mono"
	if out, err := exec.Command(program(t, "fc-list"), font).Output(); err != nil || len(out) == 0 {
		missing(t, "the font %s", font)
	}
	display := xvfb(t)
	for _, test := range []struct {
		window Window
		cells  Cells
	}{
		{Window{80, 24}, HalfBlocks},
		{Window{80, 24}, Spaces},
		{Window{100, 50}, HalfBlocks},
		{Window{100, 50}, Spaces},
	} {
		version, quiet, ok := Fit(test.window, test.cells, 1, MaxVersion)
		if !ok {
			t.Fatalf("%+v: nothing fits", test)
		}
		c, text := full(t, version, L, 4)
		screen := writeFile(t, "screen.txt", []byte(strings.Join(c.Lines(test.cells, quiet), "\r\n")+"\r\nline of text"))
		showInXterm(t, display, font, test.window, screen)
		path := filepath.Join(t.TempDir(), "screen.png")
		if !eventually(func() bool {
			img, err := screenshot(display, path)
			return err == nil && ownReads(img, text)
		}) {
			t.Errorf("%+v, version %d, quiet zone %d: not read from the screen", test, version, quiet)
			keep(t, path, fmt.Sprintf("xterm-%d-%d.png", test.window.Cols, test.cells))
			continue
		}
		if got := zbar(t, path); !got[text] {
			t.Errorf("%+v, version %d, quiet zone %d: zbarimg reads %v", test, version, quiet, got)
		}
	}
}

// eventually asks until it is so, or until patience ends.
func eventually(so func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return false
}

// xvfb starts an X server and gives its display.
func xvfb(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, cmd)
	w.Close()
	defer r.Close()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n') // it is written when the server takes clients
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// showInXterm shows a file in a terminal until the test ends; the next one
// covers it.
func showInXterm(t *testing.T, display, font string, w Window, file string) {
	t.Helper()
	cmd := exec.Command("xterm", "-u8", "-geometry", fmt.Sprintf("%dx%d+0+0", w.Cols, w.Rows), "-fa", font, "-fs", "10",
		"-bg", "black", "-fg", "gray", "+sb", "-b", "0", "-e", "sh", "-c", `cat "$0"; exec sleep 600`, file)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "LC_ALL=C.UTF-8")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, cmd)
}

func stopAtEnd(t *testing.T, cmd *exec.Cmd) {
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}
