package ceremony

import (
	"errors"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// registerHash asks the hash officer for the hash and registers it. check may
// refuse what was entered before it is registered, which is done only once.
func (r *establishing) registerHash(d duty, check func(coproc.Thumbprint) error) error {
	return r.do(d, func() (journal.Record, error) {
		registrar, err := capability[coproc.Registrar](r.session, "register the SA key")
		if err != nil {
			return journal.Record{}, err
		}
		if r.info.SAHash != nil && r.registeredElsewhere(procedure.TaskRegisterHash) {
			return journal.Record{Text: "the SA-key hash is registered in this coprocessor already, by " + r.info.SAHashBy}, nil
		}
		if r.info.SAHash != nil {
			return journal.Record{Recovered: true, Text: "the SA-key hash was registered by " + r.info.SAHashBy + " before an interruption"}, nil
		}
		r.takesThePlaceOf()
		q := HashQuestion{Node: r.node.Name, Profile: d.profile}
		var problem *refusal.Error
		for attempt := 1; ; attempt++ {
			hash, err := r.desk.SAKeyHash(q)
			if errors.Is(err, ErrNoAnswer) && problem != nil {
				return journal.Record{}, problem
			}
			if errors.Is(err, ErrNoAnswer) {
				return journal.Record{}, refusal.New(refusal.CodeNoHash, "the SA-key hash was not entered")
			}
			if err != nil {
				return journal.Record{}, err
			}
			if err := check(hash); err != nil {
				// What was typed may be wrong: it can be typed once more. What
				// is on the stick does not change.
				if !errors.As(err, &problem) || attempt == maxAttempts || problem.Code.Group() != refusal.Refused {
					return journal.Record{}, err
				}
				if err := r.note(problem); err != nil {
					return journal.Record{}, err
				}
				q.Problem = problem.Text
				continue
			}
			if err := registrar.RegisterHash(hash); err != nil {
				return journal.Record{}, err
			}
			// The officer who comes next has a card of their own: the whole hash is
			// not left on the screen for them.
			return journal.Record{
				Text:  "hash " + strings.Join(coproc.HexGroups(hash), " "),
				Brief: "hash " + strings.Join(coproc.HexGroups(hash)[:2], " ") + " …",
			}, nil
		}
	})
}

// registeredElsewhere reports whether the other node in this coprocessor did
// the same task before.
func (r *establishing) registeredElsewhere(task procedure.TaskID) bool {
	for _, p := range r.n.Plan().At(r.n.Device().Name) {
		if p.Name != r.node.Name {
			if _, ok := r.n.History().Done(history.TaskKey{Node: p.Name, Task: task}); ok {
				return true
			}
		}
	}
	return false
}

// registerHashOnStick registers the hash of the key that the stick brings.
func (r *establishing) registerHashOnStick(a at) error { return r.registerHash(a.duty, r.hashOnStick) }

// hashOnStick refuses a hash that no sa-key on the carrier belongs to: either
// the card or the stick is wrong, and a hash is registered only once.
func (r *establishing) hashOnStick(hash coproc.Thumbprint) error {
	if !r.present(bundle.KindSAKey, procedure.SADatabase) {
		for _, it := range r.items {
			if it.err != nil && it.in.Folder == procedure.SADatabase {
				return it.err // the file that should be the sa-key, perhaps
			}
		}
		if r.opts.Task == procedure.TaskRegisterHash {
			return nil // the officer may come before the stick
		}
		return refusal.New(refusal.CodeMissing, "there is no sa-key in %s", procedure.SADatabase)
	}
	var reason error
	var damaged error // by a key that is not even another one
	for _, it := range r.items {
		if it.err != nil || it.header.Kind != bundle.KindSAKey {
			continue
		}
		_, err := it.sealed.Verify(bundle.Anchors{Ceremony: r.n.Plan().CeremonyID(), SAHash: &hash, Now: r.n.Now()})
		if err == nil {
			return r.clockAgainst(it.header, it.sealed.Digest())
		}
		if reason = err; !errors.Is(err, bundle.ErrUnknownKey) {
			damaged = prefixed(it, refusal.Wrap(err, "sa-key"))
		}
	}
	if damaged != nil {
		return damaged
	}
	return refusal.New(refusal.CodeUnknownKey, "the hash that was entered is not the hash of the SA key in %s: %w; the card or the stick is wrong", procedure.SADatabase, reason)
}

// registerKey registers the SA key that the stick brings.
func (r *establishing) registerKey(a at) error {
	return r.do(a.duty, func() (journal.Record, error) {
		registrar, err := capability[coproc.Registrar](r.session, "register the SA key")
		if err != nil {
			return journal.Record{}, err
		}
		if err := r.hashRegistered(); err != nil {
			return journal.Record{}, err
		}
		found, err := r.take(bundle.KindSAKey, procedure.SADatabase, r.anchors(), nil)
		if err != nil {
			return journal.Record{}, orWrongHash(err)
		}
		if len(found) > 1 {
			return journal.Record{}, refusal.New(refusal.CodeTwoRequests, "there are %d different sa-key bundles of the same SA key in %s: ask in the SA's room which one is right", len(found), procedure.SADatabase)
		}
		id, err := bundle.HashIdentity(*r.info.SAHash)
		if err != nil {
			return journal.Record{}, err
		}
		b, err := found[0].Open(id)
		if err != nil {
			return journal.Record{}, err
		}
		body, err := bundle.BodyAs[bundle.SAKeyBody](b)
		if err != nil {
			return journal.Record{}, err
		}
		if err := samePlan(r.n.Plan(), body.Plan); err != nil {
			return journal.Record{}, err
		}
		r.takesThePlaceOf()
		if err := r.checkCard(*r.info.SAHash, a.duty.profile); err != nil {
			return journal.Record{}, orWrongHash(err)
		}
		if err := registrar.RegisterKey(body.Keys.Sign); err != nil {
			return journal.Record{}, err
		}
		keys, err := detcbor.Marshal(body.Keys)
		if err != nil {
			return journal.Record{}, err
		}
		if err := r.received(b, r.n.Plan().SA().Name, keys); err != nil {
			return journal.Record{}, err
		}
		return journal.Record{Text: "SA key " + fingerprint(body.Keys.Sign)}, nil
	})
}

// hashRegistered refuses to go on to the SA key without its hash. If somebody
// asked to take the hash back, whoever registers the key now is told.
func (r *establishing) hashRegistered() error {
	switch asked := r.n.Unregistering(); {
	case r.info.SAHash == nil && asked != nil:
		return unregisteredBefore()
	case r.info.SAHash == nil && r.hashRecorded():
		return refusal.New(refusal.CodeOrder, "the SA-key hash was unregistered before an interruption, and no record says who asked for it, and why").
			Hinted("finish that first: {coprocessor unregister-hash --reason …}")
	case r.info.SAHash == nil:
		return refusal.New(refusal.CodeHashFirst, "the SA-key hash is not registered yet: it comes first, by %s", r.node.Officers.RegisterHash)
	case asked != nil && r.info.SAKey.IsZero():
		r.progress(Warning, "", 0, "%s asked to take the registered hash back: %s. Once its SA key is registered it stays", r.who(asked.AskedBy), asked.Reason)
	}
	return nil
}

// hashRecorded reports whether the journal has a hash as registered.
func (r *run) hashRecorded() bool {
	_, done := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskRegisterHash})
	return done
}

// orWrongHash marks the refusal of an SA key that does not fit the registered
// hash, or the other officer's card: it may be the hash that is wrong.
func orWrongHash(err error) error {
	var why *refusal.Error
	if !errors.As(err, &why) || why.Code != refusal.CodeUnknownKey && why.Code != refusal.CodeHashDiffers {
		return err
	}
	marked := *why
	marked.Unregister = true
	return &marked
}

// samePlan refuses a plan that is not this node's, and shows the first line
// that differs.
func samePlan(own *plan.Plan, theirs []byte) error {
	mine := own.Canonical()
	if string(mine) == string(theirs) {
		return nil
	}
	a, b := strings.Split(string(mine), "\n"), strings.Split(string(theirs), "\n")
	at := func(lines []string, i int) string {
		if i < len(lines) {
			return lines[i]
		}
		return "(nothing)"
	}
	for i := 0; ; i++ {
		if at(a, i) != at(b, i) {
			return refusal.New(refusal.CodePlanDiffers, "this node's plan is not the SA's: here line %d is %q, at the SA it is %q", i+1, at(a, i), at(b, i))
		}
	}
}

// fingerprint is the beginning of the SA key's hash in hex, as the card has it.
func fingerprint(k coproc.PublicKey) string {
	t := k.Thumbprint()
	return coproc.HexStart(t)
}
