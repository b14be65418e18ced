package main

import (
	"os"
	"path/filepath"
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
	again := r.phaseCall("css", "3c")
	again.args = noShareTo(again.args)
	if a := r.must(again); !strings.Contains(a.out, "Phase 3c is done.") {
		r.t.Errorf("the same once more, with nothing left to hand out:\n%s", a.out)
	}
}

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
