package ceremony

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// What each phase wants before it is done, and that it wants nothing after.
func TestWants(t *testing.T) {
	for _, c := range []struct {
		before, phase procedure.PhaseID // the last phase done before
		node          string
		missing       string
	}{
		{"1", "2a", "css", "sa-key"},
		{"1", "3a", "csr1", "sa-key"},
		{"2a", "2b", "sa", "css-key"},
		{"3a", "3b", "sa", "csr-key for csr1, csr-key for csr2"},
		{"3b", "3c", "css", "css-cert, csr-cert for csr1, csr-cert for csr2"},
		{"3c", "3d", "csr2", "csr-cert for csr2, statement for csr2, 2 shares for csr2"},
	} {
		t.Run(string(c.phase), func(t *testing.T) {
			w := after(t, standard, c.before)
			missing := func(have []bundle.Incoming) string {
				n := w.open(c.node)
				defer n.Close()
				return strings.Join(n.Missing(n.Wants(c.phase, Options{}), have), ", ")
			}
			if got := missing(nil); got != c.missing {
				t.Errorf("with nothing: %q, want %q", got, c.missing)
			}
			n := w.open(c.node)
			have := read(n.Folders(c.phase), w.stick)
			n.Close()
			if got := missing(have); got != "" {
				t.Errorf("with the stick: %q", got)
			}
			w.phase(c.node, c.phase)
			if got := missing(nil); got != "" {
				t.Errorf("after the phase: %q", got)
			}
		})
	}
}

// Bundles that cannot be used do not count, and it is said why.
func TestUnfit(t *testing.T) {
	w := after(t, standard, "3b")
	n := w.open("csr1")
	defer n.Close()
	_, key := w.one("sa.db/sa-key")
	_, cert := w.one("csr2.db/csr-cert")
	other := newWorld(t, nil)
	other.upTo("1")
	_, stray := other.one("sa.db/sa-key")
	for _, c := range []struct {
		in    bundle.Incoming
		words string
	}{
		{bundle.Incoming{Folder: "sa.db", Name: "x", Data: key}, "it was taken in before"},
		{bundle.Incoming{Folder: "csr1.db", Name: "x", Data: cert}, "it is a csr-cert and belongs into csr2.db"},
		{bundle.Incoming{Folder: "sa.db", Name: "x", Data: stray}, "it is of ceremony "},
		{bundle.Incoming{Folder: "sa.db", Name: "x", Data: []byte("junk")}, "not a bundle"},
	} {
		if err := n.Unfit(c.in); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v, want %q", err, c.words)
		}
	}
	css := w.open("css")
	defer css.Close()
	if got := css.Missing(css.Wants("3c", Options{Targets: []string{"csr1"}}), []bundle.Incoming{{Folder: "csr1.db", Name: "x", Data: stray}}); !slices.Equal(got, []string{"css-cert", "csr-cert for csr1"}) {
		t.Errorf("a stray counts: %v", fmt.Sprint(got))
	}
}

// missing says what a node would wait for in a phase, with what it is shown.
func (w *world) missing(node string, phase procedure.PhaseID, o Options, shown ...string) string {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	have := stick{}
	for _, prefix := range shown {
		for _, path := range w.stick.sent(prefix) {
			have[path] = w.stick[path]
		}
	}
	return strings.Join(n.Missing(n.Wants(phase, o), read(n.Databases(), have)), ", ")
}

func (w *world) wants(want, node string, phase procedure.PhaseID, o Options, shown ...string) {
	w.t.Helper()
	if got := w.missing(node, phase, o, shown...); got != want {
		w.t.Errorf("phase %s at %s, shown %v: it wants %q, not %q", phase, node, shown, got, want)
	}
}

// With --share only those shares count, and no share of a void set does.
func TestWantsShares(t *testing.T) {
	w := after(t, standard, "3c")
	const one, two, three = "csr1.db/share-01", "csr1.db/share-02", "csr1.db/share-03"
	rest := []string{"csr1.db/csr-cert", "csr1.db/statement"}
	w.wants("share (2) for csr1", "csr1", "3d", Options{Shares: []int{2}}, append(rest, one, three)...)
	w.wants("", "csr1", "3d", Options{Shares: []int{2}}, append(rest, two)...)
	w.wants("share (2, 3) for csr1", "csr1", "3d", Options{Shares: []int{2, 3}}, append(rest, one, three)...)
	w.wants("2 shares (1, 2, 3) for csr1", "csr1", "3d", Options{Shares: []int{1, 2, 3}}, rest...)
	if _, err := w.try("csr1", "3d", Options{Shares: []int{2}}); err == nil {
		t.Fatal("one share of two was enough")
	}
	w.wants("", "csr1", "3d", Options{Shares: []int{2}})
	w.wants("share (3) for csr1", "csr1", "3d", Options{Shares: []int{2, 3}}, one)
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeCancels("csr1"); err != nil {
		t.Fatal(err)
	}
	w.wants("statement for csr1, 2 shares for csr1", "csr1", "3d", Options{}, append(rest, one, two, three)...)

	// A certificate is wanted for another set: the target may have been set up
	// anew. The one that is known does as well.
	again := Options{Targets: []string{"csr1"}}
	w.wants("csr-cert for csr1", "css", "3c", again)
	w.wants("", "css", "3c", again, "csr1.db/csr-cert")
}

// An interruption between taking in the SA key and its task: the key is shown once
// more, and that is enough.
func TestWantsInterrupted(t *testing.T) {
	var w *world
	for at := 1; ; at++ {
		k := &killer{at: at}
		w = after(t, small, "1")
		_ = w.killed("css", "2a", k)
		n := w.open("css")
		_, got := n.History().LastReceived("css", "sa-key", "sa")
		_, done := n.History().Done(history.TaskKey{Node: "css", Task: procedure.TaskRegisterKey})
		n.Close()
		if done || !k.dead {
			t.Fatal("it was never killed there")
		}
		if got {
			break
		}
	}
	w.wants("sa-key", "css", "2a", Options{})
	w.wants("", "css", "2a", Options{}, "sa.db/sa-key")
	w.phase("css", "2a")
}

// Who is to be certified again may have other keys: their request is waited for, in
// phase 2b as in 3b.
func TestWantsRenewal(t *testing.T) {
	w := after(t, small, "3b")
	w.wants("", "sa", "2b", Options{})
	w.wants("css-key", "sa", "2b", Options{Renew: []string{"css"}})
	w.wants("csr-key for csr1", "sa", "3b", Options{Renew: []string{"csr1"}})
}

// The receipt of a void set is not the one that is waited for.
func TestWantsReceipt(t *testing.T) {
	w := tooLate(t)
	n := w.open("css")
	defer n.Close()
	if got := n.Missing(n.ReceiptWants(Options{}), read(n.Databases(), w.stick)); len(got) != 1 || got[0] != "receipt for csr1" {
		t.Errorf("it wants %v", got)
	}
}
