package procedure

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// Do says what a step does.
type Do int

// What steps do.
const (
	DoTask Do = iota // an officer does a task of Table 2
	DoTake           // a bundle is verified and taken in
	DoMake           // a bundle is made
)

// Step is one step of a phase.
type Step struct {
	Do    Do
	Task  TaskID      // of DoTask
	Takes bundle.Kind // of DoTask, the kind of bundle that the task takes in, if any; of DoTake, what is taken
	Makes bundle.Kind // of DoMake
	// Peer is the role of the other node that it is about, once for each; empty
	// for none.
	Peer     coproc.NodeRole
	PerShare bool // once for each share
	// After is the step that must be done before, where it is not the one before
	// in the steps of the node's role. Counted steps follow as many shares as the
	// plan says, and none in particular.
	After   *Step
	Counted bool
}

// PhaseSteps are the steps of each phase, in their order.
var PhaseSteps = map[PhaseID][]Step{
	"1": {
		task(TaskAudit), task(TaskGenerateKey), makes(bundle.KindSAKey), task(TaskRegisterHash), task(TaskRegisterKey),
	},
	"2a": {
		task(TaskAudit), task(TaskRegisterHash), take(bundle.KindSAKey), task(TaskRegisterKey), task(TaskGenerateKey),
		task(TaskObtainMasterKey), makes(bundle.KindCSSKey),
	},
	"2b": {
		certifyCSS, makes(bundle.KindCSSCert).about(coproc.CSS),
	},
	"3a": {
		task(TaskAudit), task(TaskRegisterHash), take(bundle.KindSAKey), task(TaskRegisterKey), task(TaskGenerateKey),
		makes(bundle.KindCSRKey),
	},
	"3b": {
		// A key is certified once that of the source is, handed out or not.
		task(TaskCertifyCSR).takes(bundle.KindCSRKey).about(coproc.CSR).after(certifyCSS), makes(bundle.KindCSRCert).about(coproc.CSR),
	},
	"3c": {
		take(bundle.KindCSSCert), take(bundle.KindCSRCert).about(coproc.CSR),
		task(TaskObtainShares).about(coproc.CSR).perShare(), makes(bundle.KindShare).about(coproc.CSR).perShare(),
		makes(bundle.KindStatement).about(coproc.CSR).counted(),
	},
	"3d": {
		take(bundle.KindCSRCert), take(bundle.KindStatement), task(TaskInstallShares).takes(bundle.KindShare).perShare(),
		task(TaskVerify).counted(), task(TaskSet), makes(bundle.KindReceipt),
	},
}

// Outside are the steps that no phase has and that must follow one of a phase,
// by the role of the node.
var Outside = map[coproc.NodeRole][]Step{
	coproc.SA:  {take(bundle.KindReceipt).about(coproc.CSR).after(makes(bundle.KindCSRCert).about(coproc.CSR))},
	coproc.CSS: {take(bundle.KindReceipt).about(coproc.CSR).after(makes(bundle.KindStatement).about(coproc.CSR))},
}

var certifyCSS = task(TaskCertifyCSS).takes(bundle.KindCSSKey).about(coproc.CSS)

// StepID names a step among those of its phase.
type StepID struct {
	Do   Do
	Task TaskID      // of DoTask
	Kind bundle.Kind // of DoTake and DoMake
}

// ID names the step.
func (s Step) ID() StepID {
	switch s.Do {
	case DoTask:
		return StepID{Do: s.Do, Task: s.Task}
	case DoTake:
		return StepID{Do: s.Do, Kind: s.Takes}
	default:
		return StepID{Do: s.Do, Kind: s.Makes}
	}
}

// String says it in words: "task audit", "take sa-key", "make share".
func (id StepID) String() string {
	switch id.Do {
	case DoTask:
		return "task " + string(id.Task)
	case DoTake:
		return "take " + string(id.Kind)
	default:
		return "make " + string(id.Kind)
	}
}

func task(t TaskID) Step       { return Step{Do: DoTask, Task: t} }
func take(k bundle.Kind) Step  { return Step{Do: DoTake, Takes: k} }
func makes(k bundle.Kind) Step { return Step{Do: DoMake, Makes: k} }

func (s Step) takes(k bundle.Kind) Step     { s.Takes = k; return s }
func (s Step) about(r coproc.NodeRole) Step { s.Peer = r; return s }
func (s Step) after(b Step) Step            { s.After = &b; return s }
func (s Step) perShare() Step               { s.PerShare = true; return s }
func (s Step) counted() Step                { s.Counted = true; return s }

// Need is a step that must be done before another at the same node.
type Need struct {
	Step, Before Step
	SamePeer     bool // both are about the same other node
}

// Needs gives what must be done before each step of a role's nodes, as the
// phases and their steps follow each other. Shares are counted: a step does not
// wait for those in particular.
func Needs(role coproc.NodeRole) []Need {
	var all []Need
	var last *Step
	add := func(s Step) {
		before := last
		if s.After != nil {
			before = s.After
		}
		if before != nil && !s.Counted {
			all = append(all, Need{s, *before, s.Peer != "" && s.Peer == before.Peer})
		}
		if !s.PerShare {
			last = &s
		}
	}
	for _, p := range Table1 {
		if p.Role == role {
			for _, s := range PhaseSteps[p.Phase] {
				add(s)
			}
		}
	}
	for _, s := range Outside[role] {
		add(s)
	}
	return all
}

// TasksOf lists the tasks of a phase in the order in which they are done.
func TasksOf(id PhaseID) []TaskID {
	var tasks []TaskID
	for _, s := range PhaseSteps[id] {
		if s.Do == DoTask {
			tasks = append(tasks, s.Task)
		}
	}
	return tasks
}

// Reads lists the kinds of bundle that a phase takes in, in its order.
func Reads(id PhaseID) []bundle.Kind {
	var kinds []bundle.Kind
	for _, s := range PhaseSteps[id] {
		if s.Takes != "" && !slices.Contains(kinds, s.Takes) {
			kinds = append(kinds, s.Takes)
		}
	}
	return kinds
}
