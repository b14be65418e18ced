package transcript_test

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// aside takes what begins so off the stick, and gives it back afterwards: an
// old stick that somebody finds.
func (h *hall) aside(prefix string) (back func()) {
	found := map[string]bundle.Incoming{}
	for path, in := range h.stick {
		if strings.HasPrefix(path, prefix) {
			found[path] = in
			delete(h.stick, path)
		}
	}
	return func() {
		for path, in := range found {
			h.stick[path] = in
		}
	}
}

// open wants a transcript in which nothing is wrong and something is open, with
// words among its findings.
func (h *hall) open(words ...string) {
	h.t.Helper()
	r := h.transcript()
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Rule+": "+f.Text)
		if f.Severity == transcript.Fault {
			h.t.Errorf("%v", f)
		}
	}
	if r.Verdict() != transcript.Incomplete {
		h.t.Errorf("%s", r.Headline())
	}
	for _, w := range words {
		if !strings.Contains(strings.Join(all, "\n"), w) {
			h.t.Errorf("no %q in\n%s", w, strings.Join(all, "\n"))
		}
	}
}

// lost has the SA's auditor say that a journal is lost.
func (h *hall) lost(node string, certificate int) {
	h.t.Helper()
	h.at("sa", func(n *ceremony.Node) error {
		return n.Note(ceremony.Remark{Profile: "AUDITOR", Text: "it burnt down", Lost: node, Certificate: certificate}, h)
	})
}

func (h *hall) revoke(node string) {
	h.t.Helper()
	h.at("sa", func(n *ceremony.Node) error {
		_, err := n.Revoke(node, "it burnt down", h.options(ceremony.Options{}), h)
		return err
	})
}

// The source is lost behind phase 2b with its journal, and another one has its
// place.
func TestSourceLost(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHall(t, 1)
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b")
	back := h.aside("sa.db/css-key")
	h.make("css")
	h.phases("css 2a", "sa 2b --renew css", "sa 3b", "css 3c", "csr1 3d")
	h.receipts("css", "sa")
	back()
	h.open("the journal that css had under certificate 1 is not here", "gapferry journal note --profile AUDITOR --lost css --certificate 1 --text TEXT")
	h.lost("css", 1)
	h.verified("the journal that css had under certificate 1 is lost")
}

// A target is lost with its journal, and another one has its place: before it is
// certified again nobody is accused, and afterwards the loss is told. If it never
// is, its certificate is taken back.
func TestTargetLost(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1)
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b")
	back := h.aside("csr1.db/")
	h.make("csr1")
	h.phases("csr1 3a")
	h.open("no certificate of csr1 vouches for its audit key", "gapferry phase 3b --renew csr1; gapferry revoke --node csr1 --reason TEXT")
	h.revoke("csr1")
	h.open("gapferry journal note --profile AUDITOR --lost csr1 --certificate 1 --text TEXT")
	h.lost("csr1", 1)
	h.verified("csr1 does not have the master key: its certificate was taken back", "is left aside: no certificate of csr1 vouches")
	h.phases("sa 3b --renew csr1", "css 3c", "csr1 3d")
	h.receipts("css", "sa")
	back()
	h.verified("the journal that csr1 had under certificate 1 is lost")
}

// A target is lost when shares of a set were installed, twice: each time the set
// is cancelled and another one made.
func TestTargetLostTwice(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	h := newHall(t, 1)
	h.phases("sa 1", "css 2a", "csr1 3a", "sa 2b", "sa 3b", "css 3c")
	h.phase("csr1", "3d", ceremony.Options{Task: procedure.TaskInstallShares, Shares: []int{1}})
	var back []func()
	for range 2 {
		h.at("css", func(n *ceremony.Node) error {
			_, err := n.Cancel("csr1", "it burnt down", h.options(ceremony.Options{}), h)
			return err
		})
		h.at("sa", func(n *ceremony.Node) error {
			_, err := n.TakeCancels(h.options(ceremony.Options{}), h)
			return err
		})
		back = append(back, h.aside("csr1.db/"))
		h.make("csr1")
		h.phases("csr1 3a", "sa 3b --renew csr1")
		h.phase("css", "3c", ceremony.Options{Targets: []string{"csr1"}})
		h.phases("csr1 3d")
		h.receipts("css", "sa")
	}
	for _, b := range back {
		b()
	}
	h.open("the journal that csr1 had under certificate 1 is not here", "the journal that csr1 had under certificate 2 is not here")
	h.lost("csr1", 2)
	h.open("the journal that csr1 had under certificate 1 is not here")
	h.lost("csr1", 1)
	h.verified("the journal that csr1 had under certificate 1 is lost", "it CAN HAVE THE MASTER KEY", "By the receipt that")
}
