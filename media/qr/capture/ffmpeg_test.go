package capture

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// The commands of the package documentation, with a test picture for a camera.
func TestFFmpeg(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg, which is one of many capture programs")
	}
	for _, form := range []string{
		"-pix_fmt gray -f yuv4mpegpipe -",
		"-f yuv4mpegpipe -",
		"-c:v mjpeg -f mjpeg -",
		"-c:v pgm -f image2pipe -",
		"-c:v ppm -f image2pipe -",
		"-pix_fmt gray -c:v png -f image2pipe -",
	} {
		args := append(strings.Fields("-loglevel error -f lavfi -i testsrc=size=322x242:rate=10:duration=1 -pix_fmt yuv420p"), strings.Fields(form)...)
		var stderr bytes.Buffer
		cmd := exec.Command(ffmpeg, args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v\n%s", form, err, stderr.Bytes())
			continue
		}
		if got := told(t, OpenStream(bytes.NewReader(out), EveryFrame)); len(got) != 10 || got[9] != "frame 10" {
			t.Errorf("%s: %q, want 10 frames", form, got)
		}
	}
}
