package engine

import (
	"github.com/gapferry/gapferry/coproc"
)

// Info reports what the coprocessor holds.
func (s *session) Info() (i coproc.Info, err error) {
	err = s.view(anyProfile, func(st *state) error {
		i, err = st.info()
		return err
	})
	return i, err
}

func (st *state) info() (coproc.Info, error) {
	i := coproc.Info{
		Backend: st.Family.String(), Device: st.Device, Guards: coproc.GuardsOf(st.chip.Guards()), Ceremony: st.Ceremony, Rehearsal: st.Rehearsal,
		Serial: st.Serial, EID: st.EID, M: st.M, N: st.N, AllowAES: st.AllowAES,
		AuditKey: st.AuditKey, SAHashBy: st.SAHashBy, SAKeyBy: st.SAKeyBy,
		JournalCount: st.JournalCount, JournalHead: st.JournalHead, Acts: st.Acts,
	}
	i.Officers = st.officers()
	var err error
	if i.Access, err = coproc.AccessDigest(st.MaxFailures, st.AllowAES, st.Roles, st.profiles()); err != nil {
		return coproc.Info{}, err
	}
	for _, r := range st.Registers {
		i.Registers = append(i.Registers, r.report())
	}
	for _, n := range st.Nodes {
		i.Retained = append(i.Retained, coproc.RetainedKey{Node: n.Name, Role: n.Role, Keys: n.Keys, By: n.By})
	}
	if st.SAHash != nil {
		hash := *st.SAHash
		i.SAHash = &hash
	}
	if st.Unregister != nil {
		hash := *st.Unregister
		i.Unregister, i.UnregisterBy = &hash, st.UnregisterBy
	}
	if st.SAKey != nil {
		i.SAKey = *st.SAKey
	}
	for _, t := range st.Sending {
		i.Shares = append(i.Shares, shareTable(t.Target.Name, t.ShareSet, t.Pattern, st, t.Shares))
	}
	for _, t := range st.Receiving {
		i.Receiving = append(i.Receiving, shareTable(t.Statement.Source.Name, t.Statement.ShareSet, t.Statement.Pattern, st, t.Shares))
	}
	return i, nil
}

// profiles are the officers, without what changes: who gave a wrong passphrase.
func (st *settings) profiles() (all []coproc.Profile) {
	for _, p := range st.Profiles {
		all = append(all, coproc.Profile{Name: p.Name, Role: p.Role, Person: p.Person, NotBefore: p.NotBefore, NotAfter: p.NotAfter})
	}
	return all
}

func shareTable(peer string, set coproc.ShareSetID, pattern coproc.Pattern, st *state, shares []share) coproc.ShareTable {
	t := coproc.ShareTable{Peer: peer, ShareSet: set, M: st.M, N: st.N, Pattern: pattern}
	for _, s := range shares {
		t.States = append(t.States, s.State)
		t.Digests = append(t.Digests, s.Digest)
		t.By = append(t.By, s.By)
	}
	return t
}
