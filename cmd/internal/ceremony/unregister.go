package ceremony

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
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
	act, registered, err := n.unregisterHash()
	if err != nil {
		return nil, err
	}
	j, err := act.run(n, reason, desk)
	if err != nil {
		return nil, err
	}
	u := unregistering(registered, j)
	return &u, nil
}

// WithdrawUnregister has the hash officer end what they asked for: the hash
// stays registered.
func (n *Node) WithdrawUnregister(desk Desk) (*Unregistering, error) {
	act, registered, err := n.unregisterHash()
	if err != nil {
		return nil, err
	}
	j, err := act.end(n, desk)
	if err != nil {
		return nil, err
	}
	u := unregistering(registered, j)
	return &u, nil
}

// unregisterHash is the act: how its two officers take back the hash that was
// registered.
func (n *Node) unregisterHash() (a jointAct[coproc.Unregistrar, journal.UnregisterData], registered journal.Record, err error) {
	node, registered, err := n.hashToUnregister()
	if err != nil {
		return a, registered, err
	}
	type side = half[coproc.Unregistrar, journal.UnregisterData]
	const unregister = "unregister the SA-key hash"
	const withdraw = "withdraw the request to " + unregister
	return jointAct[coproc.Unregistrar, journal.UnregisterData]{
		node: node, needs: unregister,
		asked:   func() *journal.Record { return n.History().AskedUnregister },
		because: func(d journal.UnregisterData) string { return d.Reason },
		propose: func(r *run, reason string) (journal.UnregisterData, bool, error) {
			return r.proposeUnregister(registered, reason)
		},
		can:  (*run).canUnregister,
		done: func(r *run, _ journal.UnregisterData) bool { return r.unregistered() },
		facts: func(r *run, d journal.UnregisterData, asked *journal.Record) [][2]string {
			return r.unregisterFacts(d, registered, asked)
		},
		doneNote: "the SA-key hash was unregistered before an interruption",
		ask: side{
			task: procedure.TaskAskUnregister, act: "ask to " + unregister, at: "ask to " + unregister + " at " + node.Name,
			with: "the hash on your card: what is registered here is taken back when ",
			text: func(d journal.UnregisterData) string { return "ask to " + unregister + " " + coproc.HexStart(d.Hash) },
			do:   func(s coproc.Unregistrar, d journal.UnregisterData) error { return s.AskUnregister(d.Hash) },
		},
		confirm: side{
			task: procedure.TaskUnregister, act: unregister, at: unregister + " at " + node.Name,
			with: "the hash on your own card: say yes only if what is registered here is another one, or nobody knows where it is from",
			text: func(d journal.UnregisterData) string {
				return "unregistered the SA-key hash " + coproc.HexStart(d.Hash)
			},
			do: func(s coproc.Unregistrar, d journal.UnregisterData) error { return s.UnregisterHash(d.Hash) },
		},
		withdraw: side{
			task: procedure.TaskWithdrawUnregister, act: withdraw, at: withdraw,
			text: func(d journal.UnregisterData) string {
				return "withdrew the request to " + unregister + " " + coproc.HexStart(d.Hash)
			},
			do: func(s coproc.Unregistrar, _ journal.UnregisterData) error { return s.WithdrawUnregister() },
		},
		nothing:    "nobody asked to unregister the SA-key hash at %s: there is nothing to withdraw",
		unfinished: unregisteredBefore,
		withdrawn: func(at string) error {
			return refusal.New(refusal.CodeOrder, "%s: the request was withdrawn before an interruption", at).
				Hinted("finish that: {coprocessor unregister-hash --withdraw}")
		},
	}, registered, nil
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

// proposeUnregister is what the hash officer asks for, and whether it is done already.
func (r *run) proposeUnregister(registered journal.Record, reason string) (d journal.UnregisterData, found bool, err error) {
	if hash, ok := r.unregisteredUnasked(registered); ok {
		return journal.UnregisterData{Hash: hash, Reason: reason}, true, nil
	}
	if err := r.canUnregister(); err != nil {
		return d, false, err
	}
	return journal.UnregisterData{Hash: *r.info.SAHash, Reason: reason}, false, nil
}

// unregistered reports whether the coprocessor holds neither hash nor SA key.
func (r *run) unregistered() bool { return r.info.SAHash == nil && r.info.SAKey.IsZero() }

// unregisteredUnasked gives the hash that the journal has and the coprocessor has not:
// somebody asked to take it back, which is in no record as the program was stopped,
// and was told yes with another program.
func (r *run) unregisteredUnasked(registered journal.Record) (hash coproc.Thumbprint, ok bool) {
	if !r.unregistered() {
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

func unregistering(registered journal.Record, j joint[journal.UnregisterData]) Unregistering {
	return Unregistering{
		Node: j.asked.Node, Hash: hex.EncodeToString(j.data.Hash[:]), RegisteredBy: registered.Profile,
		AskedBy: j.asked.Profile, Asked: j.asked.Time, Reason: j.data.Reason, ConfirmedBy: j.confirmedBy,
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
	u := unregistering(registered, joint[journal.UnregisterData]{asked: *n.History().AskedUnregister, data: d})
	return &u
}
