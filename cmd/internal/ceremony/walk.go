package ceremony

import (
	"errors"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// A phase is a walk over its steps, which stand in procedure.PhaseSteps. Each has a
// function here, found by what the step is (phases.go). A function leaves alone what
// was done before, and a task has its officer log on: see do.

// at is where a walk is.
type at struct {
	duty  duty       // of a task
	peer  *plan.Node // the other node that the step is about, or nil
	share int        // 0 for none
}

// doing are the functions of the steps of a phase, which carry W from one to the next.
type doing[W any] map[procedure.StepID]func(W, at) error

// phaseCode is how one phase is done.
type phaseCode[W worker] struct {
	begin func(*run) W
	// before are looked at before anybody logs on, and what an interruption left.
	before []func(W) error
	does   doing[W]
	// again decides, where a step failed, whether all are gone through once more.
	again func(W) bool
	after func(W) error // ends it when its steps are done
}

// worker is what a phase carries from step to step.
type worker interface {
	// peers are the other nodes that steps about such a node are done for.
	peers(coproc.NodeRole) []*plan.Node
	// failed gives what ends the phase when a step about a node failed. With nil
	// that node is left out, and the walk goes on with the others.
	failed(peer *plan.Node, err error) error
}

// errLeftOut leaves a node out of what follows in this run, without an error.
var errLeftOut = errors.New("nothing more is done for this node in this run")

// walker is any phaseCode.
type walker interface {
	walk(*run) error
}

// walk does a phase: what is open of it, one officer after the other, up to the task
// that was asked for.
func (p *phaseCode[W]) walk(r *run) error {
	w := p.begin(r)
	for _, look := range p.before {
		if err := look(w); err != nil {
			return err
		}
	}
	err := p.steps(w, r)
	if err != nil && !errors.Is(err, errStop) && p.again != nil && p.again(w) {
		err = p.steps(w, r)
	}
	if err != nil || p.after == nil {
		return err
	}
	return p.after(w)
}

// steps goes through the steps. Those that follow one another for the same shares
// and nodes are done together: share by share, so that each officer logs on once,
// and node by node.
func (p *phaseCode[W]) steps(w W, r *run) error {
	out := map[*plan.Node]bool{}
	for _, group := range together(procedure.PhaseSteps[r.phase.Phase]) {
		first, last := 0, 0
		if group[0].PerShare {
			first, last = 1, r.n.Plan().N
		}
		for share := first; share <= last; share++ {
			if err := p.forEach(w, r, group, share, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// forEach does steps for every node that they are about.
func (p *phaseCode[W]) forEach(w W, r *run, group []procedure.Step, share int, out map[*plan.Node]bool) error {
	peers := []*plan.Node{nil}
	if role := group[0].Peer; role != "" {
		peers = w.peers(role)
	}
	for _, peer := range peers {
		if out[peer] {
			continue
		}
		err := p.all(w, r, group, peer, share)
		switch {
		case err == nil:
			continue
		case peer == nil || errors.Is(err, errStop):
			return err
		case !errors.Is(err, errLeftOut):
			if err := w.failed(peer, err); err != nil {
				return err
			}
		}
		out[peer] = true
	}
	return nil
}

// all does steps one after the other, for one share and node.
func (p *phaseCode[W]) all(w W, r *run, group []procedure.Step, peer *plan.Node, share int) error {
	for _, s := range group {
		if err := p.does[s.ID()](w, at{duty: r.dutyAt(s, peer, share), peer: peer, share: share}); err != nil {
			return err
		}
	}
	return nil
}

// together parts steps into runs of those that are about the same.
func together(steps []procedure.Step) (groups [][]procedure.Step) {
	for i, s := range steps {
		if i > 0 && steps[i-1].Peer == s.Peer && steps[i-1].PerShare == s.PerShare {
			groups[len(groups)-1] = append(groups[len(groups)-1], s)
			continue
		}
		groups = append(groups, []procedure.Step{s})
	}
	return groups
}

// dutyAt is the duty of a step that is a task: Table 2 has its officer.
func (r *officerSession) dutyAt(s procedure.Step, peer *plan.Node, share int) duty {
	if s.Do != procedure.DoTask {
		return duty{}
	}
	row := procedure.TaskAt(r.phase.Phase, s.Task)
	d := duty{task: s.Task, group: row.Group, share: share, profile: r.node.Officers.Of(row.Officer)[max(share-1, 0)]}
	if peer != nil {
		d.peer = peer.Name
	}
	return d
}

// solo is the worker of a phase that is about its own node alone.
type solo struct{}

func (solo) peers(coproc.NodeRole) []*plan.Node   { return nil }
func (solo) failed(_ *plan.Node, err error) error { return err }
