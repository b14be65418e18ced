package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// crew are the officers of a room, one after the other at the keyboard of one
// seat: each has a passphrase and a card of their own, and says yes. Whoever
// typed the command is none of them.
type crew struct {
	*seat
	card     func(profile string) string // the 24 words that an officer carries
	yes      func(told string) string    // the answer where something is to be compared
	scan     func() string               // what a scanner types, if there is one
	mistypes map[string]bool             // profiles whose passphrase is typed wrong
	asked    []string                    // every question, in its order
	profile  string                      // who gave a passphrase last
	answered int                         // how much of what was told is answered
}

// newCrew makes officers who all have the same card, and say yes.
func newCrew(s *seat, card string) *crew {
	return &crew{seat: s, card: func(string) string { return card }, yes: func(string) string { return "yes" }}
}

var (
	controls      = regexp.MustCompile(`\x1b\[[?0-9;]*[A-Za-z]`)
	askChoice     = regexp.MustCompile(`([A-Z0-9]+) \([^()]*\) chooses a passphrase of at\s+least [0-9]+ characters: $`)
	askAgain      = regexp.MustCompile(`once more: $`)
	askPassphrase = regexp.MustCompile(`passphrase of ([A-Z0-9]+)[^:]*: $`)
	askRow        = regexp.MustCompile(`from word ([0-9]+) on: $`)
	askWords      = regexp.MustCompile(`words? ([0-9 ]+): $`)
	askScan       = regexp.MustCompile(`show your own[^\n]*\n$`)
	askYes        = regexp.MustCompile(`yes[^\n]*: $`)
)

// answer is what the crew types at the end of what was told; empty where
// nothing is asked.
func (c *crew) answer(told string) string {
	words := strings.Fields(c.card(c.profile))
	if m := askChoice.FindStringSubmatch(told); m != nil {
		c.profile = m[1]
		return "Korrekt Hors " + c.profile + "\n"
	}
	if askAgain.MatchString(told) {
		return "Korrekt Hors " + c.profile + "\n"
	}
	if m := askPassphrase.FindStringSubmatch(told); m != nil {
		c.profile = m[1]
		if c.mistypes[m[1]] {
			return "Korrekt Hros " + m[1] + "\n"
		}
		return "Korrekt Hors " + m[1] + "\n"
	}
	if m := askRow.FindStringSubmatch(told); m != nil {
		from, _ := strconv.Atoi(m[1])
		return strings.Join(words[from-1:min(from+3, len(words))], " ") + "\n"
	}
	if m := askWords.FindStringSubmatch(told); m != nil {
		var some []string
		for _, p := range strings.Fields(m[1]) {
			i, _ := strconv.Atoi(p)
			some = append(some, words[i-1])
		}
		return strings.Join(some, " ") + "\n"
	}
	if c.scan != nil && askScan.MatchString(told) {
		return c.scan() + "\n"
	}
	if askYes.MatchString(told) {
		return c.yes(told) + "\n"
	}
	return ""
}

// once answers what is asked now, or waits for more.
func (c *crew) once() {
	if told := c.told(); len(told) > c.answered {
		last := told[strings.LastIndexByte(told, '\n')+1:]
		if text := c.answer(controls.ReplaceAllString(told[c.answered:], "")); text != "" {
			c.answered = len(told)
			c.asked = append(c.asked, strings.TrimSpace(controls.ReplaceAllString(last, "")))
			c.types(text)
		}
	}
	select {
	case <-c.more:
	case <-time.After(50 * time.Millisecond):
	}
}

// work answers whatever is asked until the process ends.
func (c *crew) work() answer {
	c.t.Helper()
	over := make(chan struct{})
	go func() {
		_ = c.cmd.Wait()
		close(over)
	}()
	for end := time.Now().Add(2 * patience); time.Now().Before(end); {
		select {
		case <-over:
			c.drain()
			return answer{out: c.told(), code: c.cmd.ProcessState.ExitCode()}
		default:
			c.once()
		}
	}
	c.t.Fatalf("it does not end\n…%q", tail(c.told()))
	return answer{}
}

// mustWork wants an exit code.
func (c *crew) mustWork(code int) answer {
	c.t.Helper()
	a := c.work()
	if a.code != code {
		c.t.Fatalf("exit code %d, want %d\n…%q", a.code, code, tail(a.out))
	}
	return a
}

// upTo answers whatever is asked until something stands on the terminal.
func (c *crew) upTo(what string) {
	c.t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(c.told(), what); c.once() {
		if time.Now().After(end) {
			c.t.Fatalf("never seen: %q\n…%q", what, tail(c.told()))
		}
	}
}

// byOfficers is a call without anything that answers for officers, and with
// other flags.
func byOfficers(c call, flags ...string) call {
	c.args = without(without(without(c.args, "--passphrase-fd", "3"), "--yes"), "--sa-hash", "-")
	c.args = append(c.args, flags...)
	c.fds, c.stdin = nil, ""
	return c
}
