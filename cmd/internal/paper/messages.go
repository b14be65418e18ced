package paper

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// message is an arrow of the diagram: bundles of a kind that went the same way, one
// after the other.
type message struct {
	kind   bundle.Kind
	void   bool
	about  string // a target, where it is not the sender
	from   int    // lane
	to     []int  // lanes, ascending; none where nobody took it in
	shares []int
	count  int
}

// label says what went.
func (a message) label() string {
	text := string(a.kind)
	switch {
	case a.shares != nil && a.count == len(a.shares):
		text += " " + numbers(a.shares)
	case a.count > 1:
		text += fmt.Sprintf(" × %d", a.count)
	}
	if a.about != "" {
		text += " for " + a.about
	}
	if a.void {
		text += ", void"
	}
	return text
}

// messagesOf gives the participants of the diagram, each with a lane, and its
// messages. Many targets share one lane.
func messagesOf(r *transcript.Result) (names []string, arrows []message) {
	names, lane := participants(r.Plan)
	shared := len(r.Plan.Targets()) > maxLanes
	for _, w := range r.Bundles {
		if w.Kind == bundle.KindJournal {
			continue // it went to the auditor, and is this transcript
		}
		a := message{kind: w.Kind, void: w.Void, from: lane[w.From], count: 1}
		if w.Peer != w.From && !shared && lane[w.Peer] >= firstTarget {
			a.about = w.Peer
		}
		for _, node := range takenIn(w) {
			if at := lane[node]; at != a.from && !slices.Contains(a.to, at) {
				a.to = append(a.to, at)
			}
		}
		slices.Sort(a.to)
		if w.Share > 0 {
			a.shares = []int{w.Share}
		}
		if !mergeInto(arrows, a, shared) {
			arrows = append(arrows, a)
		}
	}
	return names, arrows
}

// firstTarget is the lane of the first target: SA and source come before.
const firstTarget = 2

func participants(p *plan.Plan) (names []string, lane map[string]int) {
	names = []string{p.SA().Name, p.Source().Name}
	lane = map[string]int{names[0]: 0, names[1]: 1}
	targets := p.Targets()
	for i, t := range targets {
		lane[t.Name] = firstTarget + i
		names = append(names, t.Name)
	}
	if len(targets) > maxLanes {
		for _, t := range targets {
			lane[t.Name] = firstTarget
		}
		names = append(names[:firstTarget], plural(len(targets), "target", "targets"))
	}
	return names, lane
}

// mergeInto adds a message to one of those of its kind that were drawn last, if it
// went the same way. Where targets share a lane, taken in by some is enough.
func mergeInto(arrows []message, a message, shared bool) bool {
	for i := len(arrows) - 1; i >= 0 && arrows[i].kind == a.kind && arrows[i].from == a.from; i-- {
		b := &arrows[i]
		same := slices.Equal(a.to, b.to)
		if shared {
			same = (len(a.to) > 0) == (len(b.to) > 0)
		}
		if !same || a.about != b.about || a.void != b.void {
			continue
		}
		b.count++
		for _, i := range a.shares {
			if !slices.Contains(b.shares, i) {
				b.shares = append(b.shares, i)
			}
		}
		for _, at := range a.to {
			if !slices.Contains(b.to, at) {
				b.to = append(b.to, at)
			}
		}
		slices.Sort(b.to)
		return true
	}
	return false
}
