package coproc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/coproc/outside"
)

// Family is a kind of chip. Keys that one makes, another of the same family
// takes; a ceremony has one family. It is 1 to 12 of a-z, 0-9.
type Family string

// Software is the family of the chip that is none: package soft.
const Software Family = ""

// String is "soft" of Software, and the family itself of any other.
func (f Family) String() string {
	if f == Software {
		return "soft"
	}
	return string(f)
}

// check refuses what is no family's name. Software is written as none.
func (f Family) check() error {
	if len(f) > 12 || f == "soft" || strings.Trim(string(f), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return fmt.Errorf("chip family %s", outside.Text(string(f)))
	}
	return nil
}

// ErrFamily is wrapped where keys are of another family of chips than the
// coprocessor that has to do with them.
var ErrFamily = errors.New("it is of another kind of coprocessor")

// WrapKey is the public half of the key that a target's chip takes master keys
// with, as its family writes it: opaque bytes, at most MaxWrapKey. Only the chip
// of a source reads it. It is a string so that keys compare with ==.
type WrapKey string

// MaxWrapKey is more than an RSA key of 4096 bits has, in bytes.
const MaxWrapKey = 1024

// MarshalBinary makes a WrapKey a byte string in CBOR.
func (k WrapKey) MarshalBinary() ([]byte, error) { return []byte(k), nil }

// UnmarshalBinary takes 1 to MaxWrapKey bytes.
func (k *WrapKey) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || len(b) > MaxWrapKey {
		return fmt.Errorf("key to wrap for: %d bytes", len(b))
	}
	*k = WrapKey(b)
	return nil
}
