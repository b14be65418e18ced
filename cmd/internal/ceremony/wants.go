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

// Wants lists what a phase needs that this node has not taken in yet. It is
// what lets a person stop scanning in time; the phase itself decides by its
// own rules, and says what is missing.
func (n wanted) Wants(id procedure.PhaseID, o Options) []Want {
	info := procedure.Phase(id)
	if info == nil {
		return nil
	}
	node, err := n.Here(info.Role)
	if err != nil {
		return nil
	}
	done := func(task procedure.TaskID, peer string, share int) bool {
		_, ok := n.History().Done(history.TaskKey{Node: node.Name, Task: task, Peer: peer, Share: share})
		return ok
	}
	switch id {
	case "2a", "3a":
		if !done(procedure.TaskRegisterKey, "", 0) && o.Task != procedure.TaskAudit {
			return []Want{{Folder: procedure.SADatabase, Kind: bundle.KindSAKey, Count: 1}}
		}
	case "2b":
		source := n.Plan().Source().Name
		certified := done(procedure.TaskCertifyCSS, source, 0)
		if !certified || slices.Contains(o.Renew, source) {
			return []Want{{Folder: procedure.SADatabase, Kind: bundle.KindCSSKey, Count: 1, Newer: certified}}
		}
	case "3b":
		return n.eachTarget(o, func(t *plan.Node) []Want {
			if done(procedure.TaskCertifyCSR, t.Name, 0) && !slices.Contains(o.Renew, t.Name) {
				return nil
			}
			return []Want{{Folder: database(t), Kind: bundle.KindCSRKey, Count: 1, Newer: done(procedure.TaskCertifyCSR, t.Name, 0)}}
		})
	case "3c":
		wants := n.eachTarget(o, func(t *plan.Node) []Want {
			for i := 1; i <= n.Plan().N; i++ {
				if done(procedure.TaskObtainShares, t.Name, i) {
					return nil // its certificate is here
				}
			}
			_, known := n.History().LastReceived(node.Name, bundle.KindCSRCert, t.Name)
			return []Want{{Folder: database(t), Kind: bundle.KindCSRCert, Count: 1, Newer: known}}
		})
		if _, ok := n.History().LastReceived(node.Name, bundle.KindCSSCert, node.Name); !ok {
			wants = append([]Want{{Folder: procedure.SADatabase, Kind: bundle.KindCSSCert, Count: 1}}, wants...)
		}
		return wants
	case "3d":
		var wants []Want
		if _, ok := n.History().LastReceived(node.Name, bundle.KindCSRCert, node.Name); !ok {
			wants = append(wants, Want{Folder: database(node), Kind: bundle.KindCSRCert, Count: 1})
		}
		if _, ok := n.History().LastReceived(node.Name, bundle.KindStatement, n.Plan().Source().Name); !ok {
			wants = append(wants, Want{Folder: database(node), Kind: bundle.KindStatement, Count: 1})
		}
		return append(wants, n.shareWants(node, o)...)
	}
	return nil
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
