package media

import (
	"errors"
	"os"
	"strings"
	"testing"
)

const markerText = "gapferry stick 1\nceremony: 5c1f-9a\npurpose: bundles between SA and CSS\n"

func TestMarker(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	if _, err := d.ReadMarker(); !errors.Is(err, ErrNoMarker) || err.Error() != "the medium was not prepared: it has no gapferry.stick" {
		t.Error(err)
	}
	m := Marker{"5c1f-9a", "bundles between SA and CSS"}
	for _, want := range []string{"written", "already there"} {
		if res, err := d.Prepare(m); err != nil || describe(res) != want {
			t.Error(describe(res), err)
		}
	}
	if got, err := os.ReadFile(root + "/gapferry.stick"); string(got) != markerText {
		t.Errorf("%q %v", got, err)
	}
	if got, err := d.ReadMarker(); got != m || err != nil {
		t.Error(got, err)
	}
	_, err := d.Prepare(Marker{"another", "x"})
	wantErr(t, err, root, "another file of that name with other bytes is there: gapferry.stick")
	if _, skipped, err := d.Read(""); err != nil || len(skipped) != 0 {
		t.Error("the marker is in the way:", skipped, err)
	}
	wantTree(t, root, "gapferry.stick 71")
}

func TestMarkerRefused(t *testing.T) {
	long := strings.Repeat("x", 81)
	for _, c := range []struct{ ceremony, purpose, err string }{
		{"", "p", "ceremony has 0 characters and may have 1 to 80"},
		{long, "p", "ceremony has 81 characters and may have 1 to 80"},
		{"c", " p", "purpose begins or ends with a space"},
		{"c", "a\nb", "purpose holds a character that is not printable ASCII"},
		{"c\x1b[2J", "ü", "ceremony holds a character that is not printable ASCII; purpose holds a character that is not printable ASCII"},
	} {
		root := t.TempDir()
		_, err := openDir(t, root).Prepare(Marker{c.ceremony, c.purpose})
		wantErr(t, err, "", "gapferry.stick: "+c.err)
		wantTree(t, root)
	}
}

func TestMarkerHostile(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "empty: its write did not end",
		"x":                                  "not three lines that begin with gapferry stick 1",
		markerText + "x":                     "not three lines that begin with gapferry stick 1",
		markerText + "more: x\n":             "not three lines that begin with gapferry stick 1",
		strings.TrimSpace(markerText):        "not three lines that begin with gapferry stick 1",
		strings.ToUpper(markerText):          "not three lines that begin with gapferry stick 1",
		"gapferry stick 2" + markerText[16:]: "not three lines that begin with gapferry stick 1",
		strings.ReplaceAll(markerText, "\n", "\r\n"):      "not three lines that begin with gapferry stick 1",
		strings.Replace(markerText, "5c1f-9a", "", 1):     "ceremony has 0 characters and may have 1 to 80",
		strings.Replace(markerText, "5c1f", "\x1b[2J", 1): "ceremony holds a character that is not printable ASCII",
		strings.Replace(markerText, "SA", "\u202e", 1):    "purpose holds a character that is not printable ASCII",
		strings.Replace(markerText, "purpose", "use", 1):  "not the lines ceremony and purpose",
		"gapferry stick 1\npurpose: p\nceremony: c\n":     "not the lines ceremony and purpose",
		markerText + strings.Repeat("x", 500):             "more than 512 bytes",
		strings.Repeat("x", MaxFileSize+1):                "larger than 1048576 bytes",
	} {
		root := t.TempDir()
		mustWrite(t, root+"/gapferry.stick", []byte(text))
		_, err := openDir(t, root).ReadMarker()
		wantErr(t, err, "", "gapferry.stick: "+want)
	}
	root := t.TempDir()
	if err := os.Symlink("/etc/passwd", root+"/gapferry.stick"); err != nil {
		t.Fatal(err)
	}
	_, err := openDir(t, root).ReadMarker()
	wantErr(t, err, "", "gapferry.stick: a link, not a regular file")
}

func FuzzParseMarker(f *testing.F) {
	f.Add([]byte(markerText))
	f.Add([]byte("gapferry stick 1\nceremony: \npurpose: p\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMarker(b)
		if err != nil {
			return
		}
		if again, err := m.Bytes(); err != nil || string(again) != string(b) {
			t.Errorf("%q becomes %q, %v", b, again, err)
		}
	})
}
