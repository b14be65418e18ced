package transcript_test

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

const month = 33 // days, more than a certificate is good for

func (h *hall) days(n int) { h.now = h.now.AddDate(0, 0, n) }

// Certificates end before the shares are given out: each is renewed by the phase
// that made it, for the same keys, and the rooms take the newer ones in.
func TestRenewedBeforeShares(t *testing.T) {
	t.Parallel()
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b")
	h.days(month)
	h.refused("sa 2b", refusal.CodeExpired, "{phase 2b --renew css}")
	h.refused("sa 3b", refusal.CodeExpired, "{phase 3b --renew csr1}")
	h.refused("css 3c", refusal.CodeExpired, "`gapferry phase 2b --renew css`")
	h.phases("sa 2b --renew css", "sa 2b")
	h.refused("css 3c", refusal.CodeExpired, "`gapferry phase 3b --renew csr1`")
	h.phases("sa 3b --renew csr1", "sa 3b --renew csr2", "sa 3b", "css 3c", "csr1 3d", "csr2 3d")
	h.receipts("css", "sa")
	h.verified("certificate 2 of css is for the keys of certificate 1", "certificate 2 of csr1 is for the keys of certificate 1")
	// A month later nothing is left to be done, and nothing is wrong.
	h.days(month)
	h.phases("sa 2b", "sa 3b", "csr1 3d")
	h.receipts("css", "sa")
	h.verified()
}

// The source's certificate ends while its statement is on the way, one target
// having begun to install: the source makes the statement once more.
func TestRenewedBehindTheStatement(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHall(t, 1)
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b")
	h.days(20)
	h.phases("sa 3b", "css 3c")
	h.phase("csr1", "3d", ceremony.Options{Task: procedure.TaskInstallShares, Shares: []int{1}})
	h.days(15)
	h.refused("csr1 3d", refusal.CodeExpired, "`gapferry phase 2b --renew css`")
	h.phases("sa 2b --renew css", "css 3c", "css 3c", "csr1 3d")
	h.receipts("css", "sa")
	h.verified()
}

// A target's certificate ends while its shares are on the way: what was taken in
// in time is good; what was not is given out anew for its newer certificate.
func TestTargetRenewedBehindItsShares(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b")
	h.days(20)
	h.phases("sa 2b --renew css", "css 3c")
	h.phase("csr1", "3d", ceremony.Options{Task: procedure.TaskInstallShares, Shares: []int{1}})
	h.days(12)
	h.phases("csr1 3d")
	h.refused("csr2 3d", refusal.CodeExpired, "`gapferry phase 3b --renew csr2`")
	h.phases("sa 3b --renew csr2")
	h.at("css", func(n *ceremony.Node) error {
		_, err := n.Cancel("csr2", "its certificate ended", h.options(ceremony.Options{}), h)
		return err
	})
	h.phase("css", "3c", ceremony.Options{Targets: []string{"csr2"}})
	h.at("csr2", func(n *ceremony.Node) error {
		_, err := n.TakeCancels(h.options(ceremony.Options{}), h)
		return err
	})
	h.phases("csr2 3d")
	h.days(month) // the news come late
	h.at("sa", func(n *ceremony.Node) error {
		_, err := n.TakeCancels(h.options(ceremony.Options{}), h)
		return err
	})
	h.receipts("css", "sa")
	h.verified()
}

// The source is set up anew behind phases 2b and 3b: the SA certifies its new
// keys with the word, and each target again, whose certificate the new source
// could not open.
func TestSourceAnew(t *testing.T) {
	t.Parallel()
	h := newHall(t, 2)
	h.phases("sa 1", "css 2a", "csr1 3a", "csr2 3a", "sa 2b", "sa 3b")
	h.export("css")
	for path := range h.stick {
		if strings.HasPrefix(path, "sa.db/css-key") {
			delete(h.stick, path)
		}
	}
	h.make("css")
	h.phases("css 2a")
	h.refused("sa 2b", refusal.CodeCertified, "{phase 2b --renew css}")
	h.phases("sa 2b --renew css", "sa 3b", "css 3c", "csr1 3d", "csr2 3d")
	h.receipts("css", "sa")
	h.verified("it was set up anew")
}
