package engine

import (
	"fmt"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// signedHead is what a session signed last.
type signedHead struct {
	count uint64
	head  coproc.Digest
}

// SignJournal signs the journal's next record with the audit key and with the
// officer's. The state with the count that is signed is on the medium first.
func (s *session) SignJournal(count uint64, head coproc.Digest) (j coproc.JournalSignatures, err error) {
	err = s.view(anyProfile, func(*state) error {
		if j, err = s.signJournal(count, head); err == nil {
			s.signed = signedHead{count, head}
		}
		return err
	})
	return j, err
}

// signJournal is SignJournal for whoever holds mu.
func (s *session) signJournal(count uint64, head coproc.Digest) (j coproc.JournalSignatures, err error) {
	err = s.device.change(func(st *state) error {
		if count <= st.JournalCount {
			return fmt.Errorf("%w: record %d was to be signed, %d are remembered", coproc.ErrJournal, count, st.JournalCount)
		}
		seal := coproc.JournalSeal{
			Ceremony: st.Ceremony, Serial: st.Serial, Count: count, Head: head, Profile: s.profile, Acts: st.Acts,
		}
		j.Acts = st.Acts
		err := st.use(readAudit, st.Audit, func(ref chip.Ref) error {
			audit, err := st.chip.Signer(st.ctx, ref)
			if err != nil {
				return err
			}
			j.Coprocessor, err = coproc.SignValue(cosesig.DomainJournal, seal, st.AuditKey, audit)
			return err
		})
		if err != nil {
			return err
		}
		own, err := s.officerKey(st)
		if err != nil {
			return err
		}
		j.Officer, err = coproc.SignValue(cosesig.DomainJournalOfficer, seal, own, s.officer)
		return err
	})
	if err != nil {
		return coproc.JournalSignatures{}, err
	}
	return j, nil
}

// SignExport signs a bundle with the audit key.
func (s *session) SignExport(protected, payload []byte) (signature []byte, err error) {
	err = s.view(permission(coproc.PermAudit), func(st *state) error {
		signature, err = st.signAudit(cosesig.DomainBundle, protected, payload)
		return err
	})
	return signature, err
}

// signAudit signs with the audit key.
func (st *state) signAudit(d cosesig.Domain, protected, payload []byte) (signature []byte, err error) {
	err = st.use(readAudit, st.Audit, func(ref chip.Ref) error {
		audit, err := st.chip.Signer(st.ctx, ref)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(d, protected, payload, audit)
		return err
	})
	return signature, err
}

// CommitJournal remembers the journal's count and head. They are in memory
// until the next change, or the end of the session, writes them.
func (s *session) CommitJournal(count uint64, head coproc.Digest) error {
	return s.view(anyProfile, func(st *state) error {
		if s.signed != (signedHead{count, head}) {
			return fmt.Errorf("%w: record %d is not the one that was signed last", coproc.ErrJournal, count)
		}
		if count == st.JournalCount {
			return nil
		}
		st.JournalCount, st.JournalHead = count, head
		s.device.journalDirty = true
		return nil
	})
}
