package ceremony

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// When the SA is lost, or the certificate of the source was taken back, the
// master-key registers need not be: two officers have the coprocessor forget
// what it trusts and is trusted for, and phase 2a or 3a is done once more, with
// the cards of that day. Nobody is made to trust anything by it: what follows is
// as in a new store, by the same officers, each with a card of their own.

// Anew is a coprocessor that begins anew, or did.
type Anew struct {
	Node        string `json:"node"`
	Hash        string `json:"sa_key_hash"` // 64 hex digits: of the SA key that is registered
	AskedBy     string `json:"asked_by"`
	Asked       int64  `json:"asked"` // Unix seconds
	Reason      string `json:"reason"`
	ConfirmedBy string `json:"confirmed_by,omitempty"` // empty while it is only asked for
}

// BeginAnew has the coprocessor of this store forget the SA key, the keys of its
// source or target, and its share sets, and keep its master-key registers: the
// hash officer asks, saying why, and the officer who registers SA keys confirms.
// The same call again goes on where this one ended, and needs no reason then.
// Afterwards phase 2a or 3a is done once more.
func (n *Node) BeginAnew(reason string, desk Desk) (*Anew, error) {
	act, err := n.beginAnew()
	if err != nil {
		return nil, err
	}
	j, err := act.run(n, reason, desk)
	if err != nil {
		return nil, err
	}
	a := anewOf(j)
	return &a, nil
}

// WithdrawAnew has the hash officer end what they asked for: nothing is changed.
func (n *Node) WithdrawAnew(desk Desk) (*Anew, error) {
	act, err := n.beginAnew()
	if err != nil {
		return nil, err
	}
	j, err := act.end(n, desk)
	if err != nil {
		return nil, err
	}
	a := anewOf(j)
	return &a, nil
}

// beginAnew is the act: how its two officers have the coprocessor begin anew.
func (n *Node) beginAnew() (a jointAct[coproc.Restarter, journal.AnewData], err error) {
	node, err := n.toBeginAnew()
	if err != nil {
		return a, err
	}
	type side = half[coproc.Restarter, journal.AnewData]
	here := " at " + node.Name
	const withdraw = "withdraw the request to begin anew"
	return jointAct[coproc.Restarter, journal.AnewData]{
		node: node, needs: "begin anew",
		asked:   func() *journal.Record { return n.History().AskedAnew },
		because: func(d journal.AnewData) string { return d.Reason },
		propose: (*run).proposeAnew, foundSeen: true,
		can: func(*run) error { return nil }, done: (*run).forgotten, facts: (*run).anewFacts,
		doneNote: "it was done before an interruption",
		ask: side{
			task: procedure.TaskAskAnew, act: "ask to begin anew" + here, at: "ask to begin anew" + here,
			with: "what was decided: nothing is changed until ",
			text: func(journal.AnewData) string { return "ask to begin anew" + here },
			do:   func(s coproc.Restarter, d journal.AnewData) error { return s.AskRestart(d.Hash) },
		},
		confirm: side{
			task: procedure.TaskAnew, act: "begin anew" + here, at: "begin anew" + here,
			with: "what was decided: say yes only if you know that the SA, or the keys of this node, have to be replaced",
			text: func(d journal.AnewData) string { return gone(node, d) },
			do:   func(s coproc.Restarter, d journal.AnewData) error { return s.Restart(d.Hash) },
		},
		withdraw: side{
			task: procedure.TaskWithdrawAnew, act: withdraw, at: withdraw,
			text: func(journal.AnewData) string { return "withdrew the request to begin anew" + here },
			do:   func(s coproc.Restarter, _ journal.AnewData) error { return s.WithdrawRestart() },
		},
		nothing:    "nobody asked to begin anew at %s: there is nothing to withdraw",
		unfinished: anewUnfinished,
		withdrawn: func(at string) error {
			return refusal.New(refusal.CodeOrder, "%s: the request was withdrawn before an interruption", at).Hinted("finish that: {coprocessor anew --withdraw}")
		},
	}, nil
}

// gone says what a node that began anew has no more.
func gone(node *plan.Node, d journal.AnewData) string {
	keys := "the keys of " + node.Name + " are gone, and its share sets are void"
	if d.Keeps {
		return keys
	}
	return "the SA key " + coproc.HexStart(d.Hash) + " is registered no more, " + keys
}

// toBeginAnew finds the source or target of this store, before anybody logs on.
func (n *Node) toBeginAnew() (*plan.Node, error) {
	node, err := n.MasterKeyNode()
	if err != nil {
		return nil, refusal.New(refusal.CodeNotHere, "coprocessor %q is neither source nor target", n.Device().Name).
			Hinted("an SA that is lost is set up anew with `gapferry init`; then source and targets register it: `gapferry coprocessor anew` in their rooms")
	}
	if n.History().AskedAnew != nil {
		return node, nil
	}
	_, registered := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskRegisterKey})
	if _, made := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskGenerateKey}); !registered || !made {
		why := refusal.New(refusal.CodeOrder, "%s has not registered an SA key and made its own keys yet: there is nothing to begin anew", node.Name)
		if _, hash := n.History().Done(history.TaskKey{Node: node.Name, Task: procedure.TaskRegisterHash}); hash && !registered {
			return nil, why.Hinted("a hash whose SA key is not registered is taken back by {coprocessor unregister-hash --reason …}")
		}
		return nil, why.Hinted("go on with {phase %s}", map[coproc.NodeRole]string{coproc.CSS: "2a", coproc.CSR: "3a"}[node.Role])
	}
	return node, nil
}

// proposeAnew is what the hash officer asks for, and whether it is done already.
func (r *run) proposeAnew(reason string) (d journal.AnewData, found bool, err error) {
	if d, err = r.toGiveUp(reason); err != nil {
		return d, false, err
	}
	return d, r.forgotten(d), nil
}

// toGiveUp is what is forgotten by beginning anew: the SA key that the journal says
// is registered. The coprocessor may have done so already, and no record tells.
func (r *run) toGiveUp(reason string) (d journal.AnewData, err error) {
	_, own := r.n.Here(coproc.SA)
	d = journal.AnewData{Reason: reason, Keeps: own == nil}
	key, ok := r.n.History().RegisteredSA(r.node.Name)
	if d.Keeps || !ok {
		key = r.info.SAKey
	}
	if key.IsZero() {
		return d, coproc.ErrNoSAKey
	}
	d.Hash = key.Thumbprint()
	return d, nil
}

// forgotten reports whether the coprocessor began anew already, which the
// journal does not say yet.
func (r *run) forgotten(d journal.AnewData) bool {
	return r.info.Key(r.node.Name) == nil || !d.Keeps && (r.info.SAKey.IsZero() || r.info.SAKey.Thumbprint() != d.Hash)
}

// anewUnfinished refuses everything else after an interruption in between.
func anewUnfinished() error {
	return refusal.New(refusal.CodeOrder, "the coprocessor began anew before an interruption, and the journal does not say so yet").
		Hinted("finish that first: {coprocessor anew}")
}

// notAnew refuses, right after a log-on, to go on as if nothing had happened.
func (r *run) notAnew() error {
	node, err := r.n.MasterKeyNode()
	if err != nil || r.node != node || r.phase.Phase == "" {
		return nil // outside of the phases nothing rests on it, and the act itself finishes it
	}
	if r.n.History().AskedAnew == nil {
		return r.notAnewUnasked()
	}
	d, err := journal.DataOf[journal.AnewData](*r.n.History().AskedAnew)
	if err != nil {
		return err
	}
	if r.forgotten(d) {
		return anewUnfinished()
	}
	return nil
}

// notAnewUnasked is for a coprocessor that was asked to begin anew, which is in no
// record as the program was stopped, and was told yes with another program.
func (r *run) notAnewUnasked() error {
	if _, made := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskGenerateKey}); !made {
		return nil
	}
	if d, err := r.toGiveUp(""); err == nil && !r.forgotten(d) {
		return nil
	}
	return refusal.New(refusal.CodeOrder, "the coprocessor began anew before an interruption, and no record says who asked for it, and why").
		Hinted("finish that first: {coprocessor anew --reason …}")
}

// anewFacts are what both officers see: what goes, what stays, who asked and why.
func (r *run) anewFacts(d journal.AnewData, asked *journal.Record) [][2]string {
	var facts [][2]string
	if d.Keeps {
		facts = append(facts, [2]string{"SA key", "it is this coprocessor's own, and stays"})
	} else {
		groups := coproc.HexGroups(d.Hash)
		facts = append(facts, [2]string{"SA-key hash that goes", strings.Join(groups[:4], " ")}, [2]string{"", strings.Join(groups[4:], " ")})
	}
	if key := r.info.Key(r.node.Name); key != nil {
		facts = append(facts, [2]string{"keys that go", keyCard(key.Keys)})
	}
	class := r.n.Plan().MasterKeyClass()
	facts = append(facts,
		[2]string{"share sets", "void here; a target that never hears of it can still install them"},
		[2]string{"master key", "stays: current " + string(class) + " register " + r.info.Register(class).Current.String()})
	if asked != nil {
		facts = append(facts, [2]string{"asked by", r.whoWhen(*asked)})
	}
	return append(facts, [2]string{"because", d.Reason})
}

func anewOf(j joint[journal.AnewData]) Anew {
	return Anew{
		Node: j.asked.Node, Hash: hex.EncodeToString(j.data.Hash[:]), AskedBy: j.asked.Profile,
		Asked: j.asked.Time, Reason: j.data.Reason, ConfirmedBy: j.confirmedBy,
	}
}

// BeginningAnew is the open request to begin anew; nil where there is none.
func (n overview) BeginningAnew() *Anew {
	if n.History().AskedAnew == nil {
		return nil
	}
	d, err := journal.DataOf[journal.AnewData](*n.History().AskedAnew)
	if err != nil {
		return nil
	}
	a := anewOf(joint[journal.AnewData]{asked: *n.History().AskedAnew, data: d})
	return &a
}

// formerReceipts reports whether every receipt of a target on the carriers was
// taken in before this node began anew. They stay on the stick.
func (r *receiving) formerReceipts(target *plan.Node) bool {
	if _, ok := r.n.History().LastReceived(r.node.Name, bundle.KindReceipt, target.Name); ok || r.n.History().Since[r.node.Name] == 0 {
		return false
	}
	return !slices.ContainsFunc(r.items, func(it item) bool {
		return it.in.Folder == database(target) && (it.err != nil || it.header.Kind == bundle.KindReceipt && !r.n.History().Seen[it.sealed.Digest()])
	})
}

// takesThePlaceOf tells the officers who register an SA key after the former one
// was given up here.
func (r *establishing) takesThePlaceOf() {
	for _, rec := range r.n.Journal().Records() {
		if !rec.BeginsAnew() || rec.Task != procedure.TaskAnew {
			continue
		}
		if d, err := journal.DataOf[journal.AnewData](rec); err == nil && !d.Keeps {
			r.progress(Warning, "", 0, "what is registered now takes the place of the SA-key hash %s, which was given up here on %s: %s", coproc.HexStart(d.Hash), day(rec.Time), d.Reason)
		}
	}
}
