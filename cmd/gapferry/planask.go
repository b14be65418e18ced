package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
)

// asks reports whether plan new asks: where --ask says so, or where somebody
// sits at a terminal and gave no flag but --plan.
func (e *env) asks(ctx *cli.Context) bool {
	if ctx.Bool("ask") {
		return true
	}
	for _, name := range ctx.LocalFlagNames() {
		if name != planFlag.Name && name != planFlag.Aliases[0] {
			return false
		}
	}
	f, ok := e.in.(*os.File)
	return ok && isTerminal(f)
}

// question is something that a new plan has to say.
type question struct {
	text  string
	given string // what Enter says
	set   func(o *ceremony.NewPlanOptions, answer string) error
}

// errUnsaid is an answer that is none of those that a question takes.
var errUnsaid = errors.New("that is not an answer to this")

// askPlan asks for a new plan, question by question. Each answer is checked at
// once, together with those before it. Nothing is written here.
func askPlan(t *terminal, o *ceremony.NewPlanOptions) error {
	if t == nil {
		return usagef("--ask needs a terminal")
	}
	fmt.Fprintln(t.out, "A new plan. Enter takes what stands in brackets; Ctrl-C writes nothing.")
	for _, ask := range []func(*ceremony.NewPlanOptions) []question{
		askCeremony, askCoprocessors, askPersons, askRules,
	} {
		for _, q := range ask(o) {
			if err := t.ask(q, o); err != nil {
				return err
			}
		}
	}
	return t.agree(o)
}

// ask asks one question until its answer makes a plan that is good so far.
func (t *terminal) ask(q question, o *ceremony.NewPlanOptions) error {
	for {
		answer, err := t.answer(fmt.Sprintf("%s [%s]: ", q.text, escape(q.given)))
		if err != nil {
			return err
		}
		if answer == "" {
			answer = q.given
		}
		tried := *o
		tried.Persons, tried.Serials, tried.EIDs = maps.Clone(o.Persons), maps.Clone(o.Serials), maps.Clone(o.EIDs)
		if err = q.set(&tried, answer); err == nil {
			_, err = ceremony.NewPlan(tried)
		}
		if err == nil {
			*o = tried
			return nil
		}
		why := err.Error()
		var wrong *ceremony.PlanError
		if errors.As(err, &wrong) {
			why = wrong.Text // there is no file yet whose line it could name
		}
		say(t.out, "  ! ", why)
	}
}

// answer asks for one line; Enter alone is an empty one.
func (t *terminal) answer(prompt string) (string, error) {
	if err := errors.Join(t.quiet(), t.shown()); err != nil {
		return "", err
	}
	fmt.Fprint(t.out, prompt)
	s, err := t.rest()
	if quiet := t.quiet(); err == nil {
		err = quiet
	}
	if err != nil {
		fmt.Fprintln(t.out)
		return "", &ceremony.Refusal{Code: ceremony.CodeNotConfirmed, Text: "no answer was given, no plan was written", Err: err}
	}
	return s, nil
}

func askCeremony(o *ceremony.NewPlanOptions) []question {
	return []question{
		{"title of the ceremony", o.Title, func(o *ceremony.NewPlanOptions, s string) error { o.Title = s; return nil }},
		{"master-key class: SYM-MK or ASYM-MK", string(o.Class), func(o *ceremony.NewPlanOptions, s string) (err error) {
			o.Class, err = coproc.ParseClass(s)
			return err
		}},
		{"how many targets", fmt.Sprint(o.Targets), number(func(o *ceremony.NewPlanOptions) *int { return &o.Targets })},
		{"shares needed and made: M/N", fmt.Sprintf("%d/%d", o.M, o.N), func(o *ceremony.NewPlanOptions, s string) (err error) {
			if o.M, o.N, err = parseShares(s); err != nil {
				return fmt.Errorf("%w: it is M/N, like 2/3", errUnsaid)
			}
			return nil
		}},
		{"the SA is in the coprocessor of: itself, css or csr1", plainOr(o.SAWith, "itself"), func(o *ceremony.NewPlanOptions, s string) error {
			if s != "itself" && s != "css" && s != "csr1" {
				return errUnsaid
			}
			o.SAWith = strings.TrimPrefix(s, "itself")
			return nil
		}},
	}
}

func plainOr(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

func number(field func(*ceremony.NewPlanOptions) *int) func(*ceremony.NewPlanOptions, string) error {
	return func(o *ceremony.NewPlanOptions, s string) error {
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

func askCoprocessors(o *ceremony.NewPlanOptions) []question {
	p, err := ceremony.NewPlan(*o)
	if err != nil || len(p.Coprocessors) > mostAsked {
		return nil
	}
	var all []question
	for _, c := range p.Coprocessors {
		all = append(all,
			question{"serial number of coprocessor " + c.Name + ", 8 characters", c.Serial, func(o *ceremony.NewPlanOptions, s string) error {
				put(&o.Serials, c.Name, s)
				return nil
			}},
			question{"environment id (EID) of coprocessor " + c.Name + ", up to 16 characters", c.EID, func(o *ceremony.NewPlanOptions, s string) error {
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

func askPersons(o *ceremony.NewPlanOptions) []question {
	p, err := ceremony.NewPlan(*o)
	if err != nil {
		return nil
	}
	var all []question
	for _, officer := range p.Officers {
		all = append(all, question{"person of profile " + officer.Profile, officer.Person, func(o *ceremony.NewPlanOptions, s string) error {
			put(&o.Persons, officer.Profile, s)
			return nil
		}})
	}
	return all
}

func askRules(o *ceremony.NewPlanOptions) []question {
	active := "always"
	if o.From+o.Until != "" {
		active = o.From + ".." + o.Until
	}
	return []question{
		{"for how many days certificates are good", fmt.Sprint(o.CertificateDays), number(func(o *ceremony.NewPlanOptions) *int { return &o.CertificateDays })},
		{"how many wrong passphrases lock a profile, 0 is never", fmt.Sprint(o.LockAfter), number(func(o *ceremony.NewPlanOptions) *int { return &o.LockAfter })},
		{"days on which officers can log on: FROM..UNTIL, or always", active, func(o *ceremony.NewPlanOptions, s string) (err error) {
			o.From, o.Until, err = parseActive(strings.TrimPrefix(s, "always"))
			return err
		}},
		{"carrier: usb, or none to name it with each command", plainOr(o.Carrier, "none"), func(o *ceremony.NewPlanOptions, s string) error {
			o.Carrier = strings.TrimPrefix(s, "none")
			if o.Carrier == "" {
				o.ShareSticks = false
			}
			return nil
		}},
		{"each share on a stick of its own: yes or no", yesOrNo(o.ShareSticks), func(o *ceremony.NewPlanOptions, s string) error {
			if s != "yes" && s != "no" {
				return errUnsaid
			}
			o.ShareSticks = s == "yes"
			return nil
		}},
	}
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// agree shows what the plan will be, and asks for a yes.
func (t *terminal) agree(o *ceremony.NewPlanOptions) error {
	p, err := ceremony.NewPlan(*o)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out)
	line := func(name, text string) { say(t.out, fmt.Sprintf("  %-14s ", name), text) }
	line("title", p.Title)
	line("master key", fmt.Sprintf("%s, %d of %d shares, %d target(s)", p.Class, p.M, p.N, len(p.Targets())))
	for _, c := range p.Coprocessors[:min(len(p.Coprocessors), mostAsked)] {
		line("coprocessor", fmt.Sprintf("%s, serial %s, EID %q", c.Name, c.Serial, c.EID))
	}
	for _, officer := range p.Officers {
		line("officer", officer.String())
	}
	line("certificates", fmt.Sprintf("%d days", p.CertificateDays))
	line("carrier", fmt.Sprintf("%s, share sticks: %s", plainOr(p.Carrier, "none"), yesOrNo(p.ShareSticks)))
	if p.Rehearsal {
		line("REHEARSAL", "a live node refuses it")
	}
	if err := t.yes("write this plan? Type yes or no: "); err != nil {
		return &ceremony.Refusal{Code: ceremony.CodeNotConfirmed, Text: "nobody said yes, no plan was written", Err: err}
	}
	return nil
}
