package transcript

import (
	"bytes"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// bundleTampers are bundles that have no place in the transcript, or are forged.
var bundleTampers = []tamper{
	{name: "forged receipt as a bundle", sealed: true, lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Node == "csr1" && r.Kind == bundle.KindReceipt && r.Event != journal.EventReceived {
				return skipped
			}
			return signed
		}
		l.when("received", func() {
			l.nodes["csr1"].wrote("SETTER", "", bundle.Header{Kind: bundle.KindJournal, Sequence: 9}, *unknown(), journal.WrittenData{})
		})
	}, rule: "evidence", node: "csr1", text: "as made: it is a forgery", noRecord: true},
	{name: "bundle signed by another", sealed: true, lie: func(l *liar) {
		l.when("installed", func() { l.nodes["csr1"].receipt = newKey() })
		at := l.at
		l.at = func(p string) {
			if at(p); p == "certified" {
				l.nodes["csr1"].receipt = newKey()
			}
		}
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Node == "csr1" && r.Event == journal.EventWritten && r.Kind == bundle.KindReceipt {
				l.told, l.record = true, r.Seq
			}
			return signed
		}
	}, rule: "evidence", node: "csr1", text: "is not good"},
	{name: "bundle that answers another than its record says", sealed: true, lie: func(l *liar) {
		l.change(event("csr1", journal.EventWritten, bundle.KindReceipt), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.WrittenData](*r)
			d.Answers = l.answers["csr1"]
			r.Data = data(d)
		})
	}, rule: "evidence", node: "csr1", text: "the bundle answers"},
	{name: "bundle made after its certificate", sealed: true, lie: func(l *liar) {
		l.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
			if h.Kind == bundle.KindStatement && h.To[0] == "csr1" {
				h.Time += 31 * 24 * 60 * 60
			}
			return body
		}
		l.decide(event("css", journal.EventWritten, bundle.KindStatement), func(*journal.Record) sign { return signed })
	}, rule: "certificate", node: "css", text: "was made outside of the time of its certificate"},
	{name: "receipt that nothing vouches for", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = l.bundles[:len(l.bundles)-4] })
	}, rule: "evidence", node: "csr1", text: "cannot be judged without the certificate of csr1", noRecord: true, weight: Open},
	{name: "bundle of another kind than its record says", sealed: true, lie: func(l *liar) {
		l.change(event("csr1", journal.EventWritten, bundle.KindReceipt), func(r *journal.Record) { r.Kind = bundle.KindCSRKey })
	}, rule: "evidence", node: "csr1", text: "the bundle is a receipt from csr1"},
	{name: "bundle about another than its record says", sealed: true, lie: func(l *liar) {
		l.change(func(r *journal.Record) bool {
			return r.Event == journal.EventWritten && r.Kind == bundle.KindCSRCert && r.Peer == "csr1"
		}, func(r *journal.Record) { r.Peer = "csr2" })
	}, rule: "evidence", node: "sa", text: "is about csr2, the bundle is about csr1"},
	{name: "bundle with another sequence number than its record says", sealed: true, lie: func(l *liar) {
		l.change(event("csr1", journal.EventWritten, bundle.KindReceipt), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.WrittenData](*r)
			d.Sequence = 7
			r.Data = data(d)
		})
	}, rule: "evidence", node: "csr1", text: "has sequence number 7, the bundle has 2"},
	{name: "bundle from a node with another serial number", sealed: true, lie: func(l *liar) {
		l.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
			if h.Kind == bundle.KindReceipt && h.From.Name == "csr1" {
				h.From.Serial = coproc.Serial([]byte("SOFT9999"))
			}
			return body
		}
	}, rule: "evidence", node: "csr1", text: "is from csr1 (serial SOFT9999", noRecord: true},
	{name: "share in the transcript", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = append(l.bundles, l.shareBundle("csr1")) })
	}, rule: "evidence", node: "css", text: "gathering shares undoes their separation", noRecord: true},
	{name: "bundle of another ceremony", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = append(l.bundles, newWorld(shape{m: 2, n: 2, targets: 1}).run().bundles[2]) })
	}, rule: "evidence", node: "csr1", text: "is of ceremony", noRecord: true},
	{name: "bundle of a rehearsal", sealed: true, lie: func(l *liar) {
		l.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
			h.Rehearsal = h.Kind == bundle.KindCSRKey && h.From.Name == "csr1"
			return body
		}
	}, rule: "evidence", node: "csr1", text: "was made in a rehearsal", noRecord: true},
	{name: "file that is no bundle", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = append(l.bundles, []byte("something else")) })
	}, rule: "evidence", text: "is not good", noRecord: true},
	{name: "two plans of the same SA key", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			plan := bytes.Replace(l.text, []byte("Test"), []byte("Best"), 1)
			l.nodes["sa"].make("KEYGEN", "", bundle.Header{Kind: bundle.KindSAKey}, bundle.SAKeyBody{Keys: l.nodes["sa"].keys, Plan: plan})
		})
	}, rule: "evidence", node: "sa", text: "two different sa-key bundles", noRecord: true},
	{name: "sa-key of another key", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = l.bundles[1:] })
		at := l.at
		l.at = func(p string) {
			if at(p); p == "exported" {
				l.bundles = append(l.bundles, newWorld(shape{m: 2, n: 2, targets: 1}).run().bundles[0])
			}
		}
	}, rule: "evidence", text: "no sa-key bundle has the SA key of this hash", noRecord: true},
	{name: "no sa-key", sealed: true, lie: func(l *liar) { l.when("exported", func() { l.bundles = l.bundles[1:] }) },
		rule: "evidence", text: "there is no sa-key bundle", noRecord: true},
	{name: "wrong hash card", sealed: true, lie: func(l *liar) { l.hash = &coproc.Thumbprint{1, 2, 3} },
		rule: "evidence", text: "the card or the transcript is of another SA key", noRecord: true},
}
