package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// AcceptStatement checks a source's statement and prepares to receive its shares.
func (s target) AcceptStatement(a coproc.StatementAccept) error {
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
func (s target) Install(name string, index int, sealed []byte, context coproc.Digest) (done bool, err error) {
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
		ci, err := st.openShare(n, sealed, t.SourceKey)
		if err != nil {
			return err
		}
		target, err := st.targetOf(n)
		if err != nil {
			return err
		}
		defer clear(target)
		if err := ci.check(t.Statement, index, context, st.chip.BlobSize(t.Statement.Class, target)); err != nil {
			return err
		}
		if err := st.sameBlob(t, ci); err != nil {
			return err
		}
		value, err := st.openInner(n, index, ci)
		if err != nil {
			return err
		}
		defer clear(value)
		sh.State, sh.By = coproc.ShareDone, s.profile
		if t.installed() < st.M {
			sh.Value, err = st.keep(readInstalled, index, value)
			return err
		}
		done = true
		return st.complete(t, target, point{x: byte(index), y: value})
	})
	if err != nil {
		return false, err
	}
	return done, nil
}

// Void forgets a share set that its source cancelled, and refuses it from then on.
func (s target) Void(node string, set coproc.ShareSetID) error {
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

// openShare opens a share for a node, with its key for all of them.
func (st *state) openShare(n *node, sealed []byte, source coproc.PublicKey) (ci cloneInfo, err error) {
	err = st.use(readShareBox, *n.ShareBox, func(ref chip.Ref) error {
		box, err := st.chip.Box(st.ctx, ref)
		if err != nil {
			return err
		}
		ci, err = openCloneInfo(sealed, n.Name, box, source)
		return err
	})
	return ci, err
}

// targetOf is the key of a node that its chip takes master keys with, nil where
// it has none.
func (st *state) targetOf(n *node) (chip.Ref, error) {
	if n.Target == nil {
		return nil, nil
	}
	return st.open(readShareBox, 0, n.Target.Sealed)
}

// openInner opens what is in a share, for its officer. It was not sealed for
// them, or under another bundle, where that is coproc.ErrShareDamaged.
func (st *state) openInner(n *node, index int, ci cloneInfo) ([]byte, error) {
	if len(n.ShareKeys) < index {
		return nil, fmt.Errorf("%w: node %s has no key of share %d", coproc.ErrDamaged, n.Name, index)
	}
	private, err := st.open(readShareKey, index, n.ShareKeys[index-1])
	if err != nil {
		return nil, err
	}
	defer clear(private)
	value, err := coproc.OpenShare(private, ci.Context, ci.Share)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not sealed to the key of share %d: %v", coproc.ErrShareDamaged, index, err)
	}
	return value, nil
}

// installed counts the shares that were put in.
func (t *incomingSet) installed() (n int) {
	for _, sh := range t.Shares {
		if sh.State == coproc.ShareDone {
			n++
		}
	}
	return n
}

// complete fills the new register: last is the m-th share, which its officer has
// just opened, and who opens those of the others.
func (st *state) complete(t *incomingSet, target chip.Ref, last point) error {
	points := []point{last}
	defer func() { wipePoints(points[1:]) }()
	var by []string
	for i := range t.Shares {
		sh := &t.Shares[i]
		if sh.State != coproc.ShareDone {
			sh.State = coproc.ShareNone // CCA: cannot be received
			continue
		}
		by = append(by, sh.By)
		if i+1 == int(last.x) {
			continue
		}
		y, err := st.open(readInstalled, i+1, sh.Value)
		if err != nil {
			return err
		}
		points = append(points, point{x: byte(i + 1), y: y})
		sh.Value = nil
	}
	r, err := st.registersOf(t.Statement.Class)
	if err != nil {
		return err
	}
	// Never reached: AcceptStatement wants it empty, and nothing else fills it
	// while shares are coming. A key that is there must not be written over.
	if r.New.State != coproc.Empty {
		return fmt.Errorf("%w: the new %s register is %s, it must be empty", coproc.ErrRegister, r.Class, r.New.State)
	}
	blob, err := combine(st.M, points)
	if err != nil {
		return err
	}
	defer clear(blob)
	if t.Blob != nil && coproc.DigestOf(blob) != *t.Blob {
		return fmt.Errorf("%w: together the shares are not what %s wrapped; no other share of this set mends that, another set does", coproc.ErrShareDamaged, t.Statement.Source.Name)
	}
	ref, err := st.chip.Import(st.ctx, t.Statement.Class, target, blob)
	if err := st.made(ref, err); err != nil {
		return err
	}
	pattern := t.Statement.Pattern
	r.New = register{By: by, Expected: &pattern}
	t.Complete = true
	return st.fill(&r.New, t.Statement.Class, ref)
}
