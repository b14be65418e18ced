package transcript_test

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// anew has two officers of a node begin anew.
func (h *hall) anew(node, reason string) {
	h.t.Helper()
	h.at(node, func(n *ceremony.Node) error {
		_, err := n.BeginAnew(reason, h)
		return err
	})
}

// drop takes files off the stick.
func (h *hall) drop(prefixes ...string) {
	for path := range h.stick {
		for _, p := range prefixes {
			if strings.HasPrefix(path, p) {
				delete(h.stick, path)
			}
		}
	}
}

// The source's certificate was taken back, shares being out: it makes new keys,
// keeps its master key, and everything goes on.
func TestRevokedSourceGoesOn(t *testing.T) {
	t.Parallel()
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b", "css 3c")
	h.phase("csr1", "3d", ceremony.Options{Task: procedure.TaskInstallShares, Shares: []int{1}})
	h.revoke("css")
	h.refused("css 3c", refusal.CodeRevoked, "`gapferry coprocessor anew --reason …`")
	h.refused("csr2 3d", refusal.CodeRevoked, "`gapferry coprocessor anew --reason …`")
	h.anew("css", "its certificate was taken back by mistake")
	h.phases("css 2a", "sa 2b --renew css", "sa 3b", "css 3c")
	h.phases("csr2 3d")
	// csr1 had begun with the former set.
	h.at("csr1", func(n *ceremony.Node) error {
		class := h.plan.MasterKeyClass()
		_, err := n.RunAct(ceremony.Act{Text: "clear", Task: "clear", Class: class, Clears: true,
			Officer: func(p *plan.Node) string { return p.Officers.Set },
			Do: func(s ceremony.ActSession) (string, error) {
				_, err := s.Keys.ClearNew(class)
				return "cleared", err
			}}, h)
		return err
	})
	h.phases("csr1 3d")
	h.receipts("css", "sa")
	h.verified("css began anew")
}

// The SA is lost behind phase 3c: another one is set up, the source registers it
// and keeps its master key, one target too, the other is set up anew.
func TestLostSAIsExchanged(t *testing.T) {
	t.Parallel()
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b", "css 3c")
	former := h.hash
	h.make("sa")
	h.phases("sa 1")
	if h.hash == former {
		t.Fatal("the SA key is the same")
	}
	h.anew("css", "the SA is lost")
	h.anew("csr1", "the SA is lost")
	h.make("csr2")
	h.phases("css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b", "css 3c", "csr1 3d", "csr2 3d")
	h.receipts("css", "sa")
	h.verified("css began anew", "csr1 began anew", "another SA key")
}

// The SA is in the coprocessor of the source: the SA key is its own and stays.
func TestRevokedSourceBesideItsSA(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHallWith(t, 1, "css")
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b")
	h.revoke("css")
	h.refused("css 3c", refusal.CodeRevoked, "gapferry coprocessor anew")
	h.anew("css", "its certificate was taken back by mistake")
	h.phases("css 2a", "sa 2b --renew css", "sa 3b", "css 3c", "csr1 3d")
	h.receipts("css")
	h.verified("css began anew")
}

// The SA is lost when one target is done: it keeps its key, and registers the
// new SA to be part of the transcript; the other one is cloned to.
func TestLostSAWithATargetDone(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b", "css 3c", "csr1 3d")
	h.receipts("css")
	h.make("sa")
	h.phases("sa 1")
	for _, node := range []string{"css", "csr1", "csr2"} {
		h.anew(node, "the SA is lost")
	}
	h.phases("css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b")
	h.phase("css", "3c", ceremony.Options{Targets: []string{"csr2"}})
	h.phases("csr2 3d")
	h.receipts("css")
	h.drop("csr1.db/receipt") // the SA of today knows nothing of it
	h.receipts("sa")
	h.verified("csr1 has had the master key since before the SA was exchanged")
}

// The SA is in the coprocessor of a target whose certificate was taken back: the
// target gets other keys, the SA key stays.
func TestRevokedTargetBesideTheSA(t *testing.T) {
	t.Parallel()
	h := newHallWith(t, 1, "csr1")
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b")
	h.revoke("csr1")
	h.refused("css 3c", refusal.CodeRevoked, "gapferry coprocessor anew")
	h.anew("csr1", "its certificate was taken back by mistake")
	h.phases("csr1 3a", "sa 3b --renew csr1", "css 3c", "csr1 3d")
	h.receipts("css")
	h.verified("csr1 began anew")
}

// The source cancelled a set, and began anew before anybody heard of it. What the
// transcript says to do tells the others. Where its certificate was taken back, nobody
// takes the cancel in, and nothing is said to be done.
func TestCancelOfASourceThatBeganAnew(t *testing.T) {
	t.Parallel()
	const tell = "To tell csr1: `gapferry resend --kind cancel --target csr1` at css, then `gapferry cancel --from` there"
	for _, revoked := range []bool{false, true} {
		h := newHall(t, 1)
		h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b", "css 3c")
		h.at("css", func(n *ceremony.Node) error {
			_, err := n.Cancel("csr1", "a stick was lost", h.options(ceremony.Options{}), h)
			return err
		})
		if revoked {
			h.revoke("css")
		}
		h.anew("css", "the SA is lost")
		h.phases("css 2a")
		h.drop("csr1.db/cancel")
		if told := h.findings(); strings.Contains(told, tell) == revoked || !strings.Contains(told, "is not known at csr1") {
			t.Errorf("revoked: %v\n%s", revoked, told)
		}
		if revoked {
			continue
		}
		h.at("css", func(n *ceremony.Node) error {
			_, err := n.Resend(ceremony.Resend{Kind: bundle.KindCancel, Target: "csr1"}, h.options(ceremony.Options{}).Deliver)
			return err
		})
		for _, node := range []string{"csr1", "sa"} {
			h.at(node, func(n *ceremony.Node) error {
				_, err := n.TakeCancels(h.options(ceremony.Options{}), h)
				return err
			})
		}
		if told := h.findings(); strings.Contains(told, "is not known at") {
			t.Errorf("told everywhere:\n%s", told)
		}
	}
}

// findings are the texts of a transcript as it is now.
func (h *hall) findings() string {
	var all []string
	for _, f := range h.transcript().Findings {
		all = append(all, f.Text)
	}
	return strings.Join(all, "\n")
}
