package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// remarkKey is what a remark is about.
type remarkKey struct {
	peer  string
	share int
	copy  int // of the share, from 1; 0 for the share
}

// subjectOf is what the data of a remark says that it accounts for; empty where
// there is none, or none that can be read.
func subjectOf(e *entry) journal.Subject {
	d, err := journal.DataOf[journal.NoteData](*e.Record)
	if err != nil {
		return ""
	}
	return d.Subject
}

// mayAccount reports whether an officer can say what became of a share: those
// who had it, who set the key, and auditors.
func (f *replayer) mayAccount(e *entry) bool {
	for _, n := range e.instance.nodes {
		o := &n.Officers
		switch {
		case contains([]string{o.Audit, o.Set}, e.Profile),
			n == f.source && (o.Cancel == e.Profile || contains(o.ForShare(procedure.ShareObtainer, e.Share), e.Profile)),
			n.Name == e.Peer && contains(o.ForShare(procedure.ShareInstaller, e.Share), e.Profile):
			return true
		}
	}
	return false
}

// account gives each share the remarks about it. A remark names no set, so it
// is about every set that there was.
func (f *replayer) account(remarks map[remarkKey][]*entry) {
	for k, all := range remarks {
		for _, s := range f.byPeer[k.peer] {
			sh := s.shares[k.share]
			if sh == nil {
				continue
			}
			if k.copy > 0 {
				f.accountCopy(sh, k.copy, all)
				continue
			}
			for _, e := range all {
				if f.mayAccount(e) && !f.happenedBefore(e, sh.written) {
					sh.remarks = append(sh.remarks, e)
				}
			}
			for _, copied := range f.copied[*sh.written.Bundle] {
				after := func(e *entry) bool { return !f.happenedBefore(e, copied) }
				sh.loose = sh.loose || !slices.ContainsFunc(sh.remarks, after)
			}
		}
	}
}

// accountCopy keeps that a copy of a share is accounted for, by a remark that
// does not come before it was handed out. Copies are counted as the source's
// journal has them.
func (f *replayer) accountCopy(sh *share, n int, remarks []*entry) {
	copied := f.copied[*sh.written.Bundle]
	if n > len(copied) {
		return
	}
	for _, e := range remarks {
		if f.mayAccount(e) && !f.happenedBefore(e, copied[n-1]) {
			sh.copies = append(sh.copies, n)
			return
		}
	}
}

// accountLost keeps what a remark says of a journal that cannot be had any
// more. It counts only of a coprocessor that was replaced, or whose certificate
// was taken back, and only from who hands out journals: with it alone nobody
// gets rid of the journal of a coprocessor that works.
func (f *replayer) accountLost(e *entry) {
	d, err := journal.DataOf[journal.NoteData](*e.Record)
	n := f.nodes[e.Peer]
	if err != nil || n == nil || n == f.admin || !e.instance.vouched || !f.mayCallLost(e) {
		return
	}
	var key *coproc.PublicKey
	for _, cert := range f.vouched[n.Name] {
		claims := cert.Claims()
		if claims.Generation != d.Certificate {
			continue
		}
		if key != nil && *key != claims.Keys.Audit {
			return // nobody knows which one is meant
		}
		key = &claims.Keys.Audit
	}
	if key != nil && f.replaced(n, *key) {
		f.lost[*key] = e
	}
}

// mayCallLost reports whether a remark is of who hands out the journal that it
// is in.
func (c *journals) mayCallLost(e *entry) bool {
	return e.attended() && e.Profile == e.instance.nodes[0].Officers.Audit
}

// accountLeftOut keeps what a remark says of a target that takes no part. It
// counts from the SA's auditor, in the SA's journal, and as long as no certificate
// of that target is anywhere: without one nobody gives it a share.
func (f *replayer) accountLeftOut(e *entry) {
	n := f.nodes[e.Peer]
	if n == nil || n.Role != coproc.CSR || len(f.vouched[n.Name]) > 0 {
		return
	}
	if e.instance.vouched && e.instance.device == f.admin.Coprocessor && f.mayCallLost(e) {
		f.leftOut[n.Name] = e
	}
}
