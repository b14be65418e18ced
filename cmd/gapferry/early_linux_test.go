package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// unchanged wants a command to leave the journal of a room as it was, or with
// one more record: of why it was refused. Nobody is asked to log on.
func (r *rooms) unchanged(room string, do func() answer) answer {
	r.t.Helper()
	count := func() int {
		a := call{args: []string{"status", "--store", r.store(room)}}.run(r.t)
		var n int
		_, rest, _ := strings.Cut(a.out, "\njournal: ")
		fmt.Sscanf(rest, "%d", &n)
		return n
	}
	before := count()
	a := do()
	if after := count(); after > before+1 || strings.Contains(a.out, "    done: ") || a.code != exitDenied && strings.Contains(a.out, "  > ") {
		r.t.Errorf("%d records, then %d\n%s%s", before, after, a.out, a.err)
	}
	if strings.Contains(a.out, "stays done") {
		r.t.Errorf("it says that something was done:\n%s", a.out)
	}
	return a
}

// Whoever is in the wrong room, or too early, is told before a stick is read
// what this room is to do, and that does it.
func TestOrderIsToldEarly(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	for _, c := range []struct{ room, phase, words, wrong string }{
		{"css", "3c", "phase 2a comes first at css", "3a"},
		{"csr1", "3d", "phase 3a comes first at csr1", "2a"},
		{"sa", "3b", "phase 2b comes first", "2a"},
	} {
		wrong := r.unchanged(c.room, func() answer { return r.mustFail(r.phaseCall(c.room, c.wrong), exitNotYet, "node here") })
		a := r.unchanged(c.room, func() answer { return r.mustFail(r.phaseCall(c.room, c.phase), exitNotYet, c.words) })
		// Both name the phase that is due: one that needs no stick to be brought in this test.
		if fmt.Sprint(hinted(t, wrong.err)) != fmt.Sprint(hinted(t, a.err)) {
			t.Errorf("in the wrong room: %s\nbefore its turn: %s", wrong.err, a.err)
		}
		r.followHint(a.err)
	}
}

// Sticks that are for something else are told before anybody logs on.
func TestSticksAreToldEarly(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	for i := 1; i <= 2; i++ {
		r.must(call{args: []string{"media", "prepare", "--plan", r.plan, "--stick", r.stick(fmt.Sprintf("share%d", i)), "--label", fmt.Sprintf("share-%d", i)}})
	}
	r.must(call{args: []string{"media", "prepare", "--plan", r.plan, "--stick", r.stick("stick"), "--label", "all"}})
	own := func(first, second string) []string {
		return []string{"--share-to", "1=" + r.stick(first), "--share-to", "2=" + r.stick(second), "--share-to", "3=" + r.stick("share3")}
	}
	r.unchanged("css", func() answer {
		return r.mustFail(r.phaseCall("css", "3c", own("share2", "share1")...), exitMedium, "was prepared for share officer 2; wanted is the stick for share officer 1")
	})
	swapped := func(c call) call {
		for i, arg := range c.args {
			if arg == r.stick("stick") {
				c.args[i] = r.stick("share1")
			}
		}
		return c
	}
	r.unchanged("css", func() answer {
		return r.mustFail(swapped(r.phaseCall("css", "3c")), exitMedium, "was prepared for share officer 1; wanted is the stick for all databases")
	})
	gone := r.phaseCall("css", "3c", own("share1", "share9")...)
	r.unchanged("css", func() answer { return r.mustFail(gone, exitMedium, "there is no directory") })
	r.must(r.phaseCall("css", "3c", own("share1", "share2")...))
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
}

// An officer who will not be let in is told before the first one logs on, with
// what helps; and who comes first is not asked for a passphrase.
func TestLockedIsToldEarly(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	wrong := strings.ReplaceAll(officers(3), "Korrekt Hors SHARE2\n", "Falsch Hors 2\n")
	for range 5 {
		r.do(call{args: []string{"journal", "note", "--profile", "SHARE2", "--text", "x", "--yes", "--passphrase-fd", "3", "--store", r.store("css")}, fds: []string{wrong}})
	}
	const locked = "profile SHARE2 at css is locked after 5 wrong passphrases; ADMIN (to be named) unlocks it"
	a := r.unchanged("css", func() answer {
		return r.mustFail(r.phaseCall("css", "3c", "--share", "2", "--share-to", "2="+r.stick("share2")), exitDenied, locked)
	})
	alone := a.err
	r.must(r.phaseCall("css", "3c", "--share", "1", "--share-to", "1="+r.stick("share1")))
	all := r.phaseCall("css", "3c", "--share", "3", "--share", "2", "--share-to", "2="+r.stick("share2"), "--share-to", "3="+r.stick("share3"))
	r.mustFail(all, exitDenied, locked)
	r.followHint(alone)
	r.must(all)
}

// A stick that cannot be written, or is full, is told before anybody logs on.
func TestUnfitStickIsToldEarly(t *testing.T) {
	t.Parallel()
	r := after(t, "init")
	to := func(stick string) call {
		c := r.phaseCall("sa", "1")
		c.args = append(without(c.args, "--to", r.stick("stick")), "--to", "dir:"+stick)
		return c
	}
	full := filepath.Join(r.dir, "full")
	mountTiny(t, full)
	r.unchanged("sa", func() answer { return r.mustFail(to(full), exitMedium, "KiB are needed") })
	protected := filepath.Join(r.dir, "protected")
	bindReadOnly(t, filepath.Join(r.dir, "share1"), protected)
	r.unchanged("sa", func() answer { return r.mustFail(to(protected), exitMedium, "write-protected") })
	gone := filepath.Join(r.dir, "gone")
	r.unchanged("sa", func() answer { return r.mustFail(to(gone), exitMedium, "there is no directory") })
}
