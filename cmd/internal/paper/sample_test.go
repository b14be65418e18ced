package paper

import (
	"fmt"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// teller makes a transcript's result by hand, record by record.
type teller struct {
	p       *plan.Plan
	r       *transcript.Result
	records map[string]uint64
	clock   int64
}

func (s *teller) ref(node string) transcript.RecordRef {
	device := s.p.Node(node).Coprocessor
	s.records[device]++
	s.clock += 97
	return transcript.RecordRef{Node: node, Record: s.records[device], Time: s.clock}
}

func (s *teller) moment(node string, e journal.Event, profile, format string, a ...any) transcript.RecordRef {
	ref := s.ref(node)
	s.r.Timeline = append(s.r.Timeline, transcript.TimelineEntry{
		RecordRef: ref, Event: e, Profile: profile, Person: s.p.Officer(profile).Person, Text: fmt.Sprintf(format, a...), Plain: true,
	})
	return ref
}

// except marks the last moment and makes a finding of it.
func (s *teller) except(w transcript.Severity, rule, text string) {
	m := &s.r.Timeline[len(s.r.Timeline)-1]
	m.Plain, m.Severity = false, w
	s.r.Findings = append(s.r.Findings, transcript.Finding{Severity: w, Rule: rule, Ref: m.RecordRef, Text: text})
}

func (s *teller) send(kind bundle.Kind, from, peer string, share int, to ...string) *transcript.BundleTrace {
	w := transcript.BundleTrace{
		Digest: coproc.DigestOf([]byte(fmt.Sprint(kind, from, peer, share, s.clock))), Kind: kind, From: from, Peer: peer, Share: share,
		Written: s.moment(from, journal.EventWritten, "", "%s made", kind), Copies: []string{"usb:GAPFERRY"}, Evidence: true,
	}
	for _, node := range to {
		w.Received = append(w.Received, s.moment(node, journal.EventReceived, "", "%s from %s", kind, from))
	}
	s.r.Bundles = append(s.r.Bundles, w)
	return &s.r.Bundles[len(s.r.Bundles)-1]
}

// sampleResult is a ceremony with two targets and 3 of 5 shares: csr1 has the
// master key; the shares of csr2 were cancelled, because a stick was lost.
func sampleResult(t testing.TB, p *plan.Plan, remark string) *transcript.Result {
	t.Helper()
	const set1, set2, pattern = "2b19c0961f00a7d2c3e4f5061728394a", "114715790a1b2c3d4e5f60718293a4b5", "64fc66286e2942fe"
	s := &teller{p: p, records: map[string]uint64{}, clock: 1763971200, r: &transcript.Result{
		Plan: p, Hash: coproc.Thumbprint(coproc.DigestOf([]byte("hash"))), Digest: coproc.DigestOf([]byte("transcript")), Pattern: pattern,
	}}
	r := s.r
	for _, row := range p.Responsibilities() {
		out := transcript.Row{Responsibility: row, State: transcript.RowDone, By: row.Profile}
		switch {
		case row.Subject == "csr2" && (row.Phase == "3c" || row.Phase == "3d"):
			out.State = transcript.RowCanceled
			if row.Phase == "3d" {
				out.By = ""
			}
		case row.Task == procedure.TaskInstallShares && (row.Share == 2 || row.Share == 5):
			out.State, out.By = transcript.RowUnneeded, ""
		case row.Task == procedure.TaskObtainMasterKey:
			out.Result = "SYM-MK pattern " + pattern
		case row.Task == procedure.TaskGenerateKey:
			out.Result = "CSR keys birth insane shop leg mercy dash orphan venture (16ae9f1a bfa8b46f 93c0d11e)"
		}
		if out.By != "" {
			out.Ref = s.moment(row.Node, journal.EventTask, row.Profile, "%s: %s", row.Text, orElse(out.Result, "done"))
		}
		r.Rows = append(r.Rows, out)
	}
	s.moment("css", journal.EventRefused, "HASH", "wrong passphrase for profile HASH at css (1 since its last log-on)")
	s.except(transcript.Exception, "refused", "wrong passphrase for profile HASH at css (1 since its last log-on)")
	s.send(bundle.KindSAKey, "sa", "", 0, "css", "csr1", "csr2")
	s.send(bundle.KindCSSKey, "css", "", 0, "sa")
	s.send(bundle.KindCSRKey, "csr1", "", 0, "sa")
	s.send(bundle.KindCSRKey, "csr2", "", 0, "sa")
	s.send(bundle.KindCSSCert, "sa", "css", 0, "css")
	s.send(bundle.KindCSRCert, "sa", "csr1", 0, "css", "csr1")
	s.send(bundle.KindCSRCert, "sa", "csr2", 0, "css")
	for i := 1; i <= 5; i++ {
		if i == 2 || i == 5 {
			s.send(bundle.KindShare, "css", "csr1", i)
		} else {
			s.send(bundle.KindShare, "css", "csr1", i, "csr1")
		}
		s.send(bundle.KindShare, "css", "csr2", i).Void = true
	}
	s.send(bundle.KindStatement, "css", "csr1", 0, "csr1")
	s.send(bundle.KindStatement, "css", "csr2", 0).Void = true
	s.moment("css", journal.EventAct, "SHARE2", "remark: %s", remark)
	s.except(transcript.Exception, "remark", "remark: "+remark)
	s.send(bundle.KindCancel, "css", "csr2", 0, "csr2", "sa")
	cancelled := s.moment("css", journal.EventCanceled, "SETTER", "share set 11471579 for csr2 is void: %s", remark)
	s.except(transcript.Exception, "cancel", "the share set of csr2 was cancelled: "+remark)
	r.Acts = append(r.Acts, r.Timeline[len(r.Timeline)-1])
	s.send(bundle.KindReceipt, "csr1", "", 0, "css", "sa")
	s.send(bundle.KindJournal, "csr1", "", 0)
	fates1, fates2 := []transcript.ShareOutcome{}, []transcript.ShareOutcome{}
	for i := 1; i <= 5; i++ {
		one := transcript.ShareOutcome{Index: i, ShareSet: set1, Officer: fmt.Sprintf("SHARE%d", i), State: transcript.ShareInstalled, Copies: []string{"usb:SHARE-" + fmt.Sprint(i)}}
		two := one
		two.ShareSet, two.Void, two.State = set2, true, transcript.ShareKept
		switch i {
		case 2:
			two.State, two.Account = transcript.ShareLost, "record 31 of css, SHARE2: "+remark
			fallthrough
		case 5:
			one.State = transcript.ShareSpare
		}
		fates1, fates2 = append(fates1, one), append(fates2, two)
	}
	r.Targets = []transcript.Target{
		{Node: "csr1", State: transcript.HasKey, Pattern: pattern, Equal: true, Certificates: 1, Shares: fates1},
		{Node: "csr2", State: transcript.CanceledT, Certificates: 1, Shares: fates2,
			Canceled: []transcript.Cancellation{{ShareSet: set2, By: "SETTER", Reason: remark, Ref: cancelled}}},
	}
	for _, c := range p.Coprocessors {
		j := transcript.Journal{
			Coprocessor: c.Name, Records: int(s.records[c.Name]), From: 1763971200, To: s.clock, By: "AUDITOR", Certified: true,
			Head: coproc.DigestOf([]byte(c.Name)).String(), AuditKey: coproc.DigestOf([]byte("key" + c.Name)).String(),
		}
		for _, n := range p.At(c.Name) {
			j.Nodes = append(j.Nodes, n.Name)
		}
		r.Journals = append(r.Journals, j)
	}
	return r
}
