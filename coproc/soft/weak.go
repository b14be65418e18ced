package soft

import (
	"crypto/sha1" // CCA's verification pattern is defined with it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"

	"github.com/gapferry/gapferry/coproc"
)

// patternOf computes the verification pattern of a master key, as
// coproc.Pattern defines it.
func patternOf(c coproc.Class, key []byte) coproc.Pattern {
	prefixed := append([]byte{1}, key...)
	defer clear(prefixed)
	if desBased(c) {
		sum := sha1.Sum(prefixed)
		return coproc.Pattern(sum[:8])
	}
	sum := sha256.Sum256(prefixed)
	return coproc.Pattern(sum[:8])
}

// desBased says that a key of the class is three DES keys of 8 bytes.
func desBased(c coproc.Class) bool { return c == coproc.SymMK || c == coproc.AsymMK }

// weakDES are the 4 weak and 12 semi-weak DES keys (NIST SP 800-67 §3.3.2).
var weakDES = [...]uint64{
	0x0101010101010101, 0xFEFEFEFEFEFEFEFE, 0xE0E0E0E0F1F1F1F1, 0x1F1F1F1F0E0E0E0E,
	0x01FE01FE01FE01FE, 0xFE01FE01FE01FE01,
	0x1FE01FE00EF10EF1, 0xE01FE01FF10EF10E,
	0x01E001E001F101F1, 0xE001E001F101F101,
	0x1FFE1FFE0EFE0EFE, 0xFE1FFE1FFE0EFE0E,
	0x011F011F010E010E, 0x1F011F010E010E01,
	0xE0FEE0FEF1FEF1FE, 0xFEE0FEE0FEF1FEF1,
}

// withoutParity drops the low-order bit of each byte.
const withoutParity = 0xFEFEFEFEFEFEFEFE

// weak reports whether a master key must not be set (CCA 8/703): any third
// of a DES-based key is a weak or semi-weak DES key, whatever its parity; a
// key of another class is all zero. Only the answer depends on the key, not
// the time it takes.
func weak(c coproc.Class, key []byte) bool {
	found := 0
	if desBased(c) {
		var third, known [8]byte
		for i := 0; i+8 <= len(key); i += 8 {
			binary.BigEndian.PutUint64(third[:], binary.BigEndian.Uint64(key[i:])&withoutParity)
			for _, w := range weakDES {
				binary.BigEndian.PutUint64(known[:], w&withoutParity)
				found |= subtle.ConstantTimeCompare(third[:], known[:])
			}
		}
		clear(third[:])
	} else {
		found = subtle.ConstantTimeCompare(key, make([]byte, len(key)))
	}
	return found == 1
}

// setOddParity makes the number of ones in each byte odd, by its low-order bit.
func setOddParity(key []byte) {
	for i, b := range key {
		key[i] = b&^1 | byte(bits.OnesCount8(b>>1)&1) ^ 1
	}
}
