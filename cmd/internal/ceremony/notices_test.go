package ceremony

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// spoil gives the ways in which a bundle on a stick can be spoiled.
func spoil(w *world, path string) map[string]func(stick) {
	good := w.stick[path]
	bit := slices.Clone(good)
	bit[len(bit)-1] ^= 1
	inside := slices.Clone(good)
	inside[len(inside)-90] ^= 1
	folder, name, _ := strings.Cut(path, "/")
	return map[string]func(stick){
		"its signature":         func(s stick) { s[path] = bit },
		"what is inside":        func(s stick) { s[path] = inside },
		"cut off":               func(s stick) { s[path] = good[:len(good)/2] },
		"empty":                 func(s stick) { s[path] = nil },
		"not a bundle":          func(s stick) { s[path] = []byte("garbage") },
		"under another name":    func(s stick) { delete(s, path); s[folder+"/letter.gfb"] = bit },
		"garbage, another name": func(s stick) { delete(s, path); s[folder+"/"+name[:7]+"x.gfb"] = []byte("garbage") },
	}
}

// A revoke that cannot be read is never passed by: no phase goes on, nobody has
// to log on to hear it, and taking it in is not done either. Another copy, or
// taking the file off the stick, leads on.
func TestSpoiledRevoke(t *testing.T) {
	w := after(t, standard, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	path := w.stick.sent("sa.db/revoke")[0]
	good := w.stick[path]
	stuck := maps.Clone(w.stick)
	for name, spoilIt := range spoil(w, path) {
		t.Run(name, func(t *testing.T) {
			w := after(t, standard, "3b")
			w.stick = maps.Clone(stuck)
			spoilIt(w.stick)
			_, err := w.try("css", "3c", Options{})
			refusedNotice(t, err, "revoke", "sa")
			if len(w.people.asked) > 0 || len(w.stick.sent("csr2.db/share")) > 0 {
				t.Errorf("%v were asked to log on", w.people.asked)
			}
			n := w.open("css")
			_, err = n.TakeRevokes(Options{Incoming: read([]string{procedure.SADatabase}, w.stick)}, w.people)
			refusedNotice(t, err, "revoke", "sa")
			n.Close()
			// A good copy on another stick: both are there.
			other := stick{path: good}
			_, err = w.try("css", "3c", Options{}, other)
			if _, same := w.stick[path]; same {
				mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
			} else {
				refusedNotice(t, err, "revoke", "sa") // it has no name that says of what it is a copy
			}
		})
	}
	w.stick = maps.Clone(stuck)
	w.stick[path] = []byte("garbage")
	_, err := w.try("css", "3c", Options{})
	refusedNotice(t, err, "revoke", "sa")
	delete(w.stick, path) // on the operator's word
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr2"}}); err != nil {
		t.Fatal(err)
	}
	// The SA makes revokes: what others make of them is nothing to it.
	w.stick[path] = []byte("garbage")
	if _, err := w.try("sa", "3b", Options{Targets: []string{"csr2"}}); err != nil {
		t.Fatal(err)
	}
}

// refusedNotice wants a refusal that says what to do.
func refusedNotice(t *testing.T, err error, kind, maker string) {
	t.Helper()
	why, ok := err.(*refusal.Error)
	if !ok || why.Code.Group() != refusal.Refused {
		t.Fatalf("want a refusal, got %v", err)
	}
	want := "It may be a " + kind + ", which nobody passes by: fetch another copy from the room of " + maker
	if !strings.Contains(why.Text, want) || !strings.Contains(why.Text, "take this file off the stick") {
		t.Fatalf("it says %q", why.Text)
	}
}

// What is of another ceremony, or no revoke at all, stops nobody.
func TestNoNoticeForUs(t *testing.T) {
	w := after(t, standard, "3b")
	other := newWorld(t, nil)
	other.upTo("3b")
	if _, err := other.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	path := other.stick.sent("sa.db/revoke")[0]
	w.stick[path] = other.stick[path]
	w.stick["sa.db/photo.gfb"] = []byte("garbage")
	w.stick["csr1.db/cancel-css-0001-00000000.gfb"] = []byte("garbage") // nothing to the source
	w.phase("css", "3c")
}

// A cancel, at its target and at the SA: one that cannot be read, and a good one
// that was not taken in. The other target is not concerned.
func TestSpoiledCancel(t *testing.T) {
	w := after(t, standard, "3c")
	w.phase("csr2", "3d")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	path := w.stick.sent("csr1.db/cancel")[0]
	good := w.stick[path]
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeOrder, "the source has cancelled a share set for csr1, and that was not taken in here")
	mustHint(t, err, refusal.CodeOrder, "take it in first: {cancel --from …}")
	stuck, first := maps.Clone(w.stick), w.snapshot()
	for name, spoilIt := range spoil(w, path) {
		t.Run(name, func(t *testing.T) {
			w := first.restore(t)
			w.stick = maps.Clone(stuck)
			spoilIt(w.stick)
			_, err := w.try("csr1", "3d", Options{})
			refusedNotice(t, err, "cancel", "css")
			for _, node := range []string{"csr1", "sa"} {
				_, err = w.takeCancels(node)
				refusedNotice(t, err, "cancel", "css")
			}
			// A good one beside it is taken in, and it is not "done" all the same.
			w.stick["csr1.db/another.gfb"] = good
			all, err := w.takeCancels("csr1")
			if _, same := w.stick[path]; same {
				if err != nil || len(all) != 1 {
					t.Errorf("%+v, %v", all, err)
				}
			} else if refusedNotice(t, err, "cancel", "css"); len(all) != 1 {
				t.Errorf("%+v", all)
			}
		})
	}
}

// At the SA a spoiled cancel holds back the receipt of its target alone.
func TestSpoiledCancelBesideReceipts(t *testing.T) {
	w := after(t, standard, "3d")
	w.stick["csr1.db/cancel-css-0009-12345678.gfb"] = []byte("garbage")
	_, err := w.receipts("sa", Options{})
	refusedNotice(t, err, "cancel", "css")
	n := w.open("sa")
	if _, ok := n.History().LastReceived("sa", bundle.KindReceipt, "csr2"); !ok {
		t.Error("the receipt of csr2 was not taken in")
	}
	if _, ok := n.History().LastReceived("sa", bundle.KindReceipt, "csr1"); ok {
		t.Error("the receipt of csr1 was taken in")
	}
	n.Close()
	if _, err := w.receipts("css", Options{}); err != nil {
		t.Error(err) // the source makes cancels
	}
}

// Files that the carrier could not give, or that are named after a level, stop
// as well; a copy of what is known does not.
func TestUnreadNotice(t *testing.T) {
	w := after(t, small, "3b")
	in := read(w.open2("css", "3c"), w.stick)
	_, err := w.try("css", "3c", Options{Incoming: append(in, bundle.Incoming{Folder: procedure.SADatabase, Name: "revoke-sa-0009-12345678.gfb", Problem: "input/output error"})})
	refusedNotice(t, err, "revoke", "sa")
	if !strings.Contains(err.Error(), "input/output error") {
		t.Errorf("it does not say why: %v", err)
	}
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "")
	path := w.stick.sent("sa.db/revoke")[0]
	digest := coproc.DigestOf(w.stick[path])
	w.stick[path] = []byte("damaged since")
	r, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "")
	if !strings.Contains(path, digest.Short()) || len(r.Refused) == 0 {
		t.Errorf("%+v", r)
	}
}

// open2 are the folders that a phase reads at a node.
func (w *world) open2(node string, id procedure.PhaseID) []string {
	n := w.open(node)
	defer n.Close()
	return n.Folders(id)
}

// A target was set up anew, and the cancel for its former certificate comes before
// the next one: nothing that can be done here helps, and the hints say what does.
// A cancel for the keys that are here is not passed by for that.
func TestCancelBeforeTheNextCertificate(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	const leads = "in the SA's room `gapferry phase 3b`, with `--renew csr1` if it was set up anew; then {phase 3d}"
	certificate, data := w.one("csr1.db/csr-cert")
	delete(w.stick, certificate) // of a target that was not set up anew
	_, err := w.try("csr1", "3d", Options{})
	mustHint(t, err, refusal.CodeOrder, leads)
	// What only says to be a certificate of this target has no cancel passed by.
	forged := w.snapshot().restore(t)
	bad := slices.Clone(data)
	bad[len(bad)-1] ^= 1 // of the signature
	forged.stick[certificate] = bad
	_, err = forged.try("csr1", "3d", Options{})
	mustHint(t, err, refusal.CodeOrder, leads)
	_, err = forged.takeCancels("csr1")
	if err != nil {
		t.Errorf("the cancel, beside a forged certificate: %v", err)
	}
	same := w.snapshot().restore(t)
	same.phase("sa", "3b")
	_, err = same.try("csr1", "3d", Options{})
	mustHint(t, err, refusal.CodeOrder, "take it in first: {cancel --from …}")
	if all, err := same.takeCancels("csr1"); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}

	w.stick[certificate] = data
	w.anew("csr1", "3a", "csr1.db/csr-key")
	_, err = w.try("csr1", "3d", Options{})
	mustHint(t, err, refusal.CodeOrder, leads)
	_, err = w.takeCancels("csr1")
	mustHint(t, err, refusal.CodeNotSealedToMe, leads)
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
}

// Where a certificate was renewed, a cancel of a set for the one before is not of
// keys from before the target was set up anew: shares of it may be installed.
func TestCancelOfARenewedCertificate(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares, Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	n := w.open("csr1")
	defer n.Close()
	r := n.newRun(procedure.Phase("3d"), w.plan.Node("csr1"), Options{}, nil)
	rec, _ := n.History().LastReceived("csr1", bundle.KindCSRCert, "csr1")
	first, next := *rec.Bundle, coproc.DigestOf([]byte("the next one"))
	rec.Bundle = &next
	for k, was := range n.History().Received {
		if *was.Bundle == first {
			n.History().Received[k] = rec
		}
	}
	if r.beforeAnew(bundle.Header{Answers: first}) {
		t.Error("it is passed by")
	}
	if !r.beforeAnew(bundle.Header{Answers: coproc.DigestOf([]byte("of another store"))}) {
		t.Error("a cancel from before is not told from others")
	}
}
