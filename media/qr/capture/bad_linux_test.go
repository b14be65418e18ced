package capture

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// One clear line for each file that is no picture.
func TestLoadBad(t *testing.T) {
	dir := t.TempDir()
	whole := drawing(64, 48, 1)
	pic, jpg := pngOf(t, whole), jpegOf(t, whole)
	flipped := bytes.Clone(pic)
	flipped[29] ^= 0x55 // in the header's checksum
	manyScans := func() []byte {
		sos := bytes.LastIndex(jpg, []byte{0xff, markerSOS})
		scan := jpg[sos : len(jpg)-2]
		return slices.Concat(jpg[:sos], bytes.Repeat(scan, maxScans+1), jpg[len(jpg)-2:])
	}
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty.png", nil, "empty: its copy did not end"},
		{"text.png", []byte("Dear operator"), "not a picture: PNG, JPEG and PNM (P5, P6) are read"},
		{"short.png", []byte("\x89PN"), "not a picture: PNG, JPEG and PNM (P5, P6) are read"},
		{"photo.jpg", []byte("\x00\x00\x00\x24ftypheic\x00\x00"), `a HEIC photo: set the phone's camera to JPEG ("most compatible"): PNG, JPEG and PNM (P5, P6) are read`},
		{"film.jpg", []byte("\x00\x00\x00\x24ftypisom\x00\x00"), "a film: take photos, or feed its frames as a stream: PNG, JPEG and PNM (P5, P6) are read"},
		{"x.png", []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), "a WebP picture: PNG, JPEG and PNM (P5, P6) are read"},
		{"x.jpg", []byte("GIF89a"), "a GIF picture: PNG, JPEG and PNM (P5, P6) are read"},
		{"cut.png", pic[:len(pic)/2], "damaged PNG picture: not enough pixel data"},
		{"cut.jpg", jpg[:len(jpg)/2], "damaged JPEG picture: it ends too early: was it copied or recorded to its end?"},
		{"head.png", pic[:12], "damaged PNG picture: it ends too early: was it copied or recorded to its end?"},
		{"flipped.png", flipped, "damaged PNG picture: invalid checksum"},
		{"two.jpg", append(bytes.Clone(jpg[:len(jpg)/2]), jpg...), "damaged JPEG picture: another picture begins inside it"},
		{"noise.jpg", append([]byte("\xff\xd8\xff\xe0\x00\x01"), jpg...), "damaged JPEG picture: its parts do not follow each other"},
		{"scans.jpg", manyScans(), "damaged JPEG picture: it is made of too many passes"},
		{"nothing.jpg", []byte("\xff\xd8\xff\xd9"), "damaged: it says that it has 0 × 0 pixels"},
		{"bomb.png", pngHeader(50_000, 50_000, 1, 0, 0), "says that it has 50000 × 50000 pixels, and at most 64 million are read: make a smaller picture"},
		{"bomb.jpg", jpegHeader(0xc0, 65535, 65535, 0x11), "says that it has 65535 × 65535 pixels, and at most 64 million are read: make a smaller picture"},
		{"bomb.pgm", []byte("P5 99999 99999 255\n"), "says that it has 99999 × 99999 pixels, and at most 64 million are read: make a smaller picture"},
		{"thin.png", pngHeader(70_000, 10, 8, 0, 0), "says that it has 70000 × 10 pixels, and at most 64 million are read: make a smaller picture"},
		{"deep.png", pngHeader(8000, 8000, 16, 6, 0), "needs 488 MiB to be decoded, and at most 384 are given: make a smaller picture"},
		{"laced.png", pngHeader(6000, 6000, 16, 6, 1), "needs 411 MiB to be decoded, and at most 384 are given: make a smaller picture"},
		{"kind.jpg", jpegHeader(0xc9, 64, 48, 0x11), "a JPEG picture of a kind that is not read (unknown marker): save it as another kind"},
		{"slow.jpg", jpegHeader(0xc2, 8000, 7000, 0x11, 0x11, 0x11), "needs 801 MiB to be decoded, and at most 384 are given: make a smaller picture"},
		{"cut.pgm", pgmOf(whole)[:500], "it ends too early: was it copied or recorded to its end?"},
		{"cut.ppm", ppmOf(whole)[:500], "it ends too early: was it copied or recorded to its end?"},
		{"deep.pgm", []byte("P5 4 4 65535\n"), "its brightest value is 65535, and only 255 is read"},
		{"head.pgm", []byte("P5 4 x 255\n"), "damaged PNM picture: its header is not one"},
		{"long.pgm", []byte("P5 4 4 #" + strings.Repeat("x", 2000)), "damaged PNM picture: its header is not one"},
		{"zero.pgm", []byte("P5 0 4 255\n"), "damaged: it says that it has 0 × 4 pixels"},
		{"text.pgm", []byte("P2 1 1 255\n7\n"), "a text PNM picture: PNG, JPEG and PNM (P5, P6) are read"},
	} {
		wantLoadError(t, save(t, filepath.Join(dir, test.name), test.data), test.want)
	}

	// What is no file of that kind at all.
	large := filepath.Join(dir, "large.png")
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "folder.png"), 0o755),
		os.Symlink("cut.png", filepath.Join(dir, "link.png")),
		unix.Mkfifo(filepath.Join(dir, "pipe.png"), 0o644),
		os.WriteFile(large, nil, 0o644),
		os.Truncate(large, MaxFileBytes+1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"folder.png":  "a folder, not a picture file",
		"link.png":    "a link, not a picture file",
		"pipe.png":    "a pipe, not a picture file",
		"missing.png": "no such file or directory",
		"no/such.png": "no such file or directory",
		"large.png":   "larger than 64 MiB: make a smaller picture",
	} {
		wantLoadError(t, filepath.Join(dir, name), want)
	}
	wantLoadError(t, "/dev/null", "a device, not a picture file")
	wantLoadError(t, "/", "a folder, not a picture file")
}

func wantLoadError(t *testing.T, path, want string) {
	t.Helper()
	_, err := Load(path)
	bad, ok := err.(*PictureError)
	if !ok || bad.Why != want || bad.Name != path {
		t.Errorf("%s: %v\nwant %s", path, err, want)
	}
}

// A name is never put raw into an error, nor all of it.
func TestPictureErrorQuotes(t *testing.T) {
	name := "a\x1b[2J\u202e\n" + strings.Repeat("x", 300)
	got := (&PictureError{name, "empty"}).Error()
	if want := `"a\x1b[2J\u202e\n` + strings.Repeat("x", 71) + `"…: empty`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
