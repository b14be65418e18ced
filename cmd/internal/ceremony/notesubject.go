package ceremony

import (
	"fmt"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// subject is what a remark accounts for.
type subject struct {
	record journal.Record // with the fields that name it
	words  string         // likewise for people; empty for none
	facts  [][2]string
}

// subjectOf finds out what a remark is to account for, and refuses what cannot
// be so. Only what is missing is ever accounted for: no remark takes anything
// back that a journal has.
func (n notes) subjectOf(m Remark) (subject, error) {
	share := m.Target != "" || m.Share != 0 || m.Copy != 0
	switch lost := m.Lost != "" || m.Certificate != 0; {
	case lost && (share || m.LeftOut != ""), m.LeftOut != "" && share:
		return subject{}, refusal.New(refusal.CodeNote, "a remark is about a share, about a lost coprocessor or about a target that is left out: about one of them")
	case lost:
		return n.lostJournal(m)
	case m.LeftOut != "":
		return n.leftOut(m)
	case (m.Target == "") != (m.Share == 0):
		return subject{}, refusal.New(refusal.CodeNote, "a remark is about a share of a target, both are named, or about neither")
	case m.Target != "" && (n.Plan().Node(m.Target) == nil || n.Plan().Node(m.Target).Role != coproc.CSR):
		return subject{}, refusal.New(refusal.CodeNotHere, "%q is not a target of the plan", m.Target)
	case m.Share < 0 || m.Share > n.Plan().N:
		return subject{}, refusal.New(refusal.CodeShareIndex, "there is no share %d: the plan has shares 1 to %d", m.Share, n.Plan().N)
	case m.Copy != 0 && m.Target == "":
		return subject{}, refusal.New(refusal.CodeNote, "a remark about a copy names the share that it is of, and its target")
	case m.Target == "":
		return subject{}, nil
	case m.Copy != 0:
		return n.copyOf(m)
	}
	s := subject{record: journal.Record{Event: journal.EventNote, Peer: m.Target, Share: m.Share}}
	s.words = journal.SubjectWords(s.record)
	return s, nil
}

// copyOf is one copy of a share. At the source it is known how many there are.
func (n notes) copyOf(m Remark) (s subject, err error) {
	if m.Copy < 1 || m.Copy > journal.MaxCopies {
		return s, refusal.New(refusal.CodeNote, "copies are counted from 1, as the source's status has them")
	}
	if source, err := n.Here(coproc.CSS); err == nil {
		if most := n.copiesOut(source.Name, m.Target, m.Share); m.Copy > most {
			return s, refusal.New(refusal.CodeNote, "there is no copy %d of share %d for %s: it was handed out %d times", m.Copy, m.Share, m.Target, most)
		}
	}
	s.record = journal.Record{Event: journal.EventNote, Peer: m.Target, Share: m.Share}
	s.record.Data, err = detcbor.Marshal(journal.NoteData{Subject: journal.SubjectCopy, Copy: uint32(m.Copy)})
	s.words = journal.SubjectWords(s.record)
	return s, err
}

// copiesOut is how often a share of one set was handed out, of void sets too.
func (n notes) copiesOut(source, target string, share int) (most int) {
	of := map[coproc.Digest]int{}
	for _, r := range n.Journal().Records() {
		if r.Event == journal.EventCopied && r.Kind == bundle.KindShare && r.Node == source && r.Peer == target && r.Share == share && r.Bundle != nil {
			of[*r.Bundle]++
			most = max(most, of[*r.Bundle])
		}
	}
	return most
}

// lostJournal is the journal of a coprocessor that was lost. It is for who
// hands out journals to say so; and where the certificates are known, at the
// SA, only of a coprocessor that another one has replaced, or whose certificate
// was taken back: what works has a journal.
func (n notes) lostJournal(m Remark) (s subject, err error) {
	node, here := n.Plan().Node(m.Lost), n.Plan().At(n.Device().Name)
	switch {
	case node == nil || node.Role == coproc.SA:
		return s, refusal.New(refusal.CodeNotHere, "%q is neither the source nor a target of the plan", m.Lost)
	case m.Certificate < 1:
		return s, refusal.New(refusal.CodeNote, "say which of its certificates %s had then: the transcript names it (--certificate)", m.Lost)
	case m.Profile != here[0].Officers.Audit:
		return s, refusal.New(refusal.CodeAccess, "that a journal is lost is for %s to say, who hands out the journal of this room, not for %s", here[0].Officers.Audit, m.Profile)
	}
	s.record = journal.Record{Event: journal.EventNote, Peer: m.Lost}
	if s.record.Data, err = detcbor.Marshal(journal.NoteData{Subject: journal.SubjectJournal, Certificate: uint32(m.Certificate)}); err != nil {
		return s, err
	}
	s.words = journal.SubjectWords(s.record)
	if sa := n.Plan().SA(); sa.Coprocessor == n.Device().Name {
		return n.givenThen(s, sa, node, uint32(m.Certificate))
	}
	return s, nil
}

// givenThen looks the certificate up in the SA's journal.
func (n notes) givenThen(s subject, sa, node *plan.Node, generation uint32) (subject, error) {
	var then coproc.Claims
	last, ok := n.lastCertificate(sa, node)
	for _, c := range n.certificatesOf(sa, node) {
		if c.Generation == generation {
			then = c
		}
	}
	switch {
	case !ok:
		return s, refusal.New(refusal.CodeOrder, "%s was given no certificate: nothing is known of its journal", node.Name)
	case then.Generation == 0:
		return s, refusal.New(refusal.CodeOrder, "%s was given no certificate %d: the last one is %d", node.Name, generation, last.Generation)
	case last.Keys.Audit != then.Keys.Audit:
		// Another coprocessor has its place.
	case node.Role == coproc.CSR && n.History().Revoked[node.Name].Generation >= generation:
	default:
		return s, notLost(node, last)
	}
	key := then.Keys.Audit.Thumbprint()
	s.facts = [][2]string{
		{"given", time.Unix(then.NotBefore, 0).UTC().Format("2006-01-02 15:04 UTC")},
		{"its audit key", fmt.Sprintf("SHA-256 %x…", key[:8])},
	}
	return s, nil
}

// notLost refuses to call a coprocessor lost that has the latest certificate,
// and says what comes first if it is.
func notLost(node *plan.Node, last coproc.Claims) *refusal.Error {
	r := refusal.New(refusal.CodeNotLost, "certificate %d of %s is in force: its journal can be handed out there", last.Generation, node.Name)
	if node.Role != coproc.CSR {
		return r.Hinted("in the room of %s: `gapferry journal export`", node.Name)
	}
	return r.Hinted("in the room of %[1]s: `gapferry journal export`; if that coprocessor is lost, first take its certificate back: {revoke --node %[1]s --reason TEXT}; or set another one up in its place and certify that: {phase 3b --renew %[1]s}", node.Name)
}

// leftOut is a target that takes no part. It is for the SA's auditor to say so,
// where the journal is that would have its certificate.
func (n notes) leftOut(m Remark) (s subject, err error) {
	node, sa := n.Plan().Node(m.LeftOut), n.Plan().SA()
	switch {
	case node == nil || node.Role != coproc.CSR:
		return s, refusal.New(refusal.CodeNotHere, "%q is not a target of the plan", m.LeftOut)
	case sa.Coprocessor != n.Device().Name:
		return s, refusal.New(refusal.CodeNotHere, "whether %s was certified is known at the SA, %s: only there it is left out", m.LeftOut, sa.Name)
	case m.Profile != n.Plan().At(n.Device().Name)[0].Officers.Audit:
		return s, refusal.New(refusal.CodeAccess, "that a target is left out is for %s to say, who hands out the journal of this room, not for %s", n.Plan().At(n.Device().Name)[0].Officers.Audit, m.Profile)
	}
	if last, ok := n.lastCertificate(sa, node); ok {
		return s, refusal.New(refusal.CodeNotLost, "%s was certified: it can have been given shares", m.LeftOut).
			Hinted("take its certificate %d back: {revoke --node %s --reason TEXT}", last.Generation, m.LeftOut)
	}
	s.record = journal.Record{Event: journal.EventNote, Peer: m.LeftOut}
	s.record.Data, err = detcbor.Marshal(journal.NoteData{Subject: journal.SubjectLeftOut})
	s.words = journal.SubjectWords(s.record)
	return s, err
}
