package main

import (
	"os"
	"path/filepath"
	"testing"
)

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

// What the officers of a room read who choose their passphrases.
func TestSessionOfInit(t *testing.T) {
	t.Parallel()
	s := newSession(t, "init")
	s.says("the room of the target, whose coprocessor was exchanged")
	s.done("init --node csr1 --plan plan.toml --store room-csr1/second")
	s.says("once more, where a store is")
	s.types("init --node csr1 --plan plan.toml --store room-csr1/second")
	s.says("a node that the plan does not have")
	s.types("init --node csr7 --plan plan.toml --store room-csr7/store")
	s.golden("init")
}

// What officers and operators read who are refused in the middle of a ceremony, and
// after it.
func TestSessionOfRefusals(t *testing.T) {
	t.Parallel()
	s := newSession(t, "3b")
	const phase3c = "phase 3c --store room-css/store --from dir:stick --to dir:stick"
	s.says("the certificate of the target lies in another database")
	is := must(filepath.Glob(filepath.Join(s.dir, "stick", "csr1.db", "csr-cert-*")))[0]
	moved := filepath.Join(s.dir, "stick", "sa.db", filepath.Base(is))
	if err := os.Rename(is, moved); err != nil {
		t.Fatal(err)
	}
	s.types(phase3c + " --share-to 1=dir:share1 --share-to 2=dir:share2 --share-to 3=dir:share3")
	if err := os.Rename(moved, is); err != nil {
		t.Fatal(err)
	}
	s.says("two shares would go on one stick")
	s.types(phase3c + " --share-to 1=dir:share1 --share-to 2=dir:share1 --share-to 3=dir:share3")
	s.says("a share that the plan does not have")
	s.types(phase3c + " --share 9 --share-to 9=dir:share1")
	s.says("an auditor mistypes the passphrase, until it is locked")
	s.broken = map[string]bool{"AUDITOR": true}
	s.types("audit access-controls --store room-sa/store")
	s.types("audit access-controls --store room-sa/store")
	s.broken = nil
	s.types("audit access-controls --store room-sa/store")

	done := newSession(t, "3d")
	done.says("after phase 3d: everything is done")
	done.types("phase 3d --store room-csr1/store --from dir:stick --from dir:share1 --from dir:share3 --to dir:stick")
	done.says("nothing is to be set")
	done.types("coprocessor set --store room-csr1/store")
	done.says("the SA has no master key")
	done.types("coprocessor clear --store room-sa/store")
	done.says("a target that the plan does not have")
	done.types("cancel --store room-css/store --target csr9 --reason stick-lost --to dir:stick")
	done.says("who takes a certificate back is not the SA")
	done.types("revoke --store room-css/store --node csr1 --reason room-broken-into --to dir:stick")
	done.says("nobody asked to begin anew")
	done.types("coprocessor anew --withdraw --store room-css/store")
	done.says("the SA key is registered, and its hash stays")
	done.types("coprocessor unregister-hash --store room-css/store --reason mistyped")
	s.text.WriteString(done.text.String())
	s.golden("refusals")
}

// What is read of the bundles on a stick by somebody without a store.
func TestSessionOfInspect(t *testing.T) {
	t.Parallel()
	s := newSession(t, "2b")
	s.says("before phase 3b")
	s.done("inspect --from dir:stick")
	s.golden("inspect")
}
