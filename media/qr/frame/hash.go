package frame

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// hashPrefix begins the text of a hash card. Its third character is no digit,
// as it is in every frame of every version: neither can be taken for the other.
const hashPrefix = "GFHASH"

// hashTextLen is the length of a hash card's text in characters.
const hashTextLen = len(hashPrefix) + 2*(32+crcLen)

// HashText is the text of an SA-key hash card: "GFHASH", the 32 bytes in 64
// upper-case hex digits, which can be compared with printed ones, and their
// CRC-32 (IEEE) in 8.
func HashText(hash [32]byte) string {
	return fmt.Sprintf("%s%X%08X", hashPrefix, hash, crc32.ChecksumIEEE(hash[:]))
}

// IsHashText reports whether a text means to be that of a hash card, right or
// not.
func IsHashText(text string) bool { return strings.HasPrefix(text, hashPrefix) }

// ParseHashText reads what HashText writes and nothing else. What a scanner
// typed goes through CleanTyped first.
func ParseHashText(text string) ([32]byte, error) {
	if !strings.HasPrefix(text, hashPrefix) {
		return [32]byte{}, fmt.Errorf("not an SA-key hash card: %s", clip(text))
	}
	if len(text) != hashTextLen {
		return [32]byte{}, errHashCard
	}
	b, err := hex.DecodeString(text[len(hashPrefix):])
	if err != nil || HashText([32]byte(b)) != text { // upper case, and the checksum
		return [32]byte{}, errHashCard
	}
	return [32]byte(b), nil
}

var errHashCard = errors.New("a damaged SA-key hash card: read it again, or type its words")
