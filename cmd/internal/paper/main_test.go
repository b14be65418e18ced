package paper

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/coproc"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a document as text with what it was.
func golden(t *testing.T, name string, d *Doc) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	text := d.Text()
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Split(string(want), "\n")
	for i, line := range strings.Split(text, "\n") {
		if i >= len(old) || line != old[i] {
			t.Errorf("%s is not as it was from line %d on: %q; look at all of it, then write it anew with -update", path, i+1, line)
			break
		}
	}
	if len(text) < len(want) {
		t.Errorf("%s is %d bytes shorter than it was", path, len(want)-len(text))
	}
	for _, line := range strings.Split(text, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%s: %d columns: %q", name, n, line)
		}
	}
	keep(t, name, d)
}

// keep writes a document where somebody can look at it, if GAPFERRY_PAPER_KEEP
// names a directory.
func keep(t *testing.T, name string, d *Doc) {
	t.Helper()
	if dir := os.Getenv("GAPFERRY_PAPER_KEEP"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), page(t, d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func page(t *testing.T, d *Doc) []byte {
	t.Helper()
	b, err := d.HTML("A4")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// samplePlan is a plan with two targets and 3 of 5 shares, the same each time.
func samplePlan(t testing.TB, change func(*draft.Options)) *plan.Plan {
	t.Helper()
	o := draft.Options{
		Title: "Payment HSM master key, data centres 1 to 3", Class: coproc.SymMK, M: 3, N: 5, Targets: 2, LockAfter: 5,
		Persons: map[string]string{
			"ADMIN": "Ada Admiraal", "AUDITOR": "Bruno Bakker", "KEYGEN": "Carla Conti", "HASH": "Dmitri Dunn", "KEYREG": "Elif Ergin",
			"CERTIFIER": "Farid Farouk", "VERIFIER": "Greta Gruber", "SETTER": "Hugo Haas", "SHARE1": "Ines Ibarra", "SHARE2": "Jonas Jansen",
			"SHARE3": "Kira Kovač", "SHARE4": "Lars Lund",
		},
	}
	if change != nil {
		change(&o)
	}
	p, err := draft.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Ceremony = "c31aafc638a68f26fa8e86e638997dcc"
	return p
}

func TestGolden(t *testing.T) {
	p := samplePlan(t, nil)
	r := sampleResult(t, p, "the stick of share 2 for csr2 fell into the lift shaft")
	golden(t, "forms", Forms(p, Prefill{}))
	golden(t, "filled", Forms(p, samplePrefill(p)))
	golden(t, "report", Report(r))
	golden(t, "route", NewRoute(p, Durations{}).Doc())
	sticks := samplePlan(t, func(o *draft.Options) { o.Carrier, o.Rehearsal = "usb", true })
	golden(t, "script", Script(sticks, sampleDurations()))
}

// samplePrefill is a ceremony that has come as far as phase 2a.
func samplePrefill(p *plan.Plan) Prefill {
	k := newPrefill()
	hash := coproc.Thumbprint(coproc.DigestOf([]byte("hash")))
	k.Hash, k.Pattern, k.From = &hash, "64fc66286e2942fe", 1763971200
	k.Made["css"] = 1763971200
	for _, r := range p.Responsibilities() {
		if r.Phase == "1" || r.Phase == "2a" {
			k.Done[keyOf(r)] = Doing{r.Profile, 1763971260, ""}
		}
	}
	return k
}
