package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/coproc"
)

// Cancel voids the share set for a target at the source: its shares and its
// statement are not handed out again, and phase 3c begins a new set. What is
// on sticks already stays good for the target's old keys: the other rooms have
// to be told.
func (n *Node) Cancel(target string, desk Desk) error {
	source, err := n.here(coproc.CSS)
	if err != nil {
		return err
	}
	if p := n.plan.Node(target); p == nil || p.Role != coproc.CSR {
		return refuse(CodeNotHere, "%q is not a target of the plan", target)
	}
	act := "cancel the shares for " + target
	if source.Officers.Cancel == "" {
		return refuse(CodeAccess, "the plan names nobody at %s to %s", source.Name, act)
	}
	return n.withOfficer(source, source.Officers.Cancel, act, desk, func(r *run) error {
		canceller, err := capability[coproc.Canceller](r.session, "cancel a share set")
		if err != nil {
			return err
		}
		out, set := 0, "none yet"
		for _, t := range r.info.Shares {
			if t.Peer == target {
				set = t.ShareSet.String()[:8]
				for _, state := range t.States {
					if state >= coproc.ShareDone {
						out++
					}
				}
			}
		}
		err = desk.Confirm(Confirmation{
			Act:   act,
			Facts: [][2]string{{"share set", set}, {"shares given out", fmt.Sprint(out)}},
			With:  "what the target's room says: what they have installed stays installed there until it is cleared",
		})
		if err != nil {
			return notConfirmed(err, act)
		}
		if err := canceller.Cancel(target); err != nil {
			return asRefusal(err, "%s", act)
		}
		return r.record(Record{
			Event: EventCanceled, Node: source.Name, Peer: target,
			Text: fmt.Sprintf("share set %s for %s is void; %d shares of it had been given out", set, target, out),
		})
	})
}
