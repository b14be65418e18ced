package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// What the journal knows of the master-key registers. A task or an act says
// what it left in them, so that nobody has to believe that what was set once is
// there still.

// registersNow is the Data of an act on the registers of a class.
func (r *officerSession) registersNow(class coproc.Class) ([]byte, error) {
	if class == "" {
		return nil, nil
	}
	if err := r.refresh(); err != nil {
		return nil, err
	}
	g := r.info.Register(class)
	return detcbor.Marshal(journal.ActData{Class: class, New: g.New, Current: g.Current, Old: g.Old})
}

// current is the current register of the plan's class at a node, as the journal
// has it: empty, if nothing was ever set.
func (n registers) current(node *plan.Node) coproc.Register {
	var current coproc.Register
	var at uint64
	if rec, ok := n.History().LastSet[node.Name]; ok && len(rec.Data) == len(current.Pattern) {
		current, at = coproc.Register{State: coproc.Full, Pattern: coproc.Pattern(rec.Data)}, rec.Seq
	}
	if rec, ok := n.History().LastRegisters(node.Name, n.Plan().MasterKeyClass()); ok && rec.Seq > at {
		if d, err := journal.DataOf[journal.ActData](rec); err == nil {
			current = d.Current
		}
	}
	return current
}

// cloned is the pattern of the master key that this node set from shares, or
// gave out in shares; false where it did neither yet.
func (n registers) cloned(node *plan.Node) (pattern coproc.Pattern, ok bool) {
	rec, ok := n.History().LastSet[node.Name]
	if node.Role == coproc.CSS {
		rec, ok = n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskObtainMasterKey})
	}
	if !ok || len(rec.Data) != len(pattern) {
		return pattern, false
	}
	return coproc.Pattern(rec.Data), true
}

// Replaced is what is in a current register instead of the master key that was
// cloned: an officer set another one since, outside of the phases.
type Replaced struct {
	Cloned  string `json:"pattern"` // of the one that was cloned
	Current string `json:"current_register"`
	Record  uint64 `json:"record"` // of the journal
}

// replaced tells of it; nil while the cloned key is the current one.
func (n registers) replaced(node *plan.Node) *Replaced {
	pattern, ok := n.cloned(node)
	current := n.current(node)
	if !ok || current.State == coproc.Full && current.Pattern == pattern {
		return nil
	}
	rec, _ := n.History().LastRegisters(node.Name, n.Plan().MasterKeyClass())
	return &Replaced{pattern.String(), current.String(), rec.Seq}
}

// refuseReplaced refuses to say of a target that it has the master key when
// another one was set there since.
func (n registers) refuseReplaced(node *plan.Node) error {
	r := n.replaced(node)
	if r == nil || node.Role != coproc.CSR {
		return nil
	}
	return refusal.New(refusal.CodeReplaced, "%s was given the master key %s and does not have it as its current one any more: the current %s register is %s (record %d)",
		node.Name, r.Cloned, n.Plan().MasterKeyClass(), r.Current, r.Record)
}

// inNew is what officers left in the new register of the plan's class at a node,
// as the journal has it: empty, if it was set or cleared since. Shares that are
// being installed are no act.
func (n registers) inNew(node *plan.Node) coproc.Register {
	rec, ok := n.History().LastRegisters(node.Name, n.Plan().MasterKeyClass())
	if !ok || n.History().LastSet[node.Name].Seq > rec.Seq {
		return coproc.Register{}
	}
	d, _ := journal.DataOf[journal.ActData](rec) // it was read before
	return d.New
}

// foundRegisters keeps in the journal that the registers are not what the
// records say: a crash came between an act and its record. Whatever it was, it
// must not go untold.
func (r *run) foundRegisters() error {
	node, err := r.n.MasterKeyNode()
	if err != nil {
		return nil // no master key here
	}
	class := r.n.Plan().MasterKeyClass()
	is, was := r.info.Register(class), r.n.current(node)
	if v, ok := r.n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskVerify}); ok && !r.n.History().WasSet(node.Name) &&
		is.New.State == coproc.Empty && string(v.Data) == string(is.Current.Pattern[:]) {
		return nil // phase 3d finds that it was set, and says so
	}
	if err := r.foundCleared(node); err != nil {
		return err
	}
	inNew := r.n.inNew(node)
	// What shares make is in the records of the shares.
	if is.Current == was && (is.New == inNew || len(r.info.Receiving) > 0) {
		return nil
	}
	data, err := r.registersNow(class)
	if err != nil {
		return err
	}
	return r.record(journal.Record{Event: journal.EventFound, Node: node.Name, Data: data,
		Text: fmt.Sprintf("the current %s register is %s and the new one %s, the records before this one say %s and %s", class, is.Current, is.New, was, inNew)})
}

// foundCleared keeps in the journal that shares which it has as installed are
// gone: somebody cleared the new register, or took in a cancel, and a crash came
// before the record. They may be installed again.
func (r *run) foundCleared(node *plan.Node) error {
	if node.Role != coproc.CSR || r.n.History().WasSet(node.Name) {
		return nil
	}
	stated, _ := r.n.History().LastReceived(node.Name, bundle.KindStatement, r.n.Plan().Source().Name)
	gone := false
	for i := 1; i <= r.n.Plan().N; i++ {
		_, done := r.n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskInstallShares, Share: i})
		if set, ok := history.SetOf(stated); done && ok && r.receivedShare(set, i) == "" {
			gone = true
		}
	}
	if !gone {
		return nil
	}
	data, err := r.registersNow(r.n.Plan().MasterKeyClass())
	if err != nil {
		return err
	}
	r.cleared = true
	return r.record(journal.Record{Event: journal.EventCleared, Node: node.Name, Data: data, Recovered: true,
		Text: "the shares that were installed are not there any more: the new register was cleared before an interruption"})
}

// RegisterState is one register, and what is in it.
type RegisterState struct {
	State   string `json:"state"`
	Pattern string `json:"pattern,omitempty"`
}

// MasterKeyRegisters is the master-key registers of one class.
type MasterKeyRegisters struct {
	Class   coproc.Class  `json:"class"`
	New     RegisterState `json:"new"`
	Current RegisterState `json:"current"`
	Old     RegisterState `json:"old"`
}

// RegistersOf is what a coprocessor says of the registers of one class, for programs.
func RegistersOf(r coproc.Registers) MasterKeyRegisters {
	one := func(r coproc.Register) RegisterState {
		j := RegisterState{State: r.State.String()}
		if r.State == coproc.Full {
			j.Pattern = r.Pattern.String()
		}
		return j
	}
	return MasterKeyRegisters{r.Class, one(r.New), one(r.Current), one(r.Old)}
}
