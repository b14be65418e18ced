package draw

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// encoder is the encoder below Encode, without Encode's refusals.
func encoder(text string, version int, level Level) (*qrcode.QRCode, error) {
	return qrcode.NewWithForcedVersion(text, version, levels[level].skip2)
}

func TestEncodeRefuses(t *testing.T) {
	for _, test := range []struct {
		text    string
		level   Level
		version int
		want    string
	}{
		{"", M, 5, "a code needs a text of at least one character"},
		{"GF1a", M, 5, "character 4 of the text is 0x61: alphanumeric text has only 0-9 A-Z space $%*+-./: in it"},
		{"A\nB", M, 5, "character 2 of the text is 0x0a: alphanumeric text has only 0-9 A-Z space $%*+-./: in it"},
		{"A€", M, 5, "character 2 of the text is 0xe2: alphanumeric text has only 0-9 A-Z space $%*+-./: in it"},
		{"A\xff", M, 5, "character 2 of the text is 0xff: alphanumeric text has only 0-9 A-Z space $%*+-./: in it"},
		{strings.Repeat("A", 123), M, 5, "the text has 123 characters, a code of version 5-M holds 122"},
		{strings.Repeat("A", 1<<20), L, 40, "the text has 1048576 characters, a code of version 40-L holds 4296"},
		{"A", M, 0, "there is no version 0 of a code: versions are 1 to 40"},
		{"A", M, 41, "there is no version 41 of a code: versions are 1 to 40"},
		{"A", 4, 5, "there is no error correction level 4: the levels are L, M, Q and H"},
		{"A", -1, 5, "there is no error correction level -1: the levels are L, M, Q and H"},
	} {
		_, err := Encode(test.text, test.level, test.version)
		wantErr(t, err, test.want)
	}
}

func TestCode(t *testing.T) {
	c, err := Encode("A", M, 7)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size() != 45 || c.Version() != 7 {
		t.Errorf("%d modules, version %d", c.Size(), c.Version())
	}
	if !c.At(0, 0) || !c.At(44, 0) || !c.At(0, 44) || c.At(7, 7) {
		t.Error("the marks are not in the corners")
	}
	if c.At(-1, 0) || c.At(0, -1) || c.At(45, 0) || c.At(0, 45) {
		t.Error("there are modules outside of the code")
	}
	q, err := encoder("A", 7, M)
	if err != nil {
		t.Fatal(err)
	}
	q.DisableBorder = true
	if !slices.EqualFunc(q.Bitmap(), c.dark, slices.Equal) {
		t.Error("the modules are not the encoder's")
	}
}

func TestLevelString(t *testing.T) {
	if got := fmt.Sprint(L, M, Q, H, Level(7)); got != "L M Q H level 7" {
		t.Error(got)
	}
}

// Whatever is encoded is read back, and what cannot be read back is refused.
func FuzzEncode(f *testing.F) {
	f.Add("GF1A", 1, 7)
	f.Add("0123456789012345678901234567890", 0, 2)
	f.Add("lower", 1, 7)
	f.Add("A B$%*+-./:00000000AAAAAAAAAAAAAA0", 3, 4)
	f.Add("", 9, -3)
	f.Add(randomText(154, 3), 0, 5)
	f.Fuzz(func(t *testing.T, text string, level, version int) {
		c, err := Encode(text, Level(level), version)
		if err != nil {
			return
		}
		codes := detect.Decode(c.Image(3), detect.Options{Max: 1}).Codes
		if len(codes) != 1 || codes[0].Text != text {
			t.Errorf("%q in %d-%v is read as %+v", text, version, Level(level), codes)
		}
	})
}
