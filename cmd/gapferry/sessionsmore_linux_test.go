package main

import "testing"

// What status says in each room, before anything, in the middle and at the end.
func TestSessionOfStatus(t *testing.T) {
	t.Parallel()
	s := newSession(t, "init")
	s.says("before phase 1")
	s.done("status --store room-sa/store")
	for _, stage := range []string{"3c", "3d"} {
		at := newSession(t, stage)
		s.says("after phase %s", stage)
		for _, room := range []string{"sa", "css", "csr1"} {
			at.done("status --store room-" + room + "/store")
		}
		s.text.WriteString(at.text.String())
	}
	s.golden("status")
}

// What is read when a share set is cancelled, and its target hears of it.
func TestSessionOfCancel(t *testing.T) {
	t.Parallel()
	s := newSession(t, "3c")
	s.says("the room of the source")
	s.done("cancel --store room-css/store --target csr1 --reason stick-lost --to dir:stick")
	s.says("once more")
	s.types("cancel --store room-css/store --target csr1 --reason stick-lost --to dir:stick")
	s.says("the room of the target")
	s.done("cancel --store room-csr1/store --from dir:stick")
	s.types("phase 3d --store room-csr1/store --from dir:stick --from dir:share1 --from dir:share3 --to dir:stick")
	s.golden("cancel")
}

// What is read when the SA takes a certificate back, and the source hears of it.
func TestSessionOfRevoke(t *testing.T) {
	t.Parallel()
	s := newSession(t, "3b")
	s.says("the room of the SA")
	s.done("revoke --store room-sa/store --node csr1 --reason room-broken-into --to dir:stick")
	s.says("the room of the source")
	s.done("revoke --store room-css/store --from dir:stick")
	s.types("phase 3c --store room-css/store --from dir:stick --to dir:stick --share-to 1=dir:share1 --share-to 2=dir:share2 --share-to 3=dir:share3")
	s.golden("revoke")
}
