package qrtest

import (
	"crypto/sha256"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

func TestCorpusIsComplete(t *testing.T) {
	cases := Cases(Seed)
	if len(cases) != 1407 {
		t.Errorf("%d cases, want 1407", len(cases))
	}
	perFamily, names := map[string]int{}, map[string]bool{}
	texts := map[string]bool{}
	for _, c := range cases {
		perFamily[c.Family]++
		names[c.String()] = true
		texts[c.Text] = true
	}
	if len(names) != len(cases) || len(texts) != len(cases) {
		t.Errorf("%d names and %d texts of %d cases", len(names), len(texts), len(cases))
	}
	var counts []string
	for _, f := range Families() {
		counts = append(counts, fmt.Sprintf("%s %d", f, perFamily[f]))
	}
	want := "scale 147, rot 126, persp 84, curl 63, gblur 84, mblur 84, noise 84, contrast 84, light 63, shadow 63, " +
		"jpeg 84, occl 84, moire 63, c-print 84, c-screen 84, c-cam720 63, c-cam1080 63"
	if got := strings.Join(counts, ", "); got != want {
		t.Errorf("cases\n     %s\nwant %s", got, want)
	}
}

// TestCapacity compares the table with what the encoder takes.
func TestCapacity(t *testing.T) {
	for version, rooms := range capacity {
		for i, room := range rooms {
			for _, chars := range []int{room, room + 1} {
				_, err := qrcode.NewWithForcedVersion(strings.Repeat("A", chars), version, recovery[levels[i]])
				if fits := err == nil; fits != (chars == room) {
					t.Errorf("version %d-%c: %d characters, capacity %d: %v", version, levels[i], chars, room, err)
				}
			}
		}
	}
}

func TestCapacityIsUsedUp(t *testing.T) {
	// Base45 makes 3 characters of 2 bytes, so at most one place is left.
	for _, c := range oneIn(sampleStep, Cases(Seed)) {
		room := capacity[c.Version][slices.Index(levels, c.Level)]
		if n := len(c.Text); n > room || n < room-1 {
			t.Errorf("%s: %d characters for %d", c, n, room)
		}
		if i := strings.IndexFunc(c.Text, func(r rune) bool { return !strings.ContainsRune(base45, r) }); i >= 0 {
			t.Errorf("%s: %q is not base45", c, c.Text[i])
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	a, b := Cases(1)[0], Cases(2)[0]
	if a.Text == b.Text {
		t.Error("seeds 1 and 2 give the same text")
	}
	b.Text = a.Text
	if slices.Equal(a.Picture().Pix, b.Picture().Pix) {
		t.Error("seeds 1 and 2 give the same optics")
	}
}

// digest names pictures by the first 4 bytes of a SHA-256.
func digest(pictures ...*image.Gray) string {
	h := sha256.New()
	for _, p := range pictures {
		fmt.Fprintln(h, p.Rect)
		h.Write(p.Pix)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:4])
}

// frozen are the digests of each family's picture of its highest severity in
// version 5-M, of a frame with a code and of an empty one, and of a film. Who
// changes the optics changes them, and all published numbers.
const frozen = `scale-8/v5-M 8167045d
rot-180/v5-M 66dd7a22
persp-40/v5-M dee185fb
curl-4/v5-M fafaeb0a
gblur-2.5/v5-M b8d98b04
mblur-6/v5-M b0c7e318
noise-80/v5-M 541b6930
contrast-10/v5-M eb6fe2e0
light-0.85/v5-M d37b3f87
shadow-0.7/v5-M 8e2979a7
jpeg-6/v5-M 4e7ba884
occl-0.09/v5-M 844087b9
moire-0.6/v5-M e6bd986d
c-print-2/v5-M 53936055
c-screen-2/v5-M 230e5a9f
c-cam720-1/v5-M 97ec9c74
c-cam1080-1/v5-M 04327ec9
1280x720/v10-80% d7dee269
1280x720/empty aa0828a5
film 33c2f5aa
`

func TestPicturesAreFrozen(t *testing.T) {
	var got strings.Builder
	for _, f := range families {
		name := Case{Family: f.name, Severity: f.severities[len(f.severities)-1], Version: 5, Level: M}.String()
		for _, c := range Cases(Seed) {
			if c.String() == name {
				fmt.Fprintf(&got, "%s %s\n", name, digest(c.Picture()))
			}
		}
	}
	for _, f := range []Frame{Frames(Seed, HD)[0], EmptyFrames(Seed, HD)[0]} {
		fmt.Fprintf(&got, "%s %s\n", f, digest(f.Picture()))
	}
	film := Film{
		Screens: Screens(Seed, image.Pt(160, 120), 1, 0.8, []string{"A", "B", "C"}),
		Shown:   10, Camera: 30, Exposure: 0.5, Readout: 0.8,
	}
	fmt.Fprintf(&got, "film %s\n", digest(film.Frame(2), film.Frame(5)))
	if got.String() != frozen {
		t.Errorf("pictures\n%s\nwant\n%s", got.String(), frozen)
	}
}
