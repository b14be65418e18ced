package draw

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// screenshot takes a picture of the whole screen, into a file too.
func screenshot(display, path string) (*image.Gray, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "import", "-silent", "-window", "root", "png:"+path)
	cmd.Env = append(os.Environ(), "DISPLAY="+display)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("import: %w: %s", err, out)
	}
	return readGray(path)
}

// keep copies a picture that was not read to where somebody can look at it, if
// GAPFERRY_QR_KEEP names a directory.
func keep(t *testing.T, path, name string) {
	dir := os.Getenv("GAPFERRY_QR_KEEP")
	if dir == "" {
		return
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
	}
	t.Logf("kept %s: %v", name, err)
}
