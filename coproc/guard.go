package coproc

// Guarded is something that somebody has to see to.
type Guarded string

// What a chip may see to itself.
const (
	GuardedPassphrases Guarded = "passphrases and lock-out"
	GuardedRoles       Guarded = "roles, and acts of two officers"
	GuardedSign        Guarded = "what signs stays inside"
	GuardedOpen        Guarded = "what opens stays inside"
	GuardedMake        Guarded = "a master key is made inside"
	GuardedKeep        Guarded = "a master key stays inside"
	GuardedPattern     Guarded = "its pattern is computed inside"
	GuardedRelease     Guarded = "it goes to a certified target alone"
	GuardedTake        Guarded = "a target takes it in unseen"
	GuardedShares      Guarded = "m of n shares"
	GuardedRegisters   Guarded = "registers: set, clear, cancel"
	GuardedCounts      Guarded = "journal and counts do not go back"
)

// AllGuarded are all of them, in the order in which they are told.
var AllGuarded = []Guarded{
	GuardedPassphrases, GuardedRoles, GuardedSign, GuardedOpen, GuardedMake, GuardedKeep, GuardedPattern,
	GuardedRelease, GuardedTake, GuardedShares, GuardedRegisters, GuardedCounts,
}

// GuardBy is who sees to something.
type GuardBy int

// Who sees to it. Of what the host does, own software on the host can do
// otherwise.
const (
	GuardHost    GuardBy = iota // this program
	GuardWrapped                // whoever has what the chip wrapped has nothing without another such chip
	GuardChip                   // the chip, whatever software asks it
)

func (b GuardBy) String() string {
	return [...]string{GuardHost: "by the host", GuardWrapped: "wrapped by the chip", GuardChip: "in the chip"}[b]
}

// Guard is one thing and who sees to it.
type Guard struct {
	Act Guarded
	By  GuardBy
}

// GuardsOf are all things in their order, by whoever the chip says; what it says
// nothing of is the host's.
func GuardsOf(chip []Guard) []Guard {
	by := map[Guarded]GuardBy{}
	for _, g := range chip {
		by[g.Act] = g.By
	}
	var all []Guard
	for _, act := range AllGuarded {
		all = append(all, Guard{act, by[act]})
	}
	return all
}

// Assurance says, of keys of this family, what kept a master key from going
// elsewhere when the source gave it out.
func (f Family) Assurance(source string) string {
	switch f {
	case Software:
		return "split inside the coprocessor of " + source + ", which is software: it is as safe as the host"
	case TPM:
		return "one wrapped blob, split by the host; the TPM of " + source + " let it go only to the key that the SA signed"
	case PKCS11:
		return "one wrapped blob, split by the host; the token of " + source + " let it go only to a key that its security officer enrolled"
	}
	return "one wrapped blob, split by the host; the chip of " + source + " let it go only to another of family " + f.String()
}
