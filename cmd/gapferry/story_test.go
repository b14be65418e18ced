package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// elevenOfficers are the persons of the story, some under two profiles.
var elevenOfficers = map[string]string{
	"ADMIN": "Ada Adams", "AUDITOR": "Bea Brown", "KEYGEN": "Cy Clark", "VERIFIER": "Cy Clark", "PART2": "Cy Clark",
	"HASH": "Di Davis", "KEYREG": "Ed Evans", "PART1": "Ed Evans", "CERTIFIER": "Fay Fox", "SETTER": "Fay Fox",
	"SHARE1": "Guy Green", "SHARE2": "Hal Hill", "SHARE3": "Ina Irwin", "SHARE4": "Jo Jones", "SHARE5": "Kim King",
}

// story is a ceremony in which much goes wrong, and which its transcript tells.
type story struct {
	*rooms
	laptop string // the auditor's, which has no store
}

// newStory plays it: 1 SA, 1 source, 2 targets, 3 of 5, eleven officers.
func newStory(t testing.TB) *story {
	flags := []string{"--targets", "2", "--shares", "3/5", "--rehearsal", "--lock-after", "3", "--title", "Payments key"}
	for profile, person := range elevenOfficers {
		flags = append(flags, "--person", profile+"="+person)
	}
	s := &story{rooms: newRooms(t, flags...)}
	for _, dir := range []string{"share4", "share5", "laptop"} {
		if err := os.Mkdir(filepath.Join(s.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.laptop = filepath.Join(s.dir, "laptop")
	for _, room := range []string{"sa", "css", "csr1", "csr2"} {
		s.init(room, room)
	}
	s.loadKnownKey("css")
	s.phase1("sa")
	s.must(s.phaseCall("css", "2a"))
	s.must(s.phaseCall("sa", "2b"))
	s.lockOut("csr1")
	s.must(s.phaseCall("csr1", "3a"))
	s.must(s.phaseCall("csr2", "3a"))
	s.must(s.phaseCall("sa", "3b"))
	var shareTo []string
	for i := 1; i <= 5; i++ {
		shareTo = append(shareTo, "--share-to", fmt.Sprintf("%d=%s", i, s.stick(fmt.Sprintf("share%d", i))))
	}
	s.must(s.phaseCall("css", "3c", shareTo...))
	s.wrongTarget()
	s.lostShare()
	s.cancelled()
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick"), "--target", "csr1"))
	}
	return s
}

// with is a command in a room, with every officer's passphrase.
func (r *rooms) with(room string, args ...string) call {
	return call{args: append(args, "--store", r.store(room), "--passphrase-fd", "3"), fds: []string{officers(5)}}
}

// lockOut: the key generator of a room mistypes three times, and is let in
// again by the administrator.
func (s *story) lockOut(room string) {
	wrong := s.phaseCall(room, "3a")
	wrong.fds = []string{strings.ReplaceAll(officers(5), "Korrekt Hors KEYGEN", "Korrekt Hros KEYGEN")}
	for range 2 {
		s.mustFail(wrong, exitDenied, "wrong passphrase")
	}
	s.mustFail(wrong, exitDenied, "locked")
	s.mustFail(s.phaseCall(room, "3a"), exitDenied, "locked") // the right passphrase is too late
	s.must(s.with(room, "coprocessor", "unlock", "--profile", "KEYGEN", "--yes"))
}

// wrongTarget: somebody carries the shares for csr1 into csr2's room, and a
// share is put into the other target's database.
func (s *story) wrongTarget() {
	found, err := filepath.Glob(filepath.Join(s.dir, "share1", "csr1.db", "share-01-*"))
	if err != nil || len(found) != 1 {
		s.t.Fatalf("%v, %v", found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		s.t.Fatal(err)
	}
	for _, old := range must(filepath.Glob(filepath.Join(s.dir, "share1", "csr2.db", "share-01-*"))) {
		if err := os.Rename(old, filepath.Join(s.dir, "laptop", "kept-"+filepath.Base(old))); err != nil {
			s.t.Fatal(err)
		}
	}
	stray := filepath.Join(s.dir, "share1", "csr2.db", filepath.Base(found[0]))
	if err := os.WriteFile(stray, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.mustFail(s.phaseCall("csr2", "3d", "--from", s.stick("share1"), "--from", s.stick("share3")), exitRefused, "it is a share for csr1, not for csr2")
	if err := os.Remove(stray); err != nil {
		s.t.Fatal(err)
	}
}

// lostShare: the stick with share 2 is gone; three others make the key of csr1.
func (s *story) lostShare() {
	if err := os.RemoveAll(filepath.Join(s.dir, "share2")); err != nil {
		s.t.Fatal(err)
	}
	s.must(s.phaseCall("csr1", "3d", "--from", s.stick("share1"), "--from", s.stick("share4"), "--from", s.stick("share5")))
	s.must(s.with("css", "journal", "note", "--profile", "SHARE2", "--target", "csr1", "--share", "2", "--text", "stick 2 was lost between the rooms", "--yes"))
}

// cancelled: csr2 has one share when its room is given up.
func (s *story) cancelled() {
	s.mustFail(s.phaseCall("csr2", "3d", "--from", s.stick("share3"), "--from", s.stick("share4")), exitNotYet, "bring 1 more")
	s.must(s.with("css", "cancel", "--target", "csr2", "--reason", "its room was flooded", "--to", s.stick("stick"), "--yes"))
	for _, room := range []string{"csr2", "sa"} {
		s.must(s.with(room, "cancel", "--from", s.stick("stick"), "--yes"))
	}
	s.mustFail(s.phaseCall("csr2", "3d", "--from", s.stick("share3"), "--from", s.stick("share4"), "--from", s.stick("share5")), exitRefused, "was cancelled by SETTER: its room was flooded")
}

// transcript hands out every room's journal, and merges them on the laptop.
func (s *story) transcript() (path string, a answer) {
	s.t.Helper()
	for _, room := range []string{"sa", "css", "csr1", "csr2"} {
		s.must(s.with(room, "journal", "export", "--to", s.stick("stick")))
	}
	path = filepath.Join(s.laptop, "payments.gft")
	return path, s.must(call{args: []string{"transcript", "merge", "--from", s.stick("stick"), "--sa-hash", "-", "--out", path}, stdin: s.hash, dir: s.laptop})
}

// The transcript of the story verifies, with the card and nothing else, and
// tells what happened.
func TestStory(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	path, _ := s.transcript()
	a := s.must(call{args: []string{"transcript", "verify", "--transcript", path, "--sa-hash", "-"}, stdin: s.hash, dir: s.laptop})
	page, text := filepath.Join(s.laptop, "report.html"), filepath.Join(s.laptop, "report.txt")
	s.must(call{
		args: []string{"transcript", "report", "--transcript", path, "--sa-hash", "-", "--html", page, "--text", text}, stdin: s.hash, dir: s.laptop,
	})
	told := []string{
		"REHEARSAL", "Payments key", knownPattern, "its room was flooded", "stick 2 was lost between the rooms",
		"it is a share for csr1, not for csr2", "KEYGEN", "locked",
	}
	for name, screen := range map[string]string{
		"verify": a.out, "the report": string(must(os.ReadFile(text))), "the page": string(must(os.ReadFile(page))),
	} {
		flat := strings.Join(strings.Fields(screen), " ")
		for _, words := range told {
			if !strings.Contains(flat, words) {
				t.Errorf("%s does not tell %q", name, words)
			}
		}
	}
	for _, words := range []string{
		"VERIFIED, with", "has the master key, " + knownPattern + ", EQUAL to the source's", "its share set was cancelled, and no other was made",
	} {
		if !strings.Contains(a.out, words) {
			t.Errorf("verify does not say %q", words)
		}
	}
	var result struct {
		Verdict string
	}
	j := s.must(call{args: []string{"transcript", "verify", "--transcript", path, "--sa-hash", "-", "--json"}, stdin: s.hash})
	if err := json.Unmarshal([]byte(j.out), &result); err != nil || result.Verdict != "excepted" {
		t.Errorf("verdict %q, %v", result.Verdict, err)
	}
	s.tampered(path)
	s.searchSecrets()
}

// tampered changes a byte here and there in the file: nothing of it verifies.
func (s *story) tampered(path string) {
	s.t.Helper()
	good := must(os.ReadFile(path))
	for i := 1; i < 8; i++ {
		bad := append([]byte{}, good...)
		bad[len(bad)*i/8] ^= 1
		at := filepath.Join(s.laptop, fmt.Sprintf("bad%d.gft", i))
		if err := os.WriteFile(at, bad, 0o600); err != nil {
			s.t.Fatal(err)
		}
		a := s.do(call{args: []string{"transcript", "verify", "--transcript", at, "--sa-hash", "-"}, stdin: s.hash})
		if a.code != exitRefused {
			s.t.Errorf("byte %d of %d changed: exit code %d\n%s%s", len(bad)*i/8, len(bad), a.code, a.out, a.err)
		}
	}
}
