package draw

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// board is a picture of several codes in a grid, as a sheet has them.
func board(t *testing.T, n, version, columns int) (*image.Gray, []image.Rectangle, []string) {
	t.Helper()
	var places []image.Rectangle
	var texts []string
	rows := (n + columns - 1) / columns
	side := (modules(version) + 2*quietModules) * 4
	img := image.NewGray(image.Rect(0, 0, columns*side, rows*side))
	for i := range n {
		c, text := full(t, version, M, uint64(i))
		at := image.Rect(0, 0, side, side).Add(image.Pt(i%columns*side, i/columns*side))
		draw.Draw(img, at, c.Image(4), image.Point{}, draw.Src)
		places, texts = append(places, at), append(texts, text)
	}
	return img, places, texts
}

// A sheet has more codes than are needed. Whichever are blackened, all others
// are read from the same picture, and nothing is read from the black ones.
func TestBlackenedCodesHideNoOthers(t *testing.T) {
	img, places, texts := board(t, 6, 7, 3)
	for a := range places {
		for b := a; b < len(places); b++ { // a alone, then two
			black := image.NewGray(img.Rect)
			copy(black.Pix, img.Pix)
			for _, i := range []int{a, b} {
				draw.Draw(black, places[i].Inset(8), image.NewUniform(color.Black), image.Point{}, draw.Src)
			}
			found := codesIn(black, 0)
			for i, text := range texts {
				if want := i != a && i != b; found[text] != want {
					t.Errorf("codes %d and %d are black: code %d read: %v", a+1, b+1, i+1, found[text])
				}
			}
		}
	}
}
