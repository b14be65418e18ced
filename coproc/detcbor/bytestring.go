package detcbor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// BytesHead is what stands before the n bytes of a byte string.
func BytesHead(n int) []byte {
	const major = 2 << 5
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 1<<8:
		return []byte{major | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{major | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{major | 27}, uint64(n))
}

// FirstBytes is UnmarshalFirst for a byte string: its content, and the bytes
// behind it. Both are parts of data, not copies.
func FirstBytes(data []byte) (content, rest []byte, err error) {
	const majorType, argument = 0xe0, 0x1f // bits of the initial byte, RFC 8949 §3
	if len(data) == 0 {
		return nil, nil, undecoded(io.ErrUnexpectedEOF)
	}
	if data[0]&majorType != 0x40 {
		return nil, nil, undecoded(fmt.Errorf("a byte string begins with 40 to 5b, not with %02x", data[0]))
	}
	size, rest, least := uint64(data[0]&argument), data[1:], uint64(0)
	if size >= 24 {
		n := 0 // bytes of the length
		switch size {
		case 24:
			n, least = 1, 24
		case 25:
			n, least = 2, 1<<8
		case 26:
			n, least = 4, 1<<16
		case 27:
			n, least = 8, 1<<32
		default:
			return nil, nil, undecoded(errors.New("a byte string of indefinite length"))
		}
		if len(rest) < n {
			return nil, nil, undecoded(io.ErrUnexpectedEOF)
		}
		size = 0
		for _, b := range rest[:n] {
			size = size<<8 | uint64(b)
		}
		rest = rest[n:]
	}
	switch {
	case size < least:
		return nil, nil, undecoded(ErrNotDeterministic)
	case size > uint64(len(rest)):
		return nil, nil, undecoded(io.ErrUnexpectedEOF)
	}
	return rest[:size:size], rest[size:], nil
}
