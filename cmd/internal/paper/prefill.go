package paper

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
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

// Add adds what a store's journal says. The store must be of the plan p, and
// must not contradict what is known: one ceremony has one SA key and one
// master key.
func (k *Prefill) Add(p *plan.Plan, n *ceremony.Node) error {
	if k.Done == nil {
		*k = newPrefill()
	}
	device := n.Device().Name
	if n.Plan().Digest() != p.Digest() {
		return fmt.Errorf("the store of coprocessor %s was made from another plan: %s, not %s", device, n.Plan().Digest().Short(), p.Digest().Short())
	}
	if key, err := n.RegisteredSAKey(); err == nil {
		hash := key.Thumbprint()
		if k.Hash != nil && *k.Hash != hash {
			return fmt.Errorf("coprocessor %s registered another SA key than the other stores", device)
		}
		k.Hash = &hash
	}
	subjects := k.status(p, n.Status())
	for _, r := range n.Records() {
		if k.From == 0 || r.Time < k.From {
			k.From = r.Time
		}
		if err := k.record(device, subjects, r); err != nil {
			return err
		}
	}
	return nil
}

// status takes what stands in the store now, and gives its rows: what was
// voided or cleared is not among them.
func (k *Prefill) status(p *plan.Plan, s ceremony.Status) map[rowKey]bool {
	standing := map[rowKey]bool{}
	for _, phase := range s.Phases {
		for _, t := range phase.Tasks {
			if !t.Done {
				continue
			}
			key := rowKey{t.Task, phase.Node, phase.Node, t.Share}
			switch {
			case phase.Target != "":
				key.subject = phase.Target
			case t.Task == procedure.TaskCertifyCSS:
				key.subject = p.Source().Name
			}
			k.Done[key] = Doing{t.By, t.Time, t.Result}
			standing[key] = true
		}
	}
	return standing
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
