package ceremony

import (
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

// Want is what a phase still needs from outside: Count different bundles of a
// kind in a database. Whoever reads codes with a camera goes on until nothing
// is missing; a stick is simply read.
type Want struct {
	Folder string
	Kind   bundle.Kind
	Count  int
	only   uint16 // of shares: a bit for each index that counts; 0 for all

	// Newer says that the phase goes on without it, with what it took in before.
	// It is wanted all the same: if the other room has a newer one, the phase
	// must not go on with the old.
	Newer bool
}

// Wants lists what a phase needs that this node has not taken in yet, step by step
// as procedure has them. It is what lets a person stop scanning in time; the phase
// itself decides by its own rules, and says what is missing.
func (n wanted) Wants(id procedure.PhaseID, o Options) (wants []Want) {
	info := procedure.Phase(id)
	if info == nil {
		return nil
	}
	node, err := n.Here(info.Role)
	if err != nil {
		return nil
	}
	steps := procedure.PhaseSteps[id]
	for i, s := range steps {
		next := procedure.Step{}
		if i+1 < len(steps) {
			next = steps[i+1]
		}
		switch {
		case s.Takes == "":
		case s.Do == procedure.DoTask && s.PerShare:
			wants = append(wants, n.shareWants(node, o)...)
		case s.Do == procedure.DoTask:
			wants = append(wants, n.eachPeer(s.Peer, o, func(peer *plan.Node) []Want { return n.toAnswer(s, node, peer, o) })...)
		case s.Peer != "":
			wants = append(wants, n.eachPeer(s.Peer, o, func(peer *plan.Node) []Want { return n.toGoOnWith(s, next, node, peer) })...)
		case next.Do == procedure.DoTask && !next.PerShare && next.Task != "":
			// Its officer takes it in, and an auditor comes before it is needed.
			if !n.did(node, next.Task, "", 0) && o.Task != procedure.TaskAudit {
				wants = append(wants, wantOf(s.Takes, node))
			}
		case !n.tookIn(node, s.Takes):
			wants = append(wants, wantOf(s.Takes, node))
		}
	}
	return wants
}

// did reports whether a task was done at a node.
func (n wanted) did(node *plan.Node, task procedure.TaskID, peer string, share int) bool {
	_, ok := n.History().Done(history.TaskKey{Node: node.Name, Task: task, Peer: peer, Share: share})
	return ok
}

// tookIn reports whether a node took in a bundle about itself, or a statement of the
// source.
func (n wanted) tookIn(node *plan.Node, kind bundle.Kind) bool {
	from := node.Name
	if kind == bundle.KindStatement {
		from = n.Plan().Source().Name
	}
	_, ok := n.History().LastReceived(node.Name, kind, from)
	return ok
}

// wantOf is one bundle of a kind, in the database where it lies; node is the target
// that it is about.
func wantOf(kind bundle.Kind, node *plan.Node) Want {
	w := Want{Folder: procedure.SADatabase, Kind: kind, Count: 1}
	if procedure.KindOf(kind).PerTarget {
		w.Folder = database(node)
	}
	return w
}

// toAnswer is the request of a node that a task answers, once, and again where that
// was said.
func (n wanted) toAnswer(s procedure.Step, node, peer *plan.Node, o Options) []Want {
	w := wantOf(s.Takes, peer)
	w.Newer = n.did(node, s.Task, peer.Name, 0)
	if w.Newer && !slices.Contains(o.Renew, peer.Name) {
		return nil
	}
	return []Want{w}
}

// toGoOnWith is what shares for a target are made for: once one is, it is here.
func (n wanted) toGoOnWith(s, next procedure.Step, node, peer *plan.Node) []Want {
	for i := 1; i <= n.Plan().N; i++ {
		if n.did(node, next.Task, peer.Name, i) {
			return nil
		}
	}
	w := wantOf(s.Takes, peer)
	_, w.Newer = n.History().LastReceived(node.Name, s.Takes, peer.Name)
	return []Want{w}
}

// eachPeer gathers what is wanted of the source, or of each target that is meant.
func (n wanted) eachPeer(role coproc.NodeRole, o Options, wants func(*plan.Node) []Want) []Want {
	if role == coproc.CSS {
		return wants(n.Plan().Source())
	}
	return n.eachTarget(o, wants)
}

// shareWants are the shares that phase 3d still needs: any, or, where it was
// told which, those of them that are not installed.
func (n wanted) shareWants(target *plan.Node, o Options) []Want {
	want := Want{Folder: database(target), Kind: bundle.KindShare, Count: n.SharesNeeded()}
	open := 0
	for _, i := range o.Shares {
		_, done := n.History().Done(history.TaskKey{Node: target.Name, Task: procedure.TaskInstallShares, Share: i})
		if !done && i > 0 && i <= n.Plan().N && want.only&(1<<i) == 0 {
			want.only |= 1 << i
			open++
		}
	}
	if len(o.Shares) > 0 {
		want.Count = min(want.Count, open)
	}
	if want.Count == 0 {
		return nil
	}
	return []Want{want}
}

// counts reports whether a bundle with this header is one of those wanted.
func (w Want) counts(folder string, h bundle.Header) bool {
	return w.Folder == folder && w.Kind == h.Kind && (w.only == 0 || h.Share != nil && w.only&(1<<h.Share.Index) != 0)
}

// shares names those that are wanted, where not all will do.
func (w Want) shares() string {
	var list []string
	for i := range 16 {
		if w.only&(1<<i) != 0 {
			list = append(list, fmt.Sprint(i))
		}
	}
	return strings.Join(list, ", ")
}

func (n wanted) eachTarget(o Options, wants func(*plan.Node) []Want) (all []Want) {
	for _, t := range n.Plan().Targets() {
		if len(o.Targets) == 0 || slices.Contains(o.Targets, t.Name) {
			all = append(all, wants(t)...)
		}
	}
	return all
}

// Unfit says why a file will not be used here, as far as its own header tells:
// it is damaged, of another ceremony, from nobody of the plan, or was taken in
// before. Nothing of the file is verified.
func (n wanted) Unfit(in bundle.Incoming) error {
	_, err := n.fit(in)
	return err
}

// fit gives the header of a file that may be used here.
func (n wanted) fit(in bundle.Incoming) (bundle.Header, error) {
	it := n.Judge().Judge(in)
	if it.Standing == Here {
		return it.Header, refusal.New(refusal.CodeReplay, "it was taken in before")
	}
	return it.Header, it.Err
}

// Missing says in words what of the wants is not among the files. Files that
// are unfit do not count; of the others it believes what they say of themselves.
func (n wanted) Missing(wants []Want, have []bundle.Incoming) []string {
	found := map[Want]map[string]bool{}
	for _, in := range have {
		h, err := n.fit(in)
		if err != nil {
			continue
		}
		for _, w := range wants {
			if !w.counts(in.Folder, h) {
				continue
			}
			if found[w] == nil {
				found[w] = map[string]bool{}
			}
			one := ""
			if h.Share != nil {
				one = fmt.Sprint(h.Share.Index)
			}
			found[w][one] = true
		}
	}
	var missing []string
	for _, w := range wants {
		lack := w.Count - len(found[w])
		if lack <= 0 {
			continue
		}
		text := string(w.Kind)
		if lack > 1 {
			text = fmt.Sprintf("%d %ss", lack, w.Kind)
		}
		if w.only != 0 {
			text += " (" + w.shares() + ")"
		}
		if w.Folder != procedure.SADatabase {
			text += " for " + strings.TrimSuffix(w.Folder, procedure.DatabaseSuffix)
		}
		missing = append(missing, text)
	}
	return missing
}
