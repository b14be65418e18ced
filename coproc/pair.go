package coproc

import (
	"fmt"
	"slices"
)

// Scope says where one person must not be able to do both acts of a Pair.
type Scope string

// The scopes.
const (
	AtOne    Scope = "at one coprocessor"
	Anywhere Scope = "anywhere"
)

// Acts are some permissions and what they are called together.
type Acts struct {
	Text string
	has  func(Permission) bool
}

// Pair is two acts that are for two persons, with the reason.
type Pair struct {
	One, Other Acts
	Scope      Scope
	Why        string
}

func acts(text string, perms ...Permission) Acts {
	return Acts{text, func(p Permission) bool { return slices.Contains(perms, p) }}
}

func share(text string, base Permission) Acts {
	return Acts{text, func(p Permission) bool { return p > base && p <= base+MaxShares }}
}

// Pairs are all acts that are for two persons. It is the only such list: a plan
// is judged by it, and a coprocessor's set-up, and its access controls.
var Pairs = []Pair{
	{acts("register the SA-key hash", PermRegisterHash), acts("register the SA key", PermRegisterKey), AtOne,
		"who does both makes the coprocessor trust any SA"},
	{acts("ask to take a hash back", PermAskUnregister), acts("take it back", PermUnregisterHash), AtOne,
		"nobody alone has it entered once more"},
	{acts("load the first part of a master key", PermLoadFirstPart), acts("load its other parts", PermCombinePart), Anywhere,
		"who knows every part knows the key"},
	{acts("register the SA-key hash", PermRegisterHash), acts("certify a node's key", PermCertify), AtOne,
		"who certifies with a key does not say that it is the right one"},
	{acts("manage roles and profiles", PermManageAccess), Acts{"any act on keys", KeyAct}, AtOne,
		"who gives out rights has no use for them"},
	{Acts{"handle a share", isShare}, Acts{"handle another share", isShare}, Anywhere,
		"one person has to do with one share only"},
	{acts("make a master key: at random, or load a part", PermRandomMasterKey, PermLoadFirstPart, PermCombinePart), acts("set it", PermSetMasterKey), AtOne,
		"nobody alone puts a key in force that they made"},
	{acts("verify a master key, or tell its pattern", PermVerifyPattern), acts("set it", PermSetMasterKey), AtOne,
		"two persons look at the pattern"},
	{share("install a share", permInstallBase), acts("set the master key", PermSetMasterKey), AtOne,
		"two persons compare the key card of the source"},
	{acts("generate a node's key", PermGenerateKey), acts("certify a node's key", PermCertify), Anywhere,
		"who asks for a certificate does not give it"},
	{acts("certify a node's key", PermCertify), share("obtain a share", permObtainBase), Anywhere,
		"share officers look at whom the SA certified"},
	{acts("audit", PermAudit), Acts{"any other act", func(p Permission) bool { return p == PermManageAccess || KeyAct(p) }}, AtOne,
		"nobody judges their own acts"},
}

func isShare(p Permission) bool { return p.ShareIndex() != 0 }

// Both reports whether a and b are the two acts of the pair, in either order.
// Two acts on one share are not: a share has one officer everywhere.
func (p Pair) Both(a, b Permission) bool {
	if i := a.ShareIndex(); i != 0 && i == b.ShareIndex() {
		return false
	}
	return p.One.has(a) && p.Other.has(b) || p.One.has(b) && p.Other.has(a)
}

// PairOf is the pair of that scope that two acts are, in either order, or nil.
func PairOf(a, b Permission, scope Scope) *Pair {
	for i := range Pairs {
		if p := &Pairs[i]; p.Scope == scope && p.Both(a, b) {
			return p
		}
	}
	return nil
}

// Find gives two acts of perms that are the pair's, or ok = false.
func (p Pair) Find(perms []Permission) (one, other Permission, ok bool) {
	for _, a := range perms {
		for _, b := range perms {
			if p.One.has(a) && p.Both(a, b) {
				return a, b, true
			}
		}
	}
	return 0, 0, false
}

// Says is why a person who could do a and b must not.
func (p Pair) Says(a, b string) string {
	return fmt.Sprintf("could do both halves of a dual act: %s, and %s; %s", a, b, p.Why)
}

// Danger says in words why one person must not hold all of perms at one
// coprocessor; it is empty where nothing is wrong. It is how a plan, a
// coprocessor's set-up and an audit judge the same thing.
func Danger(perms []Permission) string {
	for _, p := range Pairs {
		if a, b, ok := p.Find(perms); ok {
			return p.Says(a.String(), b.String())
		}
	}
	return ""
}
