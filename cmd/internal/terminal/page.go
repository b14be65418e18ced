package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
)

// Page is a place on the terminal for what the next officer must not read there:
// the words of a card. On a terminal with a second screen it is shown there, and
// nothing of it is left when the page is closed, by whatever way. On any other
// one nothing is shown of what is typed, and what has to be shown is only after
// the officer says that nobody else looks.
type Page struct {
	terminal *Terminal
	Seen     bool         // there is a second screen
	rows     atomic.Int64 // the most that there were
	wipe     func()
}

// OpenPage opens a page. It has to be closed.
func (t *Terminal) OpenPage() (*Page, error) {
	if t == nil {
		return nil, ErrNoAnswer
	}
	if err := t.Quiet(); err != nil {
		return nil, err
	}
	p := &Page{terminal: t, Seen: t.secondScreen, wipe: func() {}}
	if p.Seen {
		p.wipe = t.Screen(func() string { return "\x1b[?1049h" + p.erased() }, func() string { return p.erased() + "\x1b[?1049l" })
	}
	return p, nil
}

// Close leaves nothing of the page on the terminal.
func (p *Page) Close() { p.wipe() }

// erased empties the page, also what a window had that is smaller now.
func (p *Page) erased() string {
	most := max(p.rows.Load(), int64(p.terminal.rows()))
	p.rows.Store(most)
	return erased(int(most))
}

// erased empties a screen row by row. Erasing all of it at once, or scrolling,
// would put it into the memory of lines of a terminal whose second screen was
// turned off, as tmux and screen can be told to.
func erased(rows int) string {
	var b strings.Builder
	for row := 1; row <= rows; row++ {
		fmt.Fprintf(&b, "\x1b[%d;1H\x1b[2K", row)
	}
	b.WriteString("\x1b[H")
	return b.String()
}

// Write shows text for people: in place of what the page had, where it is seen.
func (p *Page) Write(text string) {
	if p.Seen {
		fmt.Fprint(p.terminal.Out, p.erased())
	}
	fmt.Fprint(p.terminal.Out, text)
}

// Show shows what no other officer must see until accepted takes the answer to a
// question. Where there is no second screen it is shown only after the officer
// says that nobody else looks, and scrolled away at the end.
func (p *Page) Show(text, prompt string, accepted func(string) (bool, error)) error {
	if !p.Seen {
		fmt.Fprint(p.terminal.Out, "    This terminal keeps what it shows. Words of a card come next.\n")
		if err := p.terminal.YesNo("    type yes when nobody else looks, no to stop: "); err != nil {
			return err
		}
		defer func() { fmt.Fprint(p.terminal.Out, strings.Repeat("\n", p.terminal.rows())) }()
	}
	p.Write(text)
	for {
		answer, err := p.terminal.ShownLine(prompt)
		switch {
		case errors.Is(err, io.EOF), err == nil && answer == "stop":
			return p.terminal.noAnswer()
		case err != nil:
			return err
		}
		if done, err := accepted(answer); done || err != nil {
			return err
		}
		if p.Seen {
			p.Write(text)
		}
	}
}

// Ask asks for one line. Nothing typed is the empty line; whoever types stop or
// Ctrl-D gives no answer.
func (p *Page) Ask(prompt string) (line string, err error) {
	if p.Seen {
		line, err = p.terminal.ShownLine(prompt)
	} else {
		var b []byte
		b, err = p.terminal.Secret(prompt)
		line = strings.TrimSpace(string(b))
		clear(b)
	}
	switch {
	case errors.Is(err, ErrEmptyAnswer):
		return "", nil
	case errors.Is(err, io.EOF), err == nil && line == "stop":
		return "", p.terminal.noAnswer()
	}
	return line, err
}

// mostRows bounds the rows of a page, and is how many a terminal has that does
// not say it.
const mostRows = 200

// rows is the height of the terminal.
func (t *Terminal) rows() int {
	_, rows, err := t.Size()
	if err != nil || rows < 1 {
		return mostRows
	}
	return min(rows, mostRows)
}

// secondScreens are the terminals that have a second screen without a memory of
// lines. The system's own console and serial terminals are not among them.
var secondScreens = regexp.MustCompile(`^(xterm|tmux|screen|rxvt|alacritty|foot|kitty|wezterm|ghostty|konsole|gnome|vte|st|stterm|iterm2?|putty|mintty|contour|mlterm|hterm|nsterm)([-.].*)?$`)

// hasSecondScreen reports whether a terminal has one, as far as is known. That
// of GNU screen is turned off unless its user says otherwise; a serial line has
// whatever is at its other end.
func hasSecondScreen(tty *os.File) bool {
	return secondScreens.MatchString(os.Getenv("TERM")) && os.Getenv("STY") == "" && !isLine(tty)
}
