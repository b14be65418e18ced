package ceremony

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What each phase wants before it is done, and that it wants nothing after.
func TestWants(t *testing.T) {
	for _, c := range []struct {
		before, phase PhaseID // the last phase done before
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
			missing := func(have []Incoming) string {
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
		in    Incoming
		words string
	}{
		{Incoming{Folder: "sa.db", Name: "x", Data: key}, "it was taken in before"},
		{Incoming{Folder: "csr1.db", Name: "x", Data: cert}, "it is a csr-cert and belongs into csr2.db"},
		{Incoming{Folder: "sa.db", Name: "x", Data: stray}, "it is of ceremony "},
		{Incoming{Folder: "sa.db", Name: "x", Data: []byte("junk")}, "not a bundle"},
	} {
		if err := n.Unfit(c.in); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v, want %q", err, c.words)
		}
	}
	css := w.open("css")
	defer css.Close()
	if got := css.Missing(css.Wants("3c", Options{Targets: []string{"csr1"}}), []Incoming{{Folder: "csr1.db", Name: "x", Data: stray}}); !slices.Equal(got, []string{"css-cert", "csr-cert for csr1"}) {
		t.Errorf("a stray counts: %v", fmt.Sprint(got))
	}
}
