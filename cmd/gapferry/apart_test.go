package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// noShares wants a source that has obtained no share, and has refused nothing.
func (r *rooms) noShares() {
	r.t.Helper()
	if status := r.must(call{args: []string{"status", "--store", r.store("css")}}).out; strings.Contains(status, "done     Obtain shares") {
		r.t.Fatalf("a share was obtained:\n%s", status)
	}
	if found, _ := filepath.Glob(filepath.Join(r.dir, "*", "csr1.db", "share-*")); len(found) > 0 {
		r.t.Fatalf("shares are out: %v", found)
	}
}

// Shares for one target never go to one medium, nor one of them to the stick
// with the databases, whatever it is called. It is said before anybody logs on:
// nobody has a passphrase here.
func TestSharesApart(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	obtain := func(shareTo ...string) call {
		c := r.phaseCall("css", "3c", "--share-to", "1="+r.stick("share1"))
		for _, s := range shareTo {
			c.args = append(c.args, "--share-to", s)
		}
		c.fds = []string{"NOBODY:Korrekt Hors"}
		return c
	}
	one := filepath.Join(r.dir, "share1")
	must0 := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must0(os.Symlink(one, filepath.Join(r.dir, "link")))
	must0(os.Mkdir(filepath.Join(one, "inside"), 0o700))
	three := "3=" + r.stick("share3")
	for name, second := range map[string]string{
		"the same":     r.stick("share1"),
		"with dots":    "dir:" + r.dir + "/share2/../share1/.",
		"by a link":    r.stick("link"),
		"as pictures":  "qr:" + one,
		"a folder of":  r.stick("share1/inside"),
		"the stick":    r.stick("stick"),
		"its pictures": "qr:" + filepath.Join(r.dir, "stick"),
	} {
		want := "shares 1 and 2 would go to one medium"
		if strings.Contains(name, "stick") || strings.Contains(name, "its") {
			want = "share 2 and the databases would go to one medium"
		}
		r.mustFail(obtain("2="+second, three), exitRefused, want)
		r.noShares()
	}
	must0(os.Remove(filepath.Join(one, "inside")))
	r.boundShares(obtain)

	// What no flag says is a wrong command line where nobody can be asked.
	r.mustFail(obtain("2="+r.stick("share2")), exitUsage, "share 3 needs a medium of its own: say --share-to 3=dir:PATH")
	bare := obtain()
	bare.args = noShareTo(bare.args)
	r.mustFail(bare, exitUsage, "shares 1, 2, 3 need media of their own: say --share-to 1=dir:PATH --share-to 2=dir:PATH --share-to 3=dir:PATH")
	task := obtain()
	task.args = append([]string{"task", "obtain-shares"}, task.args[2:]...)
	r.mustFail(task, exitUsage, "shares 2, 3 need media of their own")
	r.noShares()
	r.sharesInSessions()
}

// boundShares has one directory under two names by a bind mount, where this
// user may make one.
func (r *rooms) boundShares(obtain func(...string) call) {
	r.t.Helper()
	bound := filepath.Join(r.dir, "bound")
	if err := os.Mkdir(bound, 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := bindMount(r.t, filepath.Join(r.dir, "share1"), bound); err != nil {
		r.t.Logf("without a bind mount: %v", err)
		return
	}
	r.mustFail(obtain("2="+r.stick("bound"), "3="+r.stick("share3")), exitRefused, "shares 1 and 2 would go to one medium")
	r.noShares()
}

// sharesInSessions has officers come one after the other: what a stick holds
// already is looked at before the next one logs on.
func (r *rooms) sharesInSessions() {
	r.t.Helper()
	session := func(share, stick string) call {
		return r.phaseCall("css", "3c", "--share", share, "--share-to", share+"="+r.stick(stick))
	}
	r.must(session("1", "share1"))
	second := session("2", "share1")
	second.fds = []string{"NOBODY:Korrekt Hors"}
	r.mustFail(second, exitRefused, "holds share 1 for csr1, so share 2 must not go there")
	a := r.must(r.phaseCall("css", "3c", "--share-to", "2="+r.stick("share2"), "--share-to", "3="+r.stick("share3")))
	if want := "shares 2, 3 go to folders of one file system: whoever has that disk has them all"; !strings.Contains(a.out, want) {
		r.t.Errorf("it does not say %q:\n%s", want, a.out)
	}
	if found, _ := filepath.Glob(filepath.Join(r.dir, "share?", "csr1.db", "share-*")); len(found) != 3 {
		r.t.Errorf("shares are on %v", found)
	}
	resend := func(share, to string) call {
		return call{args: []string{"resend", "--store", r.store("css"), "--kind", "share", "--target", "csr1", "--share", share, "--to", to}}
	}
	r.mustFail(resend("2", r.stick("share1")), exitRefused, "holds share 1 for csr1, so share 2 must not go there")
	r.mustFail(resend("2", "qr:"+filepath.Join(r.dir, "share1")), exitRefused, "holds share 1 for csr1, so share 2 must not go there")
	r.mustFail(resend("2", r.stick("stick")), exitRefused, "is a stick with databases")
	r.must(call{args: []string{"media", "prepare", "--plan", r.plan, "--label", "share-1", "--stick", r.stick("share1")}})
	a = r.must(call{args: []string{"media", "check", "--store", r.store("css"), "--stick", r.stick("share1"), "--json"}})
	if !strings.Contains(a.out, `"label":"share-1"`) || !strings.Contains(a.out, `"missing_bundles":[]`) || strings.Contains(a.err, "missing  ") {
		r.t.Errorf("the stick of share officer 1:\n%s%s", a.out, a.err)
	}
	if a = r.must(call{args: []string{"media", "check", "--store", r.store("css"), "--stick", r.stick("stick")}}); strings.Contains(a.out, "share ") {
		r.t.Errorf("the stick with the databases:\n%s", a.out)
	}
	r.secondCopy(resend)
	again := r.phaseCall("css", "3c")
	again.args = noShareTo(again.args)
	if a := r.must(again); !strings.Contains(a.out, "Phase 3c is done.") {
		r.t.Errorf("the same once more, with nothing left to hand out:\n%s", a.out)
	}
	r.straySharesChecked()
}

// secondCopy hands a share out once more: status counts the copies, and names the
// command by which one is accounted for.
func (r *rooms) secondCopy(resend func(share, to string) call) {
	r.t.Helper()
	if err := os.Mkdir(filepath.Join(r.dir, "again"), 0o700); err != nil {
		r.t.Fatal(err)
	}
	second := resend("3", r.stick("again"))
	if a := r.must(second); !strings.Contains(a.out, "this is copy 2 of share 3 for csr1: what becomes of each other copy needs a remark of its own") {
		r.t.Errorf("a second copy:\n%s", a.out)
	}
	r.must(second) // it is there already, and no third copy
	status := func() string {
		return r.must(call{args: []string{"status", "--store", r.store("css")}}).out
	}
	command := inStatus.FindStringSubmatch(status())
	if command == nil {
		r.t.Fatalf("status does not tell of the copy:\n%s", status())
	}
	r.copiesChecked(command[1], false)
	note := func(n string) call {
		c := call{fds: []string{officers(3)}}
		for _, word := range strings.Fields(command[1])[1:] {
			c.args = append(c.args, strings.NewReplacer("PROFILE", "SHARE3", "N", n, "TEXT", "lost").Replace(word))
		}
		c.args = append(c.args, "--passphrase-fd", "3", "--yes")
		return c
	}
	r.mustFail(note("3"), exitRefused, "there is no copy 3 of share 3 for csr1: it was handed out 2 times")
	if a := r.must(note("1")); !strings.Contains(a.out, "copy 1 of share 3 for csr1") {
		r.t.Errorf("what is signed is not shown:\n%s", a.out)
	}
	if told := status(); inStatus.MatchString(told) || !strings.Contains(told, "share3 and read back, and a remark says what became of it") || !strings.Contains(told, "copy 2: written to "+r.stick("again")) {
		r.t.Errorf("after the remark:\n%s", told)
	}
	r.copiesChecked(command[1], true)
	// Another stick at the same place, or this one after it was wiped, is a copy more.
	if err := os.RemoveAll(filepath.Join(r.dir, "again", "csr1.db")); err != nil {
		r.t.Fatal(err)
	}
	if a := r.must(second); !strings.Contains(a.out, "this is copy 3 of share 3 for csr1") || !inStatus.MatchString(status()) {
		r.t.Errorf("a third copy:\n%s%s", a.out, status())
	}
}

// inStatus finds the command by which status has a copy accounted for.
var inStatus = regexp.MustCompile("share 3 for csr1 is out [23] times: say what became of the copy that is not needed: `([^`]*)`")

// A plan can say that shares may go together: then one stick is enough, and
// nothing is asked.
func TestSharesTogether(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal", "--shares-together", "--sa-with", "css")
	if a := r.must(call{args: []string{"plan", "check", "--plan", r.plan}}); !strings.Contains(unbroken(a.out), "two shares for one target may go on one stick, and whoever has that stick has both") {
		t.Errorf("plan check does not say it:\n%s", a.out)
	}
	for _, room := range []string{"css", "csr1"} {
		r.init(room, room)
	}
	r.loadKnownKey("css")
	r.phase1("css")
	for _, stop := range [][2]string{{"css", "2a"}, {"css", "2b"}, {"csr1", "3a"}, {"css", "3b"}} {
		r.must(r.phaseCall(stop[0], stop[1]))
	}
	c := r.phaseCall("css", "3c")
	c.args = noShareTo(c.args)
	r.must(c)
	if found, _ := filepath.Glob(filepath.Join(r.dir, "stick", "csr1.db", "share-*")); len(found) != 3 {
		t.Errorf("shares are on %v", found)
	}
	r.must(call{args: []string{"resend", "--store", r.store("css"), "--kind", "share", "--to", r.stick("share1")}})
}
