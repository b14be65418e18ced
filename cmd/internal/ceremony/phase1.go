package ceremony

import (
	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// establishing is phases 1, 2a and 3a: a node gets its keys, and registers the
// SA's.
type establishing struct {
	*run
	solo
}

func establish(r *run) *establishing { return &establishing{run: r} }

// In phase 1 the SA key goes onto the stick before its hash is registered here: the
// hash officer reads it back from the card that was just written, which proves the
// card.

// introduce makes the sa-key bundle, and hands it out.
func (r *establishing) introduce(at) error {
	if err := r.makeSAKey(); err != nil {
		return err
	}
	return r.deliver(bundle.KindSAKey, "", 0)
}

// makeSAKey makes the sa-key bundle: the SA's keys and the plan.
func (r *establishing) makeSAKey() error {
	if r.n.History().LastWritten(r.node.Name, bundle.KindSAKey, "", 0) != nil {
		return nil
	}
	if err := r.logOnTo("make the sa-key", duty{task: procedure.TaskGenerateKey, group: coproc.SA, profile: r.node.Officers.GenerateKey}); err != nil {
		return err
	}
	key := r.info.Key(r.node.Name)
	if key == nil {
		return refusal.New(refusal.CodeOrder, "%s has no key yet", r.node.Name)
	}
	to, err := bundle.HashRecipient(key.Keys.Sign.Thumbprint())
	if err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{Kind: bundle.KindSAKey},
		body:   bundle.SAKeyBody{Keys: key.Keys, Plan: r.n.Plan().Canonical()},
		seal:   []age.Recipient{to},
	})
}

// registerOwnHash registers the hash that was written on a card in this room.
func (r *establishing) registerOwnHash(a at) error {
	if err := r.showHash(); err != nil {
		return err
	}
	return r.registerHash(a.duty, r.ownHash)
}

// showHash shows the hash for the card, as long as it is not registered.
func (r *establishing) showHash() error {
	if _, done := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskRegisterHash}); done {
		return nil
	}
	if r.session == nil {
		if err := r.logOnTo("show the SA-key hash", duty{task: procedure.TaskGenerateKey, group: coproc.SA, profile: r.node.Officers.GenerateKey}); err != nil {
			return err
		}
	}
	return r.desk.ShowSAKeyHash(r.info.Key(r.node.Name).Keys.Sign.Thumbprint())
}

// ownHash refuses a card that does not have the hash of the key made here.
func (r *establishing) ownHash(hash coproc.Thumbprint) error {
	if key := r.info.Key(r.node.Name); key == nil || key.Keys.Sign.Thumbprint() != hash {
		return refusal.New(refusal.CodeHashDiffers, "the hash on the card is not the hash of the SA key: write the card anew")
	}
	return nil
}

// registerOwnKey registers the SA key in the SA's own coprocessor.
func (r *establishing) registerOwnKey(a at) error {
	return r.do(a.duty, func() (journal.Record, error) {
		registrar, err := capability[coproc.Registrar](r.session, "register the SA key")
		if err != nil {
			return journal.Record{}, err
		}
		if err := r.hashRegistered(); err != nil {
			return journal.Record{}, err
		}
		key := r.info.Key(r.node.Name).Keys.Sign
		if *r.info.SAHash != key.Thumbprint() { // by another node in this coprocessor
			return journal.Record{}, orWrongHash(refusal.New(refusal.CodeHashDiffers, "the hash that %s registered in this coprocessor, %s, is not the hash of the SA key", r.info.SAHashBy, coproc.HexStart(*r.info.SAHash)))
		}
		if err := r.checkCard(key.Thumbprint(), a.duty.profile); err != nil {
			return journal.Record{}, err
		}
		if err := registrar.RegisterKey(key); err != nil {
			return journal.Record{}, err
		}
		data, err := detcbor.Marshal(r.info.Key(r.node.Name).Keys)
		if err != nil {
			return journal.Record{}, err
		}
		return journal.Record{Text: "SA key " + fingerprint(key), Data: data}, nil
	})
}
