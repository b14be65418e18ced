package main

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

// terminal is the person at the keyboard, or nobody. It shows what is typed
// only while it asks for something that may be shown, and forgets what was
// typed before a question stood on the screen: an impatient officer's
// passphrase is not seen, and nobody says yes to what they have not read.
//
// A process has one. When its context is done, whoever waits at it gets that
// error, and what is written to out goes nowhere.
type terminal struct {
	ctx  context.Context
	tty  *os.File
	wake *os.File // can be read when ctx is done; nil where nothing waits for that
	out  io.Writer

	modes        ttyModes
	secondScreen bool
	seen         bool // what is typed between questions can be seen; told by ask

	mu       sync.Mutex
	undo     []*func() // what Restore has to do, the last one first
	restored bool
}

// openTerminal finds the controlling terminal; without one, nobody answers.
func openTerminal(ctx context.Context) *terminal {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if !isTerminal(tty) {
		tty.Close()
		return nil
	}
	t := &terminal{ctx: ctx, tty: tty, secondScreen: hasSecondScreen(tty), seen: !holdsEcho}
	t.out = &output{t}
	if t.modes, err = modesOf(tty); err != nil {
		tty.Close()
		return nil
	}
	t.wake = doneFile(ctx)
	t.later(func() { _ = t.modes.found() })
	return t
}

// output is the terminal to be written to, for as long as its context is not done.
type output struct{ t *terminal }

func (o *output) Write(p []byte) (int, error) {
	if o.t.ctx.Err() != nil {
		return len(p), nil
	}
	return o.t.tty.Write(p)
}

// Fd is the terminal's, so that it is known to be one.
func (o *output) Fd() uintptr { return o.t.tty.Fd() }

// later has Restore do something, before all that it was to do by now; now does
// it at once. It is done once, whoever comes first.
func (t *terminal) later(do func()) (now func()) {
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
func (t *terminal) forgo(own *func()) bool {
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

// restore gives the terminal back as it was found. Nothing changes it any more.
// It may be called by any goroutine, also of no terminal.
func (t *terminal) restore() {
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
func (t *terminal) set(mode func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ctx.Err() != nil:
		return t.ctx.Err()
	case t.restored:
		return errRestored
	}
	return mode()
}

// quiet shows nothing of what is typed, and forgets it.
func (t *terminal) quiet() error { return t.set(t.modes.quiet) }

// quietAfter is quiet once something was asked for, whose own error comes first.
func (t *terminal) quietAfter(err error) error {
	quiet := t.quiet()
	if err != nil {
		return err
	}
	return quiet
}

// noAnswer is what to say where no answer was typed.
func (t *terminal) noAnswer() error {
	if t != nil && t.ctx.Err() != nil {
		return t.ctx.Err()
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
func (t *terminal) early() (early bool) {
	_ = t.set(func() error {
		early = t.modes.early()
		return nil
	})
	return early
}

// hush forgets what was typed early, and waits until no more of it comes.
func (t *terminal) hush() error {
	for until := time.Now().Add(mostTyping); ; time.Sleep(stillTyping) {
		told := time.Until(until) < mostTyping-stillTyping/2
		early := t.early()
		if err := t.quiet(); err != nil || !early || time.Now().After(until) {
			return err
		}
		if !told {
			fmt.Fprintln(t.out, "    what was typed before it was asked for is forgotten: wait for the question")
		}
	}
}

// tellSeen says, once, where this terminal cannot be kept from showing what is
// typed between questions.
func (t *terminal) tellSeen() {
	if t.seen {
		t.seen = false
		sayBroken(t.out, "    ", "On this system, what is typed between two questions can be seen on the screen, and answers the next one: type only when you are asked.")
	}
}

// secret asks without showing what is typed. The answer is not kept.
func (t *terminal) secret(prompt string) ([]byte, error) {
	if t == nil {
		return nil, ErrNoAnswer
	}
	if err := t.hush(); err != nil {
		return nil, err
	}
	t.tellSeen()
	fmt.Fprint(t.out, prompt)
	b, err := readHidden(t)
	b = asTyped(b)
	fmt.Fprintln(t.out)
	switch err = t.quietAfter(err); {
	case errors.Is(err, io.EOF):
		return nil, t.noAnswer()
	case err == nil && len(b) == 0:
		return nil, errEmptyAnswer
	}
	return b, err
}

// errEmptyAnswer is Enter and nothing before it.
var errEmptyAnswer = fmt.Errorf("%w: nothing was typed", ErrNoAnswer)

// secretTwice asks twice, until both answers are the same in the form that is
// made of them. What form refuses need not be typed again.
func (t *terminal) secretTwice(prompt string, form func([]byte) ([]byte, error)) ([]byte, error) {
	asked := func(prompt string) ([]byte, error) {
		given, err := t.secret(prompt)
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
		fmt.Fprintln(t.out, "    the two are not the same")
	}
}

// canPress reports whether somebody is there, and can be noticed while the
// program does something else.
func (t *terminal) canPress() bool { return t != nil && canWaitForLine }

// typed waits for a typed line, and reports whether there is one.
func (t *terminal) typed(d time.Duration) bool {
	return t.canPress() && waitForLine(t.tty, t.wake, d) && t.ctx.Err() == nil
}

// pressed reports whether Enter was pressed (or Ctrl-D), and forgets what was
// typed before it.
func (t *terminal) pressed() bool {
	if !t.typed(0) {
		return false
	}
	_, _ = t.rest()
	return true
}

// rest gives the line that was typed, without blanks around it.
func (t *terminal) rest() (string, error) {
	b, err := readLine(t)
	return strings.TrimSpace(string(asTyped(b))), err
}

// shownLine asks for one line, which is shown while it is typed. io.EOF is
// Ctrl-D.
func (t *terminal) shownLine(prompt string) (string, error) {
	if t == nil {
		return "", ErrNoAnswer
	}
	if err := t.quiet(); err != nil {
		return "", err
	}
	if err := t.set(t.modes.shown); err != nil {
		return "", err
	}
	t.tellSeen()
	fmt.Fprint(t.out, prompt)
	s, err := t.rest()
	return s, t.quietAfter(err)
}

// line asks for one line. Nothing typed is no answer.
func (t *terminal) line(prompt string) (string, error) {
	s, err := t.shownLine(prompt)
	if err != nil || s == "" {
		return "", t.noAnswer()
	}
	return s, nil
}

// yes asks until somebody types yes or no. No is ErrNoAnswer, and so is Ctrl-D.
func (t *terminal) yes(prompt string) error {
	answer, err := t.either(prompt, "yes", "no")
	if err != nil || answer != "yes" {
		return t.noAnswer()
	}
	return nil
}

// either asks until somebody types one of two words: a slip is neither. Ctrl-D
// is ErrNoAnswer.
func (t *terminal) either(prompt, one, other string) (string, error) {
	for {
		answer, err := t.shownLine(prompt)
		switch {
		case err != nil:
			return "", t.noAnswer()
		case answer == one || answer == other:
			return answer, nil
		}
		prompt = fmt.Sprintf("    type the whole word, %s or %s: ", one, other)
	}
}

// screen shows something in place of what the terminal shows, until done is called,
// or the terminal is given back.
func (t *terminal) screen(enter, leave func() string) (done func()) {
	fmt.Fprint(t.out, enter())
	return t.later(func() { fmt.Fprint(t.tty, leave()) }) // also when out goes nowhere
}

// size is how many columns and rows the terminal has.
func (t *terminal) size() (cols, rows int, err error) { return term.GetSize(int(t.tty.Fd())) }

// Read reads what was typed, unless the context is done before that is.
func (t *terminal) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	if t.wake != nil && !waitForLine(t.tty, t.wake, forever) && t.ctx.Err() != nil {
		return 0, t.ctx.Err()
	}
	return t.tty.Read(p)
}
