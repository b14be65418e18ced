package ceremony

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Receipted is what a target's receipt says, after it was verified.
type Receipted struct {
	Target   string `json:"target"`
	Pattern  string `json:"pattern"`            // of the target's current master key
	Expected string `json:"expected,omitempty"` // the source's; only the source knows it
	Old      string `json:"old_register"`       // the register that held the key before
	Shares   []int  `json:"installed"`          // that were installed
	By       string `json:"by"`                 // the profile that set the master key
	// SourceNow is the source's current register, where officers set another
	// master key there after it gave out the one that was cloned.
	SourceNow string `json:"source_now,omitempty"`
	// Cancelled says that its share set was cancelled: the target has the key, and
	// another set has to confirm it.
	Cancelled bool `json:"share_set_cancelled,omitempty"`
}

// Receipts takes in the receipts that the carriers bring from targets, at the
// source or at the SA: it verifies each with the certificate that the SA gave
// its target, opens it, and compares what it says with what this node knows. A
// receipt that says anything else than that the target has the source's master
// key is refused. It gives those of every target that are taken in by now.
func (n *Node) Receipts(o Options, desk Desk) (all []Receipted, err error) {
	node := receiver(n.Store)
	if node == nil {
		return nil, refusal.New(refusal.CodeNotHere, "receipts are taken in at the source and at the SA; this is coprocessor %q", n.Device().Name)
	}
	err = n.withOfficer(node, node.Officers.Audit, "take in receipts", desk, func(r *run) error {
		r.opts = o
		if err := r.check(); err != nil {
			return err
		}
		r.classify()
		if err := r.takeRevokes(); err != nil {
			return err
		}
		return (&receiving{run: r, setBacks: setBacks{run: r}}).receipts()
	})
	if err != nil {
		return nil, err
	}
	return n.receipted(node), nil
}

// receiving takes in receipts.
type receiving struct {
	*run
	setBacks
}

// receiver is the node at this store that takes in receipts: the source, which
// can compare the pattern, or else the SA; nil if neither is here.
func receiver(n *store.Store) *plan.Node {
	for _, role := range []coproc.NodeRole{coproc.CSS, coproc.SA} {
		if node, err := n.Here(role); err == nil {
			return node
		}
	}
	return nil
}

// ReceiptWants lists the receipts that were not taken in yet.
func (n wanted) ReceiptWants(o Options) []Want {
	return n.eachTarget(o, func(t *plan.Node) []Want {
		if node := receiver(n.Store); node != nil {
			if rec, ok := n.History().LastReceived(node.Name, bundle.KindReceipt, t.Name); ok {
				if set, _ := history.SetOf(rec); n.notCancelled(set) == nil {
					return nil
				}
			}
		}
		return []Want{{Folder: database(t), Kind: bundle.KindReceipt, Count: 1}}
	})
}

func (r *receiving) receipts() error {
	_, targets, err := r.n.Certificates()
	if err != nil {
		return err
	}
	trust := r.anchors()
	trust.Targets = targets
	found := false
	for _, t := range r.n.Plan().Targets() {
		if !r.wantedTarget(t.Name) || !r.present(bundle.KindReceipt, database(t)) {
			continue
		}
		found = true
		if r.formerReceipts(t) {
			r.progress(Note, "", 0, "%s: its receipt was taken in before %s began anew", t.Name, r.node.Name)
			continue
		}
		if err := r.targetReceipt(t, trust); err != nil {
			if err := r.setBack(t, err); err != nil {
				return err
			}
		}
	}
	if !found {
		return refusal.New(refusal.CodeMissing, "there is no receipt of any target")
	}
	return r.first
}

// targetReceipt takes in the latest receipt of a target.
func (r *receiving) targetReceipt(t *plan.Node, trust bundle.Anchors) error {
	if r.node.Role == coproc.SA {
		if err := r.noCancel(t, trust); err != nil {
			return err
		}
	}
	good, err := r.take(bundle.KindReceipt, database(t), trust, nil)
	if err != nil {
		return r.orSAHasReceipt(t, err)
	}
	latest := r.latestReceipt(good, trust.Targets)
	if err := r.n.notRevoked(claimsOf(latest, trust.Targets)); err != nil {
		return err
	}
	b, err := r.open(latest)
	if err != nil {
		return r.orSAHasReceipt(t, err)
	}
	body, err := bundle.BodyAs[bundle.ReceiptBody](b)
	if err != nil {
		return err
	}
	if err := r.sameKey(t, b, body); err != nil {
		return err
	}
	data, err := detcbor.Marshal(journal.ReceiptData{Pattern: body.Current.Pattern, Old: body.Old, Shares: body.Installed, By: body.By, ShareSet: body.ShareSet})
	if err != nil {
		return err
	}
	if err := r.received(b, t.Name, data); err != nil {
		return err
	}
	r.progress(Done, "", 0, "%s has the master key: current %s, old %s, set by %s with shares %d", t.Name, body.Current, body.Old, body.By, body.Installed)
	return nil
}

// orSAHasReceipt says what leads on where the receipt of a target is from before
// this source had the keys that it has: nobody can open it here any more, and the
// SA's is enough.
func (r *receiving) orSAHasReceipt(t *plan.Node, err error) error {
	unknown := errors.Is(err, bundle.ErrUnknownKey) && !r.receivedBefore(t)
	if r.node.Role != coproc.CSS || !unknown && !errors.Is(err, bundle.ErrNotSealedToMe) {
		return err
	}
	var why *refusal.Error
	errors.As(refusal.Wrap(err, "receipt of %s", t.Name), &why)
	told := *why
	return told.Hinted("if %s was set up anew, or began anew, after it gave the shares out: nothing is needed here, it is enough that the SA takes this receipt in: `gapferry receipts` there. If it was not: tell the auditor", r.node.Name)
}

// latestReceipt is the last receipt of the last certificate: a target that was
// set up anew counts its bundles from 1 again, and its old receipts are still
// on the stick. Those are set aside.
func (r *receiving) latestReceipt(good []*bundle.Verified, certified []coproc.Certificate) *bundle.Verified {
	slices.SortFunc(good, func(a, b *bundle.Verified) int {
		return cmp.Or(
			cmp.Compare(claimsOf(a, certified).Generation, claimsOf(b, certified).Generation),
			cmp.Compare(a.Header().Sequence, b.Header().Sequence),
		)
	})
	latest := good[len(good)-1]
	for _, v := range good[:len(good)-1] {
		if was, is := claimsOf(v, certified).Generation, claimsOf(latest, certified).Generation; was != is {
			why := refusal.New(refusal.CodeOldGeneration, "the receipt %s is of certificate %d of %s, there is one of certificate %d",
				v.Header().FileName(v.Digest()), was, v.Header().From.Name, is)
			why.Bundle = v.Digest()
			r.setAside(why)
		}
	}
	return latest
}

// claimsOf are those of the last certificate whose key signed a receipt.
func claimsOf(v *bundle.Verified, certified []coproc.Certificate) coproc.Claims {
	claims := coproc.Claims{Node: v.Header().From}
	for _, c := range certified {
		if c.Claims().Keys.Receipt == v.Key() && c.Claims().Generation > claims.Generation {
			claims = c.Claims()
		}
	}
	return claims
}

// sameKey compares a receipt with what this node knows.
func (r *receiving) sameKey(t *plan.Node, b *bundle.Bundle, body bundle.ReceiptBody) error {
	if err := r.n.notCancelled(body.ShareSet); err != nil {
		again := ""
		if r.n.cancelKept(t.Name, body.ShareSet) {
			again = fmt.Sprintf(" ({resend --kind cancel --target %s --to …} hands it out again)", t.Name)
		}
		return refusal.New(refusal.CodeCancelled, "the receipt of %s came all the same: %w; it has set the master key", t.Name, err).
			Hinted("take the cancel to %s and say `gapferry cancel --from` there, if that was not done%s; then, %s", t.Name, again, confirmHint(t.Name))
	}
	class := r.n.Plan().MasterKeyClass()
	switch {
	case body.Class != class:
		return refusal.New(refusal.CodeClass, "the receipt of %s is of a %s master key, the plan clones %s", t.Name, body.Class, class)
	case body.Current.State != coproc.Full || body.Current.Pattern != body.Pattern:
		return refusal.New(refusal.CodePattern, "the receipt of %s says that its current register is %s: it does not have the master key", t.Name, body.Current)
	case len(body.Installed) < r.n.Plan().M:
		return refusal.New(refusal.CodeShareState, "the receipt of %s says that only shares %d were installed, the plan needs %d", t.Name, body.Installed, r.n.Plan().M)
	}
	if r.node.Role != coproc.CSS {
		return nil
	}
	pattern, ok := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskObtainMasterKey})
	if !ok || string(pattern.Data) != string(body.Pattern[:]) {
		return refusal.New(refusal.CodePattern, "the receipt of %s is of a master key with pattern %s, the source's is %x", t.Name, body.Pattern, pattern.Data)
	}
	switch w := r.n.History().LastWritten(r.node.Name, bundle.KindStatement, t.Name, 0); {
	case w == nil:
		return refusal.New(refusal.CodeOrder, "there is a receipt of %s, for which no statement was made", t.Name)
	case w.Digest != b.Header().Answers && r.n.History().Statements[w.Digest] != r.n.History().Statements[b.Header().Answers]:
		return refusal.New(refusal.CodeOtherRequest, "the receipt of %s follows statement %s, the last one for it is %s: it is of an earlier share set", t.Name, b.Header().Answers.Short(), w.Digest.Short())
	}
	return nil
}

// receipted lists the receipts that a node has taken in.
func (n overview) receipted(node *plan.Node) []Receipted {
	all := []Receipted{}
	for _, t := range n.Plan().Targets() {
		rec, ok := n.History().LastReceived(node.Name, bundle.KindReceipt, t.Name)
		d, err := journal.DataOf[journal.ReceiptData](rec)
		if !ok || err != nil {
			continue
		}
		one := Receipted{Target: t.Name, Pattern: d.Pattern.String(), Old: d.Old.String(), Shares: numbers(d.Shares), By: d.By}
		if pattern, ok := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskObtainMasterKey}); ok {
			one.Expected = fmt.Sprintf("%x", pattern.Data)
		}
		one.Cancelled = n.notCancelled(d.ShareSet) != nil
		if r := n.replaced(node); r != nil {
			one.SourceNow = r.Current
		}
		all = append(all, one)
	}
	return all
}

// numbers are indices of shares as numbers: a list of bytes is text in JSON.
func numbers(shares []uint8) []int {
	all := make([]int, len(shares))
	for i, s := range shares {
		all[i] = int(s)
	}
	return all
}
