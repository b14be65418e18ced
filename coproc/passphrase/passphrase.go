// Package passphrase gives the passphrases of officers their one form.
//
// An officer chooses a passphrase at one keyboard and types it at another: a Mac
// sends ä as two code points where Linux sends one, and some keyboards type a
// blank that is none. So what is chosen and what is checked is RFC 8265's
// OpaqueString of what was typed: other blanks become the blank, and what is
// composed is composed (NFC). What that profile refuses (controls, joiners,
// variation selectors, unassigned code points) is refused when it is chosen,
// because another keyboard, or paste, would leave it out.
//
// A coprocessor does this, and not only the program before it: no other program
// can give a profile a passphrase that this one could not check.
package passphrase

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"github.com/gapferry/gapferry/coproc"
)

const (
	// MinLength is the least length of a passphrase, in grapheme clusters
	// (UAX #29): what its owner calls characters. The strength that matters is
	// the ceremony's business; this only keeps an empty or a short one out.
	MinLength = 8
	// MaxSize is the largest size of a passphrase, in bytes: macOS takes no more
	// of a typed line.
	MaxSize = 1000
)

// Normal is the one form of what was typed, in a buffer of its own. What no
// passphrase can be is ErrPassphraseForm, and tells nothing about the one that
// is. The two are told apart by rules that no later version of Unicode changes:
// a passphrase that was good once is never refused here.
func Normal(typed []byte) ([]byte, error) {
	switch {
	case len(typed) == 0:
		return nil, wrong("nothing was typed")
	case !utf8.Valid(typed):
		return nil, wrong("it is not UTF-8: set the terminal, or what wrote the file, to UTF-8")
	}
	normal, err := opaque(typed)
	if err != nil {
		return nil, err
	}
	switch {
	case utf8.RuneCount(normal) < MinLength: // a character has one code point or more
		err = wrong("passphrases have at least %d characters", MinLength)
	case len(normal) > MaxSize:
		err = wrong("passphrases have at most %d bytes", MaxSize)
	default:
		return normal, nil
	}
	clear(normal)
	return nil, err
}

// Chosen is Normal for a passphrase that is chosen now. It is refused, with
// ErrPassphraseForm, if it has less than MinLength characters.
func Chosen(typed []byte) ([]byte, error) {
	normal, err := Normal(typed)
	if err != nil {
		return nil, err
	}
	if n := Length(normal); n < MinLength {
		clear(normal)
		return nil, wrong("passphrases have at least %d characters, this has %d", MinLength, n)
	}
	return normal, nil
}

// Length is the number of characters as people count them: of grapheme clusters.
func Length(text []byte) int {
	n, state := 0, -1
	for len(text) > 0 {
		_, text, _, state = uniseg.FirstGraphemeCluster(text, state)
		n++
	}
	return n
}

// opaque is RFC 8265's OpaqueString of text in UTF-8.
func opaque(typed []byte) ([]byte, error) {
	if !slices.ContainsFunc(typed, func(b byte) bool { return b < ' ' || b > '~' }) {
		return bytes.Clone(typed), nil // it is its own form, and no other copy is made of it
	}
	normal, err := precis.OpaqueString.Bytes(typed)
	if err == nil {
		return normal, nil
	}
	if r, ok := refused(typed); ok {
		return nil, wrong("it has U+%04X in it, %s", r, kindOf(r))
	}
	return nil, wrong("it has characters together that passphrases do not have")
}

// refused finds a code point for which text is no OpaqueString. Those that are
// good beside some others (RFC 5892, appendix A) are named only if they cannot be
// seen: the passphrase that was meant may have them, and what is said here is
// shown and kept.
func refused(text []byte) (rune, bool) {
	joiner, joined := rune(0), false
	for _, r := range string(norm.NFC.Bytes(text)) {
		if _, err := precis.OpaqueString.String(string(r)); err == nil || contextual(r) {
			continue
		}
		if r != zeroWidthNonJoiner && r != zeroWidthJoiner {
			return r, true
		}
		if !joined {
			joiner, joined = r, true
		}
	}
	return joiner, joined
}

const (
	zeroWidthNonJoiner rune = 0x200c
	zeroWidthJoiner    rune = 0x200d
)

// contextual reports whether a code point that is seen is good beside some others.
func contextual(r rune) bool {
	switch r {
	case 0xb7, 0x375, 0x5f3, 0x5f4, 0x30fb:
		return true
	}
	return r >= 0x660 && r <= 0x669 || r >= 0x6f0 && r <= 0x6f9
}

// kindOf says what a code point that is refused is to somebody who cannot see it.
func kindOf(r rune) string {
	switch {
	case r == '\t':
		return "a tabulator"
	case r == 0x1b:
		return "which a key like an arrow sends"
	case unicode.IsControl(r):
		return "a control character"
	case r == 0x200c || r == 0x200d || r == 0x2060:
		return "an invisible joiner"
	case unicode.Is(unicode.Variation_Selector, r):
		return "an invisible variation selector"
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return "which is invisible"
	case unicode.IsOneOf([]*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z}, r):
		return "which passphrases do not have"
	}
	return "which no character is assigned to"
}

func wrong(format string, a ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{coproc.ErrPassphraseForm}, a...)...)
}
