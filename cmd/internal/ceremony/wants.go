package ceremony

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
)

// Want is what a phase still needs from outside: Count different bundles of a
// kind in a database. Whoever reads codes with a camera goes on until nothing
// is missing; a stick is simply read.
type Want struct {
	Folder string
	Kind   bundle.Kind
	Count  int
}

// Wants lists what a phase needs that this node has not taken in yet. It is
// what lets a person stop scanning in time; the phase itself decides by its
// own rules, and says what is missing.
func (n *Node) Wants(id PhaseID, o Options) []Want {
	info := Phase(id)
	if info == nil {
		return nil
	}
	node, err := n.here(info.Role)
	if err != nil {
		return nil
	}
	done := func(task TaskID, peer string, share int) bool {
		_, ok := n.state.done(taskKey{node.Name, task, peer, share})
		return ok
	}
	switch id {
	case "2a", "3a":
		if !done(TaskRegisterKey, "", 0) && o.Task != TaskAudit {
			return []Want{{saDatabase, bundle.KindSAKey, 1}}
		}
	case "2b":
		if !done(TaskCertifyCSS, n.plan.Source().Name, 0) {
			return []Want{{saDatabase, bundle.KindCSSKey, 1}}
		}
	case "3b":
		return n.eachTarget(o, func(t *PlanNode) []Want {
			if done(TaskCertifyCSR, t.Name, 0) && !slices.Contains(o.Renew, t.Name) {
				return nil
			}
			return []Want{{database(t), bundle.KindCSRKey, 1}}
		})
	case "3c":
		wants := n.eachTarget(o, func(t *PlanNode) []Want {
			for i := 1; i <= n.plan.N; i++ {
				if done(TaskObtainShares, t.Name, i) {
					return nil // its certificate is here
				}
			}
			return []Want{{database(t), bundle.KindCSRCert, 1}}
		})
		if _, ok := n.state.got(node.Name, bundle.KindCSSCert, node.Name); !ok {
			wants = append([]Want{{saDatabase, bundle.KindCSSCert, 1}}, wants...)
		}
		return wants
	case "3d":
		var wants []Want
		if _, ok := n.state.got(node.Name, bundle.KindCSRCert, node.Name); !ok {
			wants = append(wants, Want{database(node), bundle.KindCSRCert, 1})
		}
		if _, ok := n.state.got(node.Name, bundle.KindStatement, n.plan.Source().Name); !ok {
			wants = append(wants, Want{database(node), bundle.KindStatement, 1})
		}
		if need := n.SharesNeeded(); need > 0 {
			wants = append(wants, Want{database(node), bundle.KindShare, need})
		}
		return wants
	}
	return nil
}

func (n *Node) eachTarget(o Options, wants func(*PlanNode) []Want) (all []Want) {
	for _, t := range n.plan.Targets() {
		if len(o.Targets) == 0 || slices.Contains(o.Targets, t.Name) {
			all = append(all, wants(t)...)
		}
	}
	return all
}

// Unfit says why a file will not be used here, as far as its own header tells:
// it is damaged, of another ceremony, from nobody of the plan, or was taken in
// before. Nothing of the file is verified.
func (n *Node) Unfit(in Incoming) error {
	_, err := n.fit(in)
	return err
}

// fit gives the header of a file that may be used here.
func (n *Node) fit(in Incoming) (bundle.Header, error) {
	sealed, err := bundle.Parse(in.Data)
	if err != nil {
		return bundle.Header{}, err
	}
	h := sealed.UnverifiedHeader()
	if err := n.plan.misplaced(h, in.Folder); err != nil {
		return h, err
	}
	if n.state.seen[sealed.Digest()] {
		return h, refuse(CodeReplay, "it was taken in before")
	}
	if h.Kind == bundle.KindCSSCert {
		if w := n.state.sent(n.plan.Source().Name, bundle.KindCSSKey, "", 0); w != nil && w.Digest != h.Answers {
			return h, refuse(CodeOtherRequest, "it answers another request than that of this node")
		}
	}
	return h, nil
}

// Missing says in words what of the wants is not among the files. Files that
// are unfit do not count; of the others it believes what they say of themselves.
func (n *Node) Missing(wants []Want, have []Incoming) []string {
	found := map[Want]map[string]bool{}
	for _, in := range have {
		h, err := n.fit(in)
		if err != nil {
			continue
		}
		for _, w := range wants {
			if w.Folder != in.Folder || w.Kind != h.Kind {
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
		if w.Folder != saDatabase {
			text += " for " + strings.TrimSuffix(w.Folder, dbSuffix)
		}
		missing = append(missing, text)
	}
	return missing
}
