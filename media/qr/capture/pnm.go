package capture

import "image"

// isPNM tells a binary PGM or PPM (netpbm's pgm(5) and ppm(5)) by its first bytes.
func isPNM(b []byte) bool {
	return len(b) >= 3 && b[0] == 'P' && (b[1] == '5' || b[1] == '6') && (isSpace(b[2]) || b[2] == '#')
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// maxPNMHeader bounds a header with its comments, in bytes.
const maxPNMHeader = 1024

// readPNM takes one picture.
func readPNM(w *window) (*image.Gray, error) {
	kind, width, height, err := pnmHeader(w)
	if err != nil {
		return nil, err
	}
	gray := image.NewGray(image.Rect(0, 0, width, height))
	if kind == '5' {
		if err := w.fill(gray.Pix); err != nil {
			return nil, err
		}
		return gray, nil
	}
	row := make([]byte, 3*width)
	for y := range height {
		if err := w.fill(row); err != nil {
			return nil, err
		}
		dst := gray.Pix[y*gray.Stride:][:width]
		for x := range dst {
			dst[x] = luma(row[3*x], row[3*x+1], row[3*x+2])
		}
	}
	return gray, nil
}

// pnmHeader takes a header: "P5", width, height and 255 with white space and
// comments between them, and one white space behind.
func pnmHeader(w *window) (kind byte, width, height int, err error) {
	if err := w.has(3); err != nil {
		return 0, 0, 0, err
	}
	if !isPNM(w.buf) {
		return 0, 0, 0, errPNMHeader
	}
	kind = w.take(2)[1]
	left := maxPNMHeader
	var numbers [3]int
	for i := range numbers {
		if numbers[i], err = pnmNumber(w, &left); err != nil {
			return 0, 0, 0, err
		}
	}
	if numbers[2] != 255 {
		return 0, 0, 0, imageProblemf("its brightest value is %d, and only 255 is read", numbers[2])
	}
	return kind, numbers[0], numbers[1], checkSize(numbers[0], numbers[1], 0)
}

const errPNMHeader = imageProblem("damaged PNM picture: its header is not one")

// pnmNumber takes white space, comments, a number, and one byte behind it.
func pnmNumber(w *window, left *int) (int, error) {
	n, digits, comment := 0, 0, false
	for ; *left > 0; *left-- {
		if err := w.has(1); err != nil {
			return 0, err
		}
		c := w.take(1)[0]
		switch {
		case comment:
			comment = c != '\n' && c != '\r'
		case '0' <= c && c <= '9' && digits < 6: // MaxSide has five
			n, digits = 10*n+int(c-'0'), digits+1
		case isSpace(c) && digits > 0:
			return n, nil
		case c == '#' && digits == 0:
			comment = true
		case !isSpace(c):
			return 0, errPNMHeader
		}
	}
	return 0, errPNMHeader
}
