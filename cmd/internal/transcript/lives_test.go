package transcript

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// setUpAnew gives a target a new store, with new keys and a journal of its own,
// up to its request.
func (w *world) setUpAnew(name string) { w.setUpAnewAs(name, bundle.KindCSRKey) }

// setUpAnewAs does so for a target or the source.
func (w *world) setUpAnewAs(name string, request bundle.Kind) {
	n := w.nodes[name]
	old := n.b
	fresh := &book{w: w, device: old.device, serial: old.serial, first: old.first, audit: newKey(), plan: old.plan}
	n.b, n.key, n.seq = fresh, newKey(), 0
	n.keys.Sign, n.keys.Audit, n.keys.Box, n.keys.Intake = n.Public(), public(fresh.audit), newBox(), newBox()
	fresh.enlist()
	if request == bundle.KindCSRKey {
		n.newTarget(w.plan.N)
	}
	w.books[old.device] = fresh
	w.order[slices.Index(w.order, old)] = fresh
	fresh.write("ADMIN", journal.Record{Event: journal.EventInit, Data: data(journal.InitData{
		Plan: coproc.DigestOf(w.text), AuditKey: public(fresh.audit), Serial: fresh.serial, Device: old.device, Ceremony: w.plan.CeremonyID(), Officers: fresh.officers,
	}), Text: "coprocessor " + old.device})
	n.begin()
	if request == bundle.KindCSRKey {
		n.request(request)
	}
}

// TestTwoLives: a coprocessor that has the master key, whose place another took
// under the same name. What it was before stays in sight, whatever its clock
// said.
func TestTwoLives(t *testing.T) {
	for _, ahead := range []int64{0, 3 * 60 * 60} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		old := w.books["csr1"]
		w.onRecord = func(b *book, r *journal.Record) sign {
			if b == old {
				r.Time += ahead
			}
			return signed
		}
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			w.install("csr1")
			w.export(old)
			cancel := w.cancel("csr1")
			w.nodes["sa"].took("AUDITOR", bundle.KindCancel, "csr1", cancel, data(w.cancelData("csr1")))
			w.setUpAnew("csr1")
			w.certify("csr1")
			w.obtain("csr1")
		}
		w.run()
		r := Verify(w.file(t), w.hash)
		mustFind(t, r, VerifiedWithExceptions,
			"exception lives csr1:1 there are 2 journals of coprocessor csr1: it was set up anew",
			"exception lives csr1:16 before it was set up anew (certificate 1): the coprocessor that csr1 was before HAS THE MASTER KEY",
			"exception lives csr1:17 before it was set up anew (certificate 1): the receipt of that master key was taken in nowhere",
			"exception cancel csr1:16 before it was set up anew (certificate 1): csr1 HAS THE MASTER KEY from share set",
		)
		if x := r.Targets[0]; x.State != HasKey || !x.Equal || !x.Canceled[0].Late || x.Certificates != 2 {
			t.Errorf("%d: target %+v", ahead, x)
		}
		var nodes []string
		for _, j := range r.Journals {
			nodes = append(nodes, strings.Join(j.Nodes, "+"))
		}
		if want := []string{"sa", "css", "csr1 (old)", "csr1"}; !slices.Equal(nodes, want) {
			t.Errorf("journals of %q, want %q", nodes, want)
		}
		marked, anew := 0, false
		for _, m := range r.Timeline {
			if strings.HasPrefix(m.Text, "before it was set up anew (certificate 1): ") {
				marked++
				if anew {
					t.Errorf("%d: record %d of the life before comes after the life that followed", ahead, m.Record)
				}
			} else if m.Node == "csr1" {
				anew = true
			}
		}
		if marked != len(old.records) {
			t.Errorf("%d records are marked as of the life before, want %d", marked, len(old.records))
		}
	}
}

// TestSameRecord: two journals differ whatever field of a record does.
func TestSameRecord(t *testing.T) {
	a := journal.Record{Seq: 1, Event: journal.EventTask, Bundle: unknown()}
	same := a
	same.Bundle = unknown()
	if !sameRecord(a, same) {
		t.Error("a record is not the same as its copy")
	}
	for i, change := range []func(*journal.Record){
		func(r *journal.Record) { r.Seq++ }, func(r *journal.Record) { r.Previous[0]++ }, func(r *journal.Record) { r.Time++ },
		func(r *journal.Record) { r.Event = "x" }, func(r *journal.Record) { r.Phase = "x" }, func(r *journal.Record) { r.Node = "x" },
		func(r *journal.Record) { r.Task = "x" }, func(r *journal.Record) { r.Profile = "x" }, func(r *journal.Record) { r.Share++ },
		func(r *journal.Record) { r.Peer = "x" }, func(r *journal.Record) { r.Kind = "x" }, func(r *journal.Record) { r.Bundle = &coproc.Digest{} },
		func(r *journal.Record) { r.Code = "x" }, func(r *journal.Record) { r.Text = "x" }, func(r *journal.Record) { r.Data = []byte{1} },
		func(r *journal.Record) { r.Recovered = true },
	} {
		b := a
		if change(&b); sameRecord(a, b) {
			t.Errorf("change %d makes no difference", i)
		}
	}
}

// TestRevokedWithKey: a target whose certificate was taken back after it set
// the key, before anybody took in its receipt.
func TestRevokedWithKey(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		if p == "installed" {
			w.takeRevoke("css", "csr1", w.revoke("csr1"))
			w.onRecord = func(_ *book, r *journal.Record) sign {
				if r.Event == journal.EventReceived && r.Kind == bundle.KindReceipt {
					return skipped // it is refused
				}
				return signed
			}
		}
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions, "exception target sa:14 csr1 is revoked and HAS THE MASTER KEY")
}

// TestCancelAtSAWithTarget: a cancel that a coprocessor took in for its target
// is known at the SA that it holds too.
func TestCancelAtSAWithTarget(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1, saWith: "csr1"})
	w.bare = true
	w.at = func(p string) {
		if p == "obtained" {
			d := w.cancel("csr1")
			w.nodes["csr1"].b.write("SETTER", journal.Record{
				Event: journal.EventCanceled, Node: "csr1", Kind: bundle.KindCancel, Peer: "css", Bundle: &d, Data: data(w.cancelData("csr1")), Text: "void",
			})
			w.share("csr1")
		}
	}
	r := w.run().verify(t, w.hash)
	mustFind(t, r, VerifiedWithExceptions, "was cancelled by SETTER (Set): a stick was lost")
	if all := texts(r); strings.Contains(all, "not known") {
		t.Error(all)
	}
}

// TestRemarks: who can say what became of a share, and of which copies.
func TestRemarks(t *testing.T) {
	remark := func(node, profile string) func(*world) {
		return func(w *world) {
			w.nodes[node].b.write(profile, journal.Record{Event: journal.EventNote, Node: node, Peer: "csr1", Share: 3, Text: "in the safe"})
		}
	}
	handed := func(share int) func(*world) {
		return func(w *world) {
			d := shareDigest(w.sets["csr1"], share)
			w.books["css"].write(fmt.Sprintf("SHARE%d", share), journal.Record{Event: journal.EventCopied, Node: "css", Kind: bundle.KindShare, Peer: "csr1", Share: share, Bundle: &d, Text: "dir:AGAIN"})
		}
	}
	again := handed(3)
	copied := func(profile string, share, n int) func(*world) {
		return func(w *world) {
			w.books["css"].write(profile, journal.Record{
				Event: journal.EventNote, Node: "css", Peer: "csr1", Share: share, Text: "in the safe",
				Data: data(journal.NoteData{Subject: journal.SubjectCopy, Copy: uint32(n)}),
			})
		}
	}
	const second = "was handed out 2 times (copy "
	for _, test := range []struct {
		name      string
		installed []func(*world) // what is done when the key is set
		early     func(*world)   // what is done before shares are made
		behind    string         // a room whose clock is
		want      ShareState
		loose     string // of which share a second copy is told
	}{
		{name: "its officer", installed: []func(*world){remark("css", "SHARE3")}, want: ShareLost},
		{name: "its officer at the target", installed: []func(*world){remark("csr1", "SHARE3")}, want: ShareLost},
		{name: "who set the key", installed: []func(*world){remark("csr1", "SETTER")}, want: ShareLost},
		{name: "auditor elsewhere", installed: []func(*world){remark("sa", "AUDITOR")}, want: ShareLost},
		{name: "auditor elsewhere, clock behind", installed: []func(*world){remark("sa", "AUDITOR")}, behind: "sa", want: ShareLost},
		{name: "officer of another share", installed: []func(*world){remark("css", "SHARE1")}, want: ShareSpare},
		{name: "anybody", installed: []func(*world){remark("css", "PART1")}, want: ShareSpare},
		{name: "handed out again", installed: []func(*world){remark("css", "SHARE3"), again}, want: ShareSpare},
		{name: "a remark behind both", installed: []func(*world){again, remark("css", "SHARE3")}, want: ShareLost, loose: "3"},
		{name: "and one on the other copy", installed: []func(*world){again, remark("css", "SHARE3"), copied("SHARE3", 3, 2)}, want: ShareLost},
		{name: "one on each copy", installed: []func(*world){again, copied("SHARE3", 3, 1), copied("AUDITOR", 3, 2)}, want: ShareLost},
		{name: "two on one copy", installed: []func(*world){again, copied("SHARE3", 3, 2), copied("AUDITOR", 3, 2)}, want: ShareSpare},
		{name: "on a copy before it was there", installed: []func(*world){copied("SHARE3", 3, 2), again, remark("css", "SHARE3")}, want: ShareLost, loose: "3"},
		{name: "on a copy, by nobody who can say", installed: []func(*world){again, remark("css", "SHARE3"), copied("SHARE1", 3, 2)}, want: ShareLost, loose: "3"},
		{name: "on a copy that is not", installed: []func(*world){remark("css", "SHARE3"), copied("SHARE3", 3, 7)}, want: ShareLost},
		{name: "a second copy of an installed share", installed: []func(*world){remark("css", "SHARE3"), handed(1)}, want: ShareLost, loose: "1"},
		{name: "which a remark on the share leaves as it is", installed: []func(*world){remark("css", "SHARE3"), handed(1), func(w *world) {
			w.books["css"].write("SHARE1", journal.Record{Event: journal.EventNote, Node: "css", Peer: "csr1", Share: 1, Text: "in the safe"})
		}}, want: ShareLost, loose: "1"},
		{name: "and one on that copy does not", installed: []func(*world){remark("css", "SHARE3"), handed(1), copied("SHARE1", 1, 2)}, want: ShareLost},
		{name: "before there was a share", early: remark("css", "SHARE3"), want: ShareSpare},
		{name: "before, in another room", early: remark("sa", "AUDITOR"), want: ShareSpare},
	} {
		w := newWorld(shape{m: 2, n: 3, targets: 1})
		w.bare = true
		w.onRecord = func(b *book, r *journal.Record) sign {
			if b.device == test.behind {
				r.Time -= 2 * 60 * 60
			}
			return signed
		}
		w.at = func(p string) {
			switch {
			case p == "established" && test.early != nil:
				test.early(w)
			case p == "installed":
				for _, do := range test.installed {
					do(w)
				}
			}
		}
		r := w.run().verify(t, w.hash)
		if got := r.Targets[0].Shares[2].State; got != test.want || r.Verdict() != VerifiedWithExceptions {
			t.Errorf("%s: %s, want %s:\n%s", test.name, got, test.want, texts(r))
		}
		told := texts(r)
		if n := strings.Count(told, second); (n == 1) != (test.loose != "") || n > 1 {
			t.Errorf("%s: %d second copies are told:\n%s", test.name, n, told)
		}
		if want := "share " + test.loose + " for csr1"; test.loose != "" && !strings.Contains(told, want) {
			t.Errorf("%s: it does not tell of %s:\n%s", test.name, want, told)
		}
	}
}
