package ceremony

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// What one bad officer, with a stick of their own, must not bring about alone.

// The hash officer enters the hash of a rogue SA, whose key is on the stick:
// the key officer's own card does not have it.
func TestRogueHashOfficer(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
	w.masterKey("css")
	w.phase("sa", "1")
	genuine := w.people.hash
	rogue := &world{t: t, plan: w.plan, dir: t.TempDir(), people: &people{}, stick: stick{}, now: testNow}
	rogue.init("sa")
	rogue.phase("sa", "1")
	w.people.hash, w.people.secondCard = rogue.people.hash, &genuine
	_, err := w.try("css", "2a", Options{Incoming: read([]string{procedure.SADatabase}, rogue.stick)})
	mustRefuse(t, err, refusal.CodeHashDiffers, "the card of KEYREG does not have the words of the registered SA-key hash")
	if !w.info("css").SAKey.IsZero() {
		t.Error("the rogue SA key was registered")
	}
}

// The certifier certifies a rogue target: the share officers compare its keys
// with the key card from the target's room, and say no.
func TestRogueCertifier(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
	w.upTo("3b")
	shown := &confirming{people: w.people}
	n := w.open("css")
	defer n.Close()
	_, err := n.RunPhase("3c", Options{Incoming: read(n.Folders("3c"), w.stick), Deliver: w.stick.deliver}, shown)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "share 1: nobody said yes, nothing was done")
	if len(w.stick.sent("csr1.db/share")) != 0 {
		t.Error("a share was given out")
	}
	keys := w.info("csr1").Key("csr1").Keys
	if len(shown.seen) != 1 || len(shown.seen[0].Facts) != 1 || shown.seen[0].Facts[0][1] != keyCard(keys) {
		t.Errorf("shown was %+v, want %s", shown.seen, keyCard(keys))
	}
	// The same card was shown in the target's room.
	target := w.open("csr1")
	defer target.Close()
	if done, _ := target.History().Done(history.TaskKey{Node: "csr1", Task: procedure.TaskGenerateKey}); !strings.Contains(done.Text, keyCard(keys)) {
		t.Errorf("csr1 showed %q", done.Text)
	}
}

// confirming sees what is to be confirmed, and says no.
type confirming struct {
	*people
	seen []Confirmation
}

func (c *confirming) Confirm(q Confirmation) (journal.Means, error) {
	c.seen = append(c.seen, q)
	return 0, ErrNoAnswer
}

// A key card covers every key: another share box behind the same signature key
// is another card.
func TestKeyCardCoversAll(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
	w.upTo("3a")
	keys := w.info("csr1").Key("csr1").Keys
	for name, change := range map[string]func(*coproc.Keys){
		"box":       func(k *coproc.Keys) { k.Box = w.info("css").Key("css").Keys.Box },
		"share box": func(k *coproc.Keys) { k.ShareBox += "x" },
		"audit key": func(k *coproc.Keys) { k.Audit = k.Sign },
	} {
		other := keys
		change(&other)
		if keyCard(other) == keyCard(keys) {
			t.Errorf("another %s has the same card", name)
		}
	}
}

// Nobody can sign a record as somebody else: it is not even written.
func TestRecordOfAnother(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
	n := w.open("csr1")
	session, err := n.Coprocessor().LogOn("SHARE1", passphraseOf("SHARE1"), testNow)
	if err != nil {
		t.Fatal(err)
	}
	rec := journal.Record{Event: journal.EventTask, Node: "csr1", Task: procedure.TaskSet, Profile: "SETTER", Time: testNow.Unix()}
	before := must(n.Journal().Bytes())
	err = n.Journal().Append(rec, impostor{session})
	if err == nil || !strings.Contains(err.Error(), `"SETTER" did not sign it`) || !bytes.Equal(must(n.Journal().Bytes()), before) {
		t.Errorf("error is %v", err)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	n.Close()
	w.noError(w.open("csr1").Close())
}

// impostor says to be somebody else than the one who is logged on.
type impostor struct{ coproc.Session }

func (impostor) Profile() string { return "SETTER" }

// Junk on a stick does not fill the journal.
func TestJunkIsBounded(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
	w.masterKey("css")
	w.phase("sa", "1")
	n := w.open("css")
	before := len(n.Records())
	n.Close()
	var in []bundle.Incoming
	for path, data := range w.stick {
		_, name, _ := strings.Cut(path, "/")
		in = append(in, bundle.Incoming{Folder: procedure.SADatabase, Name: name, Data: data})
	}
	for i := range 200 {
		in = append(in, bundle.Incoming{Folder: procedure.SADatabase, Name: strings.Repeat("n", i+1), Data: append([]byte(strings.Repeat("\x01", i)), make([]byte, bundle.MaxSize/4)...)})
	}
	if _, err := w.try("css", "2a", Options{Incoming: in}); err != nil {
		t.Fatal(err)
	}
	n = w.open("css")
	defer n.Close()
	refused, size := 0, 0
	for _, r := range n.Journal().Records()[before:] {
		if r.Event == journal.EventRefused {
			refused++
			size += len(r.Text)
		}
	}
	if refused > maxRefusals || size > maxRefusals*(maxRefusalText+64) {
		t.Errorf("%d refusals of %d bytes are in the journal", refused, size)
	}
}
