package transcript

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// told are the rules and texts that must be among the findings, and the verdict.
func mustFind(t *testing.T, r *Result, v Verdict, want ...string) {
	t.Helper()
	NoteWeights(r)
	all := texts(r)
	if r.Verdict() != v {
		t.Errorf("verdict %d, want %d:\n%s", r.Verdict(), v, all)
	}
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("no %q among:\n%s", w, all)
		}
	}
}

// TestCancelled: a set that was cancelled in time, and made again.
func TestCancelled(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		if p == "obtained" {
			w.takeCancel("csr1", w.cancel("csr1"))
			w.share("csr1")
		}
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions,
		"exception shares css:15 shares 1, 2 for csr1",
		"exception cancel css:20 share set",
		"was cancelled by SETTER (Set): a stick was lost")
	x := r.Targets[0]
	if x.State != HasKey || !x.Equal || len(x.Canceled) != 1 || x.Canceled[0].Late || len(x.Canceled[0].TakenIn) != 2 {
		t.Errorf("target %+v", x)
	}
	if len(x.Shares) != 4 || x.Shares[0].State != ShareInstalled || x.Shares[2].State != ShareUnaccounted || !x.Shares[2].Void {
		t.Errorf("shares %+v", x.Shares)
	}
}

// TestCancelledLate: a target that had set the key when the cancel came, and
// one that never knew.
func TestCancelledLate(t *testing.T) {
	for _, test := range []struct {
		name string
		knew bool
		want []string
	}{
		{"too late", true, []string{"HAS THE MASTER KEY from share set"}},
		{"never", false, []string{"HAS THE MASTER KEY from share set", "for csr1 is not known at the SA"}},
	} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p == "installed" {
				d := w.cancel("csr1")
				if test.knew {
					w.takeCancel("csr1", d)
				}
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
		mustFind(t, r, VerifiedWithExceptions, test.want...)
		if c := r.Targets[0].Canceled; len(c) != 1 || !c[0].Late {
			t.Errorf("%s: %+v", test.name, c)
		}
	}
}

// TestCancelUnknown: a cancel that never arrived at its target, which has not
// set the key.
func TestCancelUnknown(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.bare = true
	w.at = func(p string) {
		if p == "obtained" {
			w.cancel("csr1")
			w.onRecord = func(b *book, r *journal.Record) sign {
				if (b.device == "csr1" || r.Peer == "csr1") && r.Event != journal.EventExported {
					return skipped
				}
				return signed
			}
		}
	}
	w.run()
	mustFind(t, w.verify(t, w.hash), VerifiedWithExceptions,
		"is not known at csr1: shares of it that are on sticks can still be installed there",
		"for csr1 is not known at the SA")
}

// TestCancelledForGood: a target that was given up.
func TestCancelledForGood(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 2})
	w.at = func(p string) {
		if p != "obtained" {
			return
		}
		w.takeCancel("csr1", w.cancel("csr1"))
		w.onRecord = func(b *book, r *journal.Record) sign {
			if (b.device == "csr1" || r.Peer == "csr1") && r.Event != journal.EventExported {
				return skipped
			}
			return signed
		}
	}
	w.run()
	// The bundle of a receipt that the records above do not have.
	f := w.file(t)
	var raw [][]byte
	for _, e := range f.bundles {
		if e.digest != w.readable["receipt csr1 "] {
			raw = append(raw, e.raw)
		}
	}
	w.bundles = raw
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions, "exception target csr1:0 csr1 does not have the master key: its share set was cancelled")
	if r.Targets[0].State != CanceledT || r.Targets[1].State != HasKey {
		t.Errorf("%+v", r.Targets)
	}
	for _, row := range r.Rows {
		if row.Subject == "csr1" && row.Task == procedure.TaskObtainShares && row.State != RowCanceled {
			t.Errorf("row %+v", row)
		}
	}
}

// TestRevoked: what a revocation makes of a target, and who does not know.
func TestRevoked(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 2})
	w.at = func(p string) {
		if p == "received" {
			w.takeRevoke("css", "csr1", w.revoke("csr1"))
		}
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions,
		"was taken back by CERTIFIER (Cer): it was stolen",
		"that the certificate of csr1 was taken back is not known at csr2")
	if r.Targets[0].Revoked != "it was stolen" || r.Targets[1].Revoked != "" {
		t.Errorf("%+v", r.Targets)
	}
}

// TestSetUpAnew: a target that lost its store, with its first journal here or
// not.
func TestSetUpAnew(t *testing.T) {
	for _, here := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p != "certified" {
				return
			}
			if here {
				w.export(w.books["csr1"])
			}
			w.setUpAnew("csr1")
			w.certify("csr1")
		}
		w.run()
		r := Verify(w.file(t), w.hash)
		if here {
			mustFind(t, r, VerifiedWithExceptions, "the csr-cert was never taken in at csr1")
		} else {
			mustFind(t, r, Incomplete,
				"open journal-missing csr1:0 the journal that csr1 had under certificate 1 is not here: bring it",
				"gapferry journal note --profile AUDITOR --lost csr1 --certificate 1 --text TEXT", "is from before csr1 was set up anew",
				"open journal-missing sa:11 it took in csr-key ", "the journal that csr1 had under certificate 1 is not here")
		}
		if x := r.Targets[0]; x.Certificates != 2 || x.State != HasKey || !x.Equal {
			t.Errorf("%+v", x)
		}
	}
}

// TestTold: everything out of the ordinary is told, with its officer.
func TestTold(t *testing.T) {
	w := newWorld(shape{m: 2, n: 3, targets: 1})
	w.at = func(p string) {
		if p != "installed" {
			return
		}
		b := w.books["csr1"]
		w.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Event == journal.EventRefused && r.Code == refusal.CodePassphrase || r.Event == journal.EventRepaired {
				return unsigned
			}
			return signed
		}
		b.write("SETTER", journal.Record{Event: journal.EventRefused, Node: "csr1", Code: refusal.CodePassphrase, Text: "2 since the last log-on"})
		b.write("SETTER", journal.Record{Event: journal.EventRefused, Node: "csr1", Code: refusal.CodeOrder, Text: "phase 3a comes first"})
		b.write("", journal.Record{Event: journal.EventRepaired, Node: "csr1", Text: "7 bytes were cut off"})
		b.write("ADMIN", journal.Record{Event: journal.EventAct, Node: "csr1", Task: "unlock", Text: "SETTER unlocked"})
		w.books["css"].write("SHARE3", journal.Record{Event: journal.EventNote, Node: "css", Peer: "csr1", Share: 3, Text: "in the safe"})
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions,
		"exception refused csr1:19 log-on of SETTER (Set) refused: 2 since the last log-on",
		"exception refused csr1:20 refused (SETTER (Set)): phase 3a comes first",
		"exception repaired csr1:21 journal repaired: 7 bytes were cut off",
		"exception act csr1:22 ADMIN (Ada): SETTER unlocked",
		"exception remark css:23 SHARE3 (Tri): remark on share 3 for csr1: in the safe",
	)
	if r.Count(Exception) != 5 {
		t.Errorf("%d exceptions:\n%s", r.Count(Exception), texts(r))
	}
	if s := r.Targets[0].Shares[2]; s.State != ShareLost || s.Account != "in the safe (SHARE3, record 23 of css)" {
		t.Errorf("share %+v", s)
	}
}

// TestToldOfInterruptions: what came of a power failure is told.
func TestToldOfInterruptions(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.bare = true
	w.onRecord = func(_ *book, r *journal.Record) sign {
		r.Recovered = r.Event == journal.EventTask && r.Task == procedure.TaskVerify
		return signed
	}
	w.at = func(p string) {
		if p == "established" {
			w.books["csr1"].write("SETTER", journal.Record{Event: journal.EventFound, Node: "csr1", Data: w.registers(journal.ActData{}), Text: "all are empty"})
			w.books["csr1"].write("SETTER", journal.Record{Event: journal.EventInterrupted, Node: "csr1", Text: "2 acts of which there is no record"})
		}
	}
	mustFind(t, w.run().verify(t, w.hash), VerifiedWithExceptions,
		"exception recovered csr1:9 found: all are empty", "exception interrupted csr1:10 2 acts of which", "exception recovered csr1:16 VERIFIER (Ver): ", "found done after an interruption")
}

// TestMany: a rule that finds much says how much more there is.
func TestMany(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		for i := 0; p == "installed" && i < maxFindings+7; i++ {
			w.books["csr1"].write("AUDITOR", journal.Record{Event: journal.EventNote, Node: "csr1", Text: "x"})
		}
	}
	w.run()
	r := Verify(w.file(t), w.hash)
	mustFind(t, r, VerifiedWithExceptions, "exception remark :0 and 7 more")
	if r.Count(Exception) != maxFindings+7 || len(r.Findings) != maxFindings+1 {
		t.Errorf("%d exceptions, %d findings", r.Count(Exception), len(r.Findings))
	}
	if got := r.Headline(); got != "VERIFIED, with 107 exceptions" {
		t.Error(got)
	}
}

// TestCollect: what carriers and older transcripts bring becomes one file, and
// what has no place in it is named.
func TestCollect(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		if p == "certified" {
			w.export(w.books["sa"])
		}
	}
	w.run()
	other := newWorld(shape{m: 2, n: 2, targets: 1, rehearsal: true}).run()
	var files []bundle.Incoming
	add := func(name string, b []byte) {
		files = append(files, bundle.Incoming{Folder: "sa.db", Name: name, Data: b})
	}
	for _, b := range w.bundles {
		add("some.gfb", b)
		add("again.gfb", b)
	}
	add("other.gfb", other.bundles[1])
	add("other-sa-key.gfb", other.bundles[0])
	add("readme.txt", []byte("hello"))
	half := len(files) / 2
	first, err := Collect(files[:half], nil, w.hash)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Collect(files[half:], []*File{first.File}, w.hash)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Collect(files, nil, w.hash)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.File.Bytes(), whole.File.Bytes()) {
		t.Error("in two steps another transcript comes out than in one")
	}
	var left []string
	for _, l := range whole.Excluded {
		left = append(left, l.Why+": "+strings.Join(l.Files, " "))
	}
	want := whyNoBundle + ": sa.db/readme.txt\n" +
		whyCeremony + ": sa.db/other.gfb sa.db/other-sa-key.gfb\n" +
		whyOlder + ": sa.db/some.gfb"
	if got := strings.Join(left, "\n"); got != want {
		t.Errorf("left out\n%s\nwant\n%s", got, want)
	}
	if n := whole.File.Count(); n != len(w.bundles)-1 {
		t.Errorf("%d bundles, want %d", n, len(w.bundles)-1)
	}
	mustFind(t, Verify(whole.File, w.hash), Verified)
	for _, test := range []struct {
		files []bundle.Incoming
		hash  coproc.Thumbprint
		want  string
	}{
		{files, other.nodes["css"].keys.Sign.Thumbprint(), "no sa-key that was brought has the hash of the card: nothing can be verified"},
		{nil, w.hash, "there is no sa-key among what was brought: nothing can be verified without it"},
	} {
		if _, err := Collect(test.files, nil, test.hash); err == nil || err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// TestGathered: shares that the plan has apart went onto one stick.
func TestGathered(t *testing.T) {
	gathered := newWorld(shape{m: 2, n: 2, targets: 1})
	gathered.bare, gathered.oneStick = true, true
	mustFind(t, gathered.run().verify(t, gathered.hash), VerifiedWithExceptions, "shares 1 and 2 for csr1 were handed to carriers of one name, dir:STICK")
}

// TestGivenUp: a share that nobody obtained.
func TestGivenUp(t *testing.T) {
	w := newWorld(shape{m: 2, n: 3, targets: 1})
	w.bare = true
	w.onRecord = func(_ *book, r *journal.Record) sign {
		if r.Kind == bundle.KindShare && r.Share == 3 {
			return skipped
		}
		if r.Kind == bundle.KindStatement && r.Event == journal.EventReceived {
			d, _ := journal.DataOf[journal.StatedData](*r)
			s := w.statement("csr1")
			s.Shares[2] = coproc.Digest{}
			d.Statement = w.nodes["css"].seal(cosesig.DomainStatement, s)
			r.Data = data(d)
		}
		return signed
	}
	r := w.run().verify(t, w.hash)
	mustFind(t, r, Verified)
	if s := r.Targets[0].Shares[2]; s.State != ShareGivenUp || s.Officer != "SHARE3" {
		t.Errorf("share %+v", s)
	}
	for _, row := range r.Rows {
		if row.Share == 3 && row.Task == procedure.TaskObtainShares && row.State != RowGivenUp {
			t.Errorf("row %+v", row)
		}
	}
}

// TestMissing: without one journal nothing is wrong, and something is open.
func TestMissing(t *testing.T) {
	for i, name := range []string{"sa", "css", "csr1", "csr2"} {
		w := newWorld(shape{m: 2, n: 3, targets: 2})
		w.bare = true
		w.run()
		w.opened = append(w.opened[:i:i], w.opened[i+1:]...)
		mustFind(t, w.verify(t, w.hash), Incomplete, "open journal-missing "+name+":0 the journal of coprocessor "+name+" is not here")
	}
}

// TestUnfinished: a target that was revoked before it had the key, and one that
// set the key and made no receipt.
func TestUnfinished(t *testing.T) {
	for _, test := range []struct {
		none bundle.Kind // no record of it is written
		v    Verdict
		want string
	}{
		{"", VerifiedWithExceptions, "csr1 does not have the master key: its certificate was taken back"},
		{bundle.KindReceipt, Incomplete, "csr1 made no receipt yet"},
	} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.bare = true
		w.onRecord = func(_ *book, r *journal.Record) sign {
			if test.none != "" && r.Kind == test.none {
				return skipped
			}
			return signed
		}
		w.at = func(p string) {
			if p != "certified" || test.none != "" {
				return
			}
			d := w.revoke("csr1")
			w.takeRevoke("css", "csr1", d)
			w.takeRevoke("csr1", "csr1", d)
			w.onRecord = func(_ *book, r *journal.Record) sign {
				if r.Event == journal.EventExported {
					return signed
				}
				return skipped
			}
		}
		w.run()
		mustFind(t, w.verify(t, w.hash), test.v, test.want)
	}
}

// TestSetUpAnewLater: what says to be of a target after it was set up anew is
// told while only older exports are here. Anybody can have made it: it is no
// fault, and nothing that only its maker can close.
func TestSetUpAnewLater(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	n := w.nodes["csr1"]
	n.key, n.seq, w.now = newKey(), 0, w.now+60
	n.receipt = newKey()
	n.keys.Sign, n.keys.Audit, n.keys.Receipt = n.Public(), public(newKey()), public(n.receipt)
	n.request(bundle.KindCSRKey)
	n.make("SETTER", "", bundle.Header{Kind: bundle.KindReceipt, To: []string{"css", "sa"}, Answers: w.stated("csr1")}, bundle.ReceiptBody{
		Class: w.plan.MasterKeyClass(), Installed: []uint8{1, 2}, By: "SETTER",
	})
	mustFind(t, Verify(w.file(t), w.hash), VerifiedWithExceptions,
		"exception evidence csr1:0 the csr-key ", "exception evidence csr1:0 the receipt ",
		"If csr1 was set up anew since, bring newer journals of csr1 and sa; else that file can be left out")
}
