package coproc

// Family is a kind of chip. Keys that one makes, another of the same family
// takes; a ceremony has one family.
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
