package transcript

import (
	"bytes"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// orderRule checks that each node did things in the order of the procedure.
type orderRule struct{ *replay }

// check checks that each node did things in the order of the procedure, and
// none of them twice.
func (c orderRule) check() {
	type key struct {
		instance *instance
		node     string
	}
	nodes := map[key]*nodeOrder{}
	hashes := map[*instance]*hashOrder{}
	for _, e := range c.entries {
		if e.node == nil {
			continue // officer tells of it
		}
		k := key{e.instance, e.node.Name}
		o := nodes[k]
		if o == nil {
			o = &nodeOrder{done: map[doneStep]*entry{}, settled: map[string]int{}}
			nodes[k] = o
		}
		c.next(o, e)
		if hashes[e.instance] == nil {
			hashes[e.instance] = new(hashOrder)
		}
		if done, d := c.anewOrder(hashes[e.instance], e); done {
			o.beginAnew(d)
		}
		if c.hashOrder(hashes[e.instance], e) {
			for _, n := range e.instance.nodes {
				if o := nodes[key{e.instance, n.Name}]; o != nil {
					delete(o.done, doneStep{did(procedure.TaskRegisterHash), "", 0})
				}
			}
		}
	}
}

// step is a kind of record at a node, for the order of them.
type step struct {
	event journal.Event
	what  string // the task or the kind of bundle
}

func did(t procedure.TaskID) step { return step{journal.EventTask, string(t)} }
func wrote(k bundle.Kind) step    { return step{journal.EventWritten, string(k)} }
func received(k bundle.Kind) step { return step{journal.EventReceived, string(k)} }

// need is what must have been done at a node before a step.
type need struct {
	before step
	peer   bool // about the same other node
}

// needs are the orders of the phases, as the procedure's steps follow each
// other. That of shares, verify and set is in shareOrder.
var needs = func() map[coproc.NodeRole]map[step]need {
	all := map[coproc.NodeRole]map[step]need{}
	for _, role := range []coproc.NodeRole{coproc.SA, coproc.CSS, coproc.CSR} {
		all[role] = map[step]need{}
		for _, n := range procedure.Needs(role) {
			all[role][recorded(n.Step)] = need{recorded(n.Before), n.SamePeer}
		}
	}
	return all
}()

// recorded is a step of a phase as a journal tells it.
func recorded(s procedure.Step) step {
	switch s.Do {
	case procedure.DoTake:
		return received(s.Takes)
	case procedure.DoMake:
		return wrote(s.Makes)
	}
	return did(s.Task)
}

// doneStep is a step about a peer, with a share. Without a peer it is the step
// about any.
type doneStep struct {
	step  step
	peer  string
	share int
}

// nodeOrder is where one node stands while its journal is gone through.
type nodeOrder struct {
	done     map[doneStep]*entry
	settled  map[string]int // shares obtained or given up, by target
	installs int
	set      coproc.ShareSetID // at a target: of the statement that it took in last
}

// stepOf is the step of a record; none for records that have no order.
func stepOf(e *entry) (step, bool) {
	switch e.Event {
	case journal.EventTask:
		return did(e.Task), true
	case journal.EventWritten:
		return wrote(e.Kind), true
	case journal.EventReceived:
		return received(e.Kind), true
	}
	return step{}, false
}

func (c orderRule) next(o *nodeOrder, e *entry) {
	const rule = "order"
	switch e.Event {
	case journal.EventCleared:
		o.clear(c.plan.N)
		return
	case journal.EventCanceled:
		o.cancel(e, c.plan.N)
		return
	}
	s, ok := stepOf(e)
	if !ok {
		return
	}
	if n, bound := needs[e.node.Role][s]; bound {
		peer := ""
		if n.peer {
			peer = e.Peer
		}
		if o.done[doneStep{n.before, peer, 0}] == nil {
			c.fault(rule, e, "%s before %s", c.what(e), stepText(n.before, peer))
		}
	}
	c.shareOrder(rule, o, e)
	if e.is(journal.EventReceived, bundle.KindStatement) {
		if s := c.stated(e); s != nil {
			o.set = s.ShareSet
		}
	}
	this := doneStep{s, e.Peer, e.Share}
	if last := o.done[this]; last != nil && e.Event == journal.EventTask && !renewed(last, e) {
		c.fault(rule, e, "%s was done before, in record %d", c.what(e), last.Seq)
	}
	o.done[this] = e
	o.done[doneStep{s, e.Peer, 0}], o.done[doneStep{s, "", 0}] = e, e
}

// renewed reports whether a task may be done again: another certificate is, for
// another request or for the same keys. The rule certificate counts them.
func renewed(last, e *entry) bool {
	certify := e.Task == procedure.TaskCertifyCSS || e.Task == procedure.TaskCertifyCSR
	return certify && last.Bundle != nil && e.Bundle != nil && !bytes.Equal(last.Data, e.Data)
}

// shareOrder counts shares: the statement follows the last of them, verify
// follows m that were installed.
func (c orderRule) shareOrder(rule string, o *nodeOrder, e *entry) {
	switch {
	case e.isTask(procedure.TaskObtainShares):
		o.settled[e.Peer]++
	case e.is(journal.EventWritten, bundle.KindStatement) && o.settled[e.Peer] < c.plan.N:
		c.fault(rule, e, "the statement for %s was made when %d of %d shares were obtained or given up", e.Peer, o.settled[e.Peer], c.plan.N)
	case e.isTask(procedure.TaskInstallShares):
		if o.installs++; o.done[doneStep{did(procedure.TaskVerify), "", 0}] != nil {
			c.fault(rule, e, "share %d was installed after the new master key was verified", e.Share)
		}
	case e.isTask(procedure.TaskVerify) && o.installs < c.plan.M:
		c.fault(rule, e, "the new master key was verified when %d of %d needed shares were installed", o.installs, c.plan.M)
	}
}

// clear forgets what was installed.
func (o *nodeOrder) clear(n int) {
	if o.done[doneStep{did(procedure.TaskSet), "", 0}] != nil {
		return // nothing of it is left in the new register
	}
	o.installs = 0
	for i := range n + 1 {
		delete(o.done, doneStep{did(procedure.TaskInstallShares), "", i})
	}
	delete(o.done, doneStep{did(procedure.TaskVerify), "", 0})
}

// cancel forgets a share set: at the source for one target, at the target all
// that follows its statement.
func (o *nodeOrder) cancel(e *entry, n int) {
	if e.node.Role == coproc.CSS {
		delete(o.settled, e.Peer)
		for i := range n + 1 {
			delete(o.done, doneStep{did(procedure.TaskObtainShares), e.Peer, i})
		}
		return
	}
	if d, err := journal.DataOf[journal.CancelData](*e.Record); err == nil && d.ShareSet != o.set {
		return // of another set than what is here
	}
	// Where the key was set, it comes too late: another set may confirm the key.
	delete(o.done, doneStep{did(procedure.TaskSet), "", 0})
	o.clear(n)
	delete(o.done, doneStep{received(bundle.KindStatement), "", 0})
}

func stepText(s step, peer string) string {
	text := "the " + s.what
	switch s.event {
	case journal.EventTask:
		text = "the task " + s.what
	case journal.EventWritten:
		text += " was made"
	case journal.EventReceived:
		text += " was taken in"
	}
	if peer != "" {
		text += fmt.Sprintf(" (%s)", peer)
	}
	return text
}

// hashOrder is where the SA-key hash of one coprocessor stands, which is the
// same for all of its nodes.
type hashOrder struct {
	registered *entry
	asked      *entry // the open request to take it back
	key        *entry // the SA key is registered
	anew       *entry // the open request to begin anew
}

// hashOrder checks the acts that take a hash back: asked for first, while it is
// registered and its key is not, and each request answered once. It reports
// whether the hash is gone.
func (c orderRule) hashOrder(h *hashOrder, e *entry) (gone bool) {
	const rule = "order"
	switch {
	case e.isTask(procedure.TaskRegisterHash):
		h.registered = e
		return false
	case e.isTask(procedure.TaskRegisterKey):
		h.key, h.asked = e, nil // which ends a request
		return false
	case !e.Unregisters():
		return false
	}
	if _, err := journal.DataOf[journal.UnregisterData](*e.Record); err != nil {
		c.fault("record", e, "it does not say which hash, and why")
	}
	asked := h.asked
	switch {
	case h.registered == nil:
		c.fault(rule, e, "%s before the task register-hash", e.Task)
	case h.key != nil:
		c.fault(rule, e, "%s after the SA key was registered, in record %d", e.Task, h.key.Seq)
	case e.Task == procedure.TaskAskUnregister && asked != nil:
		c.fault(rule, e, "%s was done before, in record %d", e.Task, asked.Seq)
	case e.Task != procedure.TaskAskUnregister && asked == nil:
		c.fault(rule, e, "%s, and nobody had asked for it", e.Task)
	case asked != nil && !bytes.Equal(e.Data, asked.Data):
		c.fault(rule, e, "%s of another hash, or for another reason, than was asked for in record %d", e.Task, asked.Seq)
	}
	if h.asked = nil; e.Task == procedure.TaskAskUnregister {
		h.asked = e
	}
	if gone = e.Task == procedure.TaskUnregister; gone {
		h.registered = nil
	}
	return gone
}

// anewOrder checks the acts of beginning anew: asked for first, while an SA key is
// registered, and each request answered once. It reports whether it was done.
func (c orderRule) anewOrder(h *hashOrder, e *entry) (done bool, d journal.AnewData) {
	const rule = "order"
	if !e.BeginsAnew() {
		return false, d
	}
	d, err := journal.DataOf[journal.AnewData](*e.Record)
	if err != nil {
		c.fault("record", e, "it does not say which SA key, and why")
		return false, d
	}
	asked := h.anew
	switch {
	case e.Task == procedure.TaskAskAnew && asked != nil:
		c.fault(rule, e, "%s was done before, in record %d", e.Task, asked.Seq)
	case e.Task != procedure.TaskAskAnew && asked == nil:
		c.fault(rule, e, "%s, and nobody had asked for it", e.Task)
	case asked != nil && !bytes.Equal(e.Data, asked.Data):
		c.fault(rule, e, "%s of another SA key, or for another reason, than was asked for in record %d", e.Task, asked.Seq)
	case h.key != nil && d.Hash != c.hash:
		c.fault(rule, e, "%s of the SA key %x…, and the one that is registered is %x…", e.Task, d.Hash[:4], c.hash[:4])
	case d.Keeps != e.instance.holds(c.admin):
		c.fault(rule, e, "%s says the wrong thing of whether the SA key is this coprocessor's own", e.Task)
	}
	if h.anew = nil; e.Task == procedure.TaskAskAnew {
		h.anew = e
	}
	if done = e.Task == procedure.TaskAnew; done && !d.Keeps {
		*h = hashOrder{}
	}
	return done, d
}

// beginAnew forgets what was done with the keys that are gone.
func (o *nodeOrder) beginAnew(d journal.AnewData) {
	for k := range o.done {
		keeps := k.step == did(procedure.TaskAudit) ||
			d.Keeps && (k.step == did(procedure.TaskRegisterHash) || k.step == did(procedure.TaskRegisterKey) || k.step == received(bundle.KindSAKey))
		if !keeps {
			delete(o.done, k)
		}
	}
	o.settled, o.installs, o.set = map[string]int{}, 0, coproc.ShareSetID{}
}
