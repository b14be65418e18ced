package ceremony

import (
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// nodeSigner signs bundles with a node's key in the coprocessor.
type nodeSigner struct {
	owner coproc.KeyOwner
	node  string
	key   coproc.PublicKey
}

func (s nodeSigner) Public() coproc.PublicKey { return s.key }

func (s nodeSigner) SignBundle(protected, payload []byte) ([]byte, error) {
	return s.owner.SignBundle(s.node, protected, payload)
}

// receiptSigner signs receipts with a target's key for them.
type receiptSigner struct{ nodeSigner }

func (s receiptSigner) SignBundle(protected, payload []byte) ([]byte, error) {
	return s.owner.SignReceipt(s.node, protected, payload)
}

// dispatch makes bundles, keeps them, and hands them out.
type dispatch struct {
	*officerSession
}

// emission is a bundle to be made: of a kind, for nodes, about a peer.
type emission struct {
	header bundle.Header // Kind, To, Answers and what the kind needs
	peer   string
	body   bundle.Body
	seal   []age.Recipient
	// sealWith is set instead of body and seal where the coprocessor seals.
	sealWith func(context coproc.Digest) ([]byte, error)
	signer   bundle.Signer     // left out, the key of the node
	set      coproc.ShareSetID // that it is about, where the header does not say it
	anew     bool              // make it even if one was made in answer to the same bundle
}

// emit makes a bundle, unless it was made before in answer to the same one, and keeps it in the outbox.
// Nothing of it leaves the node before the journal has its record.
func (r *dispatch) emit(e emission) error {
	share := 0
	if e.header.Share != nil {
		share = int(e.header.Share.Index)
	}
	if w := r.n.History().LastWritten(r.node.Name, e.header.Kind, e.peer, share); w != nil && w.Answers == e.header.Answers && !e.anew {
		return nil
	}
	s := e.signer
	if s == nil {
		var err error
		if s, err = r.nodeSigner(); err != nil {
			return err
		}
	}
	h := e.header
	h.Ceremony = r.n.Plan().CeremonyID()
	h.Phase = h.Kind.Phase()
	h.From = r.n.Plan().ID(r.node)
	h.Sequence = r.n.History().Sequence[r.node.Name] + 1
	h.Rehearsal = r.n.Plan().Rehearsal
	h.Time = r.n.Now().Unix()
	slices.Sort(h.To)
	var sealed *bundle.Sealed
	var err error
	if e.sealWith != nil {
		sealed, err = bundle.SealWith(h, e.sealWith, s)
	} else {
		sealed, err = bundle.Seal(h, e.body, e.seal, s)
	}
	if err != nil {
		return refusal.Wrap(err, "make %s", h.Kind)
	}
	return r.keep(sealed, e.peer, e.set)
}

// nodeSigner signs as this run's node.
func (r *dispatch) nodeSigner() (bundle.Signer, error) {
	owner, err := capability[coproc.KeyOwner](r.session, "sign bundles")
	if err != nil {
		return nil, err
	}
	key := r.info.Key(r.node.Name)
	if key == nil {
		return nil, refusal.New(refusal.CodeOrder, "%s has no key yet", r.node.Name)
	}
	return nodeSigner{owner, r.node.Name, key.Keys.Sign}, nil
}

// receiptSigner signs a receipt as this run's node.
func (r *dispatch) receiptSigner() (bundle.Signer, error) {
	s, err := r.nodeSigner()
	if err != nil {
		return nil, err
	}
	own := s.(nodeSigner)
	own.key = r.info.Key(r.node.Name).Keys.Receipt
	return receiptSigner{own}, nil
}

func (r *dispatch) keep(sealed *bundle.Sealed, peer string, set coproc.ShareSetID) error {
	h, digest := sealed.UnverifiedHeader(), sealed.Digest()
	folder, name, err := r.n.Keep(sealed)
	if err != nil {
		return err
	}
	d := journal.WrittenData{Folder: folder, Name: name, Sequence: h.Sequence, Answers: h.Answers, ShareSet: set}
	share := 0
	if h.Share != nil {
		share, d.ShareSet, d.Payload = int(h.Share.Index), h.Share.Set, sealed.PayloadDigest()
	}
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	return r.record(journal.Record{
		Event: journal.EventWritten, Node: r.node.Name, Kind: h.Kind, Peer: peer, Share: share, Bundle: &digest, Data: data,
	})
}

// deliver hands a bundle from the outbox to the carrier. A bundle that is not
// made yet is left out.
func (r *dispatch) deliver(kind bundle.Kind, peer string, share int) error {
	w := r.n.History().LastWritten(r.node.Name, kind, peer, share)
	if w == nil {
		return nil
	}
	return r.deliverWritten(w)
}

func (r *dispatch) deliverWritten(w *history.Written) error {
	if r.opts.Deliver == nil {
		return nil
	}
	var s journal.Signer
	if r.session != nil {
		s = r.session
	}
	c, err := r.n.handOut(w, r.opts.Deliver, string(r.phase.Phase), s)
	if err != nil {
		return err
	}
	if c.Carrier == "" {
		r.progress(Note, "", w.Share, "%s/%s is on %s already", w.Folder, w.Name, strings.Join(w.Copies, ", "))
		return nil
	}
	r.result.Written, r.result.Did = append(r.result.Written, c), true
	r.progress(Note, "", w.Share, "%s", c.How)
	if c.Copy > 1 {
		r.progress(Warning, "", w.Share, "%s", c.SecondCopy())
	}
	return nil
}

// SecondCopy says that a share is out more than once.
func (c Carried) SecondCopy() string {
	return fmt.Sprintf("this is copy %d of share %d for %s: what becomes of each other copy needs a remark of its own", c.Copy, c.Share, strings.TrimSuffix(c.Folder, procedure.DatabaseSuffix))
}

func (n outbox) handOut(w *history.Written, deliver func(bundle.Outgoing) (bundle.Delivery, error), phase string, s journal.Signer) (Carried, error) {
	if err := n.mayHandOut(w); err != nil {
		return Carried{}, err
	}
	out, err := n.Load(w)
	if err != nil {
		return Carried{}, err
	}
	return n.give(w, out, deliver, phase, s)
}

// give hands over what was read of the store, and keeps that in the journal.
func (n outbox) give(w *history.Written, out bundle.Outgoing, deliver func(bundle.Outgoing) (bundle.Delivery, error), phase string, s journal.Signer) (Carried, error) {
	to, err := deliver(out)
	if err != nil {
		return Carried{}, err
	}
	if to.Carrier == "" {
		return Carried{}, nil
	}
	digest, share := w.Digest, w.Kind == bundle.KindShare
	if !slices.Contains(w.Copies, to.Carrier) || share && to.New {
		err = n.Append(journal.Record{
			Event: journal.EventCopied, Phase: phase, Node: w.From, Kind: w.Kind, Peer: w.Peer, Share: w.Share,
			Bundle: &digest, Text: to.Carrier,
		}, s)
		if err != nil {
			return Carried{}, err
		}
	}
	c := Carried{Kind: w.Kind, Folder: w.Folder, Name: w.Name, Share: w.Share, Digest: digest.String(), Carrier: to.Carrier, How: to.How}
	if share {
		c.Copy = 1 + slices.Index(out.Copies, to.Carrier)
		if to.New || c.Copy == 0 {
			c.Copy = len(out.Copies) + 1
		}
	}
	return c, nil
}

// Resend says which bundles to hand out again. Zero fields match all.
type Resend struct {
	Kind   bundle.Kind
	Target string
	Share  int
}

func (which Resend) matches(w *history.Written) bool {
	return (which.Kind == "" || w.Kind == which.Kind) &&
		(which.Target == "" || w.Folder == which.Target+procedure.DatabaseSuffix) &&
		(which.Share == 0 || w.Share == which.Share)
}

// Matches says whether a bundle with this header is meant.
func (which Resend) Matches(h bundle.Header) bool {
	share := 0
	if h.Share != nil {
		share = int(h.Share.Index)
	}
	return which.matches(&history.Written{Kind: h.Kind, Folder: h.Database(), Share: share})
}

// gathers refuses to put several shares for one target on one carrier, which
// would undo their separation, unless the plan allows it.
func (n outbox) gathers(which Resend) error {
	if n.Plan().SharesTogether {
		return nil
	}
	shares := map[string]int{}
	for i := range n.History().Outbox {
		w := &n.History().Outbox[i]
		if w.Kind != bundle.KindShare || !which.matches(w) {
			continue
		}
		if other, two := shares[w.Folder]; two && other != w.Share {
			return refusal.New(refusal.CodeSharesTogether, "that would put more than one share for %s on one medium: name one with --share, or another kind with --kind", strings.TrimSuffix(w.Folder, procedure.DatabaseSuffix))
		}
		shares[w.Folder] = w.Share
	}
	return nil
}

// Resend hands bundles that were made before to another carrier: the same
// bytes, no act is done. Where a kind is said it hands out those that were taken in
// here, or made before this node began anew, too, and that nobody can make again: see
// handOn.
func (n outbox) Resend(which Resend, deliver func(bundle.Outgoing) (bundle.Delivery, error)) ([]Carried, error) {
	if err := n.gathers(which); err != nil {
		return nil, err
	}
	if err := n.allCancelsMade(which); err != nil {
		return nil, err
	}
	var carried []Carried
	var revoked error
	for i := range n.History().Outbox {
		w := &n.History().Outbox[i]
		if !which.matches(w) {
			continue
		}
		if err := n.mayHandOut(w); err != nil {
			revoked = err // there may be a newer one
			continue
		}
		c, err := n.handOut(w, deliver, "", nil)
		if err != nil {
			return carried, err
		}
		carried = append(carried, c)
	}
	others, err := n.handOn(which, deliver)
	carried = append(carried, others...)
	if err != nil {
		return carried, err
	}
	if len(carried) == 0 && revoked != nil {
		return nil, revoked
	}
	if len(carried) == 0 {
		return nil, n.nothingMade(which)
	}
	return carried, nil
}

// allCancelsMade refuses to hand out cancels while one of them is not made yet:
// a crash came before its bundle, and whoever has the others would think that
// they are all.
func (n outbox) allCancelsMade(which Resend) error {
	source, err := n.Here(coproc.CSS)
	if err != nil || which.Kind != bundle.KindCancel {
		return nil
	}
	for _, t := range n.Plan().Targets() {
		if which.Target != "" && which.Target != t.Name {
			continue
		}
		untold, err := n.untold(source.Name, t.Name)
		if err != nil {
			return err
		}
		if len(untold) > 0 {
			return refusal.New(refusal.CodeMissing, "share set %s for %s is void, and its cancel is not made yet: the program was stopped before that", short(untold[0].ShareSet), t.Name).
				Hinted("{cancel --target %s} makes it and hands it out", t.Name)
		}
	}
	return nil
}

// nothingMade says why there is no bundle to be handed out again.
func (n outbox) nothingMade(which Resend) error {
	if role := maker(which.Kind); role != "" {
		if _, err := n.Here(role); err != nil {
			none := ""
			if handedOn(which.Kind) {
				none = ", and none that could be handed on was taken in here"
			}
			return refusal.New(refusal.CodeNotHere, "a %s is made by the %s node, which coprocessor %q is not%s", which.Kind, role, n.Device().Name, none)
		}
	}
	source, err := n.Here(coproc.CSS)
	if err != nil || which.Target == "" {
		return refusal.New(refusal.CodeMissing, "this node has made no such bundle yet")
	}
	last, ok := n.lastCancel(source.Name, which.Target)
	if !ok {
		return refusal.New(refusal.CodeMissing, "this node has made no such bundle yet")
	}
	return refusal.New(refusal.CodeCancelled, "nothing to hand out: %s", last.Text)
}

// recipients parses the Box or Intake keys, of one family of chips, that bundles to nodes are sealed to. A bad one
// was refused when its node asked for a certificate; if one gets here all the
// same, it is a refusal that concerns this node alone.
func recipients(f coproc.Family, boxes ...string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, box := range boxes {
		r, err := coproc.ParseBox(f, box)
		if err != nil {
			return nil, refusal.New(refusal.CodeCertificate, "%w", err)
		}
		all = append(all, r)
	}
	return all, nil
}
