package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// check is media check of a stick in a room.
func (r *rooms) check(room, stick string) call {
	return call{args: []string{"media", "check", "--store", r.store(room), "--stick", r.stick(stick)}}
}

// copiesChecked has media check say which copy of share 3 a stick has, as status
// does, and who can tell where no store here does.
func (r *rooms) copiesChecked(command string, accounted bool) {
	r.t.Helper()
	remark := map[bool]string{true: ", and a remark says what became of it"}[accounted]
	for stick, want := range map[string]string{
		"again":  "copy 2 of 2 went to this stick\n                 copy 1: " + r.stick("share3") + remark + "\n",
		"share3": "copy 1 of 2 went to this stick" + remark + "\n                 copy 2: " + r.stick("again") + "\n",
	} {
		a := r.must(r.check("css", stick))
		if told := a.out + a.err; !strings.Contains(told, "share 3 for csr1 is out 2 times; "+want) || strings.Contains(told, "`"+command+"`") == accounted {
			r.t.Errorf("the stick %s:\n%s", stick, told)
		}
	}
	if a := r.must(r.check("css", "share2")); !strings.Contains(a.out+a.err, "share 2 for csr1 is out once; copy 1 of 1 went to this stick\n") {
		r.t.Errorf("a share that is out once:\n%s%s", a.out, a.err)
	}
	there := r.heed(r.check("csr1", "share3").run(r.t), "the source's room alone can tell, if it made them: `gapferry ([^`]*)`", "")
	for i, word := range there.args {
		there.args[i] = strings.NewReplacer("DIRECTORY", r.store("css"), "dir:PATH", r.stick("share3")).Replace(word)
	}
	if a := r.must(there); !strings.Contains(a.out+a.err, "copy 1 of 2") {
		r.t.Errorf("in the source's room:\n%s%s", a.out, a.err)
	}
}

// copied copies files of one stick to another, and gives their paths.
func (r *rooms) copied(pattern, stick string) (paths []string) {
	r.t.Helper()
	for _, from := range must(filepath.Glob(filepath.Join(r.dir, pattern))) {
		to := filepath.Join(r.dir, stick, filepath.Base(filepath.Dir(from)), filepath.Base(from))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(to, must(os.ReadFile(from)), 0o600); err != nil {
			r.t.Fatal(err)
		}
		paths = append(paths, to)
	}
	if len(paths) == 0 {
		r.t.Fatalf("there is no %s", pattern)
	}
	return paths
}

// straySharesChecked has media check name what must not lie on a stick, whoever
// looks; what it says to do ends it.
func (r *rooms) straySharesChecked() {
	r.t.Helper()
	if err := os.Mkdir(filepath.Join(r.dir, "plain"), 0o700); err != nil {
		r.t.Fatal(err)
	}
	r.copied("share1/csr1.db/share-01-*", "plain")
	for _, c := range []struct{ file, stick, want string }{
		{"share2/csr1.db/share-02-*", "share1", "share 2: this stick is share officer 1's"},
		{"stick/csr1.db/statement-*", "share1", "this stick is share officer 1's, and a statement goes on the stick with the databases"},
		{"share2/csr1.db/share-02-*", "stick", "share 2: this stick is for databases, and shares stay apart from them"},
		{"share2/csr1.db/share-02-*", "plain", "another share for the same target is on this stick"},
	} {
		paths := r.copied(c.file, c.stick)
		r.mustFail(r.check("csr1", c.stick), exitRefused, "do not belong there")
		a := r.mustFail(r.check("css", c.stick), exitRefused, "hint: do what stands behind each of them, above")
		if !strings.Contains(a.out, c.want) {
			r.t.Errorf("it does not say %q:\n%s", c.want, a.out)
		}
		if strings.Contains(c.want, "share 2") {
			resend := r.heed(a, "share 2: this stick[^`]*at the source `gapferry (resend [^`]*)`; then delete it here", "")
			for i, word := range resend.args {
				resend.args[i] = strings.ReplaceAll(word, "dir:PATH", r.stick("share2"))
			}
			resend.args = append(resend.args, "--store", r.store("css"))
			r.must(resend) // it is there
			r.heed(a, "At the source `gapferry (status)` says whether a remark", "")
		}
		for _, path := range paths {
			if err := os.Remove(path); err != nil {
				r.t.Fatal(err)
			}
		}
		r.must(r.check("css", c.stick))
	}
}

// A whole stick that was copied into a folder is named by whatever reads a stick,
// with what to type; that reads it. So is a database that was named as a stick.
func TestStickInFolder(t *testing.T) {
	t.Parallel()
	r := after(t, "2a")
	deep := filepath.Join(r.dir, "deep")
	if err := os.CopyFS(filepath.Join(deep, "my copy"), os.DirFS(filepath.Join(r.dir, "stick"))); err != nil {
		t.Fatal(err)
	}
	reads := func(stick string) map[string]call {
		phase := r.phaseCall("sa", "2b")
		phase.args[slices.Index(phase.args, "--from")+1] = stick
		return map[string]call{
			"media check": {args: []string{"media", "check", "--store", r.store("css"), "--stick", stick}},
			"verify":      {args: []string{"verify", "--store", r.store("css"), "--from", stick}},
			"inspect":     {args: []string{"inspect", "--from", stick}},
			"phase":       phase,
		}
	}
	for from, want := range map[string]string{
		"dir:" + deep:          "my copy holds databases one folder deeper than they are read: for those, type 'dir:" + deep + "/my copy'",
		r.stick("stick/sa.db"): "lies in a database, and not in the directory that holds the databases: type " + r.stick("stick"),
	} {
		for name, c := range reads(from) {
			a := c.run(t)
			if told := strings.ReplaceAll(unbroken(a.out+a.err), ": it holds", " holds"); a.code == exitDone || !strings.Contains(told, want) {
				t.Errorf("%s of %s: exit code %d\n%s", name, from, a.code, told)
			}
		}
	}
	for name, c := range reads("dir:" + deep + "/my copy") {
		if a := c.run(t); a.code != exitDone {
			t.Errorf("%s of what is to be typed: exit code %d\n%s%s", name, a.code, a.out, a.err)
		}
	}
	trap := filepath.Join(r.dir, "trap", "a'$(reboot)'")
	if err := os.CopyFS(trap, os.DirFS(filepath.Join(r.dir, "stick"))); err != nil {
		t.Fatal(err)
	}
	r.mustFail(r.check("css", "trap"), exitNothing, "type dir: and that folder, once it has a plain name")
}
