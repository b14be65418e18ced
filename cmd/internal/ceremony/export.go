package ceremony

import (
	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Export hands out the journal of this store's coprocessor as bundles, for the
// transcript. The auditor signs that it is handed out, so that the journal
// ends with a signature. It is sealed to the SA-key hash: whoever has the hash
// card can read it. At the SA the sa-key goes along, which every verification
// begins with.
func (n *Node) Export(o Options, desk Desk) (result *Result, err error) {
	node := n.Plan().At(n.Device().Name)[0]
	err = n.withOfficer(node, node.Officers.Audit, "hand out the journal", desk, func(r *run) error {
		r.opts, result = o, r.result
		to, err := r.everybody()
		if err != nil {
			return err
		}
		exporter, err := capability[coproc.JournalExporter](r.session, "sign a journal for others")
		if err != nil {
			return err
		}
		if err := r.record(journal.Record{Event: journal.EventExported, Node: node.Name, Text: "the journal up to here was handed out"}); err != nil {
			return err
		}
		whole, err := n.Journal().Bytes()
		if err != nil {
			return err
		}
		before := len(n.History().Outbox)
		if err := r.emitJournal(whole, to, auditSigner{exporter, r.info.AuditKey}); err != nil {
			return err
		}
		for i := before; i < len(n.History().Outbox); i++ {
			if err := r.deliverWritten(&n.History().Outbox[i]); err != nil {
				return err
			}
		}
		return r.deliver(bundle.KindSAKey, "", 0)
	})
	return result, err
}

// emitJournal makes a bundle of each part of a journal.
func (r *run) emitJournal(whole []byte, to []age.Recipient, s auditSigner) error {
	for at := 0; at < len(whole); at += bundle.MaxJournalPart {
		err := r.emit(emission{
			header: bundle.Header{Kind: bundle.KindJournal, Key: s.key.Bytes()}, seal: to, signer: s, anew: true,
			body: bundle.JournalBody{
				Plan: r.n.Plan().Canonical(), Total: uint64(len(whole)), Whole: coproc.DigestOf(whole),
				Offset: uint64(at), Part: whole[at:min(at+bundle.MaxJournalPart, len(whole))],
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// auditSigner signs with the audit key of the coprocessor.
type auditSigner struct {
	exporter coproc.JournalExporter
	key      coproc.PublicKey
}

func (s auditSigner) Public() coproc.PublicKey { return s.key }

func (s auditSigner) SignBundle(protected, payload []byte) ([]byte, error) {
	return s.exporter.SignExport(protected, payload)
}

// everybody is who has the hash card.
func (r *run) everybody() ([]age.Recipient, error) {
	if r.info.SAHash == nil {
		return nil, refusal.New(refusal.CodeOrder, "%s has not registered the SA-key hash yet, to which it would be sealed", r.node.Name)
	}
	to, err := bundle.HashRecipient(*r.info.SAHash)
	return []age.Recipient{to}, err
}
