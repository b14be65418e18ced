package coproc

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Class is a master-key class. Its text is CCA's name for it, where CCA has it.
type Class string

// The master-key classes of CCA. A master key has the length that Size gives.
const (
	SymMK  Class = "SYM-MK"
	AsymMK Class = "ASYM-MK"
	AesMK  Class = "AES-MK"
	ApkaMK Class = "APKA-MK"
	// HmacMK is beside CCA's: what chips hold whose only secret keys are for HMAC.
	HmacMK Class = "HMAC-MK"
)

// Classes lists every class, in the order they are shown. No family of chips
// holds all of them: see Family.Classes.
var Classes = []Class{SymMK, AsymMK, AesMK, ApkaMK, HmacMK}

// Size is the length of a master key of the class in bytes: 24 or 32; 0 for
// an unknown class.
func (c Class) Size() int {
	switch c {
	case SymMK, AsymMK:
		return 24
	case AesMK, ApkaMK, HmacMK:
		return 32
	}
	return 0
}

// Cloneable reports whether a class is cloned without more being said: those that
// IBM's procedure clones, and HMAC-MK, which it does not know. AES-MK and
// APKA-MK are cloned only where the plan says allow_aes_cloning.
func (c Class) Cloneable() bool { return c == SymMK || c == AsymMK || c == HmacMK }

// ParseClass accepts the names of Classes, in any case.
func ParseClass(s string) (Class, error) {
	for _, c := range Classes {
		if strings.EqualFold(s, string(c)) {
			return c, nil
		}
	}
	return "", fmt.Errorf("unknown master-key class %q: it is one of SYM-MK, ASYM-MK, AES-MK, APKA-MK, HMAC-MK", s)
}

// Pattern is a master key's verification pattern, 8 bytes. For SYM-MK and
// ASYM-MK it is the first half of SHA-1(01‖key) (CCA Key_Test calls it the
// random number, openCryptoki prints it as RND); for AES-MK and APKA-MK the
// first 8 bytes of SHA-256(01‖key). In a chip it is what the chip can compute of
// its label: see the chip's package.
type Pattern [8]byte

// String is 16 lower-case hex digits.
func (p Pattern) String() string { return hex.EncodeToString(p[:]) }

// RegisterState is what is in a master-key register.
type RegisterState uint8

// New is Empty, Partial or Full; current and old are Empty or Full.
const (
	Empty RegisterState = iota
	Partial
	Full
)

func (s RegisterState) String() string {
	switch s {
	case Empty:
		return "empty"
	case Partial:
		return "partly full"
	case Full:
		return "full"
	}
	return fmt.Sprintf("register state %d", uint8(s))
}

// Register is the state of one register, and the pattern of what it holds
// when it is Full.
type Register struct {
	State   RegisterState `cbor:"1,keyasint"`
	Pattern Pattern       `cbor:"2,keyasint"`
}

// String is the state, and the pattern of a full register.
func (r Register) String() string {
	if r.State == Full {
		return "full " + r.Pattern.String()
	}
	return r.State.String()
}

// Registers are the three registers of one class.
type Registers struct {
	Class   Class
	New     Register
	Current Register
	Old     Register
}

// String is all three: "new empty, current full 0123456789abcdef, old empty".
func (r Registers) String() string {
	return fmt.Sprintf("new %s, current %s, old %s", r.New, r.Current, r.Old)
}
