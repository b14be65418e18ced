package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
)

// quietModules is the quiet zone of ISO/IEC 18004 section 6.3.8.
const quietModules = 4

// maxPixels bounds a module's side, so that no picture is over 12,000 pixels wide.
const maxPixels = 64

const (
	black = 0
	white = 255
)

// Image draws the code black on white with pixels (1 to 64) to a module, a
// quiet zone of 4 modules around it. Outside of these bounds, the nearest one
// is used.
func (c *Code) Image(pixels int) *image.Gray {
	pixels = min(max(pixels, 1), maxPixels)
	side := c.side() * pixels
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := 0; y < side; y += pixels {
		row := img.Pix[y*img.Stride : y*img.Stride+side]
		for x := range row {
			row[x] = white
			if c.At(x/pixels-quietModules, y/pixels-quietModules) {
				row[x] = black
			}
		}
		for i := 1; i < pixels; i++ {
			copy(img.Pix[(y+i)*img.Stride:], row)
		}
	}
	return img
}

// PNG is Image as a file of 8-bit grey.
func (c *Code) PNG(pixels int) ([]byte, error) {
	if pixels < 1 || pixels > maxPixels {
		return nil, fmt.Errorf("a picture of a code cannot have %d pixels to a module: use 1 to %d", pixels, maxPixels)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, c.Image(pixels)); err != nil {
		return nil, fmt.Errorf("write a code as PNG: %w", err)
	}
	return b.Bytes(), nil
}
