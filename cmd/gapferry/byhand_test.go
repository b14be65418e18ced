package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A whole ceremony in separate processes with separate directories: only what
// is under the stick directories moves.
func TestByHand(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "2", "--rehearsal")
	for _, room := range []string{"sa", "css", "csr1", "csr2"} {
		r.init(room, room)
	}
	r.loadKnownKey("css")
	temporary := r.temporaryKey("csr1")
	r.phase1("sa")
	r.must(r.phaseCall("css", "2a"))
	r.must(r.phaseCall("sa", "2b"))
	for _, target := range []string{"csr1", "csr2"} {
		r.must(r.phaseCall(target, "3a"))
	}
	r.must(r.phaseCall("sa", "3b"))
	r.must(r.phaseCall("css", "3c", "--share-to", "1="+r.stick("share1"), "--share-to", "2="+r.stick("share2"), "--share-to", "3="+r.stick("share3")))
	r.sharesStayApart()
	for _, target := range []string{"csr1", "csr2"} {
		a := r.must(r.phaseCall(target, "3d", "--from", r.stick("share1"), "--from", r.stick("share3"), "--json"))
		var result struct {
			Complete bool
			Targets  []struct {
				Pattern string
				Equal   bool
			}
		}
		if err := json.Unmarshal([]byte(a.out), &result); err != nil {
			t.Fatal(err)
		}
		if !result.Complete || len(result.Targets) != 1 || !result.Targets[0].Equal || result.Targets[0].Pattern != knownPattern {
			t.Errorf("phase 3d at %s: %s", target, a.out)
		}
		regs := r.registers(target)
		if regs["current"].Pattern != knownPattern || regs["new"].State != "empty" {
			t.Errorf("%s: registers %v", target, regs)
		}
	}
	if old := r.registers("csr1")["old"]; old.Pattern != temporary {
		t.Errorf("csr1: old register %v, want the temporary key %s", old, temporary)
	}
	if old := r.registers("csr2")["old"]; old.State != "empty" {
		t.Errorf("csr2: old register %v, want it empty", old)
	}
	for room, words := range map[string]string{
		"css": "csr1: current master key " + knownPattern + ", EQUAL to the source's; set by SETTER with shares 1, 3",
		"sa":  "csr2: current master key " + knownPattern + "; set by SETTER with shares 1, 3",
	} {
		a := r.must(call{
			args: []string{"receipts", "--store", r.store(room), "--from", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)},
		})
		if !strings.Contains(unbroken(a.out), words) {
			t.Errorf("receipts at %s:\n%s", room, a.out)
		}
		if a := r.must(call{args: []string{"status", "--store", r.store(room)}}); !strings.Contains(unbroken(a.out), words) {
			t.Errorf("status at %s:\n%s", room, a.out)
		}
	}
	const remark = "the stick was dropped"
	r.must(call{
		args: []string{"journal", "note", "--store", r.store("css"), "--profile", "SHARE2", "--text", remark, "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)},
	})
	if a := r.must(call{args: []string{"audit", "journal", "--store", r.store("css"), "--passphrase-fd", "3"}, fds: []string{officers(3)}}); !strings.Contains(a.out, "note     css SHARE2 "+remark) {
		t.Errorf("the remark is not in the journal:\n%s", a.out)
	}
	r.mustFail(call{
		args: []string{"receipts", "--store", r.store("csr1"), "--from", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)},
	}, exitNotYet, "receipts are taken in at the source and at the SA")
	for _, dir := range []string{"stick", "share1", "share2", "share3"} {
		onlyBundles(t, filepath.Join(r.dir, dir))
	}
	r.verifySticks()
	r.searchSecrets()
}

// sharesStayApart does phase 3c again, and a resend, with the one stick: the
// shares, which went to sticks of their own, are not gathered there.
func (r *rooms) sharesStayApart() {
	r.t.Helper()
	again := r.phaseCall("css", "3c")
	again.args = noShareTo(again.args)
	r.must(again)
	r.mustFail(call{args: []string{"resend", "--store", r.store("css"), "--to", r.stick("stick")}}, exitRefused, "more than one share for csr1 on one medium")
	if found, _ := filepath.Glob(filepath.Join(r.dir, "stick", "*", "share-*")); len(found) > 0 {
		r.t.Errorf("on the stick with the databases: %v", found)
	}
}

// temporaryKey gives a room a random current master key and returns its pattern.
func (r *rooms) temporaryKey(room string) string {
	r.t.Helper()
	for _, act := range []string{"generate", "set"} {
		r.must(call{
			args: []string{"coprocessor", act, "--store", r.store(room), "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)},
		})
	}
	return r.registers(room)["current"].Pattern
}

// onlyBundles wants nothing but databases with bundles on a stick.
func onlyBundles(t *testing.T, stick string) {
	t.Helper()
	err := filepath.WalkDir(stick, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (filepath.Ext(path) != ".gfb" || filepath.Ext(filepath.Dir(path)) != ".db") {
			t.Errorf("on the stick: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// verifySticks verifies everything with the card alone, and with a store.
func (r *rooms) verifySticks() {
	r.t.Helper()
	args := []string{"verify"}
	for _, s := range []string{"stick", "share1", "share2", "share3"} {
		args = append(args, "--from", r.stick(s))
	}
	r.must(call{args: append(args, "--store", r.store("css"))})
	a := r.mustFail(call{args: append(args, "--sa-hash", "-"), stdin: r.hash}, exitNotYet, "cannot be judged")
	if n := strings.Count(a.out, "unknown "); n != 2 {
		r.t.Errorf("with the card alone the two receipts cannot be judged, got %d:\n%s", n, a.out)
	}
	r.must(call{args: append([]string{"inspect"}, args[1:]...)})
}

// The SA in the coprocessor of the source, and of a target.
func TestTwoNodesInOneCoprocessor(t *testing.T) {
	t.Parallel()
	for _, with := range []string{"css", "csr1"} {
		t.Run(with, func(t *testing.T) {
			t.Parallel()
			r := newRooms(t, "--targets", "2", "--rehearsal", "--sa-with", with)
			room := map[string]string{"sa": "a", "css": "css", "csr1": "csr1", "csr2": "csr2"}
			room[with] = "a"
			r.init("a", "sa")
			for _, node := range []string{"css", "csr1", "csr2"} {
				if node != with {
					r.init(node, node)
				}
			}
			r.loadKnownKey(room["css"])
			r.phase1("a")
			r.must(r.phaseCall(room["css"], "2a"))
			r.must(r.phaseCall("a", "2b"))
			r.must(r.phaseCall(room["csr1"], "3a"))
			r.must(r.phaseCall(room["csr2"], "3a"))
			r.must(r.phaseCall("a", "3b"))
			r.must(r.phaseCall(room["css"], "3c"))
			for _, target := range []string{"csr1", "csr2"} {
				r.must(r.phaseCall(room[target], "3d"))
				if regs := r.registers(room[target]); regs["current"].Pattern != knownPattern {
					t.Errorf("%s: registers %v", target, regs)
				}
			}
		})
	}
}

// A live ceremony, with passphrases as expensive to check as they are meant
// to be. Its output is what an operator sees. Hashing passphrases takes minutes:
// the sample is one room, which refuses what a rehearsal made.
func TestLiveCeremony(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("passphrases at live strength, one second each; GAPFERRY_LONG=1 does it")
	}
	r := newRooms(t, "--targets", "1")
	r.init("sa", "sa")
	r.phase1("sa")
	c := r.phaseCall("sa", "2b")
	c.args = append(without(c.args, "--from", r.stick("stick")), "--from", after(t, "2a").stick("stick"))
	r.mustFail(c, exitRefused, "made in a rehearsal")

	r = newRooms(t, "--targets", "1", "--sa-with", "css")
	r.init("a", "sa")
	r.init("csr1", "csr1")
	r.loadKnownKey("a")
	r.phase1("a")
	r.must(r.phaseCall("a", "2a"))
	r.must(r.phaseCall("a", "2b"))
	r.must(r.phaseCall("csr1", "3a"))
	r.must(r.phaseCall("a", "3b"))
	r.must(r.phaseCall("a", "3c"))
	r.must(r.phaseCall("csr1", "3d"))
	if regs := r.registers("csr1"); regs["current"].Pattern != knownPattern {
		t.Errorf("csr1: registers %v", regs)
	}
	r.answeredByScripts()
	r.searchSecrets()
}

// answeredByScripts wants status and transcript to say where scripts answered
// for officers: this ceremony is no rehearsal.
func (r *rooms) answeredByScripts() {
	r.t.Helper()
	status := unfolded(r.must(call{args: []string{"status", "--store", r.store("csr1")}}).out)
	if want := "phase 3a, csr1: passphrase by descriptor, card from a file or a pipe: HASH, KEYREG phase 3d, csr1: passphrase by descriptor, yes by a flag: SHARE1, SETTER outside of the phases: passphrase by descriptor: ADMIN"; !strings.Contains(status, want) {
		r.t.Errorf("the status does not say %q:\n%s", want, status)
	}
	for _, room := range []string{"a", "csr1"} {
		r.must(call{args: []string{"journal", "export", "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	}
	merge := call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-", "--out", filepath.Join(r.dir, "live.gft")}, stdin: r.hash}
	a := r.mustFail(merge, exitNotYet, "not complete") // the receipt is taken in nowhere
	for _, want := range []string{
		"(answered): phase 1: a script answered for HASH (to be named), KEYREG (to be named): passphrase by descriptor, card from a file or a pipe (",
		"(answered): phase 3c: a script answered for SHARE1 (to be named), SHARE2 (to be named), SHARE3 (to be named): passphrase by descriptor, yes by a flag (",
		"note csr1 record 1 (answered): outside of the phases: a script answered for ADMIN (to be named): passphrase by descriptor (",
	} {
		if !strings.Contains(a.out, want) {
			r.t.Errorf("the transcript does not say %q:\n%s", want, a.out)
		}
	}
}
