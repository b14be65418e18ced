package ceremony

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// TargetStatus is what one node knows of a target.
type TargetStatus struct {
	Target      string        `json:"target"`
	Certificate uint32        `json:"certificate"`             // the last one known here; 0 for none
	Revoked     string        `json:"revoke_reason,omitempty"` // why that certificate was revoked
	Cancelled   string        `json:"cancel_reason,omitempty"` // why its last share set was cancelled, if no other was begun
	CancelHere  bool          `json:"cancel_here,omitempty"`   // a signed cancel of a share set of it can be handed out again here, and may be news elsewhere
	CancelOpen  bool          `json:"cancel_open,omitempty"`   // at the source: a cancel is not made or on no carrier yet; the same command ends it
	Shares      []ShareStatus `json:"share_states,omitempty"`  // at the source and at the target
	Statement   bool          `json:"statement"`               // made at the source, taken in at the target
	Receipt     *Receipted    `json:"receipt,omitempty"`       // taken in at the SA and at the source
	Replaced    *Replaced     `json:"replaced,omitempty"`      // at the target: another master key was set since
	Late        bool          `json:"late,omitempty"`          // it has set the key of a share set that was cancelled, and no other one confirmed it
	// NewRegister is what officers left in the new register of a target that is
	// here, outside of the phases; empty for nothing.
	NewRegister string `json:"new_register,omitempty"`
}

// ShareStatus is where a share stands, as far as one node knows.
type ShareStatus string

// The states of a share.
const (
	ShareIsOpen      ShareStatus = "open"
	ShareIsObtained  ShareStatus = "obtained"   // at the source, and on no carrier yet
	ShareIsOut       ShareStatus = "handed out" // on a carrier
	ShareIsGivenUp   ShareStatus = "given up"
	ShareIsInstalled ShareStatus = "installed"
	ShareIsUnneeded  ShareStatus = "not needed" // at a target that has installed enough
)

// Board is what this store knows of the targets: at a target of itself alone.
func (n overview) Board() []TargetStatus {
	all := []TargetStatus{}
	sa, _ := n.Here(coproc.SA)
	source, _ := n.Here(coproc.CSS)
	own, _ := n.Here(coproc.CSR)
	var receipts []Receipted
	if node := receiver(n.Store); node != nil {
		receipts = n.receipted(node)
	}
	for _, t := range n.Plan().Targets() {
		if sa == nil && source == nil && t != own {
			continue
		}
		s := TargetStatus{Target: t.Name}
		for _, node := range []*plan.Node{sa, source, own} {
			if node != nil {
				s.Certificate = max(s.Certificate, n.generationOf(node, t))
			}
		}
		if d := n.History().Revoked[t.Name]; d.Generation > 0 && d.Generation >= s.Certificate {
			s.Revoked = d.Reason
		}
		s.Cancelled = n.cancelledFor(t)
		switch {
		case source != nil:
			s.Shares = n.sharesOut(source, t)
			s.CancelOpen = n.cancelIsOpen(t)
			s.Statement = n.History().LastWritten(source.Name, bundle.KindStatement, t.Name, 0) != nil
		case t == own:
			s.Shares = n.sharesIn(t)
			_, s.Statement = n.History().LastReceived(t.Name, bundle.KindStatement, n.Plan().Source().Name)
			s.Replaced, s.Late = n.replaced(t), n.confirming(t)
			if left := n.inNew(t); left.State != coproc.Empty {
				s.NewRegister = left.String()
			}
		}
		if i := slices.IndexFunc(receipts, func(r Receipted) bool { return r.Target == t.Name }); i >= 0 {
			s.Receipt, s.Late = &receipts[i], s.Late || receipts[i].Cancelled
		}
		open := s.Cancelled != "" || s.Late || sa != nil && source == nil && s.Receipt == nil
		s.CancelHere = open && !s.CancelOpen && n.cancelKept(t.Name, coproc.ShareSetID{})
		all = append(all, s)
	}
	return all
}

// generationOf is the latest certificate of a target that a node here gave out
// or took in.
func (n standing) generationOf(node, target *plan.Node) uint32 {
	rec, ok := n.History().LastReceived(node.Name, bundle.KindCSRCert, target.Name)
	if !ok {
		rec, ok = n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskCertifyCSR, Peer: target.Name})
	}
	if !ok {
		return 0
	}
	claims, err := coproc.UnverifiedClaims(rec.Data) // out of this node's signed journal
	if err != nil {
		return 0
	}
	return claims.Generation
}

// cancelledFor is why the last share set for a target was cancelled, if
// nothing of another was made or taken in since.
func (n sets) cancelledFor(target *plan.Node) (reason string) {
	var last coproc.ShareSetID // in use here; zero while none is known
	for _, rec := range n.Journal().Records() {
		if rec.Peer != target.Name && rec.Node != target.Name || rec.Seq < n.History().Since[rec.Node] {
			continue
		}
		if set, ok := history.SetOf(rec); ok {
			last, reason = set, ""
		}
		if rec.Event == journal.EventTask && rec.Task == procedure.TaskCertifyCSR {
			last, reason = coproc.ShareSetID{}, "" // what was cancelled was for an earlier certificate
		}
		if rec.Event != journal.EventCanceled && (rec.Event != journal.EventReceived || rec.Kind != bundle.KindCancel) {
			continue
		}
		// A cancel of an earlier set that comes late says nothing of this one.
		if d, err := journal.DataOf[journal.CancelData](rec); err == nil && (last == coproc.ShareSetID{} || last == d.ShareSet) {
			reason = d.Reason
		}
	}
	return reason
}

func (n sets) sharesOut(source, target *plan.Node) []ShareStatus {
	shares := make([]ShareStatus, n.Plan().N)
	for i := range shares {
		w := n.History().LastWritten(source.Name, bundle.KindShare, target.Name, i+1)
		_, done := n.History().Done(history.TaskKey{Node: source.Name, Task: procedure.TaskObtainShares, Peer: target.Name, Share: i + 1})
		switch {
		case w != nil && len(w.Copies) > 0:
			shares[i] = ShareIsOut
		case w != nil:
			shares[i] = ShareIsObtained
		case done:
			shares[i] = ShareIsGivenUp
		default:
			shares[i] = ShareIsOpen
		}
	}
	return shares
}

func (n sets) sharesIn(target *plan.Node) []ShareStatus {
	rest := ShareIsOpen
	if n.SharesNeeded() == 0 {
		rest = ShareIsUnneeded
	}
	shares := make([]ShareStatus, n.Plan().N)
	for i := range shares {
		shares[i] = rest
		if _, done := n.History().Done(history.TaskKey{Node: target.Name, Task: procedure.TaskInstallShares, Share: i + 1}); done {
			shares[i] = ShareIsInstalled
		}
	}
	return shares
}
