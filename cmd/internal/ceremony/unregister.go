package ceremony

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Unregistering is an SA-key hash that is being taken back, or was.
type Unregistering struct {
	Node         string `json:"node"`
	Hash         string `json:"sa_key_hash"` // 64 hex digits
	RegisteredBy string `json:"registered_by"`
	AskedBy      string `json:"asked_by"`
	Asked        int64  `json:"asked"` // Unix seconds
	Reason       string `json:"reason"`
	ConfirmedBy  string `json:"confirmed_by,omitempty"` // empty while it is only asked for
}

// UnregisterHash takes back the SA-key hash that is registered at this store's
// coprocessor, as long as its SA key is not: the hash officer asks, saying why,
// and the officer who registers SA keys confirms. The same call again goes on
// where this one ended, and needs no reason then. Afterwards the phase asks
// for a hash again.
func (n *Node) UnregisterHash(reason string, desk Desk) (*Unregistering, error) {
	node, registered, err := n.hashToUnregister()
	if err != nil {
		return nil, err
	}
	if n.History().AskedUnregister == nil {
		if err := n.askUnregister(node, registered, reason, desk); err != nil {
			return nil, err
		}
	}
	asked := *n.History().AskedUnregister
	d, err := journal.DataOf[journal.UnregisterData](asked)
	if err != nil {
		return nil, err
	}
	if reason != "" && reason != d.Reason {
		return nil, refusal.New(refusal.CodeReason, "%s asked for it already, and the reason is %q: to give another one, withdraw the request first, with --withdraw",
			n.Plan().Officer(asked.Profile), d.Reason)
	}
	if err := n.confirmUnregister(node, registered, asked, d, desk); err != nil {
		return nil, err
	}
	u := n.unregistering(registered, asked, d)
	u.ConfirmedBy = node.Officers.RegisterKey
	return &u, nil
}

// WithdrawUnregister has the hash officer end what they asked for: the hash
// stays registered.
func (n *Node) WithdrawUnregister(desk Desk) (*Unregistering, error) {
	node, registered, err := n.hashToUnregister()
	if err != nil {
		return nil, err
	}
	if n.History().AskedUnregister == nil {
		return nil, refusal.New(refusal.CodeOrder, "nobody asked to unregister the SA-key hash at %s: there is nothing to withdraw", node.Name)
	}
	asked := *n.History().AskedUnregister
	d, err := journal.DataOf[journal.UnregisterData](asked)
	if err != nil {
		return nil, err
	}
	const act = "withdraw the request to unregister the SA-key hash"
	err = n.withOfficer(node, node.Officers.RegisterHash, act, desk, func(r *run) error {
		unregistrar, err := capability[coproc.Unregistrar](r.session, "unregister the SA-key hash")
		if err != nil {
			return err
		}
		if r.info.SAHash == nil { // taken back before an interruption
			return unregisteredBefore()
		}
		if err := r.desk.Confirm(Confirmation{Act: act, Facts: r.unregisterFacts(d, registered, &asked)}); err != nil {
			return notConfirmed(err, act)
		}
		if err := unregistrar.WithdrawUnregister(); err != nil {
			return refusal.Wrap(err, "%s", act)
		}
		return r.recordHalf(procedure.TaskWithdrawUnregister, d, "withdrew the request to unregister the SA-key hash "+coproc.HexStart(d.Hash))
	})
	if err != nil {
		return nil, err
	}
	u := n.unregistering(registered, asked, d)
	return &u, nil
}

// hashToUnregister finds where the hash was registered, before anybody logs
// on. A coprocessor holds one hash, for all of its nodes.
func (n overview) hashToUnregister() (node *plan.Node, registered journal.Record, err error) {
	for _, p := range n.Plan().At(n.Device().Name) {
		if _, done := n.History().Done(history.TaskKey{Node: p.Name, Task: procedure.TaskRegisterKey}); done {
			return nil, registered, refusal.New(refusal.CodeKeyRegistered, "%w, at %s", coproc.ErrKeyRegistered, p.Name)
		}
		rec, done := n.History().Done(history.TaskKey{Node: p.Name, Task: procedure.TaskRegisterHash})
		if done && (node == nil || rec.Seq < registered.Seq) {
			node, registered = p, rec
		}
	}
	if node == nil {
		return nil, registered, refusal.New(refusal.CodeOrder, "no SA-key hash is registered at %s: there is nothing to take back", n.Device().Name)
	}
	return node, registered, nil
}

// askUnregister is the first half: it changes nothing but that somebody may
// confirm.
func (n *Node) askUnregister(node *plan.Node, registered journal.Record, reason string, desk Desk) error {
	if err := bundle.CheckReason(reason); err != nil {
		return refusal.New(refusal.CodeReason, "%w: say with --reason why, in one line", err)
	}
	const act = "ask to unregister the SA-key hash"
	return n.withOfficer(node, node.Officers.RegisterHash, act, desk, func(r *run) error {
		unregistrar, err := capability[coproc.Unregistrar](r.session, "unregister the SA-key hash")
		if err != nil {
			return err
		}
		if hash, ok := r.unregisteredUnasked(registered); ok {
			r.progress(Note, "", 0, "the SA-key hash was unregistered before an interruption")
			return r.recordHalf(procedure.TaskAskUnregister, journal.UnregisterData{Hash: hash, Reason: reason}, act+" "+coproc.HexStart(hash)+", found done: "+reason)
		}
		if err := r.canUnregister(); err != nil {
			return refusal.Wrap(err, "%s at %s", act, node.Name)
		}
		d := journal.UnregisterData{Hash: *r.info.SAHash, Reason: reason}
		err = r.desk.Confirm(Confirmation{
			Act: act, Facts: r.unregisterFacts(d, registered, nil),
			With: "the hash on your card: what is registered here is taken back when " + r.who(node.Officers.RegisterKey) + " confirms",
		})
		if err != nil {
			return notConfirmed(err, act)
		}
		if err := unregistrar.AskUnregister(d.Hash); err != nil {
			return refusal.Wrap(err, "%s at %s", act, node.Name)
		}
		return r.recordHalf(procedure.TaskAskUnregister, d, act+" "+coproc.HexStart(d.Hash)+": "+reason)
	})
}

// confirmUnregister is the second half, by another officer: then the hash is
// gone.
func (n *Node) confirmUnregister(node *plan.Node, registered, asked journal.Record, d journal.UnregisterData, desk Desk) error {
	const act = "unregister the SA-key hash"
	return n.withOfficer(node, node.Officers.RegisterKey, act, desk, func(r *run) error {
		unregistrar, err := capability[coproc.Unregistrar](r.session, act)
		if err != nil {
			return err
		}
		done := "unregistered the SA-key hash " + coproc.HexStart(d.Hash) + ", as " + asked.Profile + " asked: " + d.Reason
		if r.info.SAHash == nil && r.info.SAKey.IsZero() {
			r.progress(Note, "", 0, "the SA-key hash was unregistered before an interruption")
			return r.recordHalf(procedure.TaskUnregister, d, done)
		}
		if err := r.canUnregister(); err != nil {
			return refusal.Wrap(err, "%s at %s", act, node.Name)
		}
		if r.info.Unregister == nil {
			return refusal.New(refusal.CodeOrder, "%s at %s: the request was withdrawn before an interruption", act, node.Name).
				Hinted("finish that: {coprocessor unregister-hash --withdraw}")
		}
		err = r.desk.Confirm(Confirmation{
			Act: act, Facts: r.unregisterFacts(d, registered, &asked),
			With: "the hash on your own card: say yes only if what is registered here is another one, or nobody knows where it is from",
		})
		if err != nil {
			return notConfirmed(err, act)
		}
		if err := unregistrar.UnregisterHash(d.Hash); err != nil {
			return refusal.Wrap(err, "%s at %s", act, node.Name)
		}
		return r.recordHalf(procedure.TaskUnregister, d, done)
	})
}

// unregisteredUnasked gives the hash that the journal has and the coprocessor has not:
// somebody asked to take it back, which is in no record as the program was stopped,
// and was told yes with another program.
func (r *run) unregisteredUnasked(registered journal.Record) (hash coproc.Thumbprint, ok bool) {
	if r.info.SAHash != nil || !r.info.SAKey.IsZero() {
		return hash, false
	}
	groups, _ := strings.CutPrefix(registered.Text, "hash ")
	hash, err := coproc.ParseThumbprint(groups)
	return hash, err == nil
}

// canUnregister refuses, before anybody is asked, what the coprocessor would.
func (r *run) canUnregister() error {
	switch {
	case !r.info.SAKey.IsZero():
		return coproc.ErrKeyRegistered
	case r.info.SAHash == nil:
		return coproc.ErrNoHash
	}
	return nil
}

// unregisteredBefore refuses what comes too late: the hash is gone, and the
// journal does not say so yet.
func unregisteredBefore() error {
	return refusal.New(refusal.CodeOrder, "the SA-key hash was unregistered before an interruption, and the journal does not say so yet").
		Hinted("finish that first: {coprocessor unregister-hash}")
}

// recordHalf keeps a half of an act of two officers, or that it was withdrawn.
func (r *officerSession) recordHalf(task procedure.TaskID, d any, text string) error {
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	if err := r.record(journal.Record{Event: journal.EventAct, Node: r.node.Name, Task: task, Text: text, Data: data}); err != nil {
		return err
	}
	r.progress(Done, "", 0, "%s", text)
	return nil
}

// unregisterFacts are what both officers see: which hash, who registered it,
// who asked and why. It is shown in hex: the words of a card are what the
// officer who registers the key is asked for, and stand on no screen for it.
func (r *run) unregisterFacts(d journal.UnregisterData, registered journal.Record, asked *journal.Record) [][2]string {
	groups := coproc.HexGroups(d.Hash)
	facts := [][2]string{
		{"SA-key hash", strings.Join(groups[:4], " ")},
		{"", strings.Join(groups[4:], " ")},
		{"registered by", r.whoWhen(registered)},
	}
	if asked != nil {
		facts = append(facts, [2]string{"asked by", r.whoWhen(*asked)})
	}
	return append(facts, [2]string{"because", d.Reason})
}

// whoWhen says who made a record, and when.
func (r *officerSession) whoWhen(rec journal.Record) string {
	return r.who(rec.Profile) + ", " + time.Unix(rec.Time, 0).UTC().Format("2006-01-02 15:04:05Z")
}

func (n overview) unregistering(registered, asked journal.Record, d journal.UnregisterData) Unregistering {
	return Unregistering{
		Node: asked.Node, Hash: hex.EncodeToString(d.Hash[:]), RegisteredBy: registered.Profile,
		AskedBy: asked.Profile, Asked: asked.Time, Reason: d.Reason,
	}
}

// Unregistering is the open request to take back the SA-key hash; nil where
// there is none.
func (n overview) Unregistering() *Unregistering {
	if n.History().AskedUnregister == nil {
		return nil
	}
	_, registered, err := n.hashToUnregister()
	if err != nil {
		return nil
	}
	d, err := journal.DataOf[journal.UnregisterData](*n.History().AskedUnregister)
	if err != nil {
		return nil
	}
	u := n.unregistering(registered, *n.History().AskedUnregister, d)
	return &u
}
