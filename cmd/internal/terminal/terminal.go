// Package terminal is the person at the keyboard: questions and their answers,
// text that is printed for people, and secrets from a descriptor. What is typed is
// shown only where it may be, what was typed too early counts for nothing, and the
// terminal is given back as it was found.
package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gapferry/gapferry/coproc"
)

// ErrNoAnswer says that nobody answered a question, or that the answer was no.
var ErrNoAnswer = errors.New("no answer was given")

// Terminal is the person at the keyboard, or nobody. It shows what is typed
// only while it asks for something that may be shown, and forgets what was
// typed before a question stood on the screen: an impatient officer's
// passphrase is not seen, and nobody says yes to what they have not read.
//
// A process has one. When its context is done, whoever waits at it gets that
// error, and what is written to out goes nowhere.
type Terminal struct {
	Ctx  context.Context
	tty  *os.File
	wake *os.File // can be read when ctx is done; nil where nothing waits for that
	Out  io.Writer

	modes        ttyModes
	secondScreen bool
	seen         bool // what is typed between questions can be seen; told by ask

	mu       sync.Mutex
	undo     []*func() // what Restore has to do, the last one first
	restored bool
}

// Open finds the controlling terminal; without one, nobody answers.
func Open(ctx context.Context) *Terminal {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if !IsTerminal(tty) {
		tty.Close()
		return nil
	}
	t := &Terminal{Ctx: ctx, tty: tty, secondScreen: hasSecondScreen(tty), seen: !holdsEcho}
	t.Out = &output{t}
	if t.modes, err = modesOf(tty); err != nil {
		tty.Close()
		return nil
	}
	t.wake = doneFile(ctx)
	t.later(func() { _ = t.modes.found() })
	return t
}

// output is the terminal to be written to, for as long as its context is not done.
type output struct{ t *Terminal }

func (o *output) Write(p []byte) (int, error) {
	if o.t.Ctx.Err() != nil {
		return len(p), nil
	}
	return o.t.tty.Write(p)
}

// Fd is the terminal's, so that it is known to be one.
func (o *output) Fd() uintptr { return o.t.tty.Fd() }

// later has Restore do something, before all that it was to do by now; now does
// it at once. It is done once, whoever comes first.
func (t *Terminal) later(do func()) (now func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := &do
	t.undo = append(t.undo, own)
	return func() {
		if t.forgo(own) {
			do()
		}
	}
}

// forgo reports whether something is still to be done, and takes it from the list.
func (t *Terminal) forgo(own *func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, u := range t.undo {
		if u == own {
			t.undo = append(t.undo[:i], t.undo[i+1:]...)
			return true
		}
	}
	return false
}

// Restore gives the terminal back as it was found. Nothing changes it any more.
// It may be called by any goroutine, also of no terminal.
func (t *Terminal) Restore() {
	if t == nil {
		return
	}
	t.mu.Lock()
	undo := t.undo
	t.undo, t.restored = nil, true
	t.mu.Unlock()
	for i := len(undo) - 1; i >= 0; i-- {
		(*undo[i])()
	}
}

// errRestored is a terminal that was given back.
var errRestored = errors.New("the terminal was given back already")

// set changes the terminal's modes, unless it was given back.
func (t *Terminal) set(mode func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.Ctx.Err() != nil:
		return t.Ctx.Err()
	case t.restored:
		return errRestored
	}
	return mode()
}

// Quiet shows nothing of what is typed, and forgets it.
func (t *Terminal) Quiet() error { return t.set(t.modes.quiet) }

// quietAfter is quiet once something was asked for, whose own error comes first.
func (t *Terminal) quietAfter(err error) error {
	quiet := t.Quiet()
	if err != nil {
		return err
	}
	return quiet
}

// noAnswer is what to say where no answer was typed.
func (t *Terminal) noAnswer() error {
	if t != nil && t.Ctx.Err() != nil {
		return t.Ctx.Err()
	}
	return ErrNoAnswer
}

// Somebody who typed before they were asked may still be typing: half of a
// passphrase would be a wrong one. So they are told, and nothing is asked until
// they stop.
const (
	stillTyping = 400 * time.Millisecond // how long without a key is an end
	mostTyping  = 30 * time.Second       // a key that is stuck
)

// early reports whether something was typed that nobody asked for.
func (t *Terminal) early() (early bool) {
	_ = t.set(func() error {
		early = t.modes.early()
		return nil
	})
	return early
}

// hush forgets what was typed early, and waits until no more of it comes.
func (t *Terminal) hush() error {
	for until := time.Now().Add(mostTyping); ; time.Sleep(stillTyping) {
		told := time.Until(until) < mostTyping-stillTyping/2
		early := t.early()
		if err := t.Quiet(); err != nil || !early || time.Now().After(until) {
			return err
		}
		if !told {
			fmt.Fprintln(t.Out, "    what was typed before it was asked for is forgotten: wait for the question")
		}
	}
}

// tellSeen says, once, where this terminal cannot be kept from showing what is
// typed between questions.
func (t *Terminal) tellSeen() {
	if t.seen {
		t.seen = false
		PrintWrapped(t.Out, "    ", "On this system, what is typed between two questions can be seen on the screen, and answers the next one: type only when you are asked.")
	}
}

// Secret asks without showing what is typed. The answer is not kept.
func (t *Terminal) Secret(prompt string) ([]byte, error) {
	if t == nil {
		return nil, ErrNoAnswer
	}
	if err := t.hush(); err != nil {
		return nil, err
	}
	t.tellSeen()
	fmt.Fprint(t.Out, prompt)
	b, err := readHidden(t)
	b = asTyped(b)
	fmt.Fprintln(t.Out)
	switch err = t.quietAfter(err); {
	case errors.Is(err, io.EOF):
		return nil, t.noAnswer()
	case err == nil && len(b) == 0:
		return nil, ErrEmptyAnswer
	}
	return b, err
}

// ErrEmptyAnswer is Enter and nothing before it.
var ErrEmptyAnswer = fmt.Errorf("%w: nothing was typed", ErrNoAnswer)

// SecretTwice asks twice, until both answers are the same in the form that is
// made of them. What form refuses need not be typed again.
func (t *Terminal) SecretTwice(prompt string, form func([]byte) ([]byte, error)) ([]byte, error) {
	asked := func(prompt string) ([]byte, error) {
		given, err := t.Secret(prompt)
		if err != nil {
			return nil, err
		}
		defer clear(given)
		return form(given)
	}
	for {
		first, err := asked(prompt)
		if err != nil {
			return nil, err
		}
		second, err := asked("    once more: ")
		same := bytes.Equal(first, second)
		clear(second)
		if err == nil && same {
			return first, nil
		}
		clear(first)
		if err != nil && !errors.Is(err, coproc.ErrPassphraseForm) {
			return nil, err
		}
		fmt.Fprintln(t.Out, "    the two are not the same")
	}
}

// CanPress reports whether somebody is there, and can be noticed while the
// program does something else.
func (t *Terminal) CanPress() bool { return t != nil && canWaitForLine }

// Typed waits for a typed line, and reports whether there is one.
func (t *Terminal) Typed(d time.Duration) bool {
	return t.CanPress() && waitForLine(t.tty, t.wake, d) && t.Ctx.Err() == nil
}

// Pressed reports whether Enter was pressed (or Ctrl-D), and forgets what was
// typed before it.
func (t *Terminal) Pressed() bool {
	if !t.Typed(0) {
		return false
	}
	_, _ = t.WaitLine()
	return true
}

// WaitLine gives the line that was typed, without blanks around it.
func (t *Terminal) WaitLine() (string, error) {
	b, err := readLine(t)
	return strings.TrimSpace(string(asTyped(b))), err
}

// ShownLine asks for one line, which is shown while it is typed. io.EOF is
// Ctrl-D.
func (t *Terminal) ShownLine(prompt string) (string, error) {
	if t == nil {
		return "", ErrNoAnswer
	}
	if err := t.Quiet(); err != nil {
		return "", err
	}
	if err := t.set(t.modes.shown); err != nil {
		return "", err
	}
	t.tellSeen()
	fmt.Fprint(t.Out, prompt)
	s, err := t.WaitLine()
	return s, t.quietAfter(err)
}

// Line asks for one line. Nothing typed is no answer.
func (t *Terminal) Line(prompt string) (string, error) {
	s, err := t.ShownLine(prompt)
	if err != nil || s == "" {
		return "", t.noAnswer()
	}
	return s, nil
}

// YesNo asks until somebody types yes or no. No is ErrNoAnswer, and so is Ctrl-D.
func (t *Terminal) YesNo(prompt string) error {
	answer, err := t.Either(prompt, "yes", "no")
	if err != nil || answer != "yes" {
		return t.noAnswer()
	}
	return nil
}

// Either asks until somebody types one of two words: a slip is neither. Ctrl-D
// is ErrNoAnswer.
func (t *Terminal) Either(prompt, one, other string) (string, error) {
	for {
		answer, err := t.ShownLine(prompt)
		switch {
		case err != nil:
			return "", t.noAnswer()
		case answer == one || answer == other:
			return answer, nil
		}
		prompt = fmt.Sprintf("    type the whole word, %s or %s: ", one, other)
	}
}

// Screen shows something in place of what the terminal shows, until done is called,
// or the terminal is given back.
func (t *Terminal) Screen(enter, leave func() string) (done func()) {
	fmt.Fprint(t.Out, enter())
	return t.later(func() { fmt.Fprint(t.tty, leave()) }) // also when out goes nowhere
}

// Size is how many columns and rows the terminal has.
func (t *Terminal) Size() (cols, rows int, err error) { return term.GetSize(int(t.tty.Fd())) }

// Read reads what was typed, unless the context is done before that is.
func (t *Terminal) Read(p []byte) (int, error) {
	if err := t.Ctx.Err(); err != nil {
		return 0, err
	}
	if t.wake != nil && !waitForLine(t.tty, t.wake, forever) && t.Ctx.Err() != nil {
		return 0, t.Ctx.Err()
	}
	return t.tty.Read(p)
}
