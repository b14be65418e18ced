// Package console is the people in a room as a ceremony sees them: it asks officers
// for passphrases, cards and a yes, at a terminal or from what a script gives, and
// tells them what happens.
package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/passphrase"
	"github.com/gapferry/gapferry/media"
)

// Desk is the people in the room, seen from one command.
type Desk struct {
	Out      io.Writer
	Terminal *terminal.Terminal
	Secrets  terminal.Secrets
	Yes      bool
	Reader   *cardReader // the card, where it is not typed
	CardFile string      // file to write the hash to, or ""
	Plan     *plan.Plan

	CardWritten bool                // to the file
	Sticks      *carrier.Opener     // where the card must not be
	Choosing    bool                // init: passphrases are chosen, not checked
	About       string              // init: what for, told to each officer
	Spell       func(string) string // writes the commands of a hint out
}

func (d *Desk) Passphrase(q ceremony.PassphraseQuestion) ([]byte, journal.Means, error) {
	var by journal.Means
	if d.Secrets != nil {
		by = journal.PassphraseByDescriptor
	}
	given, err := d.passphrase(q)
	return given, by, unanswered(err)
}

func (d *Desk) passphrase(q ceremony.PassphraseQuestion) ([]byte, error) {
	if q.New {
		return d.newPassphrase(q)
	}
	if d.Secrets != nil {
		p, ok := d.Secrets[q.Profile]
		switch {
		case !ok:
			return nil, terminal.Usagef("the passphrase descriptor has no line for profile %s", q.Profile)
		case q.Attempt > 1:
			return nil, ceremony.ErrNoAnswer
		}
		return bytes.Clone(p), nil
	}
	if d.Choosing {
		return d.choosePassphrase(q)
	}
	for {
		given, err := d.Terminal.Secret(fmt.Sprintf("    passphrase of %s: ", officerOf(q)))
		if err == nil {
			err = usable(given)
		}
		switch {
		case errors.Is(err, terminal.ErrEmptyAnswer): // one wrong key ends no phase
			fmt.Fprintln(d.Out, "    nothing was typed; Ctrl-D leaves")
		case errors.Is(err, coproc.ErrPassphraseForm): // and is no wrong passphrase
			clear(given)
			terminal.PrintWrapped(d.Out, "    ", err.Error()+". It does not count as a wrong one; Ctrl-D leaves")
		default:
			if err == nil {
				// It takes a second, and several on an old machine: an officer who
				// sees nothing types it again.
				fmt.Fprintln(d.Out, "    checking…")
			}
			return given, err
		}
	}
}

// usable refuses what a coprocessor will refuse, which makes the form of a
// passphrase itself.
func usable(given []byte) error {
	normal, err := passphrase.Normal(given)
	clear(normal)
	return err
}

// officerOf says who is asked, escaped.
func officerOf(q ceremony.PassphraseQuestion) string {
	return media.Escape(plan.Officer{Profile: q.Profile, Person: q.Person}.String())
}

// newPassphraseName is the name of the line with an officer's new passphrase:
// no profile has small letters.
const newPassphraseName = "new"

// newPassphrase asks the officer who is logged on for another passphrase.
func (d *Desk) newPassphrase(q ceremony.PassphraseQuestion) ([]byte, error) {
	if d.Secrets == nil {
		return d.choosePassphrase(q)
	}
	p, ok := d.Secrets[newPassphraseName]
	if !ok {
		return nil, terminal.Usagef("the passphrase descriptor has no line %s:PASSPHRASE", newPassphraseName)
	}
	return bytes.Clone(p), nil
}

func (d *Desk) choosePassphrase(q ceremony.PassphraseQuestion) ([]byte, error) {
	if d.About != "" && d.Terminal != nil {
		terminal.PrintWrapped(d.Out, "", media.Escape(d.About))
	}
	prompt := fmt.Sprintf("%s chooses a passphrase of at least %d characters: ", officerOf(q), passphrase.MinLength)
	for {
		chosen, err := d.Terminal.SecretTwice(prompt, passphrase.Chosen)
		switch {
		case errors.Is(err, terminal.ErrEmptyAnswer):
			fmt.Fprintf(d.Out, "    it needs at least %d characters\n", passphrase.MinLength)
		case errors.Is(err, coproc.ErrPassphraseForm):
			terminal.PrintWrapped(d.Out, "    ", err.Error())
		default:
			return chosen, noPassphrase(err, q.Profile)
		}
	}
}

func noPassphrase(err error, profile string) error {
	if errors.Is(err, terminal.ErrNoAnswer) {
		return terminal.Usagef("no passphrase for %s: type it at a terminal or give it with --passphrase-fd", profile)
	}
	return err
}

func (d *Desk) Confirm(c ceremony.Confirmation) (journal.Means, error) {
	terminal.Print(d.Out, "    ", "about to "+c.Act+":")
	for _, f := range c.Facts {
		terminal.Print(d.Out, fmt.Sprintf("      %-17s ", f[0]), f[1])
	}
	if c.Officer && (d.Yes || d.Secrets != nil) {
		fmt.Fprintln(d.Out, "    no: a script cannot know that; an officer at the terminal can")
		return 0, ceremony.ErrNoAnswer
	}
	if d.Yes {
		fmt.Fprintln(d.Out, "    yes (--yes)")
		return journal.YesByFlag, nil
	}
	if c.With != "" {
		terminal.Print(d.Out, "    ", "compare with "+c.With)
	}
	return 0, unanswered(d.Terminal.YesNo("    type yes to do it, no to stop: "))
}

// unanswered is no answer of the terminal in the ceremony's own words.
func unanswered(err error) error {
	if errors.Is(err, terminal.ErrNoAnswer) {
		return ceremony.ErrNoAnswer
	}
	return err
}

func (d *Desk) Progress(p ceremony.Progress) {
	prefix := "    "
	switch p.State {
	case ceremony.Doing:
		prefix = "  > "
	case ceremony.Done:
		prefix = "    done: "
	case ceremony.Already:
		prefix = "  = "
	case ceremony.Warning:
		prefix = "  ! "
	}
	terminal.Print(d.Out, prefix, p.Text)
	if p.Hint != "" {
		hint := p.Hint
		if d.Spell != nil {
			hint = d.Spell(hint)
		}
		terminal.Print(d.Out, "    hint: ", hint)
	}
}
