package media

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenDir(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ spec, name, err string }{
		{"dir:/media/SA-STICK", "dir:/media/SA-STICK", ""},
		{"dir:/media/a b:c/../d", "dir:/media/d", ""},
		{"dir:sub", "dir:" + filepath.Join(here, "sub"), ""},
		{"dir:/media/a\x1b[2J", `dir:/media/a\x1b[2J`, ""},
		{"dir:", "", `carrier "dir:": names no directory`},
		{"qr:", "", `carrier "qr:": names no directory`},
		{"dir:a\x00b", "", `carrier "dir:a\x00b": holds a NUL character`},
		{"", "", `carrier "": is not of the form dir:PATH, usb:[LABEL], qr:DIR, screen:, camera:[DEVICE] or wedge:`},
		{"/media/x", "", `carrier "/media/x": is not of the form dir:PATH, usb:[LABEL], qr:DIR, screen:, camera:[DEVICE] or wedge:; do you mean dir:/media/x`},
		{"ftp:\u202ex", "", `carrier "ftp:\u202ex": no such scheme: use dir:PATH, usb:[LABEL], qr:DIR, screen:, camera:[DEVICE] or wedge:`},
		{"DIR:/x", "", `carrier "DIR:/x": no such scheme: use dir:PATH, usb:[LABEL], qr:DIR, screen:, camera:[DEVICE] or wedge:`},
		{"screen:x", "", `carrier "screen:x": takes nothing after the colon`},
		{"wedge:x", "", `carrier "wedge:x": takes nothing after the colon`},
	} {
		words, err := ParseSpec(c.spec)
		if err == nil {
			var got *Dir
			if got, err = OpenDir(words.Rest); err == nil && got.Name() != c.name {
				t.Errorf("OpenDir(%q).Name() = %s, want %s", words.Rest, got.Name(), c.name)
			}
		}
		wantErr(t, err, "", c.err)
		var spec *SpecError
		if c.err != "" && !errors.As(err, &spec) {
			t.Errorf("%q: %T, want *SpecError", c.spec, err)
		}
	}
}
