package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// terminal is the person at the keyboard, or nobody. It shows what is typed
// only while it asks for something that may be shown, and forgets what was
// typed before a question stood on the screen: an impatient officer's
// passphrase is not seen, and nobody says yes to what they have not read.
type terminal struct {
	tty   *os.File
	out   io.Writer
	quiet func() error // shows nothing of what is typed, and forgets it
	shown func() error // shows what is typed
	early func() bool  // whether something was typed that nobody asked for

	secondScreen bool
	seen         bool // what is typed between questions can be seen; told by ask
}

// openTerminal finds the controlling terminal; without one, nobody answers.
func openTerminal() *terminal {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil || !term.IsTerminal(int(tty.Fd())) {
		return nil
	}
	t := &terminal{tty: tty, out: tty, secondScreen: hasSecondScreen(tty), seen: !holdsEcho}
	if t.quiet, t.shown, t.early, err = echoSwitch(tty); err != nil {
		return nil
	}
	watchSignals()
	return t
}

// watchSignals leaves the terminal as it was found when the process is stopped.
var watchSignals = sync.OnceFunc(func() {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		<-interrupted
		// A terminal given back as it was found may end the read that waits.
		stopping.Store(true)
		stopped()
	}()
})

// Somebody who typed before they were asked may still be typing: half of a
// passphrase would be a wrong one. So they are told, and nothing is asked until
// they stop.
const (
	stillTyping = 400 * time.Millisecond // how long without a key is an end
	mostTyping  = 30 * time.Second       // a key that is stuck
)

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
		return nil, ceremony.ErrNoAnswer
	}
	if err := t.hush(); err != nil {
		return nil, err
	}
	t.tellSeen()
	fmt.Fprint(t.out, prompt)
	b, err := readHidden(t.tty)
	b = asTyped(b)
	fmt.Fprintln(t.out)
	if quiet := t.quiet(); err == nil {
		err = quiet
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, ceremony.ErrNoAnswer
	case err == nil && len(b) == 0:
		return nil, errEmptyAnswer
	}
	return b, err
}

// errEmptyAnswer is Enter and nothing before it.
var errEmptyAnswer = fmt.Errorf("%w: nothing was typed", ceremony.ErrNoAnswer)

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
func (t *terminal) typed(d time.Duration) bool { return t.canPress() && waitForLine(t.tty, d) }

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
	b, err := readLine(t.tty)
	return strings.TrimSpace(string(asTyped(b))), err
}

// shownLine asks for one line, which is shown while it is typed. io.EOF is
// Ctrl-D.
func (t *terminal) shownLine(prompt string) (string, error) {
	if t == nil {
		return "", ceremony.ErrNoAnswer
	}
	if err := errors.Join(t.quiet(), t.shown()); err != nil {
		return "", err
	}
	t.tellSeen()
	fmt.Fprint(t.out, prompt)
	s, err := t.rest()
	if quiet := t.quiet(); err == nil {
		err = quiet
	}
	return s, err
}

// line asks for one line. Nothing typed is no answer.
func (t *terminal) line(prompt string) (string, error) {
	s, err := t.shownLine(prompt)
	if err != nil || s == "" {
		return "", ceremony.ErrNoAnswer
	}
	return s, nil
}

// yes asks until somebody types yes or no. No is ErrNoAnswer, and so is Ctrl-D.
func (t *terminal) yes(prompt string) error {
	answer, err := t.either(prompt, "yes", "no")
	if err != nil || answer != "yes" {
		return ceremony.ErrNoAnswer
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
			return "", ceremony.ErrNoAnswer
		case answer == one || answer == other:
			return answer, nil
		}
		prompt = fmt.Sprintf("    type the whole word, %s or %s: ", one, other)
	}
}

// secrets are passphrases or key parts by name, read from a descriptor once.
type secrets map[string][]byte

// maxSecrets bounds what is read from a descriptor, in bytes.
const maxSecrets = 64 << 10

// readSecrets reads lines NAME:SECRET. Nothing of a line is ever printed.
func readSecrets(fd int) (secrets, error) {
	if fd < 0 {
		return nil, nil
	}
	f := os.NewFile(uintptr(fd), "secrets")
	if f == nil {
		return nil, usagef("file descriptor %d is not open", fd)
	}
	defer f.Close()
	if isTerminal(f) {
		return nil, usagef("file descriptor %d is a terminal: what is typed there can be seen; leave it out, and it is asked for", fd)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecrets+1))
	if err != nil {
		return nil, usagef("file descriptor %d cannot be read", fd)
	}
	defer clear(b)
	if len(b) > maxSecrets {
		return nil, usagef("file descriptor %d gives more than %d bytes", fd, maxSecrets)
	}
	text, err := outside.Plain(b)
	if err != nil {
		return nil, usagef("file descriptor %d gives text that cannot be read: %v", fd, err)
	}
	s := secrets{}
	for i, line := range bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n")) {
		name, secret, ok := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(":"))
		if !ok || len(name) == 0 || len(secret) == 0 {
			return nil, usagef("file descriptor %d, line %d is not NAME:SECRET", fd, i+1)
		}
		if _, twice := s[string(name)]; twice {
			return nil, usagef("file descriptor %d, line %d: the name of this line is there twice", fd, i+1)
		}
		s[string(name)] = bytes.Clone(secret)
	}
	return s, nil
}
