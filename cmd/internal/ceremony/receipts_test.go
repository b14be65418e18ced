package ceremony

import (
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// receipts takes in what the stick has, at a node.
func (w *world) receipts(node string, o Options) ([]Receipted, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	o.Incoming = read(n.Folders("3b"), w.stick)
	return n.Receipts(o, w.people)
}

// Source and SA take the receipts in, once; the source compares them.
func TestReceipts(t *testing.T) {
	w := after(t, standard, "3d")
	pattern := w.pattern.String()
	for _, node := range []string{"css", "sa", "css"} {
		all, err := w.receipts(node, Options{})
		if err != nil {
			t.Fatalf("%s: %v", node, err)
		}
		if len(all) != len(w.plan.Targets()) {
			t.Fatalf("%s: %+v", node, all)
		}
		for _, r := range all {
			expected := ""
			if node == "css" {
				expected = pattern
			}
			if r.Pattern != pattern || r.Expected != expected || r.By != "SETTER" || len(r.Shares) != w.plan.M {
				t.Errorf("%s: %+v", node, r)
			}
		}
	}
	n := w.open("css")
	defer n.Close()
	taken := 0
	for _, rec := range n.Records() {
		if rec.Event == journal.EventReceived && rec.Kind == bundle.KindReceipt {
			taken++
		}
	}
	if taken != len(w.plan.Targets()) {
		t.Errorf("%d records of receipts", taken)
	}
	if s := n.Status(); len(s.Receipts) != taken {
		t.Errorf("status: %+v", s.Receipts)
	}
	if wants := n.ReceiptWants(Options{}); len(wants) != 0 {
		t.Errorf("still wanted: %+v", wants)
	}
}

// What a receipt cannot be.
func TestReceiptsRefused(t *testing.T) {
	w := after(t, standard, "3d")
	path, data := w.one("csr1.db/receipt")
	_, stated := w.one("csr1.db/statement")
	statement := coproc.DigestOf(stated)
	good := bundle.ReceiptBody{
		Class: w.plan.MasterKeyClass(), Pattern: w.pattern, Current: coproc.Register{State: coproc.Full, Pattern: w.pattern},
		Installed: []uint8{1, 2}, By: "SETTER",
	}
	boxes := []string{w.keys("sa").Intake, w.keys("css").Intake}
	other := w.pattern
	other[0] ^= 1
	forge := func(header bundle.Header, change func(*bundle.ReceiptBody)) []byte {
		body := good
		change(&body)
		header.Kind, header.To = bundle.KindReceipt, []string{"sa", "css"}
		if header.Answers.IsZero() {
			header.Answers = statement
		}
		return w.forge(forgery{from: "csr1", header: header, body: body, boxes: boxes})
	}
	for name, c := range map[string]struct {
		data  []byte
		code  refusal.Code
		words string
	}{
		"changed": {append(append([]byte{}, data[:len(data)-1]...), data[len(data)-1]^1), refusal.CodeSignature, "signature"},
		"another key": {forge(bundle.Header{}, func(b *bundle.ReceiptBody) {
			b.Pattern, b.Current.Pattern = other, other
		}), refusal.CodePattern, "is of a master key with pattern"},
		"not set": {forge(bundle.Header{}, func(b *bundle.ReceiptBody) {
			b.Current = coproc.Register{}
		}), refusal.CodePattern, "it does not have the master key"},
		"too few shares": {forge(bundle.Header{}, func(b *bundle.ReceiptBody) {
			b.Installed = []uint8{1}
		}), refusal.CodeShareState, "only shares [1] were installed"},
		"another class": {forge(bundle.Header{}, func(b *bundle.ReceiptBody) {
			b.Class = coproc.AsymMK
		}), refusal.CodeClass, "the plan clones SYM-MK"},
		"another statement": {forge(bundle.Header{Answers: coproc.DigestOf([]byte("x"))}, func(*bundle.ReceiptBody) {}),
			refusal.CodeOtherRequest, "it is of an earlier share set"},
	} {
		t.Run(name, func(t *testing.T) {
			w.stick[path] = c.data
			_, err := w.receipts("css", Options{Targets: []string{"csr1"}})
			mustRefuse(t, err, c.code, c.words)
		})
	}
	// One target's receipt is not another's.
	w.stick[path] = data
	own, _ := w.one("csr2.db/receipt")
	w.stick[own] = data
	_, err := w.receipts("css", Options{Targets: []string{"csr2"}})
	mustRefuse(t, err, refusal.CodeMissing, "there is no receipt of any target")

	n := w.open("csr1")
	defer n.Close()
	_, err = n.Receipts(Options{}, w.people)
	mustRefuse(t, err, refusal.CodeNotHere, "receipts are taken in at the source and at the SA")
}
