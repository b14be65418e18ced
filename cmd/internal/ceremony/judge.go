package ceremony

import (
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Judge says of a file that came in whether it is of use: the one place where
// that is decided by what a bundle says of itself, for the phases, for whoever
// scans until nothing is missing, and for those who look at a stick beforehand.
// Nothing is verified yet: refusing here is safe, accepting comes later.
//
// The zero Judge has no plan and no room: to it every bundle is in its place.
type Judge struct {
	plan *plan.Plan // nil where none is known
	room *wanted    // nil where it is nobody's room
}

// JudgeOf judges by a plan alone, in no room.
func JudgeOf(p *plan.Plan) Judge { return Judge{plan: p} }

// Judge judges for this room.
func (n wanted) Judge() Judge { return Judge{n.Plan(), &n} }

// Standing is what a bundle is to a room.
type Standing string

// The standings.
const (
	Fits      Standing = "fits"      // nothing speaks against it
	Elsewhere Standing = "elsewhere" // it is for other rooms
	Here      Standing = "here"      // it was taken in before, and is in force
	Refused   Standing = "refused"   // it is not used anywhere, or not any more
)

// Judged is a file with what the judge says of it.
type Judged struct {
	In       bundle.Incoming
	Sealed   *bundle.Sealed // nil where it is no bundle
	Header   bundle.Header  // unverified
	Standing Standing
	Phases   []procedure.PhaseID // that take it in; of a room, those of its nodes
	Err      error               // why it is refused, a refusal with its code where the bundle could be read
}

// Judge judges a file. A file that lies in no database has an empty Folder: its
// place is not judged.
func (j Judge) Judge(in bundle.Incoming) Judged {
	it := j.read(in)
	if it.Err != nil {
		it.Standing = Refused
		return it
	}
	it.Phases = j.phases(it.Header)
	if j.room == nil {
		it.Standing = Fits
		return it
	}
	return j.stand(it)
}

// read parses a file and looks whether it is in its place.
func (j Judge) read(in bundle.Incoming) Judged {
	it := Judged{In: in}
	if in.Problem != "" {
		it.Err = refusal.New(refusal.CodeFormat, "it cannot be read from the carrier: %s", in.Problem)
		return it
	}
	if it.Sealed, it.Err = bundle.Parse(in.Data); it.Err != nil {
		return it
	}
	it.Header = it.Sealed.UnverifiedHeader()
	if j.plan != nil {
		it.Err = misplaced(j.plan, it.Header, in.Folder)
	}
	return it
}

// misplaced refuses what its own header says does not belong here. The header
// is not verified yet: refusing on it is safe, accepting comes later.
func misplaced(plan *plan.Plan, h bundle.Header, folder string) error {
	switch {
	case h.Rehearsal && !plan.Rehearsal:
		return refusal.New(refusal.CodeRehearsal, "it was made in a rehearsal, and this is no rehearsal")
	case !h.Rehearsal && plan.Rehearsal:
		return refusal.New(refusal.CodeRehearsal, "it is of a live ceremony, and this is a rehearsal")
	case h.Ceremony != plan.CeremonyID():
		return refusal.New(refusal.CodeWrongCeremony, "it is of ceremony %s, this is ceremony %s", h.Ceremony, plan.CeremonyID())
	}
	if db := h.Database(); folder != "" && db != folder {
		if h.Kind == bundle.KindShare || h.Kind == bundle.KindStatement {
			return refusal.New(refusal.CodeWrongTarget, "it is a %s for %s, not for %s", h.Kind, strings.TrimSuffix(db, procedure.DatabaseSuffix), strings.TrimSuffix(folder, procedure.DatabaseSuffix))
		}
		return refusal.New(refusal.CodeWrongPlace, "it is a %s and belongs into %s", h.Kind, db)
	}
	from := plan.Node(h.From.Name)
	if from == nil {
		return refusal.New(refusal.CodeWrongSender, "it is from node %q, which the plan does not have", h.From.Name)
	}
	if want := plan.ID(from); h.From != want {
		return refusal.New(refusal.CodeWrongSender, "it is from %s, the plan has %s", h.From, want)
	}
	if role := maker(h.Kind); role != "" && from.Role != role {
		return refusal.New(refusal.CodeWrongSender, "it is a %s from %s, which is a %s node; a %s comes from a %s node", h.Kind, from.Name, from.Role, h.Kind, role)
	}
	return nil
}

// maker is the role of the node that a kind comes from; empty for a journal,
// which comes from any.
func maker(k bundle.Kind) coproc.NodeRole {
	if row := procedure.KindOf(k); row != nil {
		return row.Maker
	}
	return ""
}

// phases are those that take a bundle in: of a room, those of its nodes that it
// is addressed to.
func (j Judge) phases(h bundle.Header) (ids []procedure.PhaseID) {
	for _, p := range procedure.Table1 {
		if !slices.Contains(procedure.Reads(p.Phase), h.Kind) {
			continue
		}
		if j.room == nil || slices.ContainsFunc(j.room.Plan().At(j.room.Device().Name), func(n *plan.Node) bool {
			return n.Role == p.Role && addressed(h, n.Name) == nil
		}) {
			ids = append(ids, p.Phase)
		}
	}
	return ids
}

// stand says what the journal of the room knows of a bundle in its place.
func (j Judge) stand(it Judged) Judged {
	d, again := it.Sealed.Digest(), false
	seen := j.room.History().Seen[d]
	if seen {
		again = j.room.takenAgain(it.Header, d)
	}
	switch err := j.void(it); {
	case err != nil:
		it.Standing, it.Err = Refused, err
	case seen && !again && (j.room.inForce(d) || notice(it.Header.Kind)):
		it.Standing = Here
	case seen && !again:
		it.Standing, it.Err = Refused, replayed(it.Header)
	case len(it.Phases) == 0 && !j.takenOutside(it.Header):
		it.Standing = Elsewhere
	default:
		it.Standing = Fits
	}
	return it
}

// notice reports whether a bundle of a kind says that something is void: that may
// be heard more than once.
func notice(k bundle.Kind) bool { return k == bundle.KindCancel || k == bundle.KindRevoke }

// takenOutside reports whether an act outside of the phases takes a bundle in
// here: a receipt, a cancel, a revocation.
func (j Judge) takenOutside(h bundle.Header) bool {
	row := procedure.KindOf(h.Kind)
	if row == nil || len(row.TakenBy) == 0 || slices.ContainsFunc(procedure.Table1, func(p procedure.PhaseInfo) bool {
		return slices.Contains(procedure.Reads(p.Phase), h.Kind)
	}) {
		return false
	}
	return slices.ContainsFunc(j.room.Plan().At(j.room.Device().Name), func(n *plan.Node) bool { return addressed(h, n.Name) == nil && n.Name != h.From.Name })
}

// void refuses what is of a cancelled share set, and what answers another request
// than this room's.
func (j Judge) void(it Judged) error {
	if err := j.room.Void(it.Sealed); err != nil {
		return err
	}
	if it.Header.Kind == bundle.KindCSSCert {
		if w := j.room.History().LastWritten(j.room.Plan().Source().Name, bundle.KindCSSKey, "", 0); w != nil && w.Digest != it.Header.Answers {
			return refusal.New(refusal.CodeOtherRequest, "it answers another request than that of this node")
		}
	}
	return nil
}

// inForce reports whether a bundle that was taken in is the latest of its kind
// that was, or the one by which a task is done.
func (n wanted) inForce(d coproc.Digest) bool {
	return n.History().IsLatest(d) || n.History().Used(d)
}

// replayed refuses what was taken in before something newer was.
func replayed(h bundle.Header) *refusal.Error {
	return refusal.New(refusal.CodeReplay, "this %s was taken in before, and a newer one since: it is a replay", h.Kind)
}

// addressed refuses, at a node, what is for others.
func addressed(h bundle.Header, node string) error {
	if len(h.To) > 0 && !slices.Contains(h.To, node) {
		return refusal.New(refusal.CodeWrongTarget, "the %s is for %s, not for %s", h.Kind, strings.Join(h.To, " and "), node)
	}
	return nil
}

// takenAgain reports whether a bundle that was taken in before is of use once
// more: the SA key, where an interruption came before it was registered, and the
// certificate of a target for which another share set is to begin.
func (n wanted) takenAgain(h bundle.Header, d coproc.Digest) bool {
	for _, node := range n.Plan().At(n.Device().Name) {
		peer := h.About
		if h.Kind == bundle.KindSAKey {
			peer = h.From.Name
		}
		last, ok := n.History().LastReceived(node.Name, h.Kind, peer)
		if !ok || last.Bundle == nil || *last.Bundle != d {
			continue
		}
		_, registered := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskRegisterKey})
		begun := n.History().SetFor(node.Name, h.About) != (coproc.ShareSetID{})
		if h.Kind == bundle.KindSAKey && !registered || h.Kind == bundle.KindCSRCert && node.Role == coproc.CSS && !begun {
			return true
		}
	}
	return false
}
