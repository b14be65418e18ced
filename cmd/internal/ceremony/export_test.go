package ceremony

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// A journal travels as a bundle: with the hash card alone it is opened, and is
// what the node has, up to the record that says that it was handed out.
func TestExport(t *testing.T) {
	w := after(t, small, "3d")
	for _, node := range []string{"sa", "css", "csr1"} {
		t.Run(node, func(t *testing.T) {
			out := stick{}
			n := w.open(node)
			r, err := n.Export(Options{Deliver: out.deliver}, w.people)
			if err != nil {
				t.Fatal(err)
			}
			n.Close()
			if with := len(out.sent("sa.db/sa-key")); (with == 1) != (node == "sa") {
				t.Errorf("%d sa-key", with)
			}
			paths := out.sent(node + ".db/journal-" + node)
			if len(paths) != 1 || r.Written[0].Kind != bundle.KindJournal {
				t.Fatalf("%q, %+v", paths, r.Written)
			}
			whole := openJournalBundle(t, w, out[paths[0]])
			if whole.Offset != 0 || string(whole.Plan) != string(w.plan.Canonical()) {
				t.Errorf("at %d, plan %q", whole.Offset, whole.Plan)
			}
			onDisk := readFile(t, w.store(node)+"/"+store.JournalFile)
			if !bytes.HasPrefix(onDisk, whole.Part) {
				t.Error("it is not what the node has")
			}
			j, err := journal.Parse(whole.Part)
			if err != nil {
				t.Fatal(err)
			}
			records := j.Records()
			last := records[len(records)-1]
			if last.Event != journal.EventExported || last.Profile != "AUDITOR" || !j.Signed(last.Seq) || j.Init().Device != node {
				t.Errorf("%+v, journal of %s", last, j.Init().Device)
			}
			_, err = journal.Parse(whole.Part[:len(whole.Part)-1])
			if err == nil || !strings.Contains(err.Error(), "it is cut short") {
				t.Errorf("a journal that is cut short: %v", err)
			}
		})
	}
}

func openJournalBundle(t *testing.T, w *world, raw []byte) bundle.JournalBody {
	t.Helper()
	sealed, err := bundle.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := sealed.Verify(bundle.Anchors{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	id, err := bundle.HashIdentity(w.people.hash)
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	body, err := bundle.BodyAs[bundle.JournalBody](b)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A long journal comes in parts, which together are the whole.
func TestExportParts(t *testing.T) {
	w := after(t, small, "2a")
	n := w.open("css")
	defer n.Close()
	noise := make([]byte, maxNote/2)
	for size := 0; size < bundle.MaxJournalPart+bundle.MaxJournalPart/2; size += maxNote {
		rand.Read(noise)
		for i := range noise {
			noise[i] = 'a' + noise[i]%26
		}
		err := n.Note(Remark{Profile: "AUDITOR", Text: string(noise) + string(noise)}, w.people)
		if err != nil {
			t.Fatal(err)
		}
	}
	out := stick{}
	if _, err := n.Export(Options{Deliver: out.deliver}, w.people); err != nil {
		t.Fatal(err)
	}
	paths := out.sent("css.db/journal")
	if len(paths) != 2 {
		t.Fatalf("parts %q", paths)
	}
	var whole []byte
	for _, path := range paths {
		body := openJournalBundle(t, w, out[path])
		if body.Offset != uint64(len(whole)) {
			t.Errorf("part at %d, %d bytes before it", body.Offset, len(whole))
		}
		whole = append(whole, body.Part...)
		if body.Offset > 0 && (body.Total != uint64(len(whole)) || body.Whole != coproc.DigestOf(whole)) {
			t.Errorf("%d bytes, digest %s; the parts say %d, %s", len(whole), coproc.DigestOf(whole), body.Total, body.Whole)
		}
	}
	if _, err := journal.Parse(whole); err != nil {
		t.Error(err)
	}
}

// Before the hash is registered there is nobody to seal it to.
func TestExportTooEarly(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("css")
	defer n.Close()
	_, err := n.Export(Options{}, w.people)
	mustRefuse(t, err, refusal.CodeOrder, "css has not registered the SA-key hash yet")
}

// A remark can account for a share.
func TestNoteShare(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("css")
	defer n.Close()
	if err := n.Note(Remark{Profile: "SHARE2", Text: "the stick is lost", Target: "csr1", Share: 2}, w.people); err != nil {
		t.Fatal(err)
	}
	if last := n.Records()[len(n.Records())-1]; last.Peer != "csr1" || last.Share != 2 {
		t.Errorf("%+v", last)
	}
	for _, bad := range []struct {
		m    Remark
		code refusal.Code
		says string
	}{
		{Remark{Target: "csr1"}, refusal.CodeNote, "or about neither"},
		{Remark{Share: 1}, refusal.CodeNote, "or about neither"},
		{Remark{Target: "css", Share: 1}, refusal.CodeNotHere, `"css" is not a target`},
		{Remark{Target: "csr1", Share: 3}, refusal.CodeShareIndex, "there is no share 3"},
	} {
		bad.m.Profile, bad.m.Text = "SHARE2", "lost"
		mustRefuse(t, n.Note(bad.m, w.people), bad.code, bad.says)
	}
}
