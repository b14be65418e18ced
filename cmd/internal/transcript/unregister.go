package transcript

import (
	"bytes"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

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
func (c *checker) hashOrder(h *hashOrder, e *entry) (gone bool) {
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

// unregistered: a hash that was taken back is not registered at any node of its
// coprocessor.
func (f *follower) unregistered(e *entry) {
	if !e.Unregisters() || e.Task != procedure.TaskUnregister {
		return
	}
	for _, n := range e.life.nodes {
		delete(f.done, rowKey{n.Name, procedure.TaskRegisterHash, n.Name, 0})
	}
}
