package paper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

func drawn(r *transcript.Result) string {
	names, arrows := messagesOf(r)
	var s screen
	sequence{names, arrows}.text(&s)
	return strings.TrimSpace(s.String())
}

// Many targets share a lane, and what all of them got is one arrow.
func TestManyTargets(t *testing.T) {
	p := samplePlan(t, func(o *draft.Options) { o.Targets = 12 })
	r := &transcript.Result{Plan: p}
	way := func(kind bundle.Kind, from, peer string, share int, to ...string) {
		w := transcript.BundleTrace{Kind: kind, From: from, Peer: peer, Share: share}
		for _, node := range to {
			w.Received = append(w.Received, transcript.RecordRef{Node: node})
		}
		r.Bundles = append(r.Bundles, w)
	}
	for i := 1; i <= 12; i++ {
		way(bundle.KindCSRKey, fmt.Sprintf("csr%d", i), "", 0, "sa")
	}
	for i := 1; i <= 12; i++ {
		way(bundle.KindCSRCert, "sa", fmt.Sprintf("csr%d", i), 0, "css", fmt.Sprintf("csr%d", i))
	}
	for share := 1; share <= 5; share++ {
		for i := 1; i <= 12; i++ {
			if share <= 3 {
				way(bundle.KindShare, "css", fmt.Sprintf("csr%d", i), share, fmt.Sprintf("csr%d", i))
			} else {
				way(bundle.KindShare, "css", fmt.Sprintf("csr%d", i), share)
			}
		}
	}
	way(bundle.KindJournal, "csr1", "", 0)
	want := `12 targets   > sa                csr-key × 12
  sa           > css, 12 targets   csr-cert × 12
  css          > 12 targets        share × 36
  css          > (nobody)          share × 24`
	if got := drawn(r); got != want {
		t.Errorf("drawn is\n%s\nwant\n%s", got, want)
	}
}

// What was made later is drawn further down, even if it is of a kind that was
// drawn before.
func TestOrderOfWays(t *testing.T) {
	p := samplePlan(t, nil)
	r := &transcript.Result{Plan: p}
	for i, kind := range []bundle.Kind{bundle.KindShare, bundle.KindShare, bundle.KindStatement, bundle.KindCancel, bundle.KindShare} {
		r.Bundles = append(r.Bundles, transcript.BundleTrace{
			Kind: kind, From: "css", Peer: "csr1", Void: i < 3, Received: []transcript.RecordRef{{Node: "csr1"}},
		})
	}
	for i := range r.Bundles {
		if r.Bundles[i].Kind == bundle.KindShare {
			r.Bundles[i].Share = i%2 + 1
		}
	}
	want := `css          > csr1              share 1, 2 for csr1, void
  css          > csr1              statement for csr1, void
  css          > csr1              cancel for csr1
  css          > csr1              share 1 for csr1`
	if got := drawn(r); got != want {
		t.Errorf("drawn is\n%s\nwant\n%s", got, want)
	}
}
