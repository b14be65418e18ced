package store

import (
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Here returns the node of a role that this store's coprocessor holds.
func (s *Store) Here(role coproc.NodeRole) (*plan.Node, error) {
	for _, p := range s.plan.At(s.device.Name) {
		if p.Role == role {
			return p, nil
		}
	}
	return nil, refusal.New(refusal.CodeNotHere, "this is coprocessor %q, which holds %s: there is no %s node here",
		s.device.Name, names(s.plan.At(s.device.Name)), role)
}

func names(nodes []*plan.Node) string {
	var all []string
	for _, p := range nodes {
		all = append(all, p.Name)
	}
	return strings.Join(all, " and ")
}

// MasterKeyNode is the source or target that this store holds.
func (s *Store) MasterKeyNode() (*plan.Node, error) {
	for _, role := range []coproc.NodeRole{coproc.CSS, coproc.CSR} {
		if node, err := s.Here(role); err == nil {
			return node, nil
		}
	}
	return nil, refusal.New(refusal.CodeNotHere, "coprocessor %q is neither source nor target: it has no master key", s.device.Name)
}

// HasProfile refuses a profile that the plan does not have at this store's
// coprocessor.
func (s *Store) HasProfile(profile string) error {
	if _, here := s.plan.Permissions(s.device)[profile]; !here {
		return refusal.New(refusal.CodeAccess, "the plan has no profile %q at coprocessor %s", profile, s.device.Name)
	}
	return nil
}

// RegisteredSAKey is the SA key that this store's coprocessor registered, as
// the journal has it.
func (s *Store) RegisteredSAKey() (coproc.PublicKey, error) {
	for _, node := range s.plan.At(s.device.Name) {
		rec, ok := s.history.LastReceived(node.Name, bundle.KindSAKey, s.plan.SA().Name)
		if !ok {
			rec, ok = s.history.Done(history.TaskKey{Node: node.Name, Task: procedure.TaskRegisterKey})
		}
		if !ok || len(rec.Data) == 0 {
			continue
		}
		var keys coproc.Keys
		if err := detcbor.Unmarshal(rec.Data, &keys); err != nil {
			return coproc.PublicKey{}, err
		}
		return keys.Sign, nil
	}
	return coproc.PublicKey{}, refusal.New(refusal.CodeOrder, "this store has not registered an SA key yet")
}

// Fits refuses a coprocessor that is not the one of this store and plan.
func (s *Store) Fits(info coproc.Info, profile string) error {
	if err := journalFits(s.journal, info); err != nil {
		return refusal.Wrap(err, "store %s", s.dir)
	}
	want := s.plan.Setup(s.device)
	switch {
	case info.Ceremony != want.Ceremony:
		return refusal.New(refusal.CodeStore, "the coprocessor was set up for ceremony %s, the plan is of ceremony %s", info.Ceremony, want.Ceremony)
	case info.Rehearsal != want.Rehearsal:
		return refusal.New(refusal.CodeStore, "the coprocessor is set up for a %s, the plan is of a %s", liveOr(info.Rehearsal), liveOr(want.Rehearsal))
	case info.Serial != want.Serial || info.EID != want.EID:
		return refusal.New(refusal.CodeStore, "the coprocessor has serial %s and EID %q, the plan says %s and %q", info.Serial, info.EID, want.Serial, want.EID)
	case info.M != want.M || info.N != want.N:
		return refusal.New(refusal.CodeStore, "the coprocessor was set up with m = %d, n = %d, the plan says %d and %d", info.M, info.N, want.M, want.N)
	}
	return s.accessFits(want, info, profile)
}

// accessFits refuses to let anybody but an auditor work at a coprocessor at which
// others may do other things than the plan says: who owns the disk and one
// passphrase could have written that. The auditor sees what differs.
func (s *Store) accessFits(want coproc.Setup, info coproc.Info, profile string) error {
	for _, n := range s.plan.At(s.device.Name) {
		if profile == n.Officers.Audit {
			return nil
		}
	}
	planned, err := want.AccessDigest()
	if err != nil || planned == info.Access {
		return err
	}
	return refusal.New(refusal.CodeAccessDiffers, "the coprocessor lets its profiles do other things than the plan says, or has others").
		Hinted("the auditor sees what differs: {audit access-controls}; do not go on")
}

func liveOr(rehearsal bool) string {
	if rehearsal {
		return "rehearsal"
	}
	return "live ceremony"
}
