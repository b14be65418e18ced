package ceremony

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Cancelled is a cancel that was taken in.
type Cancelled struct {
	Target   string `json:"target"`
	ShareSet string `json:"share_set"`
	Reason   string `json:"reason"`
	By       string `json:"by"`
	// Late says that the target had set the master key before: it has it.
	Late bool `json:"late"`
}

// TakeCancels takes in the cancels that the carriers bring from the source, at
// a target or at the SA. At a target the new register and the installed shares
// of the set are cleared, and whatever is of it is refused from then on.
func (n *Node) TakeCancels(o Options, desk Desk) (all []Cancelled, err error) {
	nodes := n.cancelled(o.Incoming)
	if len(nodes) == 0 {
		return nil, refusal.New(refusal.CodeNotHere, "cancels are taken in at targets and at the SA; at the source give --target")
	}
	for _, node := range nodes {
		profile := node.Officers.Set
		if node.Role == coproc.SA {
			profile = node.Officers.Audit
		}
		err = n.withOfficer(node, profile, "take in a cancel", desk, func(r *run) error {
			r.opts = o
			if err := r.check(); err != nil {
				return err
			}
			r.classify()
			if err := r.takeRevokes(); err != nil {
				return err
			}
			some, err := (&cancelling{r}).takeCancels()
			all = append(all, some...)
			return err
		})
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// cancelled are the nodes of this store that what came in concerns: the target
// that is here, and the SA for the others. Where nothing came, it is one that
// says so.
func (n *Node) cancelled(incoming []bundle.Incoming) (nodes []*plan.Node) {
	own, _ := n.Here(coproc.CSR)
	sa, _ := n.Here(coproc.SA)
	forOwn, forSA := false, false
	for _, in := range incoming {
		sealed, err := bundle.Parse(in.Data)
		if err != nil || sealed.UnverifiedHeader().Kind != bundle.KindCancel {
			continue
		}
		if own != nil && in.Folder == database(own) {
			forOwn = true
		} else {
			forSA = true
		}
	}
	if own != nil && (forOwn || !forSA || sa == nil) {
		nodes = append(nodes, own)
	}
	if sa != nil && (forSA || own == nil) {
		nodes = append(nodes, sa)
	}
	return nodes
}

// CancelWants lists what TakeCancels looks for.
func (n wanted) CancelWants(o Options) []Want {
	_, err := n.Here(coproc.SA)
	sa := err == nil
	return n.eachTarget(o, func(t *plan.Node) []Want {
		if own, err := n.Here(coproc.CSR); err == nil && own != t && !sa {
			return nil
		}
		return []Want{{Folder: database(t), Kind: bundle.KindCancel, Count: 1}}
	})
}

func (r *cancelling) takeCancels() (all []Cancelled, err error) {
	known := false
	var refused error
	for _, t := range r.n.Plan().Targets() {
		if r.node.Role == coproc.CSR != (t.Coprocessor == r.node.Coprocessor) || !r.wantedTarget(t.Name) {
			continue
		}
		for _, it := range r.items {
			// What was taken in before is no replay here: it is told, and left alone.
			if it.err == nil && r.isNotice(it, bundle.KindCancel, t.Name) && r.n.History().Seen[it.sealed.Digest()] {
				r.progress(Already, "", 0, "%s: taken in before", it.where())
				known = true
			}
		}
		var found []*bundle.Verified
		good, bad, err := r.readNotices(bundle.KindCancel, t.Name, func(it item) error {
			v, err := r.verify(it, r.anchors(), nil)
			switch {
			case err != nil:
			case r.beforeAnew(it.header):
				r.progress(Note, "", 0, "%s: of a share set from before %s was set up anew; nothing of it is here", it.where(), t.Name)
				known = true
			default:
				found = append(found, v)
			}
			return err
		})
		if err != nil {
			return all, err
		}
		slices.SortFunc(found, func(a, b *bundle.Verified) int {
			return cmp.Compare(a.Header().Sequence, b.Header().Sequence)
		})
		for _, v := range found {
			c, err := r.takeCancel(t, v)
			if err != nil {
				return all, err
			}
			all = append(all, c)
		}
		// What is good is taken in all the same: it takes back as much as it says.
		if err := r.refuseNotices(bundle.KindCancel, r.n.Plan().Source(), good, bad); err != nil && refused == nil {
			refused = err
		}
	}
	if refused != nil || len(all) > 0 || known {
		return all, refused
	}
	for _, it := range r.items {
		if it.err != nil && it.in.Folder != procedure.SADatabase {
			return nil, it.err // the file that should be the cancel, perhaps
		}
	}
	return nil, refusal.New(refusal.CodeMissing, "there is no cancel on the carriers")
}

func (r *cancelling) takeCancel(t *plan.Node, v *bundle.Verified) (c Cancelled, err error) {
	source, err := coproc.ParseCertificate(v.Header().Certificate, r.info.SAKey)
	if err != nil {
		return c, err
	}
	if err := r.checkSubject(source, r.n.Plan().Source()); err != nil {
		return c, err
	}
	b, err := r.open(v)
	if errors.Is(err, bundle.ErrNotSealedToMe) && r.uncertified() {
		var why *refusal.Error
		errors.As(refusal.Wrap(err, "the cancel"), &why)
		return c, why.Hinted("%s", r.certificateFirst())
	}
	if err != nil {
		return c, err
	}
	body, err := bundle.BodyAs[bundle.CancelBody](b)
	if err != nil {
		return c, err
	}
	data, err := detcbor.Marshal(journal.CancelData{ShareSet: body.ShareSet, Out: body.Out, Reason: body.Reason, By: body.By})
	if err != nil {
		return c, err
	}
	set := body.ShareSet.String()[:8]
	c = Cancelled{Target: t.Name, ShareSet: body.ShareSet.String(), Reason: body.Reason, By: body.By}
	if r.node.Role == coproc.SA {
		r.progress(Done, "", 0, "share set %s for %s is void: %s", set, t.Name, body.Reason)
		return c, r.received(b, t.Name, data)
	}
	text, late, err := r.voidHere(body)
	if err != nil {
		return c, err
	}
	c.Late = late
	if err := r.keepTaken(b); err != nil {
		return c, err
	}
	digest := b.Digest()
	err = r.record(journal.Record{
		Event: journal.EventCanceled, Node: r.node.Name, Kind: bundle.KindCancel, Peer: r.n.Plan().Source().Name,
		Bundle: &digest, Data: data, Text: fmt.Sprintf("%s: %s", text, body.Reason),
	})
	if err == nil {
		r.progress(Done, "", 0, "%s", text)
	}
	return c, err
}

// voidHere has the target's coprocessor forget a cancelled share set.
func (r *cancelling) voidHere(body bundle.CancelBody) (text string, late bool, err error) {
	target, err := capability[coproc.Target](r.session, "receive shares")
	if err != nil {
		return "", false, err
	}
	set := body.ShareSet.String()[:8]
	_, s, _, err := r.stated()
	here := err == nil && s.ShareSet == body.ShareSet
	installed := fmt.Sprintf("%d shares of it", len(r.installed()))
	switch {
	case here:
		late = r.n.History().WasSet(r.node.Name)
	case err == nil:
		installed = fmt.Sprintf("nothing of it; what is here is of set %s and stays", s.ShareSet.String()[:8])
	default:
		installed = "nothing of it"
	}
	act := "take in that share set " + set + " was cancelled"
	err = r.desk.Confirm(Confirmation{
		Act: act,
		Facts: [][2]string{
			{"because", body.Reason}, {"installed here", installed},
			{"new register", r.info.Register(r.n.Plan().MasterKeyClass()).New.String()},
		},
		With: "what the source's room says",
	})
	if err != nil {
		return "", false, notConfirmed(err, act)
	}
	if err := target.Void(r.node.Name, body.ShareSet); err != nil {
		return "", false, err
	}
	if !here {
		return fmt.Sprintf("share set %s is void; nothing of it is installed at %s", set, r.node.Name), false, r.refresh()
	}
	if late {
		return fmt.Sprintf("share set %s was cancelled too late: %s has set the master key that it made", set, r.node.Name), true, r.refresh()
	}
	return fmt.Sprintf("share set %s is void, what was installed of it is cleared", set), false, r.refresh()
}
