//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// The master key of the ceremony is 01 02 … 18, in two parts, and this its
// verification pattern.
const (
	firstPart   = "a5a5a5a5a5a5a5a55a5a5a5a5a5a5a5affffffffffffffff"
	wantPattern = "083bf1025be34c44"
)

// lastPart is what the first has to be combined with (exclusive or).
func lastPart() string {
	var b strings.Builder
	for i := range 24 {
		var first byte
		fmt.Sscanf(firstPart[2*i:2*i+2], "%02x", &first)
		fmt.Fprintf(&b, "%02x", first^byte(i+1))
	}
	return b.String()
}

// phases are the rows of Table 1 and the room of each.
var phases = []struct{ id, room string }{
	{"1", "sa"}, {"2a", "css"}, {"3a", "csr1"}, {"2b", "sa"}, {"3b", "sa"}, {"3c", "css"}, {"3d", "csr1"},
}

// ceremony is one ceremony in three rooms, with one stick.
type ceremony struct {
	t     *testing.T
	rooms map[string]*machine
	fs    fileSystem
	image string
	card  []byte // carried by hand
}

// relay does a whole ceremony by carrying a stick of one file system. After
// every carry the stick is looked at on the host.
func relay(t *testing.T, h *host, rooms []*machine, fs fileSystem) {
	c := &ceremony{t: t, rooms: map[string]*machine{}, fs: fs, image: filepath.Join(h.dir, "relay-"+fs.mount)}
	must(t, fs.format(c.image))
	must(t, fs.check(c.image))
	start := time.Now()
	var stores sync.WaitGroup
	for _, m := range rooms {
		c.rooms[m.name] = m
		stores.Go(func() {
			if _, err := c.gapferry(m, "init", "--plan", "/plan.toml", "--node", m.name); err != nil {
				t.Error(err)
			}
		})
	}
	stores.Wait()
	if t.Failed() {
		t.FailNow()
	}
	c.loadMasterKey()
	t.Logf("stores and master key: %.1f s", time.Since(start).Seconds())
	start = time.Now()
	var found string
	for _, p := range phases {
		found = c.phase(p.id, p.room)
	}
	if found != wantPattern {
		t.Errorf("the target's master key has the pattern %q, want %s", found, wantPattern)
	}
	t.Logf("%d phases, each with a carry: %.1f s", len(phases), time.Since(start).Seconds())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gapferry runs a command at a store of this ceremony.
func (c *ceremony) gapferry(m *machine, command ...string) ([]string, error) {
	var passphrases strings.Builder
	for _, profile := range []string{
		"ADMIN", "AUDITOR", "KEYGEN", "HASH", "KEYREG", "CERTIFIER", "VERIFIER", "SETTER", "PART1", "PART2",
		"SHARE1", "SHARE2", "SHARE3",
	} {
		fmt.Fprintf(&passphrases, "%s:passphrase of %s\n", profile, profile)
	}
	r := wire.Request{Args: append([]string{"/gapferry"}, command...), Stdin: c.card}
	r.Args = append(r.Args, "--store", "/store/"+c.fs.mount, "--passphrase-fd", "3")
	r.FDs = [][]byte{[]byte(passphrases.String())}
	if i := slices.Index(command, "--part"); i >= 0 {
		part := map[string]string{"first": firstPart, "last": lastPart()}[command[i+1]]
		r.Args = append(r.Args, "--key-part-fd", "4")
		r.FDs = append(r.FDs, []byte("PART:"+part+"\n"))
	}
	return m.run(r)
}

func (c *ceremony) loadMasterKey() {
	c.t.Helper()
	for _, command := range [][]string{
		{"coprocessor", "load", "--part", "first"},
		{"coprocessor", "load", "--part", "last"},
		{"coprocessor", "set", "--yes"},
	} {
		lines, err := c.gapferry(c.rooms["css"], command...)
		must(c.t, err)
		c.t.Logf("css: %s", lines[len(lines)-1])
	}
}

// writeCard makes the SA key, of which nobody can know the hash before: the
// first run of phase 1 ends where the card has to be read, and shows it.
func (c *ceremony) writeCard(m *machine, command []string) {
	c.t.Helper()
	path := "/store/" + c.fs.name + ".card"
	_, err := c.gapferry(m, append(command, "--card", path)...)
	if err == nil || !strings.Contains(err.Error(), "the SA-key hash was not entered") {
		c.t.Fatalf("phase 1 without a card: %v", err)
	}
	shown, err := m.run(wire.Request{Args: []string{"/init", "show", path}})
	must(c.t, err)
	// The words: below them, after an empty line, the card has the hash in hex.
	words, _, _ := strings.Cut(strings.Join(shown, "\n"), "\n\n")
	c.card = []byte(words)
}

// phaseResult is what the lab reads of a phase's JSON.
type phaseResult struct {
	Complete bool
	Written  []struct{ Folder, Name, Digest string }
	Targets  []struct {
		Pattern string
		Equal   bool
	}
}

// phase carries the stick into a room, does a phase there, carries it out and
// looks at it. It returns the pattern of the target's master key, if the phase
// set one.
func (c *ceremony) phase(id, room string) (pattern string) {
	c.t.Helper()
	start := time.Now()
	m := c.rooms[room]
	s, err := m.plug(c.image, c.fs, plugHow{})
	must(c.t, err)
	command := slices.Clip([]string{"phase", id, "--json", "--yes", "--to", "dir:/mnt"})
	switch id {
	case "1":
		c.writeCard(m, command)
		fallthrough
	case "2a", "3a":
		command = append(command, "--sa-hash", "-")
	}
	lines, err := c.gapferry(m, command...)
	must(c.t, err)
	must(c.t, s.unplug())

	var r phaseResult
	if err := json.Unmarshal([]byte(strings.Join(lines, "\n")), &r); err != nil {
		c.t.Fatalf("phase %s: %v\n%s", id, err, strings.Join(lines, "\n"))
	}
	if !r.Complete {
		c.t.Errorf("phase %s is not complete: %q", id, lines)
	}
	must(c.t, c.fs.check(c.image))
	for _, w := range r.Written {
		files, err := c.fs.read(c.image, w.Folder, w.Name)
		must(c.t, err)
		data, ok := files[w.Name]
		if !ok || coproc.DigestOf(data).String() != w.Digest {
			c.t.Errorf("phase %s wrote %s/%s, which the host does not find whole: %v", id, w.Folder, w.Name, ok)
		}
	}
	for _, target := range r.Targets {
		if pattern = target.Pattern; !target.Equal {
			c.t.Errorf("phase %s: the target's pattern %s is not the source's", id, pattern)
		}
	}
	c.t.Logf("phase %s at %s: %d bundles, clean on the host, %.1f s", id, room, len(r.Written), time.Since(start).Seconds())
	return pattern
}
