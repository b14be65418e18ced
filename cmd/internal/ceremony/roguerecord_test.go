package ceremony

import (
	"crypto/ed25519"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/thief"
)

// ownSoftware is one officer with a copy of a software coprocessor's store and a
// program of their own: it has all that one passphrase opens.
type ownSoftware struct {
	w       *world
	dir     string
	profile string
	loot    *thief.Loot
	officer ed25519.PrivateKey // the officer's own
	audit   ed25519.PrivateKey
	state   map[int]cbor.RawMessage
}

func (w *world) ownSoftware(node, profile string) *ownSoftware {
	w.t.Helper()
	o := &ownSoftware{w: w, dir: w.store(node), profile: profile}
	o.loot = must(thief.Open(filepath.Join(o.dir, store.DeviceDir), map[string][]byte{profile: passphraseOf(profile)}))
	o.state, o.officer = o.loot.Fields, ed25519.NewKeyFromSeed(o.loot.Officers[profile])
	o.audit = ed25519.NewKeyFromSeed(o.loot.Opened["11/1"])
	return o
}

func (o *ownSoftware) decode(b []byte, v any) {
	o.w.t.Helper()
	if err := cbor.Unmarshal(b, v); err != nil {
		o.w.t.Fatal(err)
	}
}

// number reads a number of the state.
func (o *ownSoftware) number(field int) (n uint64) {
	o.decode(o.state[field], &n)
	return n
}

func (o *ownSoftware) set(field int, v any) { o.state[field] = must(detcbor.Marshal(v)) }

// save writes a state that every officer's log-on takes for the coprocessor's.
func (o *ownSoftware) save() { o.w.noError(o.loot.Save(must(detcbor.Marshal(o.state)))) }

// sign is a journal entry of a record, signed by the coprocessor and by whom key is of.
func (o *ownSoftware) sign(r journal.Record, acts uint64, key ed25519.PrivateKey) (raw []byte, head coproc.Digest) {
	body := must(detcbor.Marshal(r))
	h := sha256.New()
	h.Write([]byte("gapferry journal record v1"))
	h.Write(r.Previous[:])
	h.Write(body)
	h.Sum(head[:0])
	setup := o.w.plan.Setup(o.w.plan.Coprocessor(filepath.Base(o.dir)))
	seal := coproc.JournalSeal{Ceremony: setup.Ceremony, Serial: setup.Serial, Count: r.Seq, Head: head, Profile: r.Profile, Acts: acts}
	e := journal.Entry{Body: body, Acts: acts}
	e.Signature = must(coproc.SignValue(cosesig.DomainJournal, seal, must(cosesig.NewPublicKey(o.audit.Public())), o.audit))
	e.Officer = must(coproc.SignValue(cosesig.DomainJournalOfficer, seal, must(cosesig.NewPublicKey(key.Public())), key))
	return must(detcbor.Marshal(e)), head
}

// journal is the store's, and where it lies.
func (o *ownSoftware) journal() (*journal.Journal, string) {
	path := filepath.Join(o.dir, store.JournalFile)
	return must(journal.Parse(must(os.ReadFile(path)))), path
}

func (w *world) noError(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// One officer with own software, who has the audit key and can write a state that
// every log-on accepts, adds a record in the name of another officer: the store is
// refused by name of the record. In their own name they can, as with a pencil.
func TestRogueRecord(t *testing.T) {
	for _, test := range []struct {
		name string
		says string
	}{
		{"AUDITOR", ""},
		{"SHARE2", `: "SHARE2" did not sign it: signature does not verify`},
		{"NOBODY", `: it is signed in the name of "NOBODY", who is none of the officers of this coprocessor`},
	} {
		w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
		w.upTo("3a")
		o := w.ownSoftware("csr1", "AUDITOR")
		j, path := o.journal()
		acts := o.number(24) + 1
		r := journal.Record{
			Seq: uint64(len(j.Records()) + 1), Previous: j.Head(), Time: w.now.Unix(), Event: journal.EventNote, Node: "csr1",
			Profile: test.name, Share: 2, Text: "share 2 destroyed by me",
		}
		raw, head := o.sign(r, acts, o.officer)
		w.noError(os.WriteFile(path, append(must(os.ReadFile(path)), raw...), 0o600))
		o.set(24, acts)
		o.set(21, r.Seq)
		o.set(22, head)
		o.save()
		n, err := Open(w.store("csr1"), softBackend, w.clock)
		if test.says == "" {
			w.noError(err)
			w.noError(n.AuditJournal(w.people))
			w.noError(n.Close())
			continue
		}
		mustRefuse(t, err, refusal.CodeJournal, test.says)
	}
}

// They make keys for all the others as well, and put those into state and journal:
// whoever is not of the plot finds it when they log on, as their own file has the
// genuine key. Where the node has its keys, everybody does.
func TestRogueOfficerKeys(t *testing.T) {
	for _, test := range []struct {
		after, logOn string
		hide         bool // the digest in the node's keys is changed, too
		says         string
	}{
		{"3a", "AUDITOR", false, "the officers' keys in its first record are not those of node csr1"},
		{"3a", "SHARE2", true, "the state says that profile SHARE2 signs with a key that is not in that profile's file"},
		{"3a", "SHARE2", false, "the state says that profile SHARE2 signs with a key that is not in that profile's file"},
	} {
		w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
		w.upTo(procedure.PhaseID(test.after))
		o := w.ownSoftware("csr1", "AUDITOR")
		digest := o.forgeOfficers()
		if test.hide {
			var nodes []map[int]cbor.RawMessage
			o.decode(o.state[14], &nodes)
			var keys map[int]cbor.RawMessage
			o.decode(nodes[0][3], &keys)
			keys[7] = must(detcbor.Marshal(digest))
			nodes[0][3] = must(detcbor.Marshal(keys))
			o.set(14, nodes)
		}
		o.save()
		n, err := Open(w.store("csr1"), softBackend, w.clock)
		w.noError(err)
		err = n.Note(Remark{Profile: test.logOn, Text: "the lamp went out"}, w.people)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error is %v, want %q", test.logOn, err, test.says)
		}
		w.noError(n.Close())
	}
}

// forgeOfficers gives every other officer a key of the forger's, in the state and
// in a journal that is signed anew from the first record on.
func (o *ownSoftware) forgeOfficers() coproc.Digest {
	j, path := o.journal()
	keys := map[string]ed25519.PrivateKey{o.profile: o.officer}
	var list coproc.OfficerList
	for _, f := range j.Init().Officers {
		if keys[f.Profile] == nil {
			_, keys[f.Profile], _ = ed25519.GenerateKey(nil)
		}
		list = append(list, coproc.FirstKey{Profile: f.Profile, Key: must(cosesig.NewPublicKey(keys[f.Profile].Public()))})
	}
	var file []byte
	var head coproc.Digest
	for i, r := range j.Records() {
		if i == 0 {
			init := j.Init()
			init.Officers = list
			r.Data = must(detcbor.Marshal(init))
		}
		r.Previous = head
		var raw []byte
		if !j.Signed(r.Seq) {
			_, head = o.sign(r, 0, o.officer)
			raw = must(detcbor.Marshal(journal.Entry{Body: must(detcbor.Marshal(r))}))
		} else {
			raw, head = o.sign(r, uint64(i+1), keys[r.Profile])
		}
		file = append(file, raw...)
	}
	o.w.noError(os.WriteFile(path, file, 0o600))
	o.set(21, uint64(len(j.Records())))
	o.set(22, head)
	var profiles []map[int]cbor.RawMessage
	o.decode(o.state[10], &profiles)
	for _, p := range profiles {
		var name string
		o.decode(p[1], &name)
		i := slices.IndexFunc(list, func(f coproc.FirstKey) bool { return f.Profile == name })
		p[8] = must(detcbor.Marshal([]coproc.PublicKey{list[i].Key}))
	}
	o.set(10, profiles)
	return must(list.Digest())
}
