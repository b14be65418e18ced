package engine

import (
	"bytes"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// made remembers a key that the chip made within an act, with the error of
// making it: where the act fails, whatever it made is dropped.
func (st *vault) made(ref chip.Ref, err error) error {
	if err == nil {
		st.news = append(st.news, handleOf(st.chip, ref))
	}
	return err
}

// handles are those of the keys that the state has.
func (st *state) handles() []chip.Ref {
	all := []chip.Ref{st.Audit.Handle}
	for _, n := range st.Nodes {
		all = append(all, n.Sign.Handle, n.Box.Handle, n.Intake.Handle)
		for _, k := range []*key{n.ShareBox, n.Receipt, n.Target} {
			if k != nil {
				all = append(all, k.Handle)
			}
		}
	}
	for _, r := range st.Registers {
		for _, one := range []register{r.New, r.Current, r.Old} {
			if one.Key != nil {
				all = append(all, one.Key.Handle)
			}
		}
	}
	return all
}

// lost are the handles of keys that old had, or that the act made, and that st
// has not.
func (st *state) lost(old *state) []chip.Ref {
	has := st.handles()
	return slices.DeleteFunc(append(old.handles(), st.news...), func(r chip.Ref) bool {
		return len(r) == 0 || slices.ContainsFunc(has, func(h chip.Ref) bool { return bytes.Equal(h, r) })
	})
}

// report is what coproc.Info says of the registers of a class.
func (r *registers) report() coproc.Registers {
	return coproc.Registers{Class: r.Class, New: r.New.report(), Current: r.Current.report(), Old: r.Old.report()}
}

func (r *register) report() coproc.Register {
	return coproc.Register{State: r.State, Pattern: r.Pattern}
}
