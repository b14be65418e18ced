package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// desk is the people in the room, seen from one command.
type desk struct {
	words    io.Writer
	terminal *terminal
	secrets  secrets
	yes      bool
	hash     func() (string, error) // the card, where it is not typed
	card     string                 // file to write the hash to, or ""
	choosing bool                   // init: passphrases are chosen, not checked
}

// newDesk makes the desk that the flags describe.
func (e *env) newDesk(ctx *cli.Context) (*desk, error) {
	s, err := readSecrets(ctx.Int(passphraseFlag.Name))
	if err != nil {
		return nil, err
	}
	return &desk{words: e.words(ctx), terminal: openTerminal(), secrets: s, yes: ctx.Bool(yesFlag.Name)}, nil
}

func (d *desk) Passphrase(q ceremony.PassphraseQuestion) ([]byte, error) {
	if d.secrets != nil {
		p, ok := d.secrets[q.Profile]
		switch {
		case !ok:
			return nil, usagef("the passphrase descriptor has no line for profile %s", q.Profile)
		case q.Attempt > 1:
			return nil, ceremony.ErrNoAnswer
		}
		return bytes.Clone(p), nil
	}
	if d.choosing {
		return d.choosePassphrase(q)
	}
	return d.terminal.secret(fmt.Sprintf("    passphrase of %s (%s): ", q.Profile, media.Escape(q.Person)))
}

// minPassphrase is the fewest bytes of a new passphrase.
const minPassphrase = 8

func (d *desk) choosePassphrase(q ceremony.PassphraseQuestion) ([]byte, error) {
	for {
		first, err := d.terminal.secret(fmt.Sprintf("%s (%s) chooses a passphrase: ", q.Profile, media.Escape(q.Person)))
		if err != nil {
			return nil, noPassphrase(err, q.Profile)
		}
		if len(first) < minPassphrase {
			fmt.Fprintf(d.words, "it needs at least %d characters\n", minPassphrase)
			continue
		}
		second, err := d.terminal.secret("once more: ")
		if err != nil {
			return nil, noPassphrase(err, q.Profile)
		}
		same := bytes.Equal(first, second)
		clear(second)
		if same {
			return first, nil
		}
		clear(first)
		fmt.Fprintln(d.words, "the two are not the same")
	}
}

func noPassphrase(err error, profile string) error {
	if errors.Is(err, ceremony.ErrNoAnswer) {
		return usagef("no passphrase for %s: type it at a terminal or give it with --passphrase-fd", profile)
	}
	return err
}

func (d *desk) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, error) {
	if d.hash != nil {
		if q.Problem != "" {
			return coproc.Thumbprint{}, ceremony.ErrNoAnswer // it was read once
		}
		text, err := d.hash()
		if err != nil {
			return coproc.Thumbprint{}, err
		}
		return parseHash(text)
	}
	for {
		if q.Problem != "" {
			fmt.Fprintf(d.words, "    %s\n", media.Escape(q.Problem))
		}
		text, err := d.typeCard()
		if err != nil {
			return coproc.Thumbprint{}, err
		}
		hash, err := parseHash(text)
		if err == nil {
			return hash, nil
		}
		q.Problem = err.Error()
	}
}

// typeCard asks for the card row by row; a row may have any number of words. A
// mistyped word is asked for at once. Hex is taken as a whole.
func (d *desk) typeCard() (string, error) {
	var words []string
	for len(words) < coproc.WordCount {
		prompt := fmt.Sprintf("    the card, from word %d on: ", len(words)+1)
		if len(words) == 0 {
			prompt = "    SA-key hash from the card: words, row by row, or 64 hex digits\n" + prompt
		}
		line, err := d.terminal.line(prompt)
		if err != nil {
			return "", err
		}
		if _, err := coproc.ParseThumbprint(line); err == nil {
			return line, nil
		}
		row, err := coproc.TypedWords(line)
		if err != nil {
			fmt.Fprintf(d.words, "    in this row, %s: type the row again\n", media.Escape(err.Error()))
			continue
		}
		words = append(words, row...)
	}
	return strings.Join(words, " "), nil
}

func parseHash(text string) (coproc.Thumbprint, error) {
	if strings.TrimSpace(text) == "" {
		return coproc.Thumbprint{}, ceremony.ErrNoAnswer
	}
	hash, err := coproc.ParseThumbprint(text)
	if err != nil {
		return hash, &ceremony.Refusal{Code: ceremony.CodeHashDiffers, Text: "the SA-key hash: " + err.Error(), Err: err}
	}
	return hash, nil
}

func (d *desk) ShowSAKeyHash(hash coproc.Thumbprint) error {
	text := hashCard(hash)
	if d.card != "" {
		err := media.WriteFileNew(d.card, []byte(text))
		var conflict *media.ConflictError
		if err != nil && !errors.As(err, &conflict) {
			return err
		}
		if conflict != nil {
			return fmt.Errorf("write the hash card: %w", err)
		}
	}
	fmt.Fprintf(d.words, "\n  Write the SA-key hash on its card, and carry the card apart from the stick:\n\n%s\n", indent(text))
	return nil
}

// hashCard is the SA-key hash as a card shows it.
func hashCard(hash coproc.Thumbprint) string {
	var b strings.Builder
	words := coproc.Words(hash)
	for row := 0; row < len(words); row += 4 {
		for i := row; i < row+4; i++ {
			fmt.Fprintf(&b, "%2d %-10s", i+1, words[i])
		}
		b.WriteByte('\n')
	}
	groups := coproc.HexGroups(hash)
	fmt.Fprintf(&b, "\n%s\n%s\n", strings.Join(groups[:4], " "), strings.Join(groups[4:], " "))
	return b.String()
}

func indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "      " + strings.TrimRight(l, " ")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func (d *desk) Confirm(c ceremony.Confirmation) error {
	fmt.Fprintf(d.words, "    about to %s:\n", media.Escape(c.Act))
	for _, f := range c.Facts {
		fmt.Fprintf(d.words, "      %-17s %s\n", f[0], media.Escape(f[1]))
	}
	if d.yes {
		fmt.Fprintln(d.words, "    yes (--yes)")
		return nil
	}
	answer, err := d.terminal.line("    compare. Type yes to do it: ")
	if err != nil {
		return err
	}
	if answer != "yes" {
		return ceremony.ErrNoAnswer
	}
	return nil
}

func (d *desk) Progress(p ceremony.Progress) {
	text := media.Escape(p.Text)
	switch p.State {
	case ceremony.Doing:
		fmt.Fprintf(d.words, "  > %s\n", text)
	case ceremony.Done:
		fmt.Fprintf(d.words, "    done: %s\n", text)
	case ceremony.Already:
		fmt.Fprintf(d.words, "  = %s\n", text)
	case ceremony.Warning:
		fmt.Fprintf(d.words, "  ! %s\n", text)
	default:
		fmt.Fprintf(d.words, "    %s\n", text)
	}
}

// hashSource reads the card from a file or from standard input, and refuses
// one that lies on a stick that carries the key.
func (e *env) hashSource(path string, sticks *rack) (func() (string, error), error) {
	if path == "" {
		if f, ok := e.in.(*os.File); ok && isTerminal(f) {
			return nil, nil // it is typed
		}
		path = "-"
	}
	return func() (string, error) {
		r := e.in
		if path != "-" {
			f, err := os.Open(path)
			if err != nil {
				return "", usagef("the SA-key hash cannot be read: %v", err)
			}
			defer f.Close()
			r = f
		}
		if f, ok := r.(*os.File); ok {
			if stick := sticks.fileOnStick(f); stick != "" {
				return "", &ceremony.Refusal{Code: ceremony.CodeHashSource, Text: fmt.Sprintf(
					"the SA-key hash comes from %s, the stick that carries the key: then nobody has checked anything", stick)}
			}
		}
		b, err := io.ReadAll(io.LimitReader(r, 4096))
		if err != nil {
			return "", err
		}
		return string(b), nil
	}, nil
}
