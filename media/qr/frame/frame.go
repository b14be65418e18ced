package frame

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
)

const (
	// MaxPayload is the most bytes that a set carries: the size of the largest
	// bundle. What the codes of a set hold is less for all but the largest codes.
	MaxPayload = 1 << 20

	// MaxNeed is the most codes that are needed to rebuild a set: with one more
	// there would be no spare one among the 256.
	MaxNeed = 255

	// Total is how many different codes a set has, whatever Need is: as many as
	// Reed-Solomon over GF(2^8) has points. A shard therefore never depends on
	// how many codes are shown.
	Total = 256

	headerLen = 1 + idLen + 3 + 1 + 1
	crcLen    = 4
	idLen     = 12
)

// ID names a set: the first 12 bytes of the SHA-256 of its payload.
type ID [idLen]byte

// String gives 24 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// short is enough of an ID for a line that people read.
func (id ID) short() string { return hex.EncodeToString(id[:4]) }

func idOf(payload []byte) ID {
	sum := sha256.Sum256(payload)
	return ID(sum[:idLen])
}

// shape is how a payload was cut up. Frames belong together when they have the
// same ID and the same shape.
type shape struct {
	length int // bytes of the payload
	need   int // k: shards that it was cut into
}

// shardLen is the size of each shard in bytes.
func (s shape) shardLen() int { return (s.length + s.need - 1) / s.need }

func (s shape) String() string { return fmt.Sprintf("%d codes for %d bytes", s.need, s.length) }

// padding is how many zero bytes end the last shard of the payload.
func (s shape) padding() int { return s.need*s.shardLen() - s.length }

// header is what a frame says before its shard.
type header struct {
	nonce byte // means nothing: another one makes another picture of the same code, see whiten
	id    ID
	shape
	index int // 0..255
}

// frame is one code's content.
type frame struct {
	header
	shard []byte
}

// bytes gives nonce ‖ id ‖ length ‖ k ‖ index ‖ whitened shard ‖ CRC-32 (IEEE)
// of all before it; numbers are big endian.
func (f frame) bytes() []byte {
	b := make([]byte, 0, headerLen+len(f.shard)+crcLen)
	b = append(b, f.nonce)
	b = append(b, f.id[:]...)
	b = append(b, byte(f.length>>16), byte(f.length>>8), byte(f.length), byte(f.need), byte(f.index))
	b = append(b, f.shard...)
	whiten(b[headerLen:], f.nonce)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// whiteDomain begins what is hashed for the bytes that whiten a shard.
const whiteDomain = "gapferry code whitening v1"

// whiten XORs a shard with bytes that the nonce stands for: none for nonce 0,
// else SHA-256 of whiteDomain, the nonce, and 0, 1, 2, … in 4 bytes. Done twice
// it undoes itself. It hides nothing. Without it another nonce would leave
// almost the whole picture as it is, and with it the chance pattern in the
// shard for the sake of which another nonce was tried.
func whiten(shard []byte, nonce byte) {
	if nonce == 0 {
		return
	}
	for block := 0; block*sha256.Size < len(shard); block++ {
		white := sha256.Sum256(binary.BigEndian.AppendUint32(append([]byte(whiteDomain), nonce), uint32(block)))
		rest := shard[block*sha256.Size:]
		subtle.XORBytes(rest, rest, white[:])
	}
}
