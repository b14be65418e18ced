package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// askAsSource asks the SA to certify the source's key. The note of the master key
// for the other rooms comes last, also where the carrier failed.
func (r *establishing) askAsSource(at) error {
	if err := r.request(bundle.KindCSSKey, ""); err != nil {
		return err
	}
	err := r.handOverAndShowKeys(bundle.KindCSSKey, "one for the SA and one for the rooms of the targets")
	if done, ok := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskObtainMasterKey}); ok {
		r.progress(Note, "", 0, "note on the information worksheet, for the rooms of the targets: %s", done.Text)
	}
	return err
}

// keyAtHand refuses, before anybody logs on, a stick that does not have what
// the officers will need.
func (r *establishing) keyAtHand() error {
	_, registered := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskRegisterKey})
	if registered || r.opts.Task == procedure.TaskAudit || r.opts.Task == procedure.TaskRegisterHash || r.anythingIn(procedure.SADatabase) {
		return nil
	}
	return refusal.New(refusal.CodeMissing, "there is no sa-key in %s", procedure.SADatabase)
}

// handOverAndShowKeys hands the request over, and says what is to be noted on
// the node's key cards: last, since a carrier may need the whole screen, and
// also where the carrier failed.
func (r *establishing) handOverAndShowKeys(kind bundle.Kind, cards string) error {
	err := r.deliver(kind, "", 0)
	r.showKeys(fmt.Sprintf("note on two key cards of %s, %s", r.node.Name, cards))
	return err
}

// showKeys tells this node's keys as its key cards have them.
func (r *run) showKeys(what string) {
	if done, ok := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskGenerateKey}); ok {
		r.progress(Note, "", 0, "%s: %s", what, done.Text)
	}
}

// obtainMasterKey notes the verification pattern of the master key that will
// be cloned.
func (r *establishing) obtainMasterKey(a at) error {
	return r.do(a.duty, func() (journal.Record, error) {
		class := r.n.Plan().MasterKeyClass()
		current := r.info.Register(class).Current
		if current.State != coproc.Full {
			return journal.Record{}, refusal.New(refusal.CodeRegister, "the current %s register of %s is %s: load or generate the master key and set it first", class, r.node.Name, current).
				Hinted("%s; then {phase 2a} goes on", r.makeMasterKey())
		}
		return journal.Record{
			Text: fmt.Sprintf("%s pattern %s", class, current.Pattern),
			Data: current.Pattern[:],
		}, nil
	})
}
