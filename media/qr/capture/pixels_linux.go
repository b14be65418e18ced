package capture

import "image"

// layout is how a camera's frame lies in memory.
type layout struct {
	format        uint32
	width, height int
	stride        int // bytes from one row to the next; 0: compressed
}

// known reports whether a frame of this layout can be read, and is of a size
// that is read.
func (l layout) known() bool {
	if checkSize(l.width, l.height, 0) != nil {
		return false
	}
	switch l.format {
	case formatMJPG, formatJPEG:
		return true
	case formatYUYV:
		return l.stride >= 2*l.width && l.stride <= MaxFileBytes/l.height
	case formatGREY, formatNV12:
		return l.stride >= l.width && l.stride <= MaxFileBytes/l.height
	}
	return false
}

// still copies a frame out of a buffer that the driver uses again. ok is false
// for one that is empty or too short: cameras give such when data was lost.
func (l layout) still(frame []byte) (s still, ok bool) {
	step := 1
	switch l.format {
	case formatMJPG, formatJPEG:
		if len(frame) < len(markJPEG) || len(frame) > MaxFileBytes || string(frame[:2]) != markJPEG[:2] {
			return still{}, false
		}
		return still{data: append([]byte(nil), frame...)}, true
	case formatYUYV:
		step = 2
	}
	if len(frame) < l.stride*(l.height-1)+step*l.width {
		return still{}, false
	}
	// The luma of YUYV is every second byte, that of NV12 the first plane.
	gray := image.NewGray(image.Rect(0, 0, l.width, l.height))
	for y := range l.height {
		row, dst := frame[y*l.stride:], gray.Pix[y*gray.Stride:][:l.width]
		if step == 1 {
			copy(dst, row)
			continue
		}
		for x := range dst {
			dst[x] = row[2*x]
		}
	}
	return still{gray: gray}, true
}
