package capture

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
)

// Marks that pictures and streams begin with.
const (
	markPNG  = "\x89PNG\r\n\x1a\n"
	markJPEG = "\xff\xd8\xff"
	markY4M  = "YUV4MPEG2 "
)

// decode makes the grey picture of one encoded picture. Its error is a
// imageProblem.
func decode(data []byte) (*image.Gray, error) {
	switch {
	case bytes.HasPrefix(data, []byte(markPNG)):
		return decodePNG(data)
	case bytes.HasPrefix(data, []byte(markJPEG)):
		return decodeJPEG(data)
	case isPNM(data):
		return readPNM(&window{buf: data})
	}
	return nil, imageProblemf("%s: PNG, JPEG and PNM (P5, P6) are read", whatElse(data))
}

func decodePNG(data []byte) (*image.Gray, error) {
	conf, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("PNG", err)
	}
	memory := int64(conf.Width) * int64(conf.Height) * bytesPerPixel(conf.ColorModel)
	// The header's last byte: an interlaced picture is made of seven, the last
	// of which is half as large as the whole.
	const interlace = len(markPNG) + 8 + 12
	if data[interlace] != 0 {
		memory += memory / 2
	}
	if err := checkSize(conf.Width, conf.Height, memory); err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("PNG", err)
	}
	return toGray(img), nil
}

func decodeJPEG(data []byte) (*image.Gray, error) {
	info, err := walkJPEG(&window{buf: data})
	if err != nil {
		return nil, damaged("JPEG", err)
	}
	if err := checkSize(info.width, info.height, info.memory); err != nil {
		return nil, err
	}
	data = withTables(data[:info.length], info)
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("JPEG", err)
	}
	// What was checked is what was decoded, or the walk has a fault.
	if r := img.Bounds(); r.Dx() != info.width || r.Dy() != info.height {
		return nil, imageProblemf("damaged JPEG picture: it states two sizes")
	}
	return toGray(img), nil
}

// checkSize refuses a picture by what its header says, before it is decoded.
func checkSize(width, height int, memory int64) error {
	switch {
	case width <= 0 || height <= 0:
		return imageProblemf("damaged: it says that it has %d × %d pixels", width, height)
	case width > MaxSide || height > MaxSide || int64(width)*int64(height) > MaxPixels:
		return imageProblemf("says that it has %d × %d pixels, and at most %d million are read: make a smaller picture",
			width, height, MaxPixels/1_000_000)
	case memory > maxDecoded:
		return imageProblemf("needs %d MiB to be decoded, and at most %d are given: make a smaller picture",
			memory>>20, maxDecoded>>20)
	}
	return nil
}

// damaged is what a standard decoder, whose texts are its own, says of a picture.
func damaged(kind string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errEnded
	}
	text := err.Error()
	for _, prefix := range []string{"png: ", "jpeg: ", "invalid ", "unsupported ", "JPEG ", "format: ", "feature: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	switch err.(type) {
	case jpeg.UnsupportedError, png.UnsupportedError:
		return imageProblemf("a %s picture of a kind that is not read (%s): save it as another kind", kind, text)
	}
	return imageProblemf("damaged %s picture: %s", kind, text)
}

// others are files that operators take for pictures of ours.
var others = []struct {
	at         int
	mark, what string
}{
	{4, "ftyphei", "a HEIC photo: set the phone's camera to JPEG (\"most compatible\")"},
	{4, "ftypmif1", "a HEIF photo: set the phone's camera to JPEG (\"most compatible\")"},
	{4, "ftypavif", "an AVIF picture"},
	{4, "ftyp", "a film: take photos, or feed its frames as a stream"},
	{8, "WEBP", "a WebP picture"},
	{0, "GIF8", "a GIF picture"},
	{0, "BM", "a BMP picture"},
	{0, "II*\x00", "a TIFF picture or a raw photo"},
	{0, "MM\x00*", "a TIFF picture or a raw photo"},
	{0, "%PDF", "a PDF document"},
	{0, markY4M, "a film: feed it as a stream"},
	{0, "P1", "a text PNM picture"}, {0, "P2", "a text PNM picture"}, {0, "P3", "a text PNM picture"},
	{0, "P4", "a PBM picture"}, {0, "P7", "a PAM picture"},
}

// whatElse names what is none of ours.
func whatElse(data []byte) string {
	for _, o := range others {
		if len(data) >= o.at && bytes.HasPrefix(data[o.at:], []byte(o.mark)) {
			return o.what
		}
	}
	return "not a picture"
}
