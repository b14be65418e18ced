package ceremony

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// SharesToHandOut are the shares that phase 3c with these options would hand
// out for the first time, as far as can be known before anybody logs on: those
// need a medium. Of a share that is on one already nothing more is handed out
// unless somebody asks for it.
func (n wanted) SharesToHandOut(o Options) []int {
	var shares []int
	for _, t := range n.Plan().Targets() {
		if !n.grants(t, o) {
			continue
		}
		for i := 1; i <= n.Plan().N; i++ {
			if n.handsOut(t, i, o) && !slices.Contains(shares, i) {
				shares = append(shares, i)
			}
		}
	}
	slices.Sort(shares)
	return shares
}

// grants reports whether phase 3c would go on for a target: it is meant, and its
// certificate is here or was taken in.
func (n wanted) grants(t *plan.Node, o Options) bool {
	named := slices.Contains(o.Targets, t.Name)
	if len(o.Targets) > 0 && !named || !named && n.cancelledFor(t) != "" {
		return false
	}
	if _, ok := n.History().LastReceived(n.Plan().Source().Name, bundle.KindCSRCert, t.Name); ok {
		return true
	}
	return slices.ContainsFunc(o.Incoming, func(in bundle.Incoming) bool {
		h, err := n.fit(in)
		return err == nil && h.Kind == bundle.KindCSRCert && in.Folder == database(t)
	})
}

func (n wanted) handsOut(t *plan.Node, i int, o Options) bool {
	source := n.Plan().Source().Name
	if w := n.History().LastWritten(source, bundle.KindShare, t.Name, i); w != nil && len(w.Copies) > 0 {
		return false
	} else if w != nil {
		return true // made, and kept before an interruption
	}
	_, done := n.History().Done(history.TaskKey{Node: source, Task: procedure.TaskObtainShares, Peer: t.Name, Share: i})
	wanted := len(o.Shares) == 0 || slices.Contains(o.Shares, i)
	return !done && wanted && !slices.Contains(o.GiveUp, i)
}
