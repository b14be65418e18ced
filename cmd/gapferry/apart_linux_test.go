package main

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// bindMount shows a directory under another name, too.
func bindMount(t testing.TB, from, to string) error {
	err := unix.Mount(from, to, "", unix.MS_BIND, "")
	if err == nil {
		t.Cleanup(func() { _ = unix.Unmount(to, unix.MNT_DETACH) })
	}
	return err
}

// At a terminal, whoever types the command is asked where each share goes that
// no flag names, before an officer is asked for a passphrase; what will not do
// is said at once, and asked for again.
func TestAskedWhereSharesGo(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	c := byOfficers(r.phaseCall("css", "3c", "--share-to", "1="+r.stick("share1")))
	s := sitDown(t, 80, 24, nil, c)
	for asked, step := range [][2]string{
		{"share 2, of SHARE2 (to be named):", "\r"},
		{"share 2, of SHARE2 (to be named):", "stick2\r"},
		{"is not of the form", r.stick("nowhere") + "\r"},
		{"there is no directory", r.stick("share1") + "\r"},
		{"shares 1 and 2 would go to one medium", r.stick("stick") + "\r"},
		{"share 2 and the databases would go to one medium", r.stick("share2") + "\r"},
		{"share 3, of SHARE3 (to be named):", "\x04"},
	} {
		s.until(step[0], func(told string) bool {
			return strings.Contains(unbroken(told), step[0]) && strings.Count(told, "qr:DIR or screen: ") == asked+1
		})
		if told := s.told(); strings.Contains(told, "passphrase of") {
			t.Fatalf("somebody was asked to log on: %q", tail(told))
		}
		s.types(step[1])
	}
	if a := s.mustLeave(exitUsage); !strings.Contains(unbroken(a.out), "share 3 needs a medium of its own") {
		t.Errorf("%q", a.out)
	}
	r.noShares()

	people := newCrew(sitDown(t, 80, 24, nil, c), r.hash)
	people.sees("share 2, of SHARE2")
	people.types(r.stick("share2") + "\r")
	people.sees("share 3, of SHARE3")
	people.types(r.stick("share3") + "\r")
	people.mustWork(exitDone)
	if found, _ := filepath.Glob(filepath.Join(r.dir, "share?", "csr1.db", "share-*")); len(found) != 3 {
		t.Errorf("shares are on %v", found)
	}
}
