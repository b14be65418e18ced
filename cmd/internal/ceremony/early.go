package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// What can be known before anybody logs on is said before anybody logs on.

// pending are the duties of a phase at this node that are still to be done, in
// the order of Table 2: with the options, and with no more shares to install
// than are needed.
func (r *run) pending() (duties []duty) {
	for _, row := range r.n.Plan().Responsibilities() {
		if row.Phase != r.phase.Phase || row.Node != r.node.Name || r.opts.Task != "" && row.Task != r.opts.Task {
			continue
		}
		d := r.dutyOf(row)
		if r.doneBefore(row) && !slices.Contains(r.opts.Renew, d.peer) {
			continue
		}
		if d.group == coproc.CSR && d.peer != "" && !r.wantedTarget(d.peer) || d.share > 0 && !r.wantedShare(d.share) {
			continue
		}
		if d.task == procedure.TaskInstallShares && (len(r.installed()) >= r.n.Plan().M || !r.shareHere(d.share)) {
			continue
		}
		duties = append(duties, d)
	}
	return duties
}

func (r *run) dutyOf(row plan.Responsibility) duty {
	d := duty{task: row.Task, group: r.n.Plan().Node(row.Subject).Role, share: row.Share, profile: row.Profile}
	if row.Subject != row.Node {
		d.peer = row.Subject
	}
	return d
}

func (r *run) doneBefore(row plan.Responsibility) bool {
	_, done := r.n.History().Done(r.key(r.dutyOf(row)))
	return done
}

// Ready refuses, before a stick is asked for or anybody logs on, a phase that is
// not for this room, or has not its turn yet; desk is not asked.
func (n *Node) Ready(id procedure.PhaseID, o Options, desk Desk) (*Result, error) {
	r, err := n.newPhase(id, o, desk)
	if err != nil {
		return nil, err
	}
	if err := r.order(); err != nil {
		return r.result, r.refused(err)
	}
	return r.result, nil
}

// order refuses a phase before the one that it builds on.
func (r *run) order() error {
	first := func(id procedure.PhaseID, format string, a ...any) error {
		return refusal.New(refusal.CodeOrder, "phase %s comes first%s", id, fmt.Sprintf(format, a...)).Hinted("in this room: {phase %s}", id)
	}
	name := r.node.Name
	switch r.phase.Phase {
	case "2b", "3b":
		for _, task := range []procedure.TaskID{procedure.TaskGenerateKey, procedure.TaskRegisterHash, procedure.TaskRegisterKey} {
			if _, ok := r.n.History().Done(history.TaskKey{Node: name, Task: task}); !ok {
				return first("1", ": %s is not done", procedure.TaskText(task, coproc.SA, ""))
			}
		}
		source := r.n.Plan().Source().Name
		if _, ok := r.n.History().Done(history.TaskKey{Node: name, Task: procedure.TaskCertifyCSS, Peer: source}); !ok && r.phase.Phase == "3b" {
			return first("2b", ": the certificate of a target is sealed to the source, whose key is not certified yet")
		}
	case "3c":
		_, ok := r.n.History().Done(history.TaskKey{Node: name, Task: procedure.TaskObtainMasterKey})
		if !ok || r.n.History().LastWritten(name, bundle.KindCSSKey, "", 0) == nil {
			return first("2a", " at %s", name)
		}
	case "3d":
		if r.n.History().LastWritten(name, bundle.KindCSRKey, "", 0) == nil {
			return first("3a", " at %s", name)
		}
	}
	return nil
}

// Open reports whether something of a phase is still to be done here, so that
// something will be written to its carriers.
func (n *Node) Open(id procedure.PhaseID, o Options) bool {
	info := procedure.Phase(id)
	if info == nil {
		return false
	}
	node, err := n.Here(info.Role)
	if err != nil {
		return false
	}
	r := n.newRun(info, node, o, nil)
	if id != "3d" {
		return len(r.pending()) > 0
	}
	return n.SharesNeeded() > 0 || !n.History().WasSet(node.Name)
}

// officersFirst tells, before the first officer logs on, of those who are
// wanted in this run and will not be let in.
func (r *run) officersFirst() {
	if r.officersTold {
		return
	}
	r.officersTold = true
	told := map[string]bool{}
	duties := r.pending()
	for i, d := range duties {
		var why *refusal.Error
		if told[d.profile] || !errors.As(r.barred(d.profile), &why) {
			continue
		}
		told[d.profile] = true
		if i == 0 {
			continue // who comes first is refused at once
		}
		var wanted []string
		for _, other := range duties {
			if other.profile == d.profile {
				wanted = append(wanted, r.text(other))
			}
		}
		r.led(Warning, why.Hint, "%s will not be let in, and is wanted here for %s: %s", r.who(d.profile), strings.Join(wanted, ", "), why.Text)
	}
}

// barred refuses a profile that the coprocessor will not let in, whatever
// passphrase is given.
func (r *officerSession) barred(profile string) error {
	var err error
	if err = r.n.Plan().CheckDay(profile, r.n.Now()); err == nil {
		limit := r.n.Plan().LockAfter
		failures, unknown := r.n.Coprocessor().Failures(profile)
		if unknown != nil || limit == 0 || profile == r.n.Device().Administrator || failures < limit {
			return nil
		}
		err = coproc.ErrLocked
	}
	return r.notIn(profile, err)
}

// masterKeyFirst asks, before anybody logs on, whether to begin phase 2a at a
// source that has no master key, as far as its journal tells: the registers
// themselves are sealed, and a coprocessor may have got its key elsewhere.
func (r *establishing) masterKeyFirst() error {
	_, obtained := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskObtainMasterKey})
	current := r.n.current(r.node)
	if obtained || current.State == coproc.Full || r.opts.Task != "" && r.opts.Task != procedure.TaskObtainMasterKey {
		return nil
	}
	class := r.n.Plan().MasterKeyClass()
	text := fmt.Sprintf("the journal of %s knows of no %s master key in its current register, and phase 2a ends with its pattern", r.node.Name, class)
	r.led(Warning, r.makeMasterKey(), "%s", text)
	err := r.desk.Confirm(Confirmation{
		Act: "begin phase 2a all the same", Facts: [][2]string{{"current register", current.String() + ", as the journal says"}},
		With: "what you know of this coprocessor: yes only if its master key was set by other means, or will be set before phase 2a ends",
	})
	if errors.Is(err, ErrNoAnswer) {
		return refusal.New(refusal.CodeRegister, "%s: nothing was begun", text).Hinted("%s", r.makeMasterKey())
	}
	return err
}

// makeMasterKey says how a source gets its master key.
func (r *establishing) makeMasterKey() string {
	o := r.node.Officers
	switch {
	case o.Set == "", o.Random == "" && (o.FirstPart == "" || o.LastPart == ""):
		return "the plan names nobody here who makes a master key"
	case o.Random != "":
		return "first {coprocessor generate}, then {coprocessor set}"
	}
	return "first {coprocessor load --part first} and {coprocessor load --part last}, then {coprocessor set}"
}

// elsewhere says what this room is to do, to somebody who is in the wrong one.
func (n overview) elsewhere(err error) error {
	var why *refusal.Error
	if errors.As(err, &why) && why.Code == refusal.CodeNotHere {
		return why.Hinted("%s", n.nextHere())
	}
	return err
}

func (n overview) nextHere() string {
	for _, p := range n.Status().Phases {
		if !p.Done {
			return fmt.Sprintf("look at the plan which room this is. What comes next in this one is {phase %s}, %s", p.Phase, brings[p.Phase])
		}
	}
	return "look at the plan which room this is. In this one every phase is done: {status}"
}

// brings says when the time of each phase has come.
var brings = map[procedure.PhaseID]string{
	"1":  "with an empty stick",
	"2a": "when the stick comes from phase 1, and the master key is set",
	"2b": "when the stick comes from phase 2a",
	"3a": "when the stick comes from phase 1",
	"3b": "when the stick comes from phase 3a",
	"3c": "with --share-to for the stick of each share officer, when the stick comes from phase 3b",
	"3d": "when the sticks come from phase 3c",
}
