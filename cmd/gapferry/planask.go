package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// asks reports whether plan new asks: where --ask says so, or where somebody
// sits at a terminal and gave no flag but --plan.
func (e planWork) asks(ctx *cli.Context) bool {
	if ctx.Bool("ask") {
		return true
	}
	for _, name := range ctx.LocalFlagNames() {
		if name != planFlag.Name && name != planFlag.Aliases[0] {
			return false
		}
	}
	return terminal.IsTerminal(e.in)
}

// question is something that a new plan has to say.
type question struct {
	text   string
	given  string // what Enter says
	set    func(o *draft.Options, answer string) error
	before string // what is said before it, if anything
}

var (
	// errUnsaid is an answer that is none of those that a question takes.
	errUnsaid = errors.New("that is not an answer to this")
	// errBack asks for the question before this one.
	errBack = errors.New("back")
)

// back is what is typed to go back one question.
const back = "<"

// planAsker asks for a plan at a terminal.
type planAsker struct{ *terminal.Terminal }

// askPlan asks for a new plan, question by question. Each answer is checked at
// once, together with those before it. Nothing is written here.
func (e planWork) askPlan(at *terminal.Terminal, o *draft.Options) error {
	if at == nil {
		return terminal.Usagef("--ask needs a terminal")
	}
	t := planAsker{at}
	if _, err := draft.New(*o); err != nil {
		return err // no answer could mend what the flags say
	}
	defer e.stop.untouched("Nothing was written")()
	terminal.Print(t.Out, "", "A new plan. Enter takes what stands in brackets, "+back+" goes back one question; Ctrl-C writes nothing.")
	for at := 0; ; {
		all := questions(o)
		if at < len(all) {
			switch err := t.ask(all[at], o); {
			case errors.Is(err, errBack):
				at = max(0, at-1)
			case err != nil:
				return err
			default:
				at++
			}
			continue
		}
		if err := t.agree(o); !errors.Is(err, errBack) {
			return err
		}
		at--
	}
}

// questions are all that are asked, as the answers to the earlier ones want it.
func questions(o *draft.Options) []question {
	return slices.Concat(askCeremony(o), askCoprocessors(o), askPersons(o), askRules(o))
}

// ask asks one question until its answer makes a plan that is good so far.
func (t planAsker) ask(q question, o *draft.Options) error {
	if q.before != "" {
		fmt.Fprintln(t.Out, q.before)
	}
	for {
		answer, err := t.answer(fmt.Sprintf("%s [%s]: ", q.text, media.Escape(q.given)))
		if err != nil {
			return err
		}
		switch answer {
		case back:
			return errBack
		case "":
			answer = q.given
		}
		tried := *o
		tried.Persons, tried.Serials, tried.EIDs = maps.Clone(o.Persons), maps.Clone(o.Serials), maps.Clone(o.EIDs)
		if err = q.set(&tried, answer); err == nil {
			_, err = draft.New(tried)
		}
		if err == nil {
			*o = tried
			return nil
		}
		why := err.Error()
		var wrong *plan.Error
		if errors.As(err, &wrong) {
			why = wrong.Text // there is no file yet whose line it could name
		}
		terminal.Print(t.Out, "  ! ", why)
	}
}

// answer asks for one line; Enter alone is an empty one.
func (t planAsker) answer(prompt string) (string, error) {
	s, err := t.ShownLine(prompt)
	if err != nil {
		fmt.Fprintln(t.Out)
		return "", &refusal.Error{Code: refusal.CodeNoPlan, Text: "no answer was given, no plan was written", Err: err}
	}
	return s, nil
}

// agree shows what the plan will be, and asks for a yes.
func (t planAsker) agree(o *draft.Options) error {
	p, err := draft.New(*o)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.Out)
	line := func(name, text string) { terminal.Print(t.Out, fmt.Sprintf("  %-14s ", name), text) }
	line("title", p.Title)
	line("master key", fmt.Sprintf("%s, %d of %d shares, %d target(s)", p.Class, p.M, p.N, len(p.Targets())))
	for _, c := range p.Coprocessors[:min(len(p.Coprocessors), mostAsked)] {
		line("coprocessor", fmt.Sprintf("%s, serial %s, EID %q", c.Name, c.Serial, c.EID))
	}
	for _, officer := range p.Officers {
		line("officer", officer.String())
	}
	line("certificates", fmt.Sprintf("%d days", p.CertificateDays))
	line("locks after", lockWords(p.LockAfter))
	line("days (UTC)", activeWords(o))
	line("carrier", carrierWords(p))
	line("shares", togetherWords(p))
	if p.Rehearsal {
		line("REHEARSAL", "a live node refuses it")
	}
	return t.agreed()
}

func lockWords(n int) string {
	if n == 0 {
		return "no number of wrong passphrases"
	}
	return fmt.Sprintf("%d wrong passphrase(s)", n)
}

func carrierWords(p *plan.Plan) string {
	if p.Carrier == "" {
		return "none: each command names it"
	}
	return p.Carrier
}

func togetherWords(p *plan.Plan) string {
	if p.SharesTogether {
		return "together: all of a target may go on one medium"
	}
	return "apart: each goes on a medium of its own"
}

// agreed waits for a yes or a no. Enter alone is neither: all of the answers
// would be lost.
func (t planAsker) agreed() error {
	prompt := "write this plan? Type yes or no in full; " + back + " goes back: "
	for {
		answer, err := t.answer(prompt)
		switch {
		case err != nil:
			return err
		case answer == "yes":
			return nil
		case answer == back:
			return errBack
		case answer == "no":
			return &refusal.Error{Code: refusal.CodeNoPlan, Text: "nobody said yes, no plan was written", Err: ceremony.ErrNoAnswer}
		}
		prompt = "    type the whole word, yes or no, or " + back + ": "
	}
}
