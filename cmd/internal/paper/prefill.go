package paper

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Prefill is what is filled into the forms. What is not known stays a line to
// write on.
type Prefill struct {
	Hash    *coproc.Thumbprint // of the SA key
	Pattern string             // of the source's master key, hex
	After   map[string]string  // by target: the pattern that was set, hex
	Keys    map[string]string  // by node: what its key card says
	Made    map[string]int64   // by coprocessor: when it was set up with the plan's serial number
	Done    map[rowKey]Doing
	From    int64 // when it began and when it had ended, Unix seconds; 0: not known
	To      int64
}

// Doing is who did a row of Table 2, when, and what came of it.
type Doing struct {
	By     string // profile
	Time   int64  // Unix seconds; 0: not known
	Result string
}

// String is "SHARE2, 2026-11-24 14:53Z"; empty if nobody did it.
func (d Doing) String() string {
	if d.By == "" {
		return ""
	}
	return strings.TrimSuffix(d.By+", "+minute(d.Time), ", ")
}

// rowKey names a row of Table 2.
type rowKey struct {
	task    procedure.TaskID
	node    string
	subject string
	share   int
}

func keyOf(r plan.Responsibility) rowKey { return rowKey{r.Task, r.Node, r.Subject, r.Share} }

func newPrefill() Prefill {
	return Prefill{
		After: map[string]string{}, Keys: map[string]string{}, Made: map[string]int64{}, Done: map[rowKey]Doing{},
	}
}

// StoreState is what a store says of itself.
type StoreState struct {
	Coprocessor string
	Plan        coproc.Digest      // that it was made from
	SAKey       *coproc.Thumbprint // that is registered; nil for none
	Done        []DoneTask         // what stands: what was voided or cleared is not among it
	Records     []journal.Record
}

// DoneTask is a task that a store has as done.
type DoneTask struct {
	Task   procedure.TaskID
	Node   string
	Target string // that it is done for, at SA and source; else empty
	Share  int
	Doing
}

// Add adds what a store's journal says. The store must be of the plan p, and
// must not contradict what is known: one ceremony has one SA key and one
// master key.
func (k *Prefill) Add(p *plan.Plan, s StoreState) error {
	if k.Done == nil {
		*k = newPrefill()
	}
	if s.Plan != p.Digest() {
		return fmt.Errorf("the store of coprocessor %s was made from another plan: %s, not %s", s.Coprocessor, s.Plan.Short(), p.Digest().Short())
	}
	if s.SAKey != nil {
		if k.Hash != nil && *k.Hash != *s.SAKey {
			return fmt.Errorf("coprocessor %s registered another SA key than the other stores", s.Coprocessor)
		}
		k.Hash = s.SAKey
	}
	standing := map[rowKey]bool{}
	for _, t := range s.Done {
		key := rowKey{t.Task, t.Node, t.Node, t.Share}
		switch {
		case t.Target != "":
			key.subject = t.Target
		case t.Task == procedure.TaskCertifyCSS:
			key.subject = p.Source().Name
		}
		k.Done[key] = t.Doing
		standing[key] = true
	}
	for _, r := range s.Records {
		if k.From == 0 || r.Time < k.From {
			k.From = r.Time
		}
		if err := k.record(s.Coprocessor, standing, r); err != nil {
			return err
		}
	}
	return nil
}

func (k *Prefill) record(device string, standing map[rowKey]bool, r journal.Record) error {
	switch {
	case r.Event == journal.EventInit:
		k.Made[device] = r.Time
	case r.Event != journal.EventTask:
	case r.Task == procedure.TaskGenerateKey:
		k.Keys[r.Node] = r.Text
	case r.Task == procedure.TaskObtainMasterKey:
		pattern := hex.EncodeToString(r.Data)
		if k.Pattern != "" && k.Pattern != pattern {
			return fmt.Errorf("coprocessor %s has another master key than the source: %s, not %s", device, pattern, k.Pattern)
		}
		k.Pattern = pattern
	case r.Task == procedure.TaskSet && standing[rowKey{r.Task, r.Node, r.Node, 0}]:
		k.After[r.Node] = hex.EncodeToString(r.Data)
	}
	return nil
}
