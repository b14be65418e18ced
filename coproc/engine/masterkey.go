package engine

import (
	"crypto/subtle"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// LoadPart XORs a part into the new register. The part is kept as it is: its
// parity is the officers' business.
func (s masterKeys) LoadPart(c coproc.Class, p coproc.Part, key []byte) (coproc.Registers, error) {
	switch p {
	case coproc.First:
		return s.changeRegisters(c, permission(coproc.PermLoadFirstPart), func(st *state, r *registers) error {
			if err := st.checkFillable(r); err != nil {
				return err
			}
			if err := checkPart(c, key); err != nil {
				return err
			}
			if err := st.checkPieces(); err != nil {
				return err
			}
			parts, err := st.keep(readPartial, 0, key)
			r.New = register{State: coproc.Partial, Parts: parts, By: []string{s.profile}}
			return err
		})
	case coproc.Middle, coproc.Last:
		return s.changeRegisters(c, permission(coproc.PermCombinePart), func(st *state, r *registers) error {
			switch {
			case r.New.State != coproc.Partial:
				return fmt.Errorf("%w: the new %s register is %s, a first part must be in it", coproc.ErrRegister, c, r.New.State)
			case r.New.By[0] == s.profile:
				return fmt.Errorf("%w: %s loaded the first part", coproc.ErrSameProfile, s.profile)
			}
			if err := checkPart(c, key); err != nil {
				return err
			}
			parts, err := st.open(readPartial, 0, r.New.Parts)
			if err != nil {
				return err
			}
			defer clear(parts)
			if subtle.XORBytes(parts, parts, key) != c.Size() {
				return fmt.Errorf("%w: the parts of the %s have not its length", coproc.ErrDamaged, c)
			}
			r.New.By = append(r.New.By, s.profile)
			if p != coproc.Last {
				r.New.Parts, err = st.keep(readPartial, 0, parts)
				return err
			}
			ref, err := st.chip.Load(st.ctx, c, parts)
			if err := st.made(ref, err); err != nil {
				return err
			}
			r.New.Parts = nil
			return st.fill(&r.New, c, ref)
		})
	}
	return coproc.Registers{}, fmt.Errorf("%w: it is neither %s nor %s nor %s: %q", coproc.ErrPart, coproc.First, coproc.Middle, coproc.Last, p)
}

func checkPart(c coproc.Class, key []byte) error {
	if len(key) != c.Size() {
		return fmt.Errorf("%w: it has %d bytes, a part of %s has %d", coproc.ErrPart, len(key), c, c.Size())
	}
	return nil
}

// GenerateMasterKey fills the new register at random.
func (s masterKeys) GenerateMasterKey(c coproc.Class) (coproc.Registers, error) {
	return s.changeRegisters(c, permission(coproc.PermRandomMasterKey), func(st *state, r *registers) error {
		if err := st.checkFillable(r); err != nil {
			return err
		}
		if err := st.checkPieces(); err != nil {
			return err
		}
		ref, err := st.chip.Generate(st.ctx, c)
		if err := st.made(ref, err); err != nil {
			return err
		}
		r.New = register{By: []string{s.profile}}
		return st.fill(&r.New, c, ref)
	})
}

// ClearNew empties the new register, and forgets the shares received for it.
func (s masterKeys) ClearNew(c coproc.Class) (coproc.Registers, error) {
	return s.changeRegisters(c, permission(coproc.PermClearNew), func(st *state, r *registers) error {
		r.New = register{}
		st.dropReceiving(c)
		return nil
	})
}

// VerifyNew tells the pattern of the new register and, where shares built
// it, compares it with the source's. Both patterns are returned with ErrPattern too.
func (s masterKeys) VerifyNew(c coproc.Class) (v coproc.Verification, err error) {
	_, err = s.changeRegisters(c, permission(coproc.PermVerifyPattern), func(st *state, r *registers) error {
		if err := checkFull(r); err != nil {
			return err
		}
		v.New = r.New.Pattern
		if r.New.Expected == nil {
			return errUnchanged
		}
		v.Shares, v.Expected = true, *r.New.Expected
		switch {
		case v.New != v.Expected:
			return fmt.Errorf("%w: it has pattern %s, the source's has %s", coproc.ErrPattern, v.New, v.Expected)
		case r.New.Verified:
			return errUnchanged
		}
		r.New.Verified = true
		return nil
	})
	return v, err
}

// SetMasterKey moves current to old and new to current, and forgets every
// share set of the class, given out or received.
func (s masterKeys) SetMasterKey(c coproc.Class) (coproc.Registers, error) {
	return s.changeRegisters(c, permission(coproc.PermSetMasterKey), func(st *state, r *registers) error {
		if err := checkFull(r); err != nil {
			return err
		}
		if r.New.Expected != nil && !r.New.Verified {
			return fmt.Errorf("%w: %s was built from shares", coproc.ErrNotVerified, c)
		}
		if r.New.Weak {
			return coproc.ErrWeakKey
		}
		if known := r.report(); known.New == known.Current || known.New == known.Old {
			return fmt.Errorf("%w: pattern %s", coproc.ErrSameKey, known.New.Pattern)
		}
		r.Old, r.Current, r.New = r.Current, r.New, register{}
		r.Current.Expected, r.Current.Verified = nil, false
		st.dropReceiving(c)
		st.dropOutgoing(func(t outgoingSet) bool { return t.Class == c })
		return nil
	})
}

// changeRegisters is change for the registers of one class.
func (s masterKeys) changeRegisters(c coproc.Class, n requirement, f func(*state, *registers) error) (after coproc.Registers, err error) {
	err = s.change(n, func(st *state) error {
		r, err := st.registersOf(c)
		if err != nil {
			return err
		}
		if err := f(st, r); err != nil {
			return err
		}
		after = r.report()
		return nil
	})
	if err != nil {
		return coproc.Registers{}, err
	}
	return after, nil
}

func checkFull(r *registers) error {
	if r.New.State != coproc.Full {
		return fmt.Errorf("%w: the new %s register is %s", coproc.ErrRegister, r.Class, r.New.State)
	}
	return nil
}

// checkFillable lets a new register be filled when it is empty and no shares
// are on their way into it.
func (st *state) checkFillable(r *registers) error {
	if r.New.State != coproc.Empty {
		return fmt.Errorf("%w: the new %s register is %s, it must be empty", coproc.ErrRegister, r.Class, r.New.State)
	}
	if slices.ContainsFunc(st.Receiving, func(t incomingSet) bool { return t.Statement.Class == r.Class }) {
		return fmt.Errorf("%w: shares of a %s are being received", coproc.ErrRegister, r.Class)
	}
	return nil
}

// dropReceiving forgets the share set that is received for a class.
func (st *state) dropReceiving(c coproc.Class) {
	st.Receiving = slices.DeleteFunc(st.Receiving, func(t incomingSet) bool { return t.Statement.Class == c })
}
