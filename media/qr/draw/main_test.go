package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// missing skips a test whose real part is not there, and fails it where
// GAPFERRY_REQUIRE says that none may be missing.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	text := "needs " + fmt.Sprintf(format, args...)
	if os.Getenv("GAPFERRY_REQUIRE") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// program is the path of a program that the test runs.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "the program %s", name)
	}
	return path
}

// sweep says whether the long tests are wanted.
func sweep() bool { return os.Getenv("GAPFERRY_QR_ALL") != "" }

// randomText is n alphanumeric characters, the same for the same seed.
func randomText(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphanumeric[r.IntN(len(alphanumeric))]
	}
	return string(b)
}

// full makes a readable code that is filled to the last character, and gives
// its text. The first characters are the variant's.
func full(t testing.TB, version int, level Level, seed uint64) (*Code, string) {
	t.Helper()
	var text string
	c, err := Readable(func(nonce byte) string {
		text = fmt.Sprintf("%03d", nonce) + randomText(Capacity(version, level)-3, seed)
		return text
	}, level, version)
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// wantErr compares an error's text; "" is no error.
func wantErr(t testing.TB, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error %q\nwant  %q", got, want)
	}
}

// codesIn are the texts that our reader finds in a picture, at most so many (0:
// all).
func codesIn(img *image.Gray, most int) map[string]bool {
	found := map[string]bool{}
	for _, c := range detect.Decode(img, detect.Options{Max: most}).Codes {
		found[c.Text] = true
	}
	return found
}

// zbar are the texts that zbarimg finds in a file.
func zbar(t testing.TB, path string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	var stderr bytes.Buffer
	cmd := exec.Command(program(t, "zbarimg"), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Logf("zbarimg: %v %s", err, stderr.String())
		return found
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		found[line] = true
	}
	return found
}

// readGray reads a PNG that another program made.
func readGray(path string) (*image.Gray, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	gray := image.NewGray(img.Bounds())
	for y := gray.Rect.Min.Y; y < gray.Rect.Max.Y; y++ {
		for x := gray.Rect.Min.X; x < gray.Rect.Max.X; x++ {
			gray.Set(x, y, img.At(x, y))
		}
	}
	return gray, nil
}

// writeFile writes a file into a directory of the test's own.
func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
