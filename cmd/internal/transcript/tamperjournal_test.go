package transcript

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// journalTampers are what is wrong with a journal itself, or with whose it is.
var journalTampers = []tamper{
	// The file of a journal, changed without its keys.
	{name: "dropped record", lie: rawAt(func(raw [][]byte, i int) [][]byte { return append(raw[:i:i], raw[i+1:]...) }),
		rule: "journal-chain", node: "csr1", text: "records were removed or exchanged"},
	{name: "reordered records", lie: rawAt(func(raw [][]byte, i int) [][]byte { raw[i], raw[i+1] = raw[i+1], raw[i]; return raw }),
		rule: "journal-chain", node: "csr1", text: "records were removed or exchanged"},
	{name: "changed officer", lie: rawAt(func(raw [][]byte, i int) [][]byte { return replaceIn(raw, i, "SHARE1", "SHARE2") }),
		rule: "journal-chain", node: "csr1"},
	{name: "changed byte of a text", lie: func(l *liar) {
		l.when("received", func() {
			l.told, l.record = true, 2
			l.books["csr1"].raw = replaceIn(l.books["csr1"].raw, 1, "audit", "Audit")
		})
	}, rule: "journal-chain", node: "csr1"},
	{name: "signature of another record", lie: rawAt(func(raw [][]byte, i int) [][]byte {
		n := len(raw[i])
		raw[i] = append(raw[i][:n-64:n-64], raw[i+1][len(raw[i+1])-64:]...)
		return raw
	}), rule: "journal-chain", node: "csr1", text: "signature"},
	{name: "truncated within a record", lie: func(l *liar) {
		l.when("received", func() {
			b := l.books["csr1"]
			b.raw = append(b.raw[:8:8], b.raw[8][:40])
			l.told, l.record = true, 9
			l.onRecord = func(at *book, _ *journal.Record) sign {
				if at == b {
					return skipped
				}
				return signed
			}
		})
	}, rule: "journal-chain", node: "csr1", text: "cut short"},
	{name: "act without a signature", lie: func(l *liar) {
		l.decide(task("csr1", procedure.TaskSet, 0), func(*journal.Record) sign { return unsigned })
	}, rule: "journal-chain", node: "csr1", text: "not signed"},
	// What whoever has the audit key can write, and has not the keys of the others.
	{name: "record in the name of another officer", lie: func(l *liar) {
		l.decide(task("csr1", procedure.TaskInstallShares, 2), func(r *journal.Record) sign {
			l.books["csr1"].keys["SHARE2"] = newKey()
			return signed
		})
	}, rule: "journal-chain", node: "csr1", text: `"SHARE2" did not sign it`},
	{name: "officers' keys of somebody's own", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool {
			return r.Event == journal.EventInit && strings.HasSuffix(r.Text, "csr1")
		}, func(r *journal.Record) {
			b := l.books["csr1"]
			vouched := l.nodes["csr1"].keys
			b.enlist()
			l.nodes["csr1"].keys = vouched
			d, _ := journal.DataOf[journal.InitData](*r)
			d.Officers = b.officers
			r.Data = data(d)
		})
	}, rule: "officer-keys", node: "csr1", text: "not those that the certificate with its audit key vouches for"},
	{name: "no key of an officer", lie: func(l *liar) {
		b := l.books["csr1"]
		b.officers = slices.DeleteFunc(b.officers, func(f coproc.FirstKey) bool { return f.Profile == "PART1" })
		l.nodes["csr1"].keys.Officers = must(b.officers.Digest())
		l.told, l.record = true, 1
	}, rule: "officer-keys", node: "csr1", text: "its first record has no key of PART1"},
	{name: "key of somebody who is not in the plan", lie: func(l *liar) {
		l.books["csr1"].enlist("MALLORY")
		l.told, l.record = true, 1
	}, rule: "officer-keys", node: "csr1", text: "a key of profile MALLORY, which is not in the plan"},
	{name: "one key for two officers", lie: func(l *liar) {
		b := l.books["csr1"]
		b.officers[1].Key = b.officers[0].Key
		l.told, l.record = true, 1
	}, rule: "journal-chain", node: "csr1", text: "have one key"},
	{name: "new key that the old one does not prove", lie: func(l *liar) {
		l.when("installed", func() {
			b := l.books["csr1"]
			b.keys["SHARE2"] = newKey()
			l.here("csr1")
			b.changePassphrase("SHARE2")
		})
	}, rule: "journal-chain", node: "csr1", text: `that "SHARE2" has a new key is not proved by the old one`},
	{name: "old key after another came", lie: func(l *liar) {
		l.when("installed", func() {
			b := l.books["csr1"]
			old := b.keys["SHARE2"]
			b.changePassphrase("SHARE2")
			b.keys["SHARE2"] = old
			l.here("csr1")
			b.write("SHARE2", journal.Record{Event: journal.EventNote, Node: "csr1", Text: "all is well"})
		})
	}, rule: "journal-chain", node: "csr1", text: `"SHARE2" did not sign it`},
	{name: "new key that is another officer's", lie: func(l *liar) {
		l.when("installed", func() {
			b := l.books["csr1"]
			old := b.keys["SHARE2"]
			change := coproc.OfficerChange{Ceremony: l.plan.CeremonyID(), Serial: b.serial, Profile: "SHARE2", Old: public(old), New: public(b.keys["SHARE1"])}
			l.here("csr1")
			b.write("SHARE1", journal.Record{Event: journal.EventOfficerKey, Node: "csr1", Data: data(journal.OfficerKeyData{
				Profile: "SHARE2", Key: change.New, Proof: must(change.Sign(old)),
			})})
		})
	}, rule: "journal-chain", node: "csr1", text: `the new key of "SHARE2" is an officer's already`},
	{name: "new key written down by another officer", lie: func(l *liar) {
		l.when("installed", func() {
			b := l.books["csr1"]
			old, next := b.keys["SHARE2"], newKey()
			change := coproc.OfficerChange{Ceremony: l.plan.CeremonyID(), Serial: b.serial, Profile: "SHARE2", Old: public(old), New: public(next)}
			b.keys["SHARE2"] = next
			l.here("csr1")
			b.write("SHARE1", journal.Record{Event: journal.EventOfficerKey, Node: "csr1", Data: data(journal.OfficerKeyData{
				Profile: "SHARE2", Key: change.New, Proof: must(change.Sign(old)),
			})})
		})
	}, rule: "officer", node: "csr1", text: "it was done by SHARE1"},
	{name: "one signature of two", lie: func(l *liar) {
		l.when("received", func() {
			b := l.books["csr1"]
			var e entryRaw
			if err := detcbor.Unmarshal(b.raw[4], &e); err != nil {
				panic(err)
			}
			e.Officer = nil
			b.raw[4] = data(e)
			l.told, l.record = true, 5
		})
	}, rule: "journal-chain", node: "csr1", text: "one signature, of two"},
	{name: "cut before the export", lie: func(l *liar) {
		l.decide(event("csr1", journal.EventExported, ""), func(*journal.Record) sign { l.record--; return skipped })
	}, rule: "journal-end", node: "csr1", text: "does not end with"},

	// Whose journal it is.
	{name: "fork", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			b := l.books["csr1"]
			b.records, b.raw, b.head = b.records[:15], b.raw[:15:15], b.records[15].Previous
			l.here("csr1")
			b.write("AUDITOR", journal.Record{Event: journal.EventNote, Node: "csr1", Text: "nothing happened"})
			l.export(b)
		})
	}, rule: "journal-fork", node: "csr1"},
	{name: "journal of another ceremony", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			other := newWorld(shape{m: 2, n: 3, targets: 2}).run()
			l.bundles = l.bundles[:len(l.bundles)-1] // csr2's
			l.sealJournal(other.books["csr2"], "csr2", other.books["csr2"].audit, other.books["csr2"].raw)
			l.told, l.record = true, 1
		})
		// Nobody vouches for its key: it does not count.
	}, rule: "journal-missing", node: "csr2", text: "is not here", noRecord: true, weight: Open},
	{name: "ceremony of a journal", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool {
			return r.Event == journal.EventInit && strings.HasSuffix(r.Text, "csr1")
		}, func(r *journal.Record) {
			d, _ := journal.DataOf[journal.InitData](*r)
			d.Ceremony[0] ^= 1
			r.Data = data(d)
		})
	}, rule: "journal-plan", node: "csr1", text: "it is the journal of ceremony"},
	{name: "journals exchanged", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			l.bundles = l.bundles[:len(l.bundles)-2]
			one, two := l.books["csr1"], l.books["csr2"]
			l.sealJournal(one, "csr2", one.audit, one.raw)
			l.sealJournal(two, "csr1", two.audit, two.raw)
			l.told, l.record = true, 1
		})
	}, rule: "journal-owner", node: "csr2", text: "the journal inside is that of csr1"},
	{name: "journal sealed by another key", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			l.bundles = l.bundles[:len(l.bundles)-1]
			l.sealJournal(l.books["csr2"], "csr2", newKey(), l.books["csr2"].raw)
		})
	}, rule: "journal-missing", node: "csr2", text: "is not here", noRecord: true, weight: Open},
	{name: "journal sealed by another node", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			l.bundles = l.bundles[:len(l.bundles)-1]
			l.sealJournal(l.books["csr2"], "csr2", l.books["csr1"].audit, l.books["csr2"].raw)
			l.told, l.record = true, 1
		})
	}, rule: "journal-owner", node: "csr2", text: "another key than the audit key"},
	{name: "signature of a journal's bundle", sealed: true, lie: func(l *liar) {
		l.when("exported", func() {
			raw := bytes.Clone(l.bundles[len(l.bundles)-1])
			raw[len(raw)-1] ^= 1
			l.bundles[len(l.bundles)-1] = raw
		})
	}, rule: "evidence", node: "csr2", text: "the signature of the bundle is not good", noRecord: true},
	{name: "parts of something else", sealed: true, lie: func(l *liar) {
		l.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
			if b, ok := body.(bundle.JournalBody); ok && h.From.Name == "csr2" {
				b.Whole = *unknown()
				return b
			}
			return body
		}
	}, rule: "journal-chain", node: "csr2", text: "are not of the journal that they say to be of", noRecord: true},
	{name: "audit key that nobody certified", lie: func(l *liar) { l.books["csr1"].audit = newKey() },
		rule: "journal-missing", node: "csr1", text: "is not here", noRecord: true, weight: Open},
	{name: "audit key of another node", lie: func(l *liar) {
		k := l.books["css"].audit
		l.books["css"].audit = l.books["csr1"].audit
		l.books["csr1"].audit = k
		l.told, l.record = true, 1
	}, rule: "journal-signer", node: "csr1", text: "no certificate of csr1 vouches for"},
	{name: "audit key of the SA", lie: func(l *liar) { l.books["sa"].audit = newKey() },
		rule: "journal-missing", node: "sa", text: "is not here", noRecord: true, weight: Open},
	{name: "audit key of another node at the SA", lie: func(l *liar) {
		l.books["sa"].audit, l.books["csr1"].audit = l.books["csr1"].audit, l.books["sa"].audit
		l.told, l.record = true, 1
	}, rule: "journal-signer", node: "sa", text: "the one that came with the SA key"},
	{name: "serial number", lie: func(l *liar) {
		l.books["csr1"].serial = coproc.Serial([]byte("SOFT9999"))
		l.told, l.record = true, 1
	}, rule: "journal-owner", node: "csr1", text: "SOFT9999"},
	{name: "journal of no coprocessor", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool {
			return r.Event == journal.EventInit && strings.HasSuffix(r.Text, "csr1")
		}, func(r *journal.Record) {
			d, _ := journal.DataOf[journal.InitData](*r)
			d.Device = "nowhere"
			r.Data = data(d)
		})
	}, rule: "journal-owner", node: "csr1", text: "which the plan does not have"},
	{name: "store of another plan", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool {
			return r.Event == journal.EventInit && strings.HasSuffix(r.Text, "csr1")
		}, func(r *journal.Record) {
			d, _ := journal.DataOf[journal.InitData](*r)
			d.Plan = *unknown()
			r.Data = data(d)
		})
	}, rule: "journal-plan", node: "csr1", text: "another plan"},
	{name: "plan beside the journal", sealed: true, lie: func(l *liar) {
		l.books["csr1"].plan = bytes.Replace(l.books["csr1"].plan, []byte("Test"), []byte("Best"), 1)
		l.told, l.record = true, 1
	}, rule: "journal-plan", node: "csr1", text: "the plan that came with"},
	{name: "missing journal", sealed: true, lie: func(l *liar) {
		l.when("exported", func() { l.bundles = l.bundles[:len(l.bundles)-1] })
	}, rule: "journal-missing", node: "csr2", text: "is not here", noRecord: true, weight: Open},
	{name: "missing part of a journal", sealed: true, lie: func(l *liar) {
		l.when("received", func() {
			for range 250 {
				l.books["csr2"].write("AUDITOR", journal.Record{Event: journal.EventNote, Node: "csr2", Text: strings.Repeat("long ", 200)})
			}
		})
		at := l.at
		l.at = func(p string) {
			if at(p); p == "exported" {
				l.bundles = l.bundles[:len(l.bundles)-1]
			}
		}
	}, rule: "journal-missing", node: "csr2", text: "part 2 of 2", noRecord: true, weight: Open},
	{name: "old export", sealed: true, lie: func(l *liar) {
		l.when("certified", func() { l.export(l.books["csr2"]) })
		at := l.at
		l.at = func(p string) {
			if at(p); p == "exported" {
				l.bundles = l.bundles[:len(l.bundles)-1]
			}
		}
	}, rule: "journal-end", node: "csr2", text: "bring a newer one", noRecord: true, weight: Open},
}
