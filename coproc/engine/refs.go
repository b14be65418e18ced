package engine

import (
	"bytes"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// made remembers a key that the chip made within an act, with the error of
// making it: where the act fails, whatever it made is dropped.
func (st *state) made(ref chip.Ref, err error) error {
	if err == nil {
		st.news = append(st.news, ref)
	}
	return err
}

// refs are the keys of the chip that the state has.
func (st *state) refs() []chip.Ref {
	refs := []chip.Ref{st.Audit}
	for _, n := range st.Nodes {
		refs = append(refs, n.Sign, n.Box, n.ShareBox, n.Target)
	}
	for _, r := range st.Registers {
		for _, one := range []register{r.New, r.Current, r.Old} {
			if one.State == coproc.Full {
				refs = append(refs, one.Key)
			}
		}
	}
	return slices.DeleteFunc(refs, func(r chip.Ref) bool { return len(r) == 0 })
}

func wipeRefs(refs []chip.Ref) {
	for _, r := range refs {
		clear(r)
	}
}

// lost are the keys that old had, or that the act made, and that st has not.
func (st *state) lost(old *state) []chip.Ref {
	has := st.refs()
	return slices.DeleteFunc(append(old.refs(), st.news...), func(r chip.Ref) bool {
		return slices.ContainsFunc(has, func(h chip.Ref) bool { return bytes.Equal(h, r) })
	})
}

// report is what coproc.Info says of the registers of a class.
func (st *state) report(r *registers) (all coproc.Registers, err error) {
	all.Class = r.Class
	for _, one := range []struct {
		to   *coproc.Register
		from *register
	}{{&all.New, &r.New}, {&all.Current, &r.Current}, {&all.Old, &r.Old}} {
		if *one.to, err = st.reportOne(r.Class, one.from); err != nil {
			return coproc.Registers{}, err
		}
	}
	return all, nil
}

func (st *state) reportOne(c coproc.Class, r *register) (coproc.Register, error) {
	if r.State != coproc.Full {
		return coproc.Register{State: r.State}, nil
	}
	pattern, err := st.chip.Pattern(st.ctx, c, r.Key)
	if err != nil {
		return coproc.Register{}, err
	}
	return coproc.Register{State: coproc.Full, Pattern: pattern}, nil
}
