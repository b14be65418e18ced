package plan

import (
	"fmt"
)

// toBeNamed marks the person of a profile that nobody was named for yet.
const toBeNamed = " (to be named)"

// ToBeNamed stands for the person of a profile while nobody is named for it.
func ToBeNamed(profile string) string { return profile + toBeNamed }

// String is how an officer is called: "SHARE2 (Greta)", or "SHARE2 (to be
// named)" where the plan names nobody yet. It is not escaped.
func (o Officer) String() string {
	switch {
	case o.Person == "":
		return o.Profile
	case o.Placeholder():
		return o.Person
	}
	return fmt.Sprintf("%s (%s)", o.Profile, o.Person)
}

// Placeholder reports whether nobody was named for the officer's profile yet.
func (o Officer) Placeholder() bool { return o.Person == ToBeNamed(o.Profile) }
