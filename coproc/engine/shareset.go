package engine

import (
	"crypto/rand"
	"fmt"
	"slices"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
)

// obtainable is a share that may be obtained, and what it takes to seal it.
type obtainable struct {
	source    *node
	set       *outgoingSet
	share     *share
	recipient age.Recipient // the target's ShareBox
	shareKey  []byte        // and the key of the share
}

// obtainable checks a request and finds its share. Where the target has no
// share set yet, the current master key is split.
func (st *state) obtainable(r coproc.ObtainRequest) (obtainable, error) {
	source, err := st.nodeOf(r.Source, coproc.CSS)
	if err != nil {
		return obtainable{}, err
	}
	target, err := st.certificate(r.Target, coproc.CSR, r.Now)
	if err != nil {
		return obtainable{}, err
	}
	if target.Claims().Node.Serial == st.Serial {
		return obtainable{}, fmt.Errorf("%w: %s is this coprocessor itself", coproc.ErrShareTarget, target.Claims().Node)
	}
	recipient, err := coproc.ParseShareBox(target.Claims().Keys.Family, target.Claims().Keys.ShareBox)
	if err != nil {
		return obtainable{}, fmt.Errorf("%w: its key to receive shares: %v", coproc.ErrCertificate, err)
	}
	keys := target.Claims().Keys.Shares
	if keys.Count() != st.N {
		return obtainable{}, fmt.Errorf("%w: it has keys for %d shares, and there are %d", coproc.ErrCertificate, keys.Count(), st.N)
	}
	if err := st.checkCloneable(r.Class); err != nil {
		return obtainable{}, err
	}
	set, err := st.outgoingFor(r, target)
	if err != nil {
		return obtainable{}, err
	}
	sh := &set.Shares[r.Index-1]
	switch sh.State {
	case coproc.ShareDone:
		return obtainable{}, fmt.Errorf("%w: share %d for %s was distributed", coproc.ErrShareDone, r.Index, set.Target.Name)
	case coproc.ShareNone:
		return obtainable{}, fmt.Errorf("%w: share %d for %s was given up", coproc.ErrShareState, r.Index, set.Target.Name)
	}
	return obtainable{source: source, set: set, share: sh, recipient: recipient, shareKey: keys.Key(r.Index)}, nil
}

// checkCloneable refuses classes that this ceremony does not clone.
func (st *state) checkCloneable(c coproc.Class) error {
	if _, err := st.registersOf(c); err != nil {
		return err
	}
	if !c.Cloneable() && !st.AllowAES {
		return fmt.Errorf("%w: %s, which IBM's procedure does not clone, and this ceremony does not allow", coproc.ErrClass, c)
	}
	return nil
}

// outgoingFor returns the share set for a target, and splits the current
// master key if there is none yet.
func (st *state) outgoingFor(r coproc.ObtainRequest, target coproc.Certificate) (*outgoingSet, error) {
	registers, err := st.registersOf(r.Class)
	if err != nil {
		return nil, err
	}
	current := registers.Current
	if current.State != coproc.Full {
		return nil, fmt.Errorf("%w: the current %s register is %s", coproc.ErrRegister, r.Class, current.State)
	}
	id := target.Claims().Node
	t := st.outgoing(id.Name)
	if t == nil {
		return st.begin(r, target, &current)
	}
	switch {
	case t.Certificate != target.Digest():
		return nil, fmt.Errorf("%w: the one for %s is sealed to the certificate %s, this one is %s",
			coproc.ErrShareSet, id.Name, t.Certificate.Short(), target.Digest().Short())
	case t.Class != r.Class || t.Source != r.Source:
		return nil, fmt.Errorf("%w: the one for %s is of %s from %s", coproc.ErrShareSet, id.Name, t.Class, t.Source)
	}
	return t, st.checkSameKey(t)
}

// checkSameKey refuses to go on with a share set of another master key than
// the current one.
func (st *state) checkSameKey(t *outgoingSet) error {
	r, err := st.registersOf(t.Class)
	if err != nil {
		return err
	}
	now := r.Current.report()
	if now.State != coproc.Full || now.Pattern != t.Pattern {
		return fmt.Errorf("%w: it had pattern %s, the current register is %s", coproc.ErrOtherMasterKey, t.Pattern, now)
	}
	return nil
}

// begin makes the share set of the current master key for a target.
func (st *state) begin(r coproc.ObtainRequest, target coproc.Certificate, current *register) (*outgoingSet, error) {
	values, blob, err := st.newShares(current, r.Class, target.Claims())
	if err != nil {
		return nil, err
	}
	t := outgoingSet{
		Source: r.Source, Target: target.Claims().Node, Certificate: target.Digest(),
		Class: r.Class, Pattern: current.Pattern, Blob: blob,
	}
	rand.Read(t.ShareSet[:])
	for _, v := range values {
		t.Shares = append(t.Shares, share{State: coproc.SharePossible, Value: v})
	}
	st.Sending = append(st.Sending, t)
	return &st.Sending[len(st.Sending)-1], nil
}

// outgoing returns the share set for a target, or nil.
func (st *state) outgoing(target string) *outgoingSet {
	i := slices.IndexFunc(st.Sending, func(t outgoingSet) bool { return t.Target.Name == target })
	if i < 0 {
		return nil
	}
	return &st.Sending[i]
}

// dropOutgoing forgets the share sets that drop picks.
func (st *state) dropOutgoing(drop func(outgoingSet) bool) {
	st.Sending = slices.DeleteFunc(st.Sending, drop)
}
