//go:build linux

package lab

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// addStick makes a new stick, formatted in a shop.
func (c *ceremony) addStick(label, purpose string) {
	c.t.Helper()
	s := &carried{label: label, purpose: purpose, fs: c.fs.labelled(label), image: filepath.Join(c.dir, c.fs.mount+"-"+label)}
	must(c.t, s.fs.format(s.image))
	must(c.t, s.fs.check(s.image))
	c.sticks = append(c.sticks, s)
}

// stick finds a stick by its label, stickFor by what it is for.
func (c *ceremony) stick(label string) *carried {
	return c.find(func(s *carried) bool { return s.label == label })
}

func (c *ceremony) stickFor(purpose string) *carried {
	return c.find(func(s *carried) bool { return s.purpose == purpose })
}

func (c *ceremony) find(is func(*carried) bool) *carried {
	if i := slices.IndexFunc(c.sticks, is); i >= 0 {
		return c.sticks[i]
	}
	return nil
}

// must has people do a command that ends with a code and says words.
func (c *ceremony) must(p *people, r wire.Request, code int, words ...string) {
	c.t.Helper()
	p.c = c
	must(c.t, p.do(r))
	c.ejects += p.removed
	said := strings.Join(p.words, "\n")
	if p.exit.Code != code {
		c.t.Fatalf("%s: %q: exit %d, want %d\n%s", p.m.name, r.Args, p.exit.Code, code, said)
	}
	unwrapped := strings.Join(strings.Fields(said), " ") // it is broken into lines
	for _, w := range words {
		if !strings.Contains(unwrapped, w) {
			c.t.Errorf("%s: %q does not say %q:\n%s", p.m.name, r.Args, w, said)
		}
	}
}

// prepare marks the sticks in the first room, where all are plugged in.
func (c *ceremony) prepare() {
	c.t.Helper()
	sa := c.rooms["sa"]
	for _, s := range c.sticks {
		must(c.t, s.plug(sa, plugHow{}))
	}
	for i, s := range c.sticks {
		label := "all"
		if i > 0 {
			label = strings.ToLower(s.label[:5]) + "-" + s.label[5:]
		}
		r := wire.Request{Args: []string{"/gapferry", "media", "prepare", "--plan", "/" + c.fs.mount + ".toml", "--label", label}}
		if len(c.sticks) > 1 {
			r.Args = append(r.Args, "--stick", "usb:"+s.label)
		}
		c.must(&people{m: sa}, r, 0, "usb:"+s.label+" is the stick for "+s.purpose)
	}
}

// writeCard makes the SA key, of which nobody can know the hash before: the
// first run of phase 1 ends where the card has to be read, and shows it.
func (c *ceremony) writeCard(m *machine, flags ...string) {
	c.t.Helper()
	path := "/store/" + c.fs.name + ".card"
	r := c.request(append([]string{"phase", "1", "--yes", "--card", path}, flags...)...)
	c.must(&people{m: m}, r, 4, "the SA-key hash was not entered")
	shown, err := m.run(wire.Request{Args: []string{"/init", "show", path}})
	must(c.t, err)
	// The words: below them, after an empty line, the card has the hash in hex.
	words, _, _ := strings.Cut(strings.Join(shown, "\n"), "\n\n")
	c.card = []byte(words)
}

// phaseResult is what the lab reads of a phase's JSON.
type phaseResult struct {
	Complete bool
	Written  []struct{ Folder, Name, Digest, Carrier string }
	Targets  []struct {
		Pattern string
		Equal   bool
	}
}

// phase does a phase in a room, with sticks that go in and out as gapferry
// says, and looks at what they hold.
func (c *ceremony) phase(id string, m *machine, how plugHow) {
	c.t.Helper()
	start := time.Now()
	p := &people{m: m, how: how}
	flags := c.scene(id, p)
	if id == "1" || id == "2a" || id == "3a" {
		flags = append(flags, "--sa-hash", "-")
	}
	c.must(p, c.request(append([]string{"phase", id, "--json", "--yes"}, flags...)...), 0)
	for _, s := range c.sticks {
		if s.in != nil {
			if !slices.Contains(flags, "--keep-mounted") {
				c.t.Errorf("phase %s leaves %s, and nobody may remove it", id, s.label)
			}
			must(c.t, s.takeOut())
		}
	}
	var r phaseResult
	if err := json.Unmarshal([]byte(strings.Join(p.lines, "\n")), &r); err != nil {
		c.t.Fatalf("phase %s: %v\n%s", id, err, strings.Join(p.lines, "\n"))
	}
	if !r.Complete {
		c.t.Errorf("phase %s is not complete: %q", id, p.lines)
	}
	for _, w := range r.Written {
		s := c.stick(strings.TrimPrefix(w.Carrier, "usb:"))
		if s == nil {
			c.t.Errorf("phase %s wrote %s to %s, which nobody has", id, w.Name, w.Carrier)
			continue
		}
		files, err := s.fs.read(s.image, w.Folder, w.Name)
		must(c.t, err)
		if data, ok := files[w.Name]; !ok || coproc.DigestOf(data).String() != w.Digest {
			c.t.Errorf("phase %s wrote %s/%s, which the host does not find whole on %s: %v", id, w.Folder, w.Name, s.label, ok)
			continue
		}
		c.verified++
	}
	for _, target := range r.Targets {
		if c.pattern = target.Pattern; !target.Equal {
			c.t.Errorf("phase %s: the target's pattern %s is not the source's", id, c.pattern)
		}
	}
	c.t.Logf("phase %s at %s: %d bundles, whole on the host; %d sticks ejected and pulled out, clean; %.1f s",
		id, m.name, len(r.Written), p.removed, time.Since(start).Seconds())
}
