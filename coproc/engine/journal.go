package engine

import (
	"fmt"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// signedHead is what a session signed last.
type signedHead struct {
	count uint64
	head  coproc.Digest
}

// SignJournal signs the journal's next record with the audit key. The state
// with the count that is signed is on the medium first.
func (s *session) SignJournal(count uint64, head coproc.Digest) (acts uint64, signature []byte, err error) {
	err = s.view(anyProfile, func(*state) error {
		if acts, signature, err = s.device.signJournal(count, head, s.profile); err == nil {
			s.signed = signedHead{count, head}
		}
		return err
	})
	return acts, signature, err
}

// signJournal is SignJournal for whoever holds mu.
func (c *Coprocessor) signJournal(count uint64, head coproc.Digest, profile string) (acts uint64, signature []byte, err error) {
	err = c.change(func(st *state) error {
		if count <= st.JournalCount {
			return fmt.Errorf("%w: record %d was to be signed, %d are remembered", coproc.ErrJournal, count, st.JournalCount)
		}
		payload, err := detcbor.Marshal(coproc.JournalSeal{
			Ceremony: st.Ceremony, Serial: st.Serial, Count: count, Head: head, Profile: profile, Acts: st.Acts,
		})
		if err != nil {
			return err
		}
		protected, err := coproc.ProtectedFor(st.AuditKey)
		if err != nil {
			return err
		}
		audit, err := st.chip.Signer(st.ctx, st.Audit)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(cosesig.DomainJournal, protected, payload, audit)
		acts = st.Acts
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	return acts, signature, nil
}

// SignExport signs a bundle with the audit key.
func (s *session) SignExport(protected, payload []byte) (signature []byte, err error) {
	err = s.view(permission(coproc.PermAudit), func(st *state) error {
		audit, err := st.chip.Signer(st.ctx, st.Audit)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(cosesig.DomainBundle, protected, payload, audit)
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
