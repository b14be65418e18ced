package qrtest

import (
	"image"
	"os"
	"slices"
	"testing"
)

// missing skips a test whose real part is not there, and fails it where
// GAPFERRY_REQUIRE says that none may be missing.
func missing(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("GAPFERRY_REQUIRE") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// TestReadersTellApart gives each reader a good code, nothing, and another
// code: a comparison is worth nothing if answers get mixed up.
func TestReadersTellApart(t *testing.T) {
	nothing := image.NewGray(image.Rect(0, 0, 200, 100))
	one, two := mustEncode("ONE", 1, M).clean(), mustEncode("TWO $%*+-./:", 3, Q).clean()
	pictures := []*image.Gray{one, nothing, two}
	want := [][]string{{"ONE"}, nil, {"TWO $%*+-./:"}}
	for _, test := range []struct {
		name string
		open func() (reader, error)
	}{
		{"ours", func() (reader, error) { return ours, nil }},
		{"camera", func() (reader, error) { return camera, nil }},
		{"stock", func() (reader, error) { return stock, nil }},
		{"zbar", zbar},
		{"zxing", zxing},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.name == "zxing" && os.Getenv(wasmEnv) == "" {
				t.Skipf("needs %s", wasmEnv) // no part of any system: never required
			}
			r, err := test.open()
			if err != nil {
				missing(t, err)
			}
			files, remove := store(t, pictures)
			defer remove()
			got, err := r.read(pictures, files)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				if !slices.Equal(got[i].texts, w) {
					t.Errorf("picture %d: %q, want %q", i, got[i].texts, w)
				}
			}
		})
	}
}

func TestZbarFindsNothing(t *testing.T) {
	found, err := zbarTexts([]byte("<barcodes xmlns='http://zbar.sourceforge.net/2008/barcode'>\n"))
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v, want nothing", found, err)
	}
}

func TestMark(t *testing.T) {
	for _, test := range []struct {
		texts []string
		want  score
	}{
		{nil, score{n: 1}},
		{[]string{"A"}, score{n: 1, read: 1}},
		{[]string{"B"}, score{n: 1, wrong: 1}},
		{[]string{"B", "A"}, score{n: 1, read: 1, wrong: 1}},
	} {
		if got := mark("A", reading{texts: test.texts}); got != test.want {
			t.Errorf("%q is %+v, want %+v", test.texts, got, test.want)
		}
	}
}
