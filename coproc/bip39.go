package coproc

import (
	"crypto/sha256"
	_ "embed"
	"slices"
	"strings"
)

// english is the English word list of BIP-39 as the standard publishes it
// (bitcoin/bips, bip-0039/english.txt): 2048 words, one a line, in the order of
// the alphabet. A test holds it to its digest.
//
//go:embed english.txt
var english string

// wordList has the word of each number, 0 to 2047.
var wordList = strings.Fields(english)

// wordBits is the number of bits that a word stands for.
const wordBits = 11

// wordNumber is the place of a word in the list.
func wordNumber(word string) (n int, ok bool) { return slices.BinarySearch(wordList, word) }

// spell gives the words of 32 bytes and the first byte of their SHA-256 digest,
// which is the checksum: 24 times 11 bits, the highest first.
func spell(t Thumbprint) []string {
	words := make([]string, 0, WordCount)
	bits, held := uint32(0), 0
	for _, b := range append(t[:], checksum(t)) {
		bits, held = bits<<8|uint32(b), held+8
		if held >= wordBits {
			held -= wordBits
			words = append(words, wordList[bits>>held])
			bits &= 1<<held - 1
		}
	}
	return words
}

// unspell is the reverse of spell. It reports false for another number of
// words, for one that is not in the list, and for a checksum that does not fit.
func unspell(words []string) (t Thumbprint, ok bool) {
	if len(words) != WordCount {
		return t, false
	}
	var bytes []byte
	bits, held := uint32(0), 0
	for _, w := range words {
		n, known := wordNumber(w)
		if !known {
			return t, false
		}
		for bits, held = bits<<wordBits|uint32(n), held+wordBits; held >= 8; {
			held -= 8
			bytes = append(bytes, byte(bits>>held))
			bits &= 1<<held - 1
		}
	}
	sum := bytes[copy(t[:], bytes)]
	if sum != checksum(t) {
		return Thumbprint{}, false
	}
	return t, true
}

func checksum(t Thumbprint) byte {
	d := sha256.Sum256(t[:])
	return d[0]
}
