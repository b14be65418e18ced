package draw

import (
	"bytes"
	"fmt"
	"image/png"
	"testing"
)

func TestImage(t *testing.T) {
	c, err := Encode("A", M, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, pixels := range []int{1, 3, 8} {
		img := c.Image(pixels)
		if side := img.Rect.Dx(); side != 33*pixels || img.Rect.Dy() != side {
			t.Fatalf("%v", img.Rect)
		}
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				dark := c.At(x/pixels-quietModules, y/pixels-quietModules)
				if got := img.GrayAt(x, y).Y; got != map[bool]uint8{true: 0, false: 255}[dark] {
					t.Fatalf("%d pixels: (%d, %d) is %d", pixels, x, y, got)
				}
			}
		}
	}
	for pixels, want := range map[int]int{-1: 33, 0: 33, 65: 33 * 64, 1 << 40: 33 * 64} {
		if got := c.Image(pixels).Rect.Dx(); got != want {
			t.Errorf("%d pixels: %d", pixels, got)
		}
	}
}

func TestPNG(t *testing.T) {
	c, err := Encode("GAPFERRY", M, 7)
	if err != nil {
		t.Fatal(err)
	}
	one, err := c.PNG(4)
	if err != nil {
		t.Fatal(err)
	}
	two, err := c.PNG(4)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("not the same bytes again: %v", err)
	}
	img, err := png.Decode(bytes.NewReader(one))
	if err != nil || img.Bounds().Dx() != 4*53 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
	for _, pixels := range []int{-1, 0, 65} {
		_, err := c.PNG(pixels)
		wantErr(t, err, fmt.Sprintf("a picture of a code cannot have %d pixels to a module: use 1 to 64", pixels))
	}
}

// Another reader takes what is written, at every version.
func TestZbarReadsPNG(t *testing.T) {
	step := 4
	if sweep() {
		step = 1
	}
	for version := 1; version <= 40; version += step {
		for level := L; level <= H; level++ {
			if !sweep() && (version+int(level))%2 == 1 {
				continue
			}
			text := randomText(Capacity(version, level), 9)
			c, err := Encode(text, level, version)
			if err != nil {
				t.Fatal(err)
			}
			data, err := c.PNG(4)
			if err != nil {
				t.Fatal(err)
			}
			if got := zbar(t, writeFile(t, "code.png", data)); !got[text] || len(got) != 1 {
				t.Errorf("%d-%v is read as %v", version, level, got)
			}
		}
	}
}
