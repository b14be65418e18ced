package ceremony

import (
	"errors"
	"maps"
	"os"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// beforePhase gives each phase, the world before it, and its node in a
// ceremony with one target.
func beforePhase(t *testing.T, each func(t *testing.T, phase procedure.PhaseID, node string, s snapshot)) {
	previous := procedure.PhaseID("")
	for _, row := range procedure.Table1 {
		w := after(t, small, previous)
		node := w.plan.WithRole(row.Role)[0].Name
		s := snapshots[[2]string{small.name, string(previous)}]
		t.Run(string(row.Phase), func(t *testing.T) { each(t, row.Phase, node, s) })
		previous = row.Phase
	}
}

// whole checks a node after an interrupted phase was done again: all there,
// nothing doubled, and every bundle on the stick is the one in the journal.
func (w *world) whole(node string, phase procedure.PhaseID, r *Result) {
	w.t.Helper()
	if !r.Complete || len(r.Refused) > 0 {
		w.t.Errorf("phase %s: %+v", phase, r)
	}
	for key, n := range w.tasks(node) {
		if n != 1 {
			w.t.Errorf("task %v is in the journal %d times", key, n)
		}
	}
	n := w.open(node)
	defer n.Close()
	made := map[coproc.Digest]journal.Record{}
	kinds := map[string]int{}
	sequence := uint64(0)
	for _, rec := range n.Records() {
		if rec.Event == journal.EventWritten {
			made[*rec.Bundle] = rec
			kinds[string(rec.Kind)+rec.Peer+string(rune('0'+rec.Share))]++
			if w := n.History().LastWritten(rec.Node, rec.Kind, rec.Peer, rec.Share); w.Digest != *rec.Bundle {
				continue
			}
			sequence++
		}
	}
	for kind, count := range kinds {
		if count != 1 {
			w.t.Errorf("%s was made %d times", kind, count)
		}
	}
	if n.History().Sequence[node] != sequence {
		w.t.Errorf("the sequence is at %d after %d bundles", n.History().Sequence[node], sequence)
	}
	onStick := 0
	for path, data := range w.stick {
		if h := header(w.t, data); h.From.Name == node {
			onStick++
			if _, ok := made[coproc.DigestOf(data)]; !ok {
				w.t.Errorf("%s is on the stick, the journal does not have it", path)
			}
		}
	}
	if onStick != len(made) {
		w.t.Errorf("%d bundles are on the stick, %d were made", onStick, len(made))
	}
	if files := len(tree(w.t, w.store(w.plan.Node(node).Coprocessor)+"/"+store.OutboxDir)); files != len(made) {
		w.t.Errorf("%d bundles are in the outbox, %d were made", files, len(made))
	}
	if n.Unsigned() > 1 { // copies may be noted with nobody logged on
		w.t.Logf("%d records are not signed", n.Unsigned())
	}
}

// The stick is full, or is pulled out, at each bundle: the phase says so, and
// the same again finishes it.
func TestDeliverFails(t *testing.T) {
	full := errors.New("no space left on the stick")
	beforePhase(t, func(t *testing.T, phase procedure.PhaseID, node string, s snapshot) {
		for at := 1; ; at++ {
			w, calls := s.restore(t), 0
			_, err := w.try(node, phase, Options{Deliver: func(out bundle.Outgoing) (bundle.Delivery, error) {
				if calls++; calls == at {
					return bundle.Delivery{}, full
				}
				return w.stick.deliver(out)
			}})
			if calls < at {
				if err != nil || at == 1 {
					t.Fatalf("%d bundles, %v", calls, err)
				}
				return
			}
			if !errors.Is(err, full) {
				t.Fatalf("bundle %d: error is %v", at, err)
			}
			w.whole(node, phase, w.phase(node, phase))
		}
	})
}

// long is whether the long loops try every case, as CI does; without it each
// takes a sample. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""

// sampled says in a test's log that it is not the whole loop.
func sampled(t *testing.T) {
	t.Helper()
	if !long {
		t.Log("a sample; GAPFERRY_LONG=1 tries every case")
	}
}

// The process is killed right after each call of the coprocessor: the next one
// finishes the phase, and the ceremony ends with the source's master key.
func TestKilledAfterEachCall(t *testing.T) {
	if testing.Short() {
		t.Skip("half a ceremony for every call")
	}
	sampled(t)
	points := 0
	beforePhase(t, func(t *testing.T, phase procedure.PhaseID, node string, s snapshot) {
		for at := 1; ; at++ {
			if !long && at%4 != 1 {
				continue
			}
			k := &killer{at: at}
			w := s.restore(t)
			err := w.killed(node, phase, k)
			if !k.dead {
				if err != nil {
					t.Fatalf("call %d: %v", at, err)
				}
				return
			}
			if k.last == "log on" {
				continue // nothing was changed
			}
			points++
			if err == nil && k.last != "log off" {
				t.Fatalf("killed after call %d, %s, and no error", at, k.last)
			}
			// The clock goes on: what is made again could be another thing.
			w.now = w.now.Add(1e9)
			r, err := w.try(node, phase, Options{})
			if err != nil {
				t.Errorf("killed after call %d, %s: the same again is refused: %v", at, k.last, err)
				continue
			}
			w.whole(node, phase, r)
			if k.last != "keep journal" { // of which nothing is left: as after the call before
				w.goOn(phase)
			}
			if t.Failed() {
				t.Fatalf("killed after call %d, %s", at, k.last)
			}
		}
	})
	t.Logf("%d points", points)
}

// fourTargets are enough to leave the SA's journal far ahead of what its
// coprocessor kept of it, if it kept it only now and then.
var fourTargets = setting{"four targets", func(o *draft.Options) { o.M, o.N, o.Targets = 2, 2, 4 }}

// One power failure while four targets are certified, at any call; and the
// same failure again and again, which is what a bad power supply does.
func TestKilledWhileFourAreCertified(t *testing.T) {
	sampled(t)
	after(t, fourTargets, "3a")
	s := snapshots[[2]string{fourTargets.name, "3a"}]
	step := 5
	switch {
	case long:
		step = 1
	case testing.Short():
		step = 11
	}
	for at := 1; ; at += step {
		w := s.restore(t)
		k := &killer{at: at}
		err := w.killed("sa", "3b", k)
		if !k.dead {
			if err != nil || at < 20 {
				t.Fatalf("call %d: %v", at, err)
			}
			return
		}
		for range 3 {
			_ = w.killed("sa", "3b", &killer{at: 1 + at%7})
		}
		w.whole("sa", "3b", w.phase("sa", "3b"))
		if t.Failed() {
			t.Fatalf("killed after call %d, %s", at, k.last)
		}
	}
}

// Two power failures, one in each of two phases at the SA: whatever the first
// left, the second does not make a store that refuses everybody.
func TestKilledTwiceAtTheSA(t *testing.T) {
	if testing.Short() {
		t.Skip("half a ceremony for every pair of calls")
	}
	sampled(t)
	after(t, standard, "2a")
	s := snapshots[[2]string{standard.name, "2a"}]
	step := 4 // 5 and 13 are one pair that once ended a ceremony
	if long {
		step = 1
	}
	pairs := 0
	for one := 1; ; one += step {
		w := s.restore(t)
		k := &killer{at: one}
		_ = w.killed("sa", "2b", k)
		if !k.dead {
			break
		}
		for _, csr := range []string{"csr1", "csr2"} {
			w.phase(csr, "3a")
		}
		half := w.snapshot()
		for two := 1; ; two += step {
			w := half.restore(t)
			k := &killer{at: two}
			_ = w.killed("sa", "3b", k)
			r, err := w.try("sa", "3b", Options{})
			var why *refusal.Error
			if errors.As(err, &why) && why.Code == refusal.CodeOrder {
				break // the first came before the certificate of the source
			}
			pairs++
			if err != nil {
				t.Fatalf("killed in 2b after call %d and in 3b after call %d, %s: %v", one, two, k.last, err)
			}
			if !r.Complete {
				t.Errorf("%d, %d: %+v", one, two, r)
			}
			if !k.dead {
				break
			}
		}
	}
	if pairs < 5 {
		t.Errorf("only %d pairs", pairs)
	}
}

func (w *world) killed(node string, phase procedure.PhaseID, k *killer) error {
	w.t.Helper()
	return w.killedWith(node, phase, Options{}, k)
}

func (w *world) killedWith(node string, phase procedure.PhaseID, o Options, k *killer) error {
	w.t.Helper()
	n, err := Open(w.store(w.plan.Node(node).Coprocessor), k.backend(), w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	defer n.Close()
	o.Incoming = read(n.Folders(phase), maps.Clone(w.stick))
	o.Deliver = func(out bundle.Outgoing) (bundle.Delivery, error) {
		if k.dead {
			return bundle.Delivery{}, errKilled
		}
		return w.stick.deliver(out)
	}
	_, err = n.RunPhase(phase, o, w.people)
	return err
}

// goOn does what follows a phase where what was made there is put to use, and
// compares what the two ends hold.
func (w *world) goOn(phase procedure.PhaseID) {
	w.t.Helper()
	switch phase {
	case "3c":
		w.phase("csr1", "3d")
		fallthrough
	case "3d":
		if got := w.info("csr1").Register(coproc.SymMK); got.Current.Pattern != w.pattern || got.New.State != coproc.Empty {
			w.t.Errorf("csr1 has %v, want %s", got, w.pattern)
		}
	case "3b":
		w.phase("css", "3c")
		n := w.open("css")
		defer n.Close()
		rec, _ := n.History().LastReceived("css", bundle.KindCSRCert, "csr1")
		if string(rec.Data) != string(w.certifiedBytes("csr1")) {
			w.t.Error("the SA's journal has another certificate than the one that it gave out")
		}
	}
}
