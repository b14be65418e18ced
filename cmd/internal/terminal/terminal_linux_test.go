package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// still are the modes of a terminal that is none.
var still = ttyModes{
	found: func() error { return nil }, quiet: func() error { return nil }, shown: func() error { return nil },
	early: func() bool { return false },
}

// Where what is typed between questions can be seen, officers hear it once.
func TestSeenTyping(t *testing.T) {
	t.Parallel()
	in, keys, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer keys.Close()
	var said strings.Builder
	term := &Terminal{Ctx: context.Background(), tty: in, Out: &said, modes: still, seen: true}
	for _, ask := range []func() error{
		func() error { _, err := term.Secret("first: "); return err },
		func() error { return term.YesNo("second: ") },
	} {
		fmt.Fprintln(keys, "yes")
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	first, _, _ := strings.Cut(said.String(), "first: ")
	if !strings.Contains(strings.Join(strings.Fields(first), " "), "type only when you are asked") || strings.Count(said.String(), "can be seen") != 1 {
		t.Errorf("%q", said.String())
	}
}

// A question ends when the process does: nothing is waited for, nothing is shown
// and nothing is switched any more.
func TestQuestionEnds(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*Terminal) error{
		"secret": func(t *Terminal) error { _, err := t.Secret("? "); return err },
		"line":   func(t *Terminal) error { _, err := t.Line("? "); return err },
		"yes":    func(t *Terminal) error { return t.YesNo("? ") },
		"page": func(t *Terminal) error {
			p, err := t.OpenPage()
			if err != nil {
				return err
			}
			defer p.Close()
			return p.Show("words", "? ", func(string) (bool, error) { return true, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, keys, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			defer keys.Close()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			asked := make(chan bool)
			switched := still
			switched.shown = func() error {
				if ctx.Err() != nil {
					t.Error("the terminal was switched when everything had ended")
				}
				return nil
			}
			switched.quiet = switched.shown
			term := &Terminal{Ctx: ctx, tty: in, wake: doneFile(ctx), Out: writes(func(text string) {
				if strings.Contains(text, "?") || strings.Contains(text, ": ") {
					asked <- true
				}
			}), modes: switched}
			go func() {
				<-asked
				cancel()
			}()
			if err := ask(term); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}

type writes func(text string)

func (w writes) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

// What was shown in place of the terminal's own is taken away once, by whoever
// ends it, and last of all the terminal is as it was found.
func TestRestore(t *testing.T) {
	t.Parallel()
	for range 100 {
		var mu sync.Mutex
		var said []string
		say := func(text string) func() {
			return func() {
				mu.Lock()
				defer mu.Unlock()
				said = append(said, text)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		term := &Terminal{Ctx: ctx, modes: still}
		term.later(say("found"))
		done := term.later(say("screen"))
		var both sync.WaitGroup
		both.Go(func() {
			_ = term.Quiet()
			done()
		})
		both.Go(func() {
			cancel()
			term.Restore()
		})
		both.Wait()
		term.Restore()
		if text := strings.Join(said, ", "); text != "screen, found" && text != "found, screen" || len(said) != 2 {
			t.Fatal(text)
		}
	}
	var nobody *Terminal
	nobody.Restore()

	// One after the other, and when nothing else has ended.
	for _, restoredFirst := range []bool{false, true} {
		var said []string
		term := &Terminal{Ctx: context.Background(), modes: still}
		term.later(func() { said = append(said, "found") })
		done := term.later(func() { said = append(said, "screen") })
		acts := []func(){done, term.Restore, done, term.Restore}
		if restoredFirst {
			acts = acts[1:]
		}
		for _, act := range acts {
			act()
		}
		if text := strings.Join(said, ", "); text != "screen, found" {
			t.Errorf("restored first %v: %s", restoredFirst, text)
		}
		if err := term.Quiet(); !errors.Is(err, errRestored) {
			t.Errorf("a terminal that was given back was switched: %v", err)
		}
	}
}
