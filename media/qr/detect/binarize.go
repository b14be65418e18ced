package detect

// Local-mean threshold: a pixel is dark if it is darker than the mean of the
// window around it. Unlike the 8-pixel blocks of gozxing's hybrid binarizer it
// has no lower limit of contrast and no block edges that cut big modules; the
// window must be wider than a finder pattern's core (3 modules), which the
// scales of passes.go see to.

// sums adds up windows of a picture with one addition and one subtraction per
// pixel and direction. Its memory is kept between pictures.
type sums struct {
	col []uint32 // sum of each column over the window's rows, continued at both ends
	row []uint32
}

// each calls f for each row y with sum[x], the sum over the (2r+1)² window
// around (x, y). Edge pixels are continued outwards.
func (s *sums) each(p *plane, r int, f func(y int, sum []uint32)) {
	w, h := p.w, p.h
	if cap(s.col) < w+2*r+1 {
		s.col = make([]uint32, w+2*r+1)
	}
	if cap(s.row) < w {
		s.row = make([]uint32, w)
	}
	col, row := s.col[:w+2*r+1], s.row[:w]
	mid := col[r+1 : r+1+w]
	clear(mid)
	line := func(y int) []byte {
		y = min(max(y, 0), h-1)
		return p.pix[y*w : y*w+w]
	}
	for y := -r; y <= r; y++ {
		for x, v := range line(y) {
			mid[x] += uint32(v)
		}
	}
	for y := range h {
		if y > 0 {
			in, out := line(y+r), line(y-r-1)
			in, out = in[:len(mid)], out[:len(mid)]
			for x := range mid {
				mid[x] += uint32(in[x]) - uint32(out[x])
			}
		}
		for i := range r + 1 {
			col[i] = mid[0]
		}
		for i := r + 1 + w; i < len(col); i++ {
			col[i] = mid[w-1]
		}
		var sum uint32
		for _, v := range col[:2*r+1] {
			sum += v
		}
		lead, trail := col[2*r+1:][:len(row)], col[:len(row)]
		for x := range row {
			sum += lead[x] - trail[x]
			row[x] = sum
		}
		f(y, row)
	}
}

// bitmap is a thresholded plane: 1 is dark.
type bitmap struct {
	w, h int
	dark []byte
}

// threshold makes those pixels dark that are more than margin grey levels
// darker than the mean of the (2r+1)² pixels around them.
func (bm *bitmap) threshold(p *plane, r, margin int, s *sums) {
	bm.w, bm.h = p.w, p.h
	if cap(bm.dark) < p.w*p.h {
		bm.dark = make([]byte, p.w*p.h)
	}
	bm.dark = bm.dark[:p.w*p.h]
	n := uint32((2*r + 1) * (2*r + 1))
	off := uint32(margin) * n
	s.each(p, r, func(y int, sum []uint32) {
		pix := p.pix[y*p.w : (y+1)*p.w]
		out := bm.dark[y*p.w:][:len(pix)]
		sum = sum[:len(pix)]
		for x, v := range pix {
			out[x] = byte((uint32(v)*n + off - sum[x]) >> 31) // the sign bit
		}
	})
}
