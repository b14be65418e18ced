package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// BeginShareSet splits the master key for a target, unless that was done.
func (s source) BeginShareSet(r coproc.ObtainRequest) (id coproc.ShareSetID, err error) {
	err = s.change(shareOf(coproc.ObtainShare, r.Index), func(st *state) error {
		sets := len(st.Sending)
		o, err := st.obtainable(r)
		if err != nil {
			return err
		}
		id = o.set.ShareSet
		if len(st.Sending) == sets {
			return errUnchanged
		}
		return nil
	})
	if err != nil {
		return coproc.ShareSetID{}, err
	}
	return id, nil
}

// Obtain seals one share to the target.
func (s source) Obtain(r coproc.ObtainRequest) (sealed []byte, err error) {
	err = s.change(shareOf(coproc.ObtainShare, r.Index), func(st *state) error {
		o, err := st.obtainable(r)
		if err != nil {
			return err
		}
		value, err := st.shareValue(o.set, r.Index)
		if err != nil {
			return err
		}
		defer clear(value)
		inner, err := coproc.SealShare(o.shareKey, r.Context, value)
		if err != nil {
			return err
		}
		sign := func(d cosesig.Domain, v any) ([]byte, error) { return st.sign(o.source, d, v) }
		sealed, err = cloneInfo{
			Ceremony: st.Ceremony, ShareSet: o.set.ShareSet, Class: o.set.Class,
			M: uint8(st.M), N: uint8(st.N), Pattern: o.set.Pattern,
			Source: st.nodeID(o.set.Source), Target: o.set.Target, Certificate: o.set.Certificate,
			Index: uint8(r.Index), Share: inner, Context: r.Context, Blob: o.set.Blob,
		}.seal(sign, o.recipient)
		if err != nil {
			return err
		}
		o.share.State, o.share.By, o.share.Digest = coproc.ShareGenerated, s.profile, coproc.DigestOf(sealed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sealed, nil
}

// changeShare is change for one share that is given out.
func (s source) changeShare(target string, index int, f func(*state, *outgoingSet, *share) error) error {
	return s.change(shareOf(coproc.ObtainShare, index), func(st *state) error {
		t := st.outgoing(target)
		if t == nil {
			return fmt.Errorf("%w: there is none for %q", coproc.ErrShareState, target)
		}
		return f(st, t, &t.Shares[index-1])
	})
}

// MarkDistributed records that a share may be handed out. It needs
// ObtainShare(index). The share itself is erased: it is not sealed again.
func (s source) MarkDistributed(target string, index int) error {
	return s.changeShare(target, index, func(_ *state, _ *outgoingSet, sh *share) error {
		switch sh.State {
		case coproc.ShareDone:
			return errUnchanged
		case coproc.ShareGenerated:
			sh.State, sh.Value = coproc.ShareDone, nil
			return nil
		}
		return fmt.Errorf("%w: share %d for %s was not obtained", coproc.ErrShareState, index, target)
	})
}

// GiveUp says that a share will not be obtained. One that was obtained but
// not distributed can be given up too; its digest does not come into the
// statement, so that the target refuses it.
func (s source) GiveUp(target string, index int) error {
	return s.changeShare(target, index, func(st *state, t *outgoingSet, sh *share) error {
		switch sh.State {
		case coproc.ShareNone:
			return errUnchanged
		case coproc.ShareDone:
			return fmt.Errorf("%w: share %d for %s was distributed", coproc.ErrShareDone, index, target)
		}
		*sh = share{State: coproc.ShareNone, By: s.profile}
		if left := t.left(); left < st.M {
			return fmt.Errorf("%w: %d shares would remain for %s, %d are needed", coproc.ErrShareState, left, target, st.M)
		}
		return nil
	})
}

// left counts the shares that were not given up.
func (t *outgoingSet) left() (n int) {
	for _, sh := range t.Shares {
		if sh.State != coproc.ShareNone {
			n++
		}
	}
	return n
}

// SignStatement signs the statement of the share set, once, and returns it from then on.
func (s source) SignStatement(source, target string) (statement []byte, err error) {
	err = s.change(anyShare("obtain any share", coproc.ObtainShare), func(st *state) error {
		t := st.outgoing(target)
		if t == nil {
			return fmt.Errorf("%w: there is none for %q", coproc.ErrShareState, target)
		}
		if t.Source != source {
			return fmt.Errorf("%w: the one for %s is from %s, not from %q", coproc.ErrShareSet, target, t.Source, source)
		}
		if t.Statement == nil {
			if t.Statement, err = st.signStatement(t); err != nil {
				return err
			}
			statement = slices.Clone(t.Statement)
			return nil
		}
		statement = slices.Clone(t.Statement)
		return errUnchanged
	})
	if err != nil {
		return nil, err
	}
	return statement, nil
}

func (st *state) signStatement(t *outgoingSet) ([]byte, error) {
	for i, sh := range t.Shares {
		if sh.State != coproc.ShareDone && sh.State != coproc.ShareNone {
			return nil, fmt.Errorf("%w: share %d for %s is neither distributed nor given up", coproc.ErrShareState, i+1, t.Target.Name)
		}
	}
	if err := st.checkSameKey(t); err != nil {
		return nil, err
	}
	source, err := st.nodeOf(t.Source, coproc.CSS)
	if err != nil {
		return nil, err
	}
	statement := coproc.Statement{
		Ceremony: st.Ceremony, ShareSet: t.ShareSet, Class: t.Class,
		M: uint8(st.M), N: uint8(st.N), Pattern: t.Pattern,
		Source: st.nodeID(t.Source), Target: t.Target, Certificate: t.Certificate,
	}
	for _, sh := range t.Shares {
		statement.Shares = append(statement.Shares, sh.Digest)
	}
	return st.sign(source, cosesig.DomainStatement, statement)
}

// Cancel forgets the share set for a target.
func (s source) Cancel(target string) error {
	return s.change(permission(coproc.PermCancel), func(st *state) error {
		if st.outgoing(target) == nil {
			return errUnchanged
		}
		st.dropOutgoing(func(t outgoingSet) bool { return t.Target.Name == target })
		return nil
	})
}
