package ceremony

import (
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// NotAuthenticated is what is said with everything that a store tells while
// nobody is logged on: its journal names the key that verifies it, so that
// whoever owns the disk can put one of their own making there. A log-on
// compares it with the coprocessor.
const NotAuthenticated = "not authenticated: nobody logged on"

// SAHash has the auditor of this store log on, and returns the hash of the SA
// key that the coprocessor itself registered. The journal has that it was asked
// for, and why.
func (n *Node) SAHash(why string, desk Desk) (hash coproc.Thumbprint, err error) {
	node := n.Plan().At(n.Device().Name)[0]
	err = n.withOfficer(node, node.Officers.Audit, why, desk, func(r *run) error {
		if r.info.SAKey.IsZero() {
			return refusal.New(refusal.CodeOrder, "this store has not registered an SA key yet")
		}
		hash = r.info.SAKey.Thumbprint()
		return r.record(journal.Record{Event: journal.EventAct, Node: node.Name, Task: procedure.TaskAudit, Text: why})
	})
	return hash, err
}
