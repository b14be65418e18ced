package ceremonytest

import (
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// What must hold after every command, in a ceremony of honest people.

// judging is what was seen of a ceremony, and what was wrong with it.
type judging struct {
	places

	Trace []string // what was done, a line each
	Wrong []string // what must never be, and was
	Odd   []string // what a person would wonder at
	Codes map[string]int

	cards   map[string]string          // key cards, by node
	stated  map[string]bool            // "csr1 pattern": what a target was given shares of
	vouched map[coproc.Thumbprint]bool // audit keys of coprocessors that were certified
	damaged bool                       // a file was damaged on a stick
}

func (w *judging) judgeError(what string, err error) {
	code := Code(err)
	w.Codes[code]++
	switch code {
	case "OTHER":
		w.wrong("%s: an error that is no refusal: %T %v", what, err, err)
	case string(refusal.CodeSignature), string(refusal.CodeInside):
		if !w.damaged { // else a stick did it
			w.wrong("%s: somebody is accused, and nobody did anything: [%s] %v", what, code, err)
		}
	case string(refusal.CodeJournal), string(refusal.CodeStore), string(refusal.CodeAccessDiffers), string(refusal.CodePlanDiffers):
		w.wrong("%s: somebody is accused, and nobody did anything: [%s] %v", what, code, err)
	case string(refusal.CodeCoprocessor):
		w.wrong("%s: the coprocessor refuses: %v", what, err)
	}
}

func (w *judging) judgeStore(coprocessor, what string) {
	records, err := w.Records(coprocessor)
	if err != nil {
		w.wrong("the journal of %s cannot be read after %s: %v", coprocessor, what, err)
		return
	}
	r := w.rooms[coprocessor]
	for _, p := range w.Plan.At(coprocessor) {
		if p.Role == coproc.CSR {
			w.judgeTarget(p.Name, what, r, records)
		}
	}
}

// judgeTarget: what is current at a target was made there, or is what the
// source stated for it, and then it was verified before it was set.
func (w *judging) judgeTarget(node, what string, r *room, records []journal.Record) {
	now := w.Current(node)
	was := r.before[node]
	r.before[node] = now
	if now == "" || now == was {
		return
	}
	cloned := w.stated[node+" "+now]
	if !cloned && !r.own[now] {
		w.wrong("%s has %s as its master key after %s: neither its own nor the source's", node, now, what)
	}
	if !cloned || r.own[now] {
		return
	}
	for _, rec := range records {
		if rec.Event == journal.EventTask && rec.Task == procedure.TaskVerify && coproc.Pattern(rec.Data).String() == now {
			return
		}
	}
	w.wrong("%s has set %s, and no record says that it was verified, after %s", node, now, what)
}

// Current is the pattern of a node's current master key, truly; empty for none.
func (w *places) Current(node string) string {
	g := w.rooms[w.at(node)].holds.Register(w.class()).Current
	if g.State != coproc.Full {
		return ""
	}
	return g.Pattern.String()
}

// Records are those of a room's journal.
func (w *places) Records(coprocessor string) ([]journal.Record, error) {
	n, err := ceremony.Look(w.store(coprocessor), w.clock(coprocessor))
	if err != nil {
		return nil, err
	}
	records := n.Records()
	return records, n.Close()
}

// Status is what `gapferry status` says in a room.
func (w *places) Status(coprocessor string) (ceremony.Status, error) {
	n, err := ceremony.Look(w.store(coprocessor), w.clock(coprocessor))
	if err != nil {
		return ceremony.Status{}, err
	}
	s := n.Status()
	return s, n.Close()
}
