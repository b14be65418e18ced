package ceremony

import (
	"encoding/hex"
	"fmt"
	"slices"
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

// shown keeps what is put before officers who confirm.
type shown struct {
	*people
	all []string
}

func (d *shown) Confirm(c Confirmation) (journal.Means, error) {
	text := c.Act
	for _, f := range c.Facts {
		text += fmt.Sprintf("\n%s: %s", f[0], f[1])
	}
	d.all = append(d.all, text)
	return d.people.Confirm(c)
}

// junkHash has the hash officer of a node register a hash that no key has.
func (w *world) junkHash(node string, phase procedure.PhaseID) coproc.Thumbprint {
	w.t.Helper()
	right := w.people.hash
	defer func() { w.people.hash = right }()
	w.people.hash = coproc.Thumbprint{0xba, 0xd0}
	for _, task := range []procedure.TaskID{procedure.TaskAudit, procedure.TaskRegisterHash} {
		if _, err := w.try(node, phase, Options{Task: task, Incoming: []bundle.Incoming{}}); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.people.hash
}

func (w *world) unregister(node, reason string, desk Desk) (*Unregistering, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	return n.UnregisterHash(reason, desk)
}

func (w *world) withdraw(node string) (*Unregistering, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	return n.WithdrawUnregister(w.people)
}

func (w *world) status(node string) Status {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	return n.Status()
}

// acts are the records of a node's journal about taking its hash back.
func (w *world) unregisterActs(node string) (acts []journal.Record) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	for _, r := range n.Records() {
		if r.Event == journal.EventAct && strings.Contains(string(r.Task), "unregister") {
			acts = append(acts, r)
		}
	}
	return acts
}

// A hash that somebody made up is taken back by two officers, who see it and
// why; then the phase begins with the hash again and goes on, with the master
// key that the source had.
func TestUnregisterHash(t *testing.T) {
	for _, room := range []struct {
		node  string
		phase procedure.PhaseID
	}{{"css", "2a"}, {"csr1", "3a"}} {
		w := after(t, small, "1")
		junk := w.junkHash(room.node, room.phase)
		_, err := w.try(room.node, room.phase, Options{})
		mustRefuse(t, err, refusal.CodeUnknownKey, "another SA key than the one whose hash is registered")
		if why := err.(*refusal.Error); !why.Unregister {
			t.Error("the refusal does not say that the hash can be taken back")
		}

		desk := &shown{people: w.people}
		w.people.asked = nil
		u, err := w.unregister(room.node, "HASH made it up", desk)
		if err != nil {
			t.Fatal(err)
		}
		at := w.now.Format("2006-01-02 15:04:05Z")
		facts := "\nSA-key hash: bad00000 00000000 00000000 00000000\n: 00000000 00000000 00000000 00000000\nregistered by: HASH (to be named), " + at
		if want := []string{
			"ask to unregister the SA-key hash" + facts + "\nbecause: HASH made it up",
			"unregister the SA-key hash" + facts + "\nasked by: HASH (to be named), " + at + "\nbecause: HASH made it up",
		}; !slices.Equal(desk.all, want) {
			t.Errorf("shown are %q, want %q", desk.all, want)
		}
		if want := []string{"HASH", "KEYREG"}; !slices.Equal(w.people.asked, want) {
			t.Errorf("asked to log on: %v, want %v", w.people.asked, want)
		}
		want := Unregistering{Node: room.node, Hash: hex.EncodeToString(junk[:]), RegisteredBy: "HASH", AskedBy: "HASH",
			Asked: w.now.Unix(), Reason: "HASH made it up", ConfirmedBy: "KEYREG"}
		if *u != want {
			t.Errorf("%+v, want %+v", *u, want)
		}
		acts := w.unregisterActs(room.node)
		if len(acts) != 2 || acts[0].Task != procedure.TaskAskUnregister || acts[0].Profile != "HASH" || acts[1].Task != procedure.TaskUnregister || acts[1].Profile != "KEYREG" ||
			!strings.HasSuffix(acts[0].Text, "bad00000 00000000 00000000 00000000: HASH made it up") ||
			!strings.HasSuffix(acts[1].Text, ", as HASH asked: HASH made it up") {
			t.Errorf("recorded %+v", acts)
		}
		if i := w.info(room.node); i.SAHash != nil || i.SAHashBy != "" || i.Unregister != nil {
			t.Errorf("the coprocessor has %+v", i)
		}
		if s := w.status(room.node); s.Unregistering != nil {
			t.Errorf("status has %+v", s.Unregistering)
		}
		if r := w.phase(room.node, room.phase); !r.Complete {
			t.Errorf("%+v", r)
		}
		if got := w.info(room.node).Register(coproc.SymMK).Current.Pattern; room.node == "css" && got != w.pattern {
			t.Errorf("the source has master key %s, want %s", got, w.pattern)
		}
	}
}

// A request alone changes nothing, is told, and ends when it is withdrawn or
// the SA key is registered.
func TestUnregisterOnlyAsked(t *testing.T) {
	w := after(t, small, "1")
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskAudit}); err != nil {
		t.Fatal(err)
	}
	_, err := w.unregister("css", "x", w.people)
	mustRefuse(t, err, refusal.CodeOrder, "no SA-key hash is registered at css: there is nothing to take back")
	_, err = w.withdraw("css")
	mustRefuse(t, err, refusal.CodeOrder, "no SA-key hash is registered")
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskRegisterHash}); err != nil {
		t.Fatal(err)
	}
	_, err = w.withdraw("css")
	mustRefuse(t, err, refusal.CodeOrder, "nobody asked to unregister the SA-key hash at css")
	for _, bad := range []string{"", "two\nlines"} {
		_, err = w.unregister("css", bad, w.people)
		mustRefuse(t, err, refusal.CodeReason, "say with --reason why, in one line")
	}
	w.people.no = true
	_, err = w.unregister("css", "perhaps wrong", w.people)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "ask to unregister the SA-key hash")
	if w.info("css").Unregister != nil || len(w.unregisterActs("css")) > 0 {
		t.Error("HASH said no, and it is asked for")
	}
	w.people.no = false

	ask := func() {
		t.Helper()
		w.people.wrong = map[string]bool{"KEYREG": true}
		_, err = w.unregister("css", "perhaps wrong", w.people)
		mustRefuse(t, err, refusal.CodePassphrase, "KEYREG")
		w.people.wrong = nil
		s := w.status("css").Unregistering
		if s == nil || s.AskedBy != "HASH" || s.Reason != "perhaps wrong" || s.ConfirmedBy != "" {
			t.Fatalf("status has %+v", s)
		}
		if i := w.info("css"); i.SAHash == nil || *i.SAHash != w.people.hash || i.UnregisterBy != "HASH" {
			t.Fatalf("the coprocessor has %+v", i)
		}
	}
	ask()
	_, err = w.unregister("css", "another reason", w.people)
	mustRefuse(t, err, refusal.CodeReason, `the reason is "perhaps wrong": to give another one, withdraw the request first`)
	n := w.open("css")
	report, err := n.Audit(w.people)
	n.Close()
	if err != nil || len(report.Differences)+len(report.Dangers) > 0 ||
		!slices.ContainsFunc(report.Attention, func(s string) bool {
			return strings.HasPrefix(s, "HASH asked to unregister the SA-key hash ")
		}) {
		t.Errorf("the audit says %+v, %v", report, err)
	}
	w.people.no = true
	_, err = w.unregister("css", "", w.people)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "unregister the SA-key hash")
	w.people.no = false
	if w.info("css").SAHash == nil {
		t.Error("KEYREG said no, and the hash is gone")
	}
	if u, err := w.withdraw("css"); err != nil || u.ConfirmedBy != "" {
		t.Fatalf("%+v, %v", u, err)
	}
	if i := w.info("css"); i.SAHash == nil || i.Unregister != nil || w.status("css").Unregistering != nil {
		t.Errorf("withdrawn, and the coprocessor has %+v", i)
	}

	ask()
	w.people.progress = nil
	w.phase("css", "2a")
	if !slices.ContainsFunc(w.people.progress, func(p Progress) bool {
		return p.State == Warning && strings.Contains(p.Text, "asked to take the registered hash back: perhaps wrong. Once its SA key is registered it stays")
	}) {
		t.Error("KEYREG is not told that somebody asked to take the hash back")
	}
	if s := w.status("css"); s.Unregistering != nil {
		t.Errorf("the SA key is registered, and status has %+v", s.Unregistering)
	}
	before := len(w.unregisterActs("css"))
	_, err = w.unregister("css", "x", w.people)
	mustRefuse(t, err, refusal.CodeKeyRegistered, "the SA key is registered, and its hash stays with it, at css")
	_, err = w.withdraw("css")
	mustRefuse(t, err, refusal.CodeKeyRegistered, "the SA key is registered")
	if len(w.unregisterActs("css")) != before {
		t.Error("what was refused is in the journal as an act")
	}
}

// Where the SA shares a coprocessor, its phase does not take over a hash that
// the other node registered wrong, and the hash of both is taken back.
func TestUnregisterHashOfTwoNodes(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.Targets, o.SAWith = 1, "css" })
	w.masterKey("css")
	w.junkHash("css", "2a")
	_, err := w.try("sa", "1", Options{})
	mustRefuse(t, err, refusal.CodeHashDiffers, "the hash that HASH registered in this coprocessor, bad00000 00000000 00000000 00000000, is not the hash of the SA key")
	if why := err.(*refusal.Error); !why.Unregister {
		t.Error("the refusal does not say that the hash can be taken back")
	}
	if u, err := w.unregister("sa", "made up", w.people); err != nil || u.Node != "css" {
		t.Fatalf("%+v, %v", u, err)
	}
	for _, row := range procedure.Table1 {
		for _, n := range w.plan.WithRole(row.Role) {
			w.phase(n.Name, row.Phase)
		}
	}
}

// The process is killed right after each call of the coprocessor: the same
// command goes on, and each half is recorded once.
func TestUnregisterKilled(t *testing.T) {
	sampled(t)
	start := after(t, small, "1")
	start.junkHash("css", "2a")
	s := start.snapshot()
	step := 3
	if long {
		step = 1
	}
	for _, withdraw := range []bool{false, true} {
		for at := 1; ; at += step {
			w := s.restore(t)
			k := &killer{at: at}
			act := func(n *Node) error {
				_, err := n.UnregisterHash("made up", w.people)
				return err
			}
			if withdraw {
				w.people.wrong = map[string]bool{"KEYREG": true}
				_, _ = w.unregister("css", "made up", w.people)
				w.people.wrong = nil
				act = func(n *Node) error {
					_, err := n.WithdrawUnregister(w.people)
					return err
				}
			}
			n, err := Open(w.store("css"), k.backend(), w.clock)
			if err != nil {
				t.Fatal(err)
			}
			err = act(n)
			n.Close()
			if !k.dead {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			n = w.open("css")
			_, registered := n.History().Done(history.TaskKey{Node: "css", Task: procedure.TaskRegisterHash})
			if open := n.Unregistering() != nil; err != nil && (open || registered && !withdraw) {
				err = act(n)
			} else {
				err = nil // all was done, and recorded
			}
			n.Close()
			if err != nil {
				t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
			}
			if got := len(w.unregisterActs("css")); got != 2 {
				t.Fatalf("killed after call %d, %s: %d acts", at, k.last, got)
			}
			if i := w.info("css"); i.Unregister != nil || (i.SAHash == nil) == withdraw {
				t.Fatalf("killed after call %d, %s: %+v", at, k.last, i)
			}
			if !withdraw {
				w.phase("css", "2a")
			}
		}
	}
}

// Killed between an act and its record, the other commands say which one
// finishes it.
func TestUnregisterNotRecorded(t *testing.T) {
	start := after(t, small, "1")
	if _, err := start.try("css", "2a", Options{Task: procedure.TaskAudit}); err != nil {
		t.Fatal(err)
	}
	if _, err := start.try("css", "2a", Options{Task: procedure.TaskRegisterHash}); err != nil {
		t.Fatal(err)
	}
	unasked := start.snapshot()
	start.people.wrong = map[string]bool{"KEYREG": true}
	_, _ = start.unregister("css", "perhaps wrong", start.people)
	hash, key := start.people.hash, start.keys("sa").Sign
	s := start.snapshot()

	w := s.restore(t)
	w.as("css", "KEYREG", func(s insider) error { return s.UnregisterHash(hash) })
	const finish = "finish that first: {coprocessor unregister-hash}"
	_, err := w.try("css", "2a", Options{})
	mustHint(t, err, refusal.CodeOrder, finish)
	_, err = w.withdraw("css")
	mustHint(t, err, refusal.CodeOrder, finish)
	if _, err := w.unregister("css", "", w.people); err != nil {
		t.Fatal(err)
	}
	w.phase("css", "2a")

	// Nor was it recorded who asked.
	w = unasked.restore(t)
	w.as("css", "HASH", func(s insider) error { return s.AskUnregister(hash) })
	w.as("css", "KEYREG", func(s insider) error { return s.UnregisterHash(hash) })
	_, err = w.try("css", "2a", Options{})
	mustHint(t, err, refusal.CodeOrder, "finish that first: {coprocessor unregister-hash --reason …}")
	if _, err := w.unregister("css", "mistyped", w.people); err != nil {
		t.Fatal(err)
	}
	if got := len(w.unregisterActs("css")); got != 2 {
		t.Errorf("%d acts", got)
	}
	w.phase("css", "2a")

	w = s.restore(t)
	w.as("css", "HASH", func(s insider) error { return s.WithdrawUnregister() })
	_, err = w.unregister("css", "", w.people)
	mustHint(t, err, refusal.CodeOrder, "finish that: {coprocessor unregister-hash --withdraw}")
	if _, err := w.withdraw("css"); err != nil {
		t.Fatal(err)
	}
	w.phase("css", "2a")

	w = s.restore(t)
	w.as("css", "KEYREG", func(s insider) error { return s.RegisterKey(key) })
	w.people.no = true // and nobody is asked
	_, err = w.unregister("css", "", w.people)
	mustRefuse(t, err, refusal.CodeKeyRegistered, "the SA key is registered, and its hash stays with it")
	w.people.no = false
	w.phase("css", "2a")
}
