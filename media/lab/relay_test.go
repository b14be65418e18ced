//go:build linux

package lab

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// ceremony is one ceremony in three rooms.
type ceremony struct {
	t        *testing.T
	rooms    map[string]*machine
	fs       fileSystem
	dir      string     // of the host, for images
	sticks   []*carried // the first one is for the databases
	card     []byte     // carried by hand
	ejects   int        // how often a stick was pulled out because one may
	pattern  string     // of the target's master key, once it is set
	verified int        // bundles that the host found whole
}

// relay does a whole ceremony with sticks of one file system. The plan says
// that carriers are on USB, so no command names one: gapferry finds the stick,
// writes, ejects it and says so, and only then it is pulled out and looked at
// on the host. With FAT32 each share has a stick of its own.
func relay(t *testing.T, h *host, rooms []*machine, fs fileSystem) {
	c := &ceremony{t: t, rooms: map[string]*machine{}, fs: fs, dir: h.dir}
	c.addStick("GAPFERRY", "all databases")
	if fs.mount == fat32.mount {
		for i := 1; i <= 3; i++ {
			c.addStick(fmt.Sprintf("SHARE%d", i), fmt.Sprintf("share officer %d", i))
		}
	}
	start := time.Now()
	var stores sync.WaitGroup
	for _, m := range rooms {
		c.rooms[m.name] = m
		stores.Go(func() {
			if _, err := m.run(c.request("init", "--plan", "/"+c.fs.mount+".toml", "--node", m.name)); err != nil {
				t.Error(err)
			}
		})
	}
	stores.Wait()
	if t.Failed() {
		t.FailNow()
	}
	c.loadMasterKey()
	c.prepare()
	t.Logf("stores, master key and %d sticks: %.1f s", len(c.sticks), time.Since(start).Seconds())
	start = time.Now()
	for i, p := range phases {
		// Every second time the stick is one that does not say that it is
		// removable; only on exFAT, since QEMU shows the eject of the others.
		c.phase(p.id, c.rooms[p.room], plugHow{fixed: len(c.sticks) == 1 && i%2 == 1})
	}
	if c.pattern != wantPattern {
		t.Errorf("the target's master key has the pattern %q, want %s", c.pattern, wantPattern)
	}
	t.Logf("%d phases: %.1f s; %d bundles whole on the host, %d sticks pulled out when they might be",
		len(phases), time.Since(start).Seconds(), c.verified, c.ejects)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// request is a command at a store of this ceremony.
func (c *ceremony) request(command ...string) wire.Request {
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
	return r
}

func (c *ceremony) loadMasterKey() {
	c.t.Helper()
	for _, command := range [][]string{
		{"coprocessor", "load", "--part", "first"},
		{"coprocessor", "load", "--part", "last"},
		{"coprocessor", "set", "--yes"},
	} {
		lines, err := c.rooms["css"].run(c.request(command...))
		must(c.t, err)
		c.t.Logf("css: %s", lines[len(lines)-1])
	}
}
