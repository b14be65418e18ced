//go:build linux

package lab

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// What gapferry says that people in a room must act on.
var (
	saysWanted = regexp.MustCompile(`plug in the stick for (.+?); waiting`)
	saysRemove = regexp.MustCompile(`you may remove (\S+) now`)
	saysReplug = regexp.MustCompile(`unplug (\S+), and plug it in again`)
	asksLabel  = regexp.MustCompile(`label of the stick for (.+): $`)
	asksShare  = regexp.MustCompile(`now the stick of (share officer \d+): type ok, or skip: $`)
)

// carried is a stick of a ceremony.
type carried struct {
	label, purpose string
	image          string
	fs             fileSystem
	in             *stick // nil in a pocket
	how            plugHow
}

// plug plugs a stick in; the machine mounts it, as a desktop would.
func (s *carried) plug(m *machine, how plugHow) (err error) {
	if s.in != nil {
		return fmt.Errorf("%s is plugged in already", s.label)
	}
	how.point, how.serial = "/media/"+s.label, "LAB-"+s.label
	s.how = how
	if s.in, err = m.plug(s.image, s.fs, how); err != nil || !how.fixed {
		return err
	}
	// What the kernel believes: with it alone, this stick would not be found.
	bits, err := m.run(wire.Request{Args: []string{"/init", "show", "/sys/block/sd*/removable"}})
	if err == nil && !slices.Contains(bits, "0") {
		err = fmt.Errorf("%s says of itself that it is removable: %q", s.label, bits)
	}
	return err
}

// takeOut is how a stick is taken out that gapferry did not eject.
func (s *carried) takeOut() error {
	in := s.in
	s.in = nil
	return in.unplug()
}

// people are those in a room, at one command. They do what its words say, at
// once, and nothing else.
type people struct {
	c       *ceremony
	m       *machine
	how     plugHow       // of the sticks that they plug in
	pause   time.Duration // before they do
	skip    string        // the purpose of a stick that they have not got
	id      int           // of the command
	exit    *wire.Exit
	lines   []string // of standard output
	words   []string // of both, and of the terminal
	prompt  string   // what appeared on the terminal since they typed
	removed int      // sticks
}

// do does a command from its beginning to its end.
func (p *people) do(r wire.Request) error {
	r.Op, r.Talk = wire.Exec, true
	id, answers, err := p.m.start(r)
	if err != nil {
		return err
	}
	p.id = id
	for over := time.After(callWait); p.exit == nil; {
		select {
		case msg := <-answers:
			if err = p.hear(msg); err != nil {
				p.m.call(wire.Request{Op: wire.Kill, Target: id})
				return p.failed(r, err)
			}
		case <-p.m.gone:
			return p.failed(r, errors.New("the machine is gone"))
		case <-over:
			return p.failed(r, fmt.Errorf("no end in %v", callWait))
		}
	}
	// A stick that is in was not said to be removable, so it must be in use.
	for _, s := range p.c.sticks {
		if s.in != nil && len(s.in.m.qmp.opened(s.in.name)) > 0 {
			return p.failed(r, fmt.Errorf("%s was ejected, and nobody was told", s.label))
		}
	}
	return nil
}

func (p *people) failed(r wire.Request, err error) error {
	return fmt.Errorf("%s: %q: %w\n%s", p.m.name, r.Args, err, strings.Join(p.words, "\n"))
}

func (p *people) hear(msg wire.Message) error {
	switch {
	case msg.Error != "":
		return errors.New(msg.Error)
	case msg.Exit != nil:
		p.exit = msg.Exit
		return nil
	case msg.Asked != nil:
		return p.answer(*msg.Asked)
	case msg.Line != nil:
		p.lines = append(p.lines, *msg.Line)
		return p.act(*msg.Line, msg.At)
	}
	return p.act(*msg.Said, msg.At)
}

// act does what a line says.
func (p *people) act(line string, said time.Time) error {
	p.words = append(p.words, line)
	if f := saysRemove.FindStringSubmatch(line); f != nil {
		return p.remove(f[1], said)
	}
	var s *carried
	if f := saysWanted.FindStringSubmatch(line); f != nil {
		s = p.c.stickFor(f[1])
	} else if f := saysReplug.FindStringSubmatch(line); f != nil {
		s = p.c.stick(f[1])
	} else {
		return nil
	}
	if s == nil {
		return fmt.Errorf("nobody has the stick of %q", line)
	}
	if s.purpose == p.skip || s.in != nil { // or said once more, with reasons
		return nil
	}
	time.Sleep(p.pause)
	return s.plug(p.m, p.how)
}

// answer types what a question on the terminal asks for.
func (p *people) answer(text string) error {
	p.words = append(p.words, "terminal: "+text)
	p.prompt += text
	reply := ""
	if f := asksLabel.FindStringSubmatch(p.prompt); f != nil {
		reply = p.c.stickFor(f[1]).label
	} else if f := asksShare.FindStringSubmatch(p.prompt); f != nil && f[1] == p.skip {
		reply = "skip"
	} else if f != nil {
		reply = "ok"
		if err := p.c.stickFor(f[1]).plug(p.m, p.how); err != nil {
			return err
		}
	} else {
		return nil
	}
	p.prompt = ""
	_, _, err := p.m.call(wire.Request{Op: wire.Type, Target: p.id, Text: reply})
	return err
}

// remove pulls a stick out because it was said that one may, and finds out
// whether that was true.
func (p *people) remove(label string, said time.Time) error {
	s := p.c.stick(label)
	if s == nil || s.in == nil {
		return fmt.Errorf("%s may be removed, and is not there", label)
	}
	in := s.in
	s.in = nil
	if err := in.pull(); err != nil {
		return err
	}
	p.removed++
	if !s.how.fixed { // QEMU has a tray for those alone
		opened := in.m.qmp.opened(in.name)
		if len(opened) != 1 || opened[0].After(said) {
			return fmt.Errorf("%s was said to be removable at %v, and was told to stop at %v", label, said, opened)
		}
	}
	mounts, err := p.m.run(wire.Request{Args: []string{"/init", "show", "/proc/mounts"}})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(mounts, func(l string) bool { return strings.Contains(l, " "+in.point+" ") }) {
		return fmt.Errorf("%s was said to be removable, and is mounted", label)
	}
	if err := in.free(); err != nil {
		return err
	}
	if err := s.fs.check(s.image); err != nil {
		return fmt.Errorf("%s was said to be removable: %w", label, err)
	}
	return nil
}
