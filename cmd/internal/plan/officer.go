package plan

import (
	"fmt"
	"strings"
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

// Unnamed lists the profiles for which the plan does not name a person yet.
func (p *Plan) Unnamed() []string {
	var profiles []string
	for _, o := range p.Officers {
		if strings.HasSuffix(o.Person, toBeNamed) {
			profiles = append(profiles, o.Profile)
		}
	}
	return profiles
}

// Placeholder reports whether nobody was named for the officer's profile yet.
func (o Officer) Placeholder() bool { return o.Person == ToBeNamed(o.Profile) }
