package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
)

// move carries the files of a pattern from one stick to another, as whoever
// owns the stick can.
func (s *story) move(from, pattern, to string) {
	s.t.Helper()
	found := must(filepath.Glob(filepath.Join(s.dir, from, pattern)))
	if len(found) == 0 {
		s.t.Fatalf("there is no %s on %s", pattern, from)
	}
	for _, path := range found {
		folder := filepath.Join(s.dir, to, filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Rename(path, filepath.Join(folder, filepath.Base(path))); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Who owns the stick holds a cancel back until its target is at work with
// another share set. It touches the set that it names, and nothing else.
func TestLateCancelOfAnOlderSet(t *testing.T) {
	s := sharesOut(t)
	for _, dir := range []string{"held", "new1", "new2", "new3"} {
		if err := os.Mkdir(filepath.Join(s.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "a stick was lost", "--to", s.stick("stick"), "--yes"))
	s.move("stick", "csr1.db/cancel-*", "held")
	s.move("stick", "csr1.db/statement-*", "held")
	s.must(s.phaseCall("css", "3c", "--target", "csr1", "--share-to", "1="+s.stick("new1"), "--share-to", "2="+s.stick("new2"), "--share-to", "3="+s.stick("new3")))
	s.mustFail(s.phaseCall("csr1", "3d", "--from", s.stick("new1")), exitNotYet, "bring 1 more of share 2")

	a := s.must(s.with("csr1", "cancel", "--from", s.stick("held"), "--yes"))
	s.mustSay(a.out+a.err, "nothing of it is installed at csr1")
	if a := s.must(call{args: []string{"status", "--store", s.store("csr1")}}); strings.Contains(strings.ToLower(a.out), "cancelled") {
		t.Errorf("status says that the set which is here was cancelled:\n%s", a.out)
	}
	statement := must(filepath.Glob(filepath.Join(s.dir, "stick", "csr1.db", "statement-*")))[0]
	if a := s.must(call{args: []string{"verify", "--store", s.store("csr1"), "--file", statement}}); strings.Contains(a.out, "REFUSED") {
		t.Errorf("the statement of the set which is here:\n%s", a.out)
	}
	s.must(s.phaseCall("csr1", "3d", "--from", s.stick("new2")))
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick")))
	}
	s.must(s.with("sa", "cancel", "--from", s.stick("held"), "--yes"))
	if a := s.must(call{args: []string{"status", "--store", s.store("sa")}}); strings.Contains(a.out, "CANCELLED") || strings.Contains(a.out, "was cancelled") {
		t.Errorf("status at the SA says that it was cancelled:\n%s", a.out)
	}
	s.mustSay(s.told("late", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's")
	s.resendEachKind()
}

// resendEachKind: whatever a node made it hands out again, phases or not, and so the
// cancels, revokes and receipts that it took in; what it does not have it refuses, and
// says whose it is.
func (s *story) resendEachKind() {
	s.t.Helper()
	makes := map[string][]bundle.Kind{
		"sa":   {bundle.KindSAKey, bundle.KindCSSCert, bundle.KindCSRCert, bundle.KindJournal, bundle.KindCancel, bundle.KindReceipt},
		"css":  {bundle.KindCSSKey, bundle.KindStatement, bundle.KindShare, bundle.KindCancel, bundle.KindJournal, bundle.KindReceipt},
		"csr1": {bundle.KindCSRKey, bundle.KindReceipt, bundle.KindJournal, bundle.KindCancel},
	}
	for room, own := range makes {
		for _, kind := range bundle.Kinds {
			to := filepath.Join(s.dir, "again-"+room+"-"+string(kind))
			if err := os.Mkdir(to, 0o700); err != nil {
				s.t.Fatal(err)
			}
			c := call{args: []string{"resend", "--store", s.store(room), "--kind", string(kind), "--to", "dir:" + to}}
			if kind == bundle.KindShare {
				c.args = append(c.args, "--share", "1")
			}
			switch {
			case slices.Contains(own, kind):
				s.must(c)
				if found := must(filepath.Glob(filepath.Join(to, "*.db", string(kind)+"-*"))); len(found) == 0 {
					s.t.Errorf("%s: no %s was handed out", room, kind)
				}
			case room == "sa" && kind == bundle.KindRevoke:
				s.mustFail(c, exitNotYet, "this node has made no such bundle yet")
				s.must(s.with(room, "revoke", "--node", "csr1", "--reason", "it was stolen", "--to", s.stick("stick"), "--yes"))
				s.must(c)
			default:
				s.mustFail(c, exitNotYet, fmt.Sprintf("a %s is made by the ", kind))
			}
		}
	}
}
