package soft

import (
	"crypto/ed25519"
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

// SignJournal signs the journal's next record with the audit key.
func (s *session) SignJournal(count uint64, head coproc.Digest) (signature []byte, err error) {
	err = s.view(anyProfile, func(st *state) error {
		if count <= st.JournalCount {
			return fmt.Errorf("%w: record %d was to be signed, %d are remembered", coproc.ErrJournal, count, st.JournalCount)
		}
		payload, err := detcbor.Marshal(coproc.JournalSeal{
			Ceremony: st.Ceremony, Serial: st.Serial, Count: count, Head: head, Profile: s.profile,
		})
		if err != nil {
			return err
		}
		protected, err := coproc.ProtectedFor(st.AuditKey)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(cosesig.DomainJournal, protected, payload, ed25519.NewKeyFromSeed(st.Audit))
		s.signed = signedHead{count, head}
		return err
	})
	return signature, err
}

// SignExport signs a bundle with the audit key.
func (s *session) SignExport(protected, payload []byte) (signature []byte, err error) {
	err = s.view(permission(coproc.PermAudit), func(st *state) error {
		signature, err = cosesig.SignDetached(cosesig.DomainBundle, protected, payload, ed25519.NewKeyFromSeed(st.Audit))
		return err
	})
	return signature, err
}

// KeepJournal remembers the journal's count and head. They are in memory
// until the next change, or the end of the session, writes them.
func (s *session) KeepJournal(count uint64, head coproc.Digest) error {
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
