package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestHints plays each state whose text names a command, reads it there, and
// runs that command.
func TestHints(t *testing.T) {
	t.Parallel()
	played := map[uintptr]bool{}
	for _, h := range triedHints {
		if h.play == nil {
			continue
		}
		play := reflect.ValueOf(h.play).Pointer()
		if played[play] {
			continue
		}
		played[play] = true
		_, name, _ := strings.Cut(runtime.FuncForPC(play).Name(), ".play")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h.play(after(t, h.from))
		})
	}
}

// heed demands that a text was printed, and gives the command in it, to be run
// in a room: the words behind "gapferry" up to the end of the quotation or
// clause, and what a script adds.
func (r *rooms) heed(a answer, says, room string, more ...string) call {
	r.t.Helper()
	told := unbroken(a.out + " " + a.err)
	at := regexp.MustCompile(says).FindStringSubmatch(told)
	if len(at) != 2 {
		r.t.Fatalf("it does not say %q:\n%s%s", says, a.out, a.err)
	}
	args := strings.Fields(at[1])
	if room != "" {
		args = append(without(args, "--store", r.store(room)), "--store", r.store(room), "--passphrase-fd", "3")
	}
	return call{args: append(args, more...), fds: []string{officers(5)}, stdin: r.hash}
}

// in is with, of a command in one string.
func (r *rooms) in(room, words string, more ...string) call {
	return r.with(room, append(strings.Fields(words), more...)...)
}

// playMoved has a file of a target in the folder of the SA.
func playMoved(r *rooms) {
	path := must(filepath.Glob(filepath.Join(r.dir, "stick", "csr1.db", "csr-key-*")))[0]
	moved := filepath.Join(r.dir, "stick", "sa.db", filepath.Base(path))
	if err := os.Rename(path, moved); err != nil {
		r.t.Fatal(err)
	}
	check := call{args: []string{"media", "check", "--stick", r.stick("stick"), "--plan", r.plan, "--sa-hash", "-"}, stdin: r.hash}
	a := r.mustFail(check, exitRefused, "")
	r.must(r.heed(a, "ask for the bundle with `gapferry (resend)`", "", "--store", r.store("csr1"), "--to", r.stick("stick")))
	r.must(r.phaseCall("sa", "3b"))
}

// playMissing has the source come with an empty stick.
func playMissing(r *rooms) {
	empty := r.phaseCall("css", "2a")
	empty.args = append(without(empty.args, "--from", r.stick("stick")), "--from", r.stick("share1"))
	a := r.mustFail(empty, exitNotYet, "there is no sa-key")
	r.must(r.heed(a, "ask the sender for `gapferry (resend)`", "", "--store", r.store("sa"), "--to", r.stick("share1")))
	r.must(empty)
}

// playNothingToSet sets a register that is empty.
func playNothingToSet(r *rooms) {
	a := r.mustFail(r.in("css", "coprocessor set --yes"), exitNotYet, "")
	if a = r.must(r.heed(a, "look at `gapferry (coprocessor registers)[^`]*`", "css")); !strings.Contains(a.out, "empty") {
		r.t.Errorf("it does not say which is empty:\n%s", a.out)
	}
}

// playSetTooEarly sets the key from shares by the wrong command, then before it
// was verified.
func playSetTooEarly(r *rooms) {
	task := func(c call) call {
		c.args = append(c.args, "--from", r.stick("stick"), "--from", r.stick("share1"), "--from", r.stick("share2"), "--to", r.stick("stick"), "--yes")
		return c
	}
	r.must(task(r.in("csr1", "task install-shares")))
	a := r.mustFail(r.in("csr1", "coprocessor set --yes"), exitNotYet, "was made from shares")
	r.mustFail(task(r.in("csr1", "task set-master-key")), exitNotYet, "Verify CSR new comes first")
	r.must(task(r.heed(a, "`gapferry (phase 3d)[^`]*` verifies it, has it compared, and sets it", "csr1")))
}

// playNobody names a profile that the plan does not have.
func playNobody(r *rooms) {
	a := r.mustFail(r.in("css", "coprocessor passphrase --profile STRANGER"), exitDenied, "")
	look := r.heed(a, "see `gapferry (plan print)`", "")
	look.args = append(look.args, "--plan", r.plan)
	r.must(look)
}

// playLocked has somebody try passphrases until the profile is locked.
func playLocked(r *rooms) {
	note := r.in("sa", "journal note --profile CERTIFIER --text x --yes")
	wrong := note
	wrong.fds = []string{strings.ReplaceAll(officers(5), "Korrekt Hors CERTIFIER", "Falsch Hors")}
	for range 5 {
		r.mustFail(wrong, exitDenied, "wrong passphrase")
	}
	a := r.mustFail(note, exitDenied, "is locked after 5 wrong passphrases")
	if told := r.must(r.heed(a, "before it is unlocked: `gapferry (audit journal)[^`]*` says when", "sa")).out; !strings.Contains(told, "wrong passphrase for profile CERTIFIER") {
		r.t.Errorf("it does not say who tried:\n%s", told)
	}
	r.must(r.heed(a, "says when; then `gapferry (coprocessor unlock --profile CERTIFIER[^`]*)`", "sa", "--yes"))
	r.must(note)
}

// playNoCeremony checks plans whose ceremony somebody typed.
func playNoCeremony(r *rooms) {
	text := string(must(os.ReadFile(r.plan)))
	line := regexp.MustCompile(`(?m)^ceremony = .*$`)
	for i, id := range []string{"mine", strings.Repeat("0", 32)} {
		path := filepath.Join(r.dir, "typed.toml")
		if err := os.WriteFile(path, []byte(line.ReplaceAllString(text, `ceremony = "`+id+`"`)), 0o600); err != nil {
			r.t.Fatal(err)
		}
		a := r.mustFail(call{args: []string{"plan", "check", "--plan", path}}, exitRefused, "ceremony is")
		another := r.heed(a, "let `gapferry (plan new)` make it", "")
		another.args = append(another.args, "--plan", filepath.Join(r.dir, []string{"one", "two"}[i]+".toml"))
		a = r.must(another)
		r.must(r.heed(a, "in it, then `gapferry (plan check)`", "", another.args[2:]...))
	}
}

// playInspect looks at a stick that nobody has verified.
func playInspect(r *rooms) {
	from := []string{"--from", r.stick("stick")}
	a := r.must(call{args: append([]string{"inspect"}, from...)})
	r.must(r.heed(a, "none of this is verified: see `gapferry (verify)`", "", append(from, "--sa-hash", "-")...))
}

// playCardTooLate asks phase 1 for a card when it is done.
func playCardTooLate(r *rooms) {
	card := filepath.Join(r.dir, "card.txt")
	a := r.must(r.phaseCall("sa", "1", "--card", card))
	r.must(r.heed(a, "Make a card with `gapferry (qr card --out "+regexp.QuoteMeta(card)+") --store [^`]*`", "sa"))
	if text := must(os.ReadFile(card)); !strings.Contains(string(text), strings.Fields(r.hash)[0]) {
		r.t.Errorf("no card:\n%s", text)
	}
}

// playNextAfter3d goes on as the end of phase 3d says.
func playNextAfter3d(r *rooms) {
	done := r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
	for _, room := range []string{"css", "sa"} {
		a := r.must(r.heed(done, "take the receipts in \\(gapferry (receipts)\\)", room, "--from", r.stick("stick")))
		if !strings.Contains(a.out, "csr1") {
			r.t.Errorf("no receipt was taken in at %s:\n%s", room, a.out)
		}
	}
	for _, room := range []string{"sa", "css", "csr1"} {
		r.must(r.heed(done, "every room hands its journal out \\(gapferry (journal export)\\)", room, "--to", r.stick("stick")))
	}
	merge := call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-", "--out", filepath.Join(r.dir, "t.gft")}, stdin: r.hash}
	if a := r.must(merge); !strings.Contains(a.out, "VERIFIED") {
		r.t.Errorf("the transcript:\n%s", a.out)
	}
}

// playNoReceipt merges what is not whole, and brings what the transcript wants.
func playNoReceipt(r *rooms) {
	merge := func(name string) call {
		return call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-", "--out", filepath.Join(r.dir, name)}, stdin: r.hash}
	}
	for _, room := range []string{"sa", "css"} {
		r.must(r.in(room, "journal export", "--to", r.stick("stick")))
	}
	a := r.mustFail(merge("half.gft"), exitNotYet, "the transcript is not complete")
	r.must(r.heed(a, "the journal of coprocessor csr1 is not here: bring it \\(gapferry (journal export)\\)", "csr1", "--to", r.stick("stick")))
	a = r.mustFail(merge("more.gft"), exitNotYet, "the transcript is not complete")
	r.must(r.heed(a, "take it in at the source or at the SA \\(gapferry (receipts)\\), and hand out that journal again", "css", "--from", r.stick("stick")))
	r.must(r.in("css", "journal export", "--to", r.stick("stick")))
	r.must(merge("whole.gft"))
}

// playCancel voids a share set and takes the cancel in, in the target when
// phase 3d demands it.
func playCancel(r *rooms) {
	a := r.must(r.in("css", "cancel --target csr1 --reason lost --yes", "--to", r.stick("stick")))
	at := "to csr1 and to the SA, where gapferry (cancel --from) takes it in"
	sa := r.heed(a, at, "")
	r.must(call{args: append(sa.args, r.stick("stick"), "--store", r.store("sa"), "--passphrase-fd", "3"), fds: []string{officers(5)}})
	again := r.mustFail(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")), exitNotYet, "has cancelled a share set")
	target := r.heed(again, "take it in first: `gapferry (cancel --from)[^`]*`", "")
	r.must(call{args: append(target.args, r.stick("stick"), "--store", r.store("csr1"), "--passphrase-fd", "3", "--yes"), fds: []string{officers(5)}})

	for _, share := range []string{"share1", "share2", "share3"} {
		if err := os.RemoveAll(filepath.Join(r.dir, share, "csr1.db")); err != nil {
			r.t.Fatal(err)
		}
	}
	next := r.heed(a, "(phase 3c --target csr1) begins a new share set", "css", "--yes", "--from", r.stick("stick"), "--to", r.stick("stick"),
		"--share-to", "1="+r.stick("share1"), "--share-to", "2="+r.stick("share2"), "--share-to", "3="+r.stick("share3"))
	r.must(next)
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
}

// playRevoke takes back a certificate, and tells the source.
func playRevoke(r *rooms) {
	a := r.must(r.in("sa", "revoke --node csr1 --reason stolen --yes", "--to", r.stick("stick")))
	take := r.heed(a, "to every node, where gapferry (revoke --from) or the next phase takes it in", "")
	a = r.must(call{args: append(take.args, r.stick("stick"), "--store", r.store("css"), "--passphrase-fd", "3"), fds: []string{officers(5)}})
	if !strings.Contains(a.out, "csr1") {
		r.t.Errorf("it does not say what was revoked:\n%s", a.out)
	}
}

// playRevokedKey asks once more with keys whose certificate was taken back,
// then from a coprocessor that was set up anew.
func playRevokedKey(r *rooms) {
	r.must(r.in("sa", "revoke --node csr1 --reason stolen --yes", "--to", r.stick("stick")))
	a := r.mustFail(r.phaseCall("css", "3c"), exitRefused, "was revoked")
	asked := r.heed(a, "asks for another certificate \\((phase 3b --renew)\\)", "")
	renew := r.phaseCall("sa", "3b", append(asked.args[2:], "csr1")...)
	a = r.mustFail(renew, exitRefused, "")
	r.anew(r.heed(a, "set that coprocessor up anew \\(`gapferry (init)` in a new store\\)", ""), renew)
	r.must(r.phaseCall("css", "3c"))
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
}

// anew sets csr1 up in a new store, and has it certified.
func (r *rooms) anew(init, renew call) {
	r.t.Helper()
	if err := os.Rename(r.store("csr1"), r.store("csr1")+"-old"); err != nil {
		r.t.Fatal(err)
	}
	init.args = append(init.args, "--plan", r.plan, "--node", "csr1", "--store", r.store("csr1"), "--passphrase-fd", "3")
	r.must(init)
	r.must(r.phaseCall("csr1", "3a"))
	if path := must(filepath.Glob(filepath.Join(r.dir, "stick", "csr1.db", "csr-key-csr1-*"))); len(path) > 1 {
		r.t.Log(path)
	}
	r.must(renew)
}

// playReplaced has another master key set at a target that is done.
func playReplaced(r *rooms) {
	r.must(r.in("csr1", "coprocessor generate --yes"))
	r.must(r.in("csr1", "coprocessor set --yes"))
	a := r.mustFail(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")), exitRefused, "")
	r.must(r.heed(a, "void the share set at the source \\(`gapferry (cancel)`\\)", "css", "--target", "csr1", "--reason", "replaced", "--yes", "--to", r.stick("stick")))
	r.anew(r.heed(a, "anew in a new store \\(`gapferry (init)`\\), and go on with phase 3a", ""), r.phaseCall("sa", "3b", "--renew", "csr1"))
	for _, share := range []string{"share1", "share2", "share3"} {
		if err := os.RemoveAll(filepath.Join(r.dir, share, "csr1.db")); err != nil {
			r.t.Fatal(err)
		}
	}
	r.must(r.phaseCall("css", "3c", "--target", "csr1"))
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
}

// playNoMasterKey begins phase 2a at a source that has no master key, which is
// to be made at random, or from two parts.
func playNoMasterKey(r *rooms) {
	r.init("other", "css")
	here := func() call { return r.phaseCall("other", "2a") }
	silent := here()
	silent.args = without(silent.args, "--yes")
	early := r.mustFail(silent, exitNotYet, "knows of no SYM-MK master key")
	late := r.mustFail(here(), exitNotYet, "load or generate the master key")
	const commands = "first `gapferry (coprocessor generate)[^`]*`, then `gapferry (coprocessor set)[^`]*`"
	r.both(early, "other", commands, nil)
	r.heed(late, "(first) `gapferry coprocessor generate[^`]*`, then `gapferry coprocessor set[^`]*`; then `gapferry phase 2a[^`]*` goes on", "")
	r.must(here())

	text := string(must(os.ReadFile(r.plan)))
	parts := regexp.MustCompile(`(?m)^random = .*\n`).ReplaceAllString(text, "")
	if err := os.WriteFile(r.plan, []byte(parts), 0o600); err != nil || parts == text {
		r.t.Fatal(err, parts)
	}
	r.init("third", "css")
	silent.args = append(without(r.phaseCall("third", "2a").args, "--yes"), "--json")
	a := r.mustFail(silent, exitNotYet, "knows of no SYM-MK master key")
	first, second := knownParts()
	r.both(a, "third", "first `gapferry (coprocessor load --part first)[^`]*` and `gapferry (coprocessor load --part last)[^`]*`", []string{"PART:" + first + "\n", "PART:" + second + "\n"})
	r.must(r.in("third", "coprocessor set --yes"))
	if regs := r.registers("third"); regs["current"].Pattern != knownPattern {
		r.t.Errorf("%v", regs)
	}
}

// both runs the two commands of a hint, each with a key part where it takes one.
func (r *rooms) both(a answer, room, says string, parts []string) {
	r.t.Helper()
	told := regexp.MustCompile(says).FindStringSubmatch(unbroken(a.err))
	if len(told) != 3 {
		r.t.Fatalf("it does not say %q:\n%s", says, a.err)
	}
	for i, words := range told[1:] {
		c := r.in(room, words)
		if parts == nil {
			c.args = append(c.args, "--yes")
		} else {
			c.args, c.fds = append(c.args, "--key-part-fd", "4"), append(c.fds, parts[i])
		}
		r.must(c)
	}
}

// playAllDone tries a phase in a room that has done all of its own.
func playAllDone(r *rooms) {
	a := r.mustFail(r.phaseCall("csr1", "3c"), exitNotYet, "")
	status := r.heed(a, "In this one every phase is done: `gapferry (status)[^`]*`", "")
	if told := r.must(call{args: append(status.args, "--store", r.store("csr1"))}); !strings.Contains(told.out, "phase 3d, csr1: done") {
		r.t.Errorf("it is not:\n%s", told.out)
	}
}

// playTwoSets has the target meet shares and statements of a set that was
// cancelled, and of the next one, and no cancel that tells them apart.
func playTwoSets(r *rooms) {
	elsewhere := filepath.Join(r.dir, "elsewhere")
	for _, dir := range []string{elsewhere, filepath.Join(r.dir, "new1"), filepath.Join(r.dir, "new2"), filepath.Join(r.dir, "new3")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
	r.must(r.in("css", "cancel --target csr1 --reason lost --yes", "--to", "dir:"+elsewhere))
	r.must(r.phaseCall("css", "3c", "--target", "csr1", "--share-to", "1="+r.stick("new1"), "--share-to", "2="+r.stick("new2"), "--share-to", "3="+r.stick("new3")))
	install := r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("new2"))
	a := r.mustFail(install, exitRefused, "there are 2 different statements")
	r.must(r.heed(a, "`gapferry (resend --kind cancel)[^`]*`", "", "--store", r.store("css"), "--to", r.stick("stick")))
	take := r.heed(a, "`gapferry (cancel --from)[^`]*`", "")
	r.must(call{args: append(take.args, r.stick("stick"), "--store", r.store("csr1"), "--passphrase-fd", "3", "--yes"), fds: []string{officers(5)}})
	r.mustFail(install, exitRefused, "was cancelled by SETTER: lost") // share 1
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("new1"), "--from", r.stick("new2")))
}
