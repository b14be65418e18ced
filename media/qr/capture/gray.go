package capture

import (
	"image"
	"image/color"
)

// toGray makes a picture grey, with its corner at (0,0). The grey of what a
// decoder gave as luma is taken without a copy. What is transparent is seen on
// white paper: a code may be black on nothing.
func toGray(src image.Image) *image.Gray {
	r := src.Bounds()
	size := image.Rect(0, 0, r.Dx(), r.Dy())
	switch src := src.(type) {
	case *image.Gray:
		return &image.Gray{Pix: src.Pix, Stride: src.Stride, Rect: size}
	case *image.YCbCr: // at (0,0), as the JPEG decoder makes it
		return &image.Gray{Pix: src.Y, Stride: src.YStride, Rect: size}
	}
	dst := image.NewGray(size)
	for y := range size.Dy() {
		grayRow(dst.Pix[y*dst.Stride:][:size.Dx()], src, r.Min.X, r.Min.Y+y)
	}
	return dst
}

// grayRow makes the row of a picture that begins at (x,y) grey.
func grayRow(dst []byte, src image.Image, x, y int) {
	switch src := src.(type) {
	case *image.Gray16:
		for i, p := 0, src.Pix[src.PixOffset(x, y):]; i < len(dst); i++ {
			dst[i] = p[2*i]
		}
	case *image.Paletted:
		var table [256]byte
		for i, c := range src.Palette {
			r, g, b, a := c.RGBA()
			table[i] = onWhite(r, g, b, a)
		}
		for i, p := 0, src.Pix[src.PixOffset(x, y):]; i < len(dst); i++ {
			dst[i] = table[p[i]]
		}
	case *image.RGBA:
		for i, p := 0, src.Pix[src.PixOffset(x, y):]; i < len(dst); i++ {
			q := p[4*i : 4*i+4]
			dst[i] = luma(q[0], q[1], q[2]) + (255 - q[3])
		}
	case *image.NRGBA:
		for i, p := 0, src.Pix[src.PixOffset(x, y):]; i < len(dst); i++ {
			q := p[4*i : 4*i+4]
			l, a := uint32(luma(q[0], q[1], q[2])), uint32(q[3])
			dst[i] = byte((l*a + 255*(255-a) + 127) / 255)
		}
	case image.RGBA64Image:
		for i := range dst {
			c := src.RGBA64At(x+i, y)
			dst[i] = onWhite(uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
		}
	default:
		for i := range dst {
			r, g, b, a := src.At(x+i, y).RGBA()
			dst[i] = onWhite(r, g, b, a)
		}
	}
}

// luma is the Y of JFIF (ITU-R BT.601, full range), as color.GrayModel has it.
func luma(r, g, b byte) byte {
	return byte((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// onWhite is luma for colours of 16 bits that are multiplied with their alpha.
func onWhite(r, g, b, a uint32) byte {
	y := (19595*r + 38470*g + 7471*b + 1<<15) >> 16
	return byte(min(y+(0xffff-a), 0xffff) >> 8)
}

// bytesPerPixel is what a picture of a colour model takes in memory at most.
func bytesPerPixel(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8 // Gray16 with a transparent value becomes NRGBA64
	}
	return 4
}
