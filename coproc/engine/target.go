package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// AcceptStatement checks a source's statement and prepares to receive its shares.
func (s *session) AcceptStatement(a coproc.StatementAccept) error {
	return s.change(anyShare("install any share", coproc.InstallShare), func(st *state) error {
		if _, err := st.nodeOf(a.Node, coproc.CSR); err != nil {
			return err
		}
		if t := st.incoming(a.Node); t != nil && t.Digest == coproc.DigestOf(a.Statement) {
			return errUnchanged
		}
		source, err := st.certificate(a.Certificate, coproc.CSS, a.Now)
		if err != nil {
			return err
		}
		statement, err := coproc.ParseStatement(a.Statement, source)
		if err != nil {
			return err
		}
		if err := st.checkStatement(statement, a.Node); err != nil {
			return err
		}
		t := incomingSet{
			Node: a.Node, Digest: coproc.DigestOf(a.Statement),
			Statement: statement, SourceKey: source.Claims().Keys.Sign,
		}
		for _, digest := range statement.Shares {
			state := coproc.SharePossible
			if digest.IsZero() {
				state = coproc.ShareNone
			}
			t.Shares = append(t.Shares, share{State: state, Digest: digest})
		}
		st.Receiving = append(st.Receiving, t)
		return nil
	})
}

// checkStatement compares a verified statement with this coprocessor.
func (st *state) checkStatement(s coproc.Statement, node string) error {
	own := st.nodeID(node)
	switch {
	case s.Target != own:
		return fmt.Errorf("%w: the statement is for %s, this node is %s", coproc.ErrShareTarget, s.Target, own)
	case s.Source.Serial == st.Serial:
		return fmt.Errorf("%w: the statement is from this coprocessor itself", coproc.ErrShareTarget)
	case int(s.M) != st.M || int(s.N) != st.N:
		return fmt.Errorf("%w: the statement is of %d of %d shares, this coprocessor is set up for %d of %d", coproc.ErrShareSet, s.M, s.N, st.M, st.N)
	}
	if slices.Contains(st.Voided, s.ShareSet) {
		return fmt.Errorf("%w: share set %s", coproc.ErrVoid, s.ShareSet)
	}
	if err := st.checkCloneable(s.Class); err != nil {
		return err
	}
	for _, t := range st.Receiving {
		if t.Node == node || t.Statement.Class == s.Class {
			return fmt.Errorf("%w: node %s is receiving share set %s, the statement is of %s", coproc.ErrShareSet, t.Node, t.Statement.ShareSet, s.ShareSet)
		}
	}
	r, err := st.registersOf(s.Class)
	if err != nil {
		return err
	}
	return st.checkFillable(r)
}

// incoming returns the share set that a node receives, or nil.
func (st *state) incoming(node string) *incomingSet {
	i := slices.IndexFunc(st.Receiving, func(t incomingSet) bool { return t.Node == node })
	if i < 0 {
		return nil
	}
	return &st.Receiving[i]
}

// Install opens one sealed share and keeps it; the m-th fills the new register.
func (s *session) Install(name string, index int, sealed []byte, context coproc.Digest) (done bool, err error) {
	err = s.change(shareOf(coproc.InstallShare, index), func(st *state) error {
		n, err := st.nodeOf(name, coproc.CSR)
		if err != nil {
			return err
		}
		t := st.incoming(name)
		if t == nil {
			return fmt.Errorf("%w: node %s accepted no statement", coproc.ErrShareState, name)
		}
		sh := &t.Shares[index-1]
		switch {
		case sh.Digest.IsZero():
			return fmt.Errorf("%w: the statement says that share %d was never given out", coproc.ErrShareSet, index)
		case sh.Digest != coproc.DigestOf(sealed):
			return fmt.Errorf("%w: it is not the share %d that the statement lists", coproc.ErrShareSet, index)
		case sh.State == coproc.ShareDone:
			return fmt.Errorf("%w: share %d was installed by %s", coproc.ErrShareDone, index, sh.By)
		case t.Complete:
			return fmt.Errorf("%w: enough shares were installed", coproc.ErrShareState)
		}
		ci, err := openCloneInfo(st.ctx, st.chip, sealed, n, t.SourceKey)
		if err != nil {
			return err
		}
		if err := ci.check(t.Statement, index, context, st.chip.BlobSize(t.Statement.Class, n.Target)); err != nil {
			clear(ci.Share)
			return err
		}
		if err := st.sameBlob(t, ci); err != nil {
			clear(ci.Share)
			return err
		}
		sh.State, sh.By, sh.Value = coproc.ShareDone, s.profile, ci.Share
		done, err = st.complete(t, n.Target)
		return err
	})
	if err != nil {
		return false, err
	}
	return done, nil
}

// Void forgets a share set that its source cancelled, and refuses it from then on.
func (s *session) Void(node string, set coproc.ShareSetID) error {
	return s.change(permission(coproc.PermClearNew), func(st *state) error {
		if slices.Contains(st.Voided, set) {
			return errUnchanged
		}
		st.Voided = append(st.Voided, set)
		t := st.incoming(node)
		if t == nil || t.Statement.ShareSet != set {
			return nil
		}
		if t.Complete {
			r, err := st.registersOf(t.Statement.Class)
			if err != nil {
				return err
			}
			clear(r.New.Key)
			r.New = register{}
		}
		st.dropReceiving(t.Statement.Class)
		return nil
	})
}

// sameBlob refuses a share of another blob than those that are here, and one that
// says nothing of it, or something, where it must not.
func (st *state) sameBlob(t *incomingSet, ci cloneInfo) error {
	_, wraps := st.chip.(chip.Wrapper)
	switch {
	case wraps != (ci.Blob != nil):
		return fmt.Errorf("%w: it is not of a coprocessor of family %s", coproc.ErrShareDamaged, st.chip.Family())
	case !wraps:
	case t.Blob == nil:
		t.Blob = ci.Blob
	case *t.Blob != *ci.Blob:
		return fmt.Errorf("%w: %s wrapped something else for it than for the shares before", coproc.ErrShareSet, t.Statement.Source.Name)
	}
	return nil
}

// complete fills the new register once m shares are there.
func (st *state) complete(t *incomingSet, target chip.Ref) (done bool, err error) {
	var points []point
	var by []string
	for i, sh := range t.Shares {
		if sh.State == coproc.ShareDone {
			points = append(points, point{x: byte(i + 1), y: sh.Value})
			by = append(by, sh.By)
		}
	}
	if len(points) < st.M {
		return false, nil
	}
	r, err := st.registersOf(t.Statement.Class)
	if err != nil {
		return false, err
	}
	// Never reached: AcceptStatement wants it empty, and nothing else fills it
	// while shares are coming. A key that is there must not be written over.
	if r.New.State != coproc.Empty {
		return false, fmt.Errorf("%w: the new %s register is %s, it must be empty", coproc.ErrRegister, r.Class, r.New.State)
	}
	blob, err := combine(st.M, points)
	if err != nil {
		return false, err
	}
	defer clear(blob)
	if t.Blob != nil && coproc.DigestOf(blob) != *t.Blob {
		return false, fmt.Errorf("%w: together the shares are not what %s wrapped; no other share of this set mends that, another set does", coproc.ErrShareDamaged, t.Statement.Source.Name)
	}
	key, err := st.chip.Import(st.ctx, t.Statement.Class, target, blob)
	if err := st.made(key, err); err != nil {
		return false, err
	}
	pattern := t.Statement.Pattern
	r.New = register{State: coproc.Full, Key: key, By: by, Expected: &pattern}
	wipeShares(t.Shares)
	for i := range t.Shares {
		if t.Shares[i].State != coproc.ShareDone {
			t.Shares[i].State = coproc.ShareNone // CCA: cannot be received
		}
	}
	t.Complete = true
	return true, nil
}
