package capture

import "bytes"

// Markers of JPEG (ITU-T T.81 table B.1), each behind a byte 0xff.
const (
	markerSOF0  = 0xc0 // and up to 0xcf, but for the next three
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerRST0  = 0xd0 // and up to 0xd7
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP14 = 0xee // Adobe: colours may be RGB
	markerTEM   = 0x01
)

// jpegInfo is what the markers of a JPEG say.
type jpegInfo struct {
	length        int // bytes, from SOI to EOI
	width, height int
	memory        int64 // bytes that the decoder takes at most
	tables        bool  // it has Huffman tables
	scan          int   // where its first scan begins
	scans         int
	adobe         bool
}

// What can be wrong with the markers.
const (
	errParts     = imageProblem("its parts do not follow each other")
	errAnew      = imageProblem("another picture begins inside it")
	errJPEGScans = imageProblem("it is made of too many passes")
)

// walkJPEG finds the end of the JPEG at the beginning of w, and what it says
// of itself, without taking it. Parts must follow each other: a stream whose
// frame was cut is noticed by that. Behind a scan there may be more than it needs.
func walkJPEG(w *window) (info jpegInfo, err error) {
	if err := w.has(len(markJPEG)); err != nil {
		return info, err
	}
	for at, scan := 2, false; ; {
		if at, err = nextMarker(w, at, scan); err != nil {
			return info, err
		}
		marker := w.buf[at+1]
		at += 2
		switch {
		case marker == markerEOI:
			info.length = at
			return info, nil
		case marker == markerSOI:
			return info, errAnew
		case marker == markerTEM, scan && markerRST0 <= marker && marker <= markerRST7:
			continue // without contents
		}
		if err := w.has(at + 2); err != nil {
			return info, err
		}
		n := int(w.buf[at])<<8 | int(w.buf[at+1])
		if n < 2 {
			return info, errParts
		}
		if err := w.has(at + n); err != nil {
			return info, err
		}
		if err := info.segment(marker, w.buf[at+2:at+n], at-2); err != nil {
			return info, err
		}
		at += n
		scan = marker == markerSOS // whose data nextMarker passes over
	}
}

// nextMarker finds the next marker at a place or, in a scan, behind it. There,
// 0xff 0x00 is a byte 0xff. Any number of 0xff may precede a marker.
func nextMarker(w *window, at int, scan bool) (int, error) {
	for {
		if err := w.has(at + 2); err != nil {
			return 0, err
		}
		i := bytes.IndexByte(w.buf[at:len(w.buf)-1], 0xff)
		switch {
		case !scan && (i != 0 || w.buf[at+1] == 0x00):
			return 0, errParts
		case i < 0:
			at = len(w.buf) - 1
		case w.buf[at+i+1] == 0x00:
			at += i + 2
		case w.buf[at+i+1] == 0xff:
			at += i + 1
		default:
			return at + i, nil
		}
	}
}

// segment takes note of one part, whose marker is at a place.
func (info *jpegInfo) segment(marker byte, data []byte, at int) error {
	switch {
	case marker == markerSOS:
		if info.scans == 0 {
			info.scan = at
		}
		if info.scans++; info.scans > maxScans {
			return errJPEGScans
		}
	case marker == markerDHT:
		info.tables = info.tables || info.scans == 0
	case marker == markerAPP14:
		info.adobe = true
	case marker >= markerSOF0 && marker <= 0xcf && marker != markerJPG && marker != markerDAC:
		return info.frame(data, marker == markerSOF0+2)
	}
	return nil
}

// frame reads a frame header (T.81 B.2.2).
func (info *jpegInfo) frame(data []byte, progressive bool) error {
	if len(data) < 6 || len(data) < 6+3*int(data[5]) || info.width != 0 {
		return errParts
	}
	info.height = int(data[1])<<8 | int(data[2])
	info.width = int(data[3])<<8 | int(data[4])
	n := int(data[5])
	h, v, blocks := 1, 1, 0
	for _, c := range samplings(data[6:], n) {
		h, v, blocks = max(h, c.h), max(v, c.v), blocks+c.h*c.v
	}
	// What the decoder makes: planes of whole blocks of 8 × 8, coefficients of
	// four bytes for each if progressive, and a copy in colour for some.
	units := ((info.width + 8*h - 1) / (8 * h)) * ((info.height + 8*v - 1) / (8 * v))
	perBlock := 64
	if progressive {
		perBlock += 4 * 64
	}
	info.memory = int64(units) * int64(blocks) * int64(perBlock)
	if n == 4 || info.adobe {
		info.memory += 4 * int64(info.width) * int64(info.height)
	}
	return nil
}

// sampling is how often a component is there in a unit of blocks.
type sampling struct{ h, v int }

func samplings(data []byte, n int) []sampling {
	var all []sampling
	for i := range n {
		all = append(all, sampling{int(data[3*i+1] >> 4), int(data[3*i+1] & 15)})
	}
	return all
}
