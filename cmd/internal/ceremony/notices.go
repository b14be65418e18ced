package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// A notice is a revoke or a cancel: it takes something back, and whoever wants
// to hide it damages it. So a file that says to be a notice for this node is
// never passed by. Two kinds of files say so: one that can be parsed, by its
// header, which is of this ceremony; and one that cannot, by its name, which is
// all that is left of it. Who owns the stick can stop a phase with such a file,
// as with a missing bundle; it is noticed, and taking the file off the stick
// ends it, which is for people to decide. A copy, with the name of a notice that
// is known here, is set aside.

// badNotice is a file that may be a notice, and why it cannot be read.
type badNotice struct {
	item item
	why  *refusal.Error
}

// isNotice reports whether a file says to be a notice of a kind: a cancel about
// a target, or a revoke, which is about whom it likes.
func (r *intake) isNotice(it item, kind bundle.Kind, about string) bool {
	if it.sealed == nil {
		folder := procedure.SADatabase
		if kind == bundle.KindCancel {
			folder = about + procedure.DatabaseSuffix
		}
		return it.in.Folder == folder && strings.HasPrefix(strings.ToLower(it.in.Name), string(kind)+"-")
	}
	h := it.header
	return h.Kind == kind && h.Ceremony == r.n.Plan().CeremonyID() && h.Rehearsal == r.n.Plan().Rehearsal && (kind == bundle.KindRevoke || h.About == about)
}

// readNotices tries every notice that is not known here yet with read. The good
// ones are returned; the others are refused, or set aside as copies.
func (r *intake) readNotices(kind bundle.Kind, about string, read func(item) error) (good []item, bad []badNotice, err error) {
	for _, it := range r.items {
		if !r.isNotice(it, kind, about) || it.sealed != nil && r.n.History().Seen[it.sealed.Digest()] {
			continue
		}
		err := it.err
		if err == nil {
			err = read(it)
		}
		var why *refusal.Error
		switch {
		case err == nil:
			good = append(good, it)
		case errors.As(err, &why):
			bad = append(bad, badNotice{it, why})
		default:
			return good, nil, err
		}
	}
	return good, bad, nil
}

// refuseNotices refuses to go on past notices that cannot be read. maker is the
// node that makes such ones.
func (r *intake) refuseNotices(kind bundle.Kind, maker *plan.Node, good []item, bad []badNotice) error {
	var first *refusal.Error
	for _, b := range bad {
		if r.isCopy(b.item, good) || first != nil {
			r.setAside(b.why)
			continue
		}
		first = &refusal.Error{Code: b.why.Code, Bundle: b.why.Bundle, Err: b.why, Text: fmt.Sprintf(
			"%s. It may be a %s, which nobody passes by: fetch another copy from the room of %s (gapferry resend --kind %s). If that room made none, take this file off the stick, keep it for the auditor, and run this again",
			strings.TrimSuffix(b.why.Text, "."), kind, maker.Name, kind)}
	}
	if first == nil {
		return nil
	}
	return first
}

// isCopy reports whether a damaged file has the name of a notice that is known
// here, or that lies beside it unharmed.
func (r *intake) isCopy(it item, good []item) bool {
	name, ok := strings.CutSuffix(it.in.Name, bundle.Extension)
	if !ok {
		return false
	}
	named := func(d coproc.Digest) bool { return strings.HasSuffix(name, "-"+d.Short()) }
	for _, g := range good {
		if named(g.sealed.Digest()) {
			return true
		}
	}
	for d := range r.n.History().Seen {
		if named(d) {
			return true
		}
	}
	return false
}

// noticesFirst refuses, before anybody logs on, carriers with notices that
// cannot be read, and, at a target, with a cancel that is still to be taken in.
func (r *run) noticesFirst() error {
	key, err := r.n.RegisteredSAKey()
	if err != nil {
		return nil // nobody can be believed yet
	}
	hash := key.Thumbprint()
	trust := bundle.Anchors{Ceremony: r.n.Plan().CeremonyID(), SAHash: &hash, SAKey: key, Now: r.n.Now()}
	if r.node.Role != coproc.SA {
		good, bad, err := r.readNotices(bundle.KindRevoke, "", func(it item) error {
			_, _, err := r.readRevoke(it, trust)
			return err
		})
		if err == nil {
			err = r.refuseNotices(bundle.KindRevoke, r.n.Plan().SA(), good, bad)
		}
		if err != nil {
			return err
		}
	}
	if r.phase.Phase == "3d" {
		return r.noCancel(r.node, trust)
	}
	return nil
}

// beforeAnew reports whether a cancel is of a share set for a certificate that
// this target had before it was set up anew. It is sealed to keys that are gone,
// and so is all that it is about.
func (r *run) beforeAnew(h bundle.Header) bool {
	if r.node.Role != coproc.CSR {
		return false
	}
	own, have := r.n.History().LastReceived(r.node.Name, bundle.KindCSRCert, r.node.Name)
	if have && *own.Bundle == h.Answers {
		return false
	}
	for _, rec := range r.n.Journal().Records() { // one that was renewed since is for the same keys
		if rec.Event == journal.EventReceived && rec.Kind == bundle.KindCSRCert && rec.Node == r.node.Name && *rec.Bundle == h.Answers {
			return false
		}
	}
	brought := r.ownCertificates()
	return (have || len(brought) > 0) && !slices.ContainsFunc(brought, func(it item) bool { return it.sealed.Digest() == h.Answers })
}

// ownCertificates are the certificates on the carriers that answer this target's own
// request, signed with the SA key that is registered here: a cancel is passed by for
// them, and anybody can put on a stick what only says so.
func (r *certificates) ownCertificates() (found []item) {
	request := r.n.History().LastWritten(r.node.Name, bundle.KindCSRKey, "", 0)
	sa, err := r.n.RegisteredSAKey()
	if err != nil || request == nil {
		return nil
	}
	trust := bundle.Anchors{Ceremony: r.n.Plan().CeremonyID(), SAKey: sa, Now: r.n.Now()}
	for _, it := range r.items {
		if it.err != nil || it.header.Kind != bundle.KindCSRCert || it.header.Answers != request.Digest {
			continue
		}
		if _, err := it.sealed.Verify(trust); err == nil {
			found = append(found, it)
		}
	}
	return found
}

// noCancel refuses what would be done with a target while a cancel about it
// lies on the carriers and was not taken in.
func (r *run) noCancel(target *plan.Node, trust bundle.Anchors) error {
	good, bad, err := r.readNotices(bundle.KindCancel, target.Name, func(it item) error {
		_, err := r.verify(it, trust, nil)
		return err
	})
	if err == nil {
		err = r.refuseNotices(bundle.KindCancel, r.n.Plan().Source(), good, bad)
	}
	good = slices.DeleteFunc(good, func(it item) bool { return r.beforeAnew(it.header) })
	if err != nil || len(good) == 0 {
		return err
	}
	why := refusal.New(refusal.CodeOrder, "%q: the source has cancelled a share set for %s, and that was not taken in here", good[0].where(), target.Name)
	if r.uncertified() {
		return why.Hinted("%s", r.certificateFirst())
	}
	return why.Hinted("take it in first: {cancel --from …}")
}

// certificateFirst leads on where it cannot be told whether a cancel is for the keys
// that are here, or for those from before this target was set up anew. It is not
// passed by for that.
func (r *certificates) certificateFirst() string {
	return fmt.Sprintf("no certificate is here for the keys that %s has now, so that nobody can tell whether the cancel is for them. Bring it: in the SA's room `gapferry phase 3b`, with `--renew %s` if it was set up anew; then {phase 3d} here says what is to be done", r.node.Name, r.node.Name)
}

// uncertified reports whether this target knows no certificate that answers its
// own request, neither taken in nor on the carriers.
func (r *certificates) uncertified() bool {
	if r.node.Role != coproc.CSR {
		return false
	}
	_, have := r.n.History().LastReceived(r.node.Name, bundle.KindCSRCert, r.node.Name)
	return !have && len(r.ownCertificates()) == 0
}
