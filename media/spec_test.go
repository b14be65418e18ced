package media

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOpen(t *testing.T) {
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
		got, err := Open(c.spec)
		wantErr(t, err, "", c.err)
		if err == nil && got.Name() != c.name {
			t.Errorf("Open(%q).Name() = %s, want %s", c.spec, got.Name(), c.name)
		}
		var spec *SpecError
		if c.err != "" && !errors.As(err, &spec) {
			t.Errorf("Open(%q): %T, want *SpecError", c.spec, err)
		}
	}
}

func TestOpenUnsupported(t *testing.T) {
	for spec, scheme := range map[string]string{
		"qr:/tmp": "qr", "screen:": "screen", "camera:": "camera", "camera:/dev/video0": "camera", "wedge:": "wedge",
	} {
		_, err := Open(spec)
		var un *UnsupportedError
		if !errors.As(err, &un) || un.Scheme != scheme {
			t.Errorf("Open(%q): %v", spec, err)
		}
		wantErr(t, err, "", "carrier "+scheme+": is not supported here")
	}
}
