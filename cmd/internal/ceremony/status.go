package ceremony

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Status is where a store stands, as its journal says. It needs no officer.
type Status struct {
	Coprocessor string `json:"coprocessor"`
	Ceremony    string `json:"ceremony"`
	Rehearsal   bool   `json:"rehearsal"`
	Family      string `json:"family"`    // of its chip, by the plan
	Assurance   string `json:"assurance"` // what keeps the master key from going elsewhere, by the plan's family
	Records     int    `json:"record_count"`
	Unsigned    int    `json:"unsigned"` // records behind the last signed one
	// Authenticated is false: nobody logged on, so that nothing says whose
	// journal it is. See NotAuthenticated.
	Authenticated bool               `json:"authenticated"`
	Clock         *ClockDoubt        `json:"clock,omitempty"` // this machine's cannot be right
	Phases        []PhaseStatus      `json:"phases"`
	Outbox        []OutboxEntry      `json:"outbox"`
	Targets       []TargetStatus     `json:"targets"`
	Revoked       []Revoked          `json:"revoked,omitempty"`
	Receipts      []Receipted        `json:"receipts,omitempty"`     // at SA and source
	Replaced      *Replaced          `json:"replaced,omitempty"`     // at the source: another master key was set since it gave out shares
	NewRegister   string             `json:"new_register,omitempty"` // at the source: what is in its new register beside the key that is cloned
	Answered      []journal.Answered `json:"answered,omitempty"`     // where scripts answered for officers; not in a rehearsal
	// Unregistering is the open request to take back the SA-key hash.
	Unregistering *Unregistering `json:"unregistering,omitempty"`
	// Anew is the open request to begin anew with the master key.
	Anew *Anew `json:"anew,omitempty"`
}

// PhaseStatus is one phase of one node.
type PhaseStatus struct {
	Phase  procedure.PhaseID `json:"phase"`
	Node   string            `json:"node"`
	Target string            `json:"target,omitempty"` // the target that it is done for, at SA and source
	Done   bool              `json:"done"`
	Tasks  []TaskStatus      `json:"tasks"`
}

// TaskStatus is one task of a phase.
type TaskStatus struct {
	Task    procedure.TaskID `json:"task"`
	Text    string           `json:"text"`
	Share   int              `json:"share,omitempty"`
	Profile string           `json:"profile"`
	Done    bool             `json:"done"`
	Needed  bool             `json:"needed"` // false for shares beyond the m that a target needs
	By      string           `json:"by,omitempty"`
	Time    int64            `json:"time,omitempty"`
	Result  string           `json:"result,omitempty"`
}

// OutboxEntry is a bundle that was made here.
type OutboxEntry struct {
	Kind   bundle.Kind `json:"kind"`
	Folder string      `json:"folder"`
	Name   string      `json:"name"`
	Share  int         `json:"share,omitempty"`
	Digest string      `json:"digest"`
	Copies []string    `json:"copies"`
	// Accounted are the copies of a share, from 1, of which a remark here says
	// what became of them.
	Accounted []int `json:"accounted,omitempty"`
}

// Loose is how many copies of a share are out beside the one that somebody uses,
// and that no remark here accounts for.
func (o OutboxEntry) Loose() int {
	if o.Kind != bundle.KindShare {
		return 0
	}
	return max(len(o.Copies)-len(o.Accounted)-1, 0)
}

// Status derives the status from the journal.
func (n overview) Status() Status {
	s := Status{
		Coprocessor: n.Device().Name, Ceremony: n.Plan().Ceremony, Rehearsal: n.Plan().Rehearsal,
		Family: n.Plan().Family().String(), Assurance: n.Plan().Family().Assurance(n.Plan().Source().Name),
		Records: len(n.Journal().Records()), Unsigned: n.Journal().Unsigned(),
		Phases: []PhaseStatus{}, Outbox: []OutboxEntry{}, Targets: n.Board(), Revoked: n.Revoked(),
		Unregistering: n.Unregistering(), Clock: n.ClockDoubt(), Anew: n.BeginningAnew(),
	}
	for _, row := range n.Plan().Responsibilities() {
		if node := n.Plan().Node(row.Node); node.Coprocessor == n.Device().Name {
			s.add(row, n)
		}
	}
	slices.SortStableFunc(s.Phases, func(a, b PhaseStatus) int {
		return phaseIndex(a.Phase) - phaseIndex(b.Phase)
	})
	for i := range s.Phases {
		s.Phases[i].settle(n.Plan().M)
	}
	for _, w := range n.History().Outbox {
		s.Outbox = append(s.Outbox, OutboxEntry{
			Kind: w.Kind, Folder: w.Folder, Name: w.Name, Share: w.Share, Digest: w.Digest.String(),
			Copies: append([]string{}, w.Copies...), Accounted: n.accountedCopies(w),
		})
	}
	if !n.Plan().Rehearsal {
		s.Answered = journal.AnsweredIn(n.Journal().Records())
	}
	if node := receiver(n.Store); node != nil {
		s.Receipts = n.receipted(node)
	}
	if source, err := n.Here(coproc.CSS); err == nil {
		s.Replaced = n.replaced(source)
		if left := n.inNew(source); left.State != coproc.Empty {
			if _, obtained := n.cloned(source); obtained {
				s.NewRegister = left.String()
			}
		}
	}
	return s
}

// accountedCopies are the copies of a share of which a remark in this journal says
// what became of them.
func (n overview) accountedCopies(w history.Written) (copies []int) {
	if w.Kind != bundle.KindShare {
		return nil
	}
	for _, r := range n.Journal().Records() {
		if i := journal.CopyOf(r); i > 0 && i <= len(w.Copies) && r.Peer == w.Peer && r.Share == w.Share && !slices.Contains(copies, i) {
			copies = append(copies, i)
		}
	}
	slices.Sort(copies)
	return copies
}

func phaseIndex(id procedure.PhaseID) int {
	return slices.IndexFunc(procedure.Table1, func(p procedure.PhaseInfo) bool { return p.Phase == id })
}

func (s *Status) add(row plan.Responsibility, n overview) {
	key := history.TaskKey{Node: row.Node, Task: row.Task, Share: row.Share}
	target := ""
	if row.Subject != row.Node {
		key.Peer = row.Subject
		if n.Plan().Node(row.Subject).Role == coproc.CSR {
			target = row.Subject
		}
	}
	task := TaskStatus{Task: row.Task, Text: row.Text, Share: row.Share, Profile: row.Profile, Needed: true}
	if rec, ok := n.History().Done(key); ok {
		task.Done, task.By, task.Time, task.Result = true, rec.Profile, rec.Time, rec.Text
	}
	i := slices.IndexFunc(s.Phases, func(p PhaseStatus) bool {
		return p.Phase == row.Phase && p.Node == row.Node && p.Target == target
	})
	if i < 0 {
		s.Phases = append(s.Phases, PhaseStatus{Phase: row.Phase, Node: row.Node, Target: target})
		i = len(s.Phases) - 1
	}
	s.Phases[i].Tasks = append(s.Phases[i].Tasks, task)
}

// settle says whether a phase is done: m installed shares suffice.
func (p *PhaseStatus) settle(m int) {
	installed := 0
	for _, t := range p.Tasks {
		if t.Task == procedure.TaskInstallShares && t.Done {
			installed++
		}
	}
	p.Done = true
	for i := range p.Tasks {
		t := &p.Tasks[i]
		t.Needed = t.Task != procedure.TaskInstallShares || t.Done || installed < m
		if t.Needed && !t.Done {
			p.Done = false
		}
	}
}

// SharesNeeded is how many shares the target of this store still has to
// install; 0 where there is none.
func (n sets) SharesNeeded() int {
	node, err := n.Here(coproc.CSR)
	if err != nil {
		return 0
	}
	need := n.Plan().M
	for i := 1; i <= n.Plan().N; i++ {
		if _, done := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskInstallShares, Share: i}); done {
			need--
		}
	}
	return max(need, 0)
}
