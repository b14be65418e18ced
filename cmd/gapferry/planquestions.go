package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/coproc"
)

// What plan new asks, in the order in which it does.

func askCeremony(o *draft.Options) []question {
	return []question{
		{text: "title of the ceremony", given: o.Title, set: func(o *draft.Options, s string) error { o.Title = s; return nil }},
		yesNo("is it a rehearsal, which no live node accepts", func(o *draft.Options) *bool { return &o.Rehearsal }, o),
		{text: "what the coprocessors are: soft, tpm or pkcs11", given: o.Family.String(), set: func(o *draft.Options, s string) error {
			f, err := coproc.ParseFamily(s)
			if err != nil {
				return err
			}
			if o.Family = f; !f.Holds(o.Class) {
				o.Class = f.Classes()[0]
			}
			return nil
		}},
		{text: "master-key class: " + classNames(o.Family), given: string(o.Class), set: func(o *draft.Options, s string) (err error) {
			o.Class, err = coproc.ParseClass(s)
			return err
		}},
		{text: "how many targets", given: fmt.Sprint(o.Targets), set: fitting(number(func(o *draft.Options) *int { return &o.Targets }))},
		{text: "shares needed and made: M/N", given: fmt.Sprintf("%d/%d", o.M, o.N), set: fitting(func(o *draft.Options, s string) (err error) {
			if o.M, o.N, err = parseShares(s); err != nil {
				return fmt.Errorf("%w: it is M/N, like 2/3", errUnsaid)
			}
			return nil
		})},
		{text: "the SA is in the coprocessor of: itself, css or csr1", given: plainOr(o.SAWith, "itself"), set: fitting(func(o *draft.Options, s string) error {
			if s != "itself" && s != "css" && s != "csr1" {
				return errUnsaid
			}
			o.SAWith = strings.TrimPrefix(s, "itself")
			return nil
		})},
	}
}

// classNames are the classes that coprocessors of a family hold.
func classNames(f coproc.Family) string {
	var names []string
	for _, c := range f.Classes() {
		names = append(names, string(c))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// fitting sets something that names and numbers were given for already, by
// somebody who went back: those that are of nothing any more are dropped.
func fitting(set func(*draft.Options, string) error) func(*draft.Options, string) error {
	return func(o *draft.Options, s string) error {
		if err := set(o, s); err != nil {
			return err
		}
		bare := *o
		bare.Persons, bare.Serials, bare.EIDs = nil, nil, nil
		p, err := draft.New(bare)
		if err != nil {
			return err
		}
		noProfile := func(name, _ string) bool { return p.Officer(name).Role == "" }
		noDevice := func(name, _ string) bool { return p.Coprocessor(name) == nil }
		maps.DeleteFunc(o.Persons, noProfile)
		maps.DeleteFunc(o.Serials, noDevice)
		maps.DeleteFunc(o.EIDs, noDevice)
		return nil
	}
}

// yesNo is a question to be answered with yes or no.
func yesNo(text string, field func(*draft.Options) *bool, o *draft.Options) question {
	return question{text: text + ": yes or no", given: yesOrNo(*field(o)), set: func(o *draft.Options, s string) error {
		if s != "yes" && s != "no" {
			return fmt.Errorf("%w: it is yes or no, in full", errUnsaid)
		}
		*field(o) = s == "yes"
		return nil
	}}
}

func plainOr(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

func number(field func(*draft.Options) *int) func(*draft.Options, string) error {
	return func(o *draft.Options, s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%w: it is a number", errUnsaid)
		}
		*field(o) = n
		return nil
	}
}

// mostAsked is of how many coprocessors serial number and EID are asked for.
// More of them are easier written into the plan's file.
const mostAsked = 12

func askCoprocessors(o *draft.Options) []question {
	p, err := draft.New(*o)
	if err != nil || len(p.Coprocessors) > mostAsked {
		return nil
	}
	var all []question
	for _, c := range p.Coprocessors {
		all = append(all,
			question{text: "serial number of coprocessor " + c.Name + ", 8 characters", given: c.Serial, set: func(o *draft.Options, s string) error {
				put(&o.Serials, c.Name, s)
				return nil
			}},
			question{text: "environment id (EID) of coprocessor " + c.Name + ", up to 16 characters", given: c.EID, set: func(o *draft.Options, s string) error {
				put(&o.EIDs, c.Name, s)
				return nil
			}})
	}
	return all
}

func put(m *map[string]string, k, v string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[k] = v
}

// duties are what profiles of a new plan do, by role.
var duties = map[string]string{
	"ADMINISTRATOR": "sets coprocessors up, unlocks profiles", "AUDITOR": "audits, hands journals out", "KEY-GENERATOR": "has keys generated",
	"HASH-REGISTRAR": "registers the SA-key hash", "KEY-REGISTRAR": "registers the SA key", "CERTIFIER": "certifies the keys of nodes",
	"VERIFIER": "verifies the new master key", "SETTER": "sets the master key, cancels",
	"FIRST-PART": "loads the first part of a master key", "LAST-PART": "loads the last part of a master key",
}

func askPersons(o *draft.Options) []question {
	p, err := draft.New(*o)
	if err != nil {
		return nil
	}
	var all []question
	shares := false
	for i, officer := range p.Officers {
		q := question{text: officer.Profile, given: officer.Person, set: func(o *draft.Options, s string) error {
			put(&o.Persons, officer.Profile, s)
			return nil
		}}
		duty := duties[officer.Role]
		switch {
		case duty != "":
			q.text += ", " + duty
		case !shares:
			shares = true
			q.before = fmt.Sprintf("The share officers: each obtains and installs one share of %d.", p.N)
		}
		if i == 0 {
			q.before = atLeast(draft.SmallestTeam(p)) + "The person of each profile:"
		}
		all = append(all, q)
	}
	return all
}

func askRules(o *draft.Options) []question {
	all := []question{
		{text: "for how many days certificates are good", given: fmt.Sprint(o.CertificateDays), set: number(func(o *draft.Options) *int { return &o.CertificateDays })},
		{text: "how many wrong passphrases lock a profile, 0 is never", given: fmt.Sprint(o.LockAfter), set: number(func(o *draft.Options) *int { return &o.LockAfter })},
		{text: "days on which officers can log on: FROM..UNTIL, or always", given: activeWords(o), set: func(o *draft.Options, s string) (err error) {
			o.From, o.Until, err = parseActive(strings.TrimPrefix(s, "always"))
			return err
		}},
		{text: "carrier: usb, or none to name it with each command", given: plainOr(o.Carrier, "none"), set: func(o *draft.Options, s string) error {
			o.Carrier = strings.TrimPrefix(s, "none")
			return nil
		}},
	}
	together := yesNo("may shares for one target go on one stick", func(o *draft.Options) *bool { return &o.SharesTogether }, o)
	together.before = fmt.Sprintf("Each share has a stick of its own, which its officer keeps. On one stick, whoever\nhas that stick has them; any %d are the key, for whoever opens them.", o.M)
	return append(all, together)
}

// activeWords are the days on which officers can log on, as they are typed.
func activeWords(o *draft.Options) string {
	if o.From+o.Until == "" {
		return "always"
	}
	return o.From + ".." + o.Until
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
