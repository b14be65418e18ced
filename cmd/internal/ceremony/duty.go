package ceremony

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// duty is one row of Table 2 about to be done.
type duty struct {
	task    procedure.TaskID
	group   coproc.NodeRole // the node that the row is about
	peer    string          // the target concerned at the SA and at the source; else ""
	share   int
	profile string
}

func (r *officerSession) key(d duty) history.TaskKey {
	return history.TaskKey{Node: r.node.Name, Task: d.task, Peer: d.peer, Share: d.share}
}

func (r *officerSession) text(d duty) string {
	text := procedure.TaskText(d.task, d.group, d.peer)
	switch {
	case d.share > 0 && d.peer != "":
		return fmt.Sprintf("%s: share %d for %s", text, d.share, d.peer)
	case d.share > 0:
		return fmt.Sprintf("%s: share %d", text, d.share)
	}
	return text
}

// do does one task, unless it was done before: its officer logs on, act does
// it, and what act returns goes into the journal. act must find out by itself
// when the coprocessor did it already, before an interruption.
func (r *officerSession) do(d duty, act func() (journal.Record, error)) error {
	if done, ok := r.n.History().Done(r.key(d)); ok {
		if r.opts.Task == d.task {
			r.chosen = true
		}
		r.progress(Already, d.task, d.share, "%s: done by %s", r.text(d), done.Profile)
		return nil
	}
	if r.opts.Task != "" && r.opts.Task != d.task {
		if r.chosen {
			return errStop
		}
		return refusal.New(refusal.CodeOrder, "%s comes first", r.text(d)).Hinted("{phase %s} does everything in its order", r.phase.Phase)
	}
	r.chosen = true
	r.progress(Doing, d.task, d.share, "%s: %s", r.text(d), r.who(d.profile))
	if err := r.logOn(d); err != nil {
		return err
	}
	rec, err := act()
	if err != nil {
		return refusal.Wrap(err, "%s", r.text(d))
	}
	rec.Event, rec.Node, rec.Task, rec.Peer, rec.Share = journal.EventTask, r.node.Name, d.task, d.peer, d.share
	if err := r.record(rec); err != nil {
		return err
	}
	r.progress(Done, d.task, d.share, "%s", cmp.Or(rec.Brief, rec.Text))
	return nil
}

func (r *officerSession) who(profile string) string { return r.n.Plan().Officer(profile).String() }

// wantedShare says whether the options leave a share in.
func (r *officerSession) wantedShare(i int) bool {
	return len(r.opts.Shares) == 0 || slices.Contains(r.opts.Shares, i)
}

// wantedTarget says whether the options leave a target in.
func (r *officerSession) wantedTarget(name string) bool {
	return len(r.opts.Targets) == 0 || slices.Contains(r.opts.Targets, name)
}
