package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A whole ceremony of which nothing but pictures of codes moves between the
// rooms. Of every bundle that has spare codes, one code is lost on the way.
func TestByPaper(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	r := newRooms(t, "--targets", "2", "--rehearsal")
	for _, room := range []string{"sa", "css", "csr1", "csr2"} {
		r.init(room, room)
	}
	r.loadKnownKey("css")
	r.phase1("sa") // onto the stick: nobody reads that one
	paper := func(room, id string, flags ...string) answer {
		t.Helper()
		c := r.phaseCall(room, id)
		c.args = noShareTo(without(without(c.args, "--to", r.stick("stick")), "--from", r.stick("stick")))
		c.args = append(c.args, "--from", "qr:"+filepath.Join(r.dir, "paper"))
		c.args = append(c.args, flags...)
		a := r.must(c)
		loseCodes(t, r.dir)
		return a
	}
	for _, dir := range []string{"paper", "page1", "page2", "page3"} {
		if err := os.Mkdir(filepath.Join(r.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	page := func(i string) string { return "qr:" + filepath.Join(r.dir, "page"+i) }
	r.must(call{args: []string{"resend", "--store", r.store("sa"), "--to", "qr:" + filepath.Join(r.dir, "paper")}})
	loseCodes(t, r.dir)
	paper("css", "2a")
	paper("csr1", "3a")
	paper("csr2", "3a")
	paper("sa", "2b")
	paper("sa", "3b")
	paper("css", "3c", "--share-to", "1="+page("1"), "--share-to", "2="+page("2"), "--share-to", "3="+page("3"))
	for _, target := range []string{"csr1", "csr2"} {
		a := paper(target, "3d", "--from", page("3"), "--from", page("1"))
		if !strings.Contains(a.out, "EQUAL to the source's") {
			t.Errorf("phase 3d at %s:\n%s", target, a.out)
		}
		if regs := r.registers(target); regs["current"].Pattern != knownPattern {
			t.Errorf("%s: registers %v", target, regs)
		}
	}

	// The same bytes come out of the codes as the nodes keep.
	scanned := filepath.Join(r.dir, "scanned")
	scan := func(from, to string) call {
		return call{args: []string{"qr", "scan", "--from", "qr:" + filepath.Join(r.dir, from), "--to", "dir:" + filepath.Join(scanned, to)}}
	}
	for _, dir := range []string{"paper", "page1", "page2", "page3"} {
		if err := os.MkdirAll(filepath.Join(scanned, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		r.must(scan(dir, dir))
	}
	onlyBundles(t, scanned)
	// Scanned shares stay apart, too.
	r.mustFail(scan("page2", "page1"), exitRefused, "page1 holds share 1 for csr1, so share 2 must not go there")
	r.mustFail(scan("page2", "paper"), exitRefused, "paper is a stick with databases")
	kept, _ := filepath.Glob(filepath.Join(r.dir, "room-*", "store", "outbox", "*.db", "*.gfb"))
	if len(kept) != 17 {
		t.Errorf("the nodes keep %d bundles", len(kept))
	}
	for _, path := range kept {
		folder, name := filepath.Base(filepath.Dir(path)), filepath.Base(path)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, _ := filepath.Glob(filepath.Join(scanned, "*", folder, name))
		if len(found) != 1 {
			t.Errorf("%s/%s: scanned as %v", folder, name, found)
			continue
		}
		got, err := os.ReadFile(found[0])
		if err != nil || string(got) != string(want) {
			t.Errorf("%s/%s: scanned are other bytes: %v", folder, name, err)
		}
	}
	r.searchSecrets()
}

// loseCodes removes the first code of every bundle that has several.
func loseCodes(t *testing.T, dir string) {
	t.Helper()
	lost, err := filepath.Glob(filepath.Join(dir, "pa*", "*.db", "*-1of[2-9].png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lost {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
