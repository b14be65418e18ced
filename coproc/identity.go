package coproc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/outside"
	"github.com/gapferry/gapferry/coproc/tally"
)

// Names of the cosesig package that every user of a coprocessor needs.
type (
	// PublicKey is a signature verification key.
	PublicKey = cosesig.PublicKey
	// Thumbprint is the RFC 9679 COSE key thumbprint of a PublicKey, 32 bytes.
	Thumbprint = cosesig.Thumbprint
)

// MaxShares is CCA's limit on n.
const MaxShares = 15

// Digest is a SHA-256 digest, 32 bytes.
type Digest [sha256.Size]byte

// String is 64 hex digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Short is the first 8 hex digits, for people.
func (d Digest) Short() string { return hex.EncodeToString(d[:4]) }

// Words spells the first 11·n bits of d as n BIP-39 words, 1 ≤ n ≤ 23: four of
// them, 44 bits, tell the bundles of a ceremony apart at a glance.
func (d Digest) Words(n int) []string { return Words(Thumbprint(d))[:n] }

// IsZero reports whether d is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// DigestOf returns the SHA-256 digest of b.
func DigestOf(b []byte) Digest {
	tally.Hashed.Add(int64(len(b)))
	return sha256.Sum256(b)
}

// CeremonyID names one ceremony: 16 random bytes, made with the plan.
type CeremonyID [16]byte

// String is 32 hex digits.
func (c CeremonyID) String() string { return hex.EncodeToString(c[:]) }

// ShareSetID names one splitting of one master key for one target: 16 random bytes.
type ShareSetID [16]byte

// String is 32 hex digits.
func (s ShareSetID) String() string { return hex.EncodeToString(s[:]) }

// EID is a coprocessor's environment id: 16 printable ASCII characters,
// filled up with spaces, set once (CCA CSUACFC SET-EID).
type EID [16]byte

// NewEID fills s up with spaces to 16 characters. An empty s, one that is
// longer, and one with anything but printable ASCII are refused.
func NewEID(s string) (EID, error) {
	var e EID
	if strings.TrimSpace(s) == "" || len(s) > len(e) || !printable(s) {
		return e, fmt.Errorf("environment id %s is not 1 to 16 printable ASCII characters", outside.Text(s))
	}
	copy(e[:], s+strings.Repeat(" ", len(e)-len(s)))
	return e, nil
}

// String is the text without the spaces it was filled up with.
func (e EID) String() string { return strings.TrimRight(string(e[:]), " \x00") }

// IsZero reports whether no EID was set.
func (e EID) IsZero() bool { return e == EID{} }

// Serial is a coprocessor's serial number: 8 printable ASCII characters (CCA).
type Serial [8]byte

// NewSerial accepts exactly 8 letters, digits or hyphens.
func NewSerial(s string) (Serial, error) {
	var n Serial
	if len(s) != len(n) || strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
	}) {
		return n, fmt.Errorf("serial number %s is not 8 letters, digits or hyphens", outside.Text(s))
	}
	copy(n[:], s)
	return n, nil
}

func (s Serial) String() string { return strings.TrimRight(string(s[:]), "\x00") }

// IsZero reports whether there is no serial number.
func (s Serial) IsZero() bool { return s == Serial{} }

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// hexGroup is the fewest hex digits that are taken for some of a hash, and not
// for a word.
const hexGroup = 8

// WordCount is the number of BIP-39 words that spell a Thumbprint.
const WordCount = 24

// Words spells a thumbprint as 24 BIP-39 English words: 256 bits and an
// 8-bit checksum.
func Words(t Thumbprint) []string { return spell(t) }

// HexStart is the first four groups of HexGroups, with spaces between them: half
// of a thumbprint, for a line that only says which one is meant.
func HexStart(t Thumbprint) string { return strings.Join(HexGroups(t)[:4], " ") }

// HexGroups spells a thumbprint as 8 groups of 8 hex digits.
func HexGroups(t Thumbprint) []string {
	groups := make([]string, 0, 8)
	for i := 0; i < len(t); i += 4 {
		groups = append(groups, hex.EncodeToString(t[i:i+4]))
	}
	return groups
}

// ParseThumbprint reads what a person typed from a card: 24 BIP-39 words, of
// which the first four letters of each suffice, or 64 hex digits in any
// grouping, or both, as a whole card has them. Words may be separated by white
// space and numbered ("1. word").
// The error names the first word that is unknown, or says that the checksum
// does not fit; it never suggests a value.
func ParseThumbprint(s string) (Thumbprint, error) {
	var t Thumbprint
	if b, err := hex.DecodeString(strings.Join(typedFields(s), "")); err == nil && len(b) == len(t) {
		copy(t[:], b)
		return t, nil
	}
	var typed []string // words, and numbers beside them
	var digits string  // groups of hex digits
	for _, f := range typedFields(s) {
		if _, err := hex.DecodeString(f); err == nil && len(f) >= hexGroup {
			digits += f
		} else {
			typed = append(typed, f)
		}
	}
	words, err := wordsOf(typed)
	if err != nil {
		return t, err
	}
	b, err := hex.DecodeString(digits)
	complete := err == nil && len(b) == len(t)
	if complete {
		copy(t[:], b)
	}
	switch {
	case complete && !slices.Equal(words, Words(t)):
		return Thumbprint{}, errors.New("the words and the hex digits are of different hashes")
	case complete:
		return t, nil // the whole card
	case digits != "":
		return t, fmt.Errorf("%d hex digits were entered: the hash is %d words or 64 hex digits", len(digits), WordCount)
	}
	if len(words) != WordCount {
		return t, fmt.Errorf("%d words were entered: the hash is %d words or 64 hex digits", len(words), WordCount)
	}
	t, ok := unspell(words)
	if !ok {
		return t, fmt.Errorf("the %d words do not fit together (checksum): one of them is wrong or two are exchanged", WordCount)
	}
	return t, nil
}

// TypedWords reads some of the words of a card, as ParseThumbprint reads all
// of them, and returns them complete.
func TypedWords(s string) ([]string, error) { return wordsOf(typedFields(s)) }

func typedFields(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == ',' || r == '-' || r == ':' || r == '.'
	})
}

func wordsOf(fields []string) ([]string, error) {
	var words []string
	for _, f := range fields {
		if strings.Trim(f, "0123456789") == "" {
			continue // the number printed beside a word
		}
		w, err := wordOf(f)
		if err != nil {
			// What was typed may be a passphrase, at the wrong prompt: it is not repeated.
			return nil, &WordError{Index: len(words) + 1, Near: near(f), err: err}
		}
		words = append(words, w)
	}
	return words, nil
}

// WordError is a word that is not in the list. Its text repeats nothing of what
// was typed.
type WordError struct {
	Index int      // of the word in what was typed, from 1
	Near  []string // the words of the list that are one slip of the finger away, three at most
	err   error
}

func (e *WordError) Error() string { return fmt.Sprintf("word %d %v", e.Index, e.err) }

// Unwrap gives the cause.
func (e *WordError) Unwrap() error { return e.err }

// maxNear is how many words are suggested for one.
const maxNear = 3

// near are the words of the list that become what was typed by one letter
// more, less, exchanged or swapped with the next one.
func near(typed string) (words []string) {
	for _, w := range wordList {
		if len(words) < maxNear && outside.OneSlip(w, typed) {
			words = append(words, w)
		}
	}
	return words
}

// wordPrefix is the number of letters that tell any two BIP-39 words apart.
const wordPrefix = 4

func wordOf(typed string) (string, error) {
	if _, ok := wordNumber(typed); ok {
		return typed, nil
	}
	if len(typed) >= wordPrefix {
		for _, w := range wordList {
			if strings.HasPrefix(w, typed) {
				return w, nil
			}
		}
	}
	return "", fmt.Errorf("is not a BIP-39 word nor its first %d letters", wordPrefix)
}
