package coproc

import (
	"fmt"
	"slices"
	"strings"
)

// The families of chips that hold keys themselves.
const (
	TPM    Family = "tpm"    // TPM 2.0
	PKCS11 Family = "pkcs11" // a token or an HSM behind a PKCS#11 module
)

// Families lists the families that a plan can name.
var Families = []Family{Software, TPM, PKCS11}

// classes has, for each family, the classes that its chips hold, in the order of
// Classes; the first is the one of a new plan. FORMAT.md has it as a table.
//
// A TPM makes keys of the size of its digest only, and none of 24 bytes. A
// token makes SYM-MK and ASYM-MK as CKK_DES3, AES-MK as CKK_AES of 256 bits and
// HMAC-MK as CKK_GENERIC_SECRET.
var classes = map[Family][]Class{
	Software: {SymMK, AsymMK, AesMK, ApkaMK},
	TPM:      {HmacMK, AesMK, ApkaMK},
	PKCS11:   {SymMK, AsymMK, AesMK, HmacMK},
}

// Classes are the master-key classes that the chips of a family hold; all, of a
// family that is not in Families.
func (f Family) Classes() []Class {
	held, ok := classes[f]
	if !ok {
		held = Classes
	}
	return slices.Clone(held)
}

// Holds reports whether chips of the family hold master keys of a class.
func (f Family) Holds(c Class) bool { return slices.Contains(f.Classes(), c) }

// ParseFamily reads "soft", "tpm" or "pkcs11"; nothing is soft.
func ParseFamily(s string) (Family, error) {
	for _, f := range Families {
		if s == f.String() || s == string(f) {
			return f, nil
		}
	}
	return "", fmt.Errorf("unknown family of coprocessors %q: it is one of %s", s, strings.Join(familyNames(), ", "))
}

func familyNames() []string {
	var names []string
	for _, f := range Families {
		names = append(names, f.String())
	}
	return names
}
