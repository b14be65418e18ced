package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// A source has other keys since a target was done: it opens neither the receipt nor
// the certificate of the target any more, and is told that the SA's receipt is
// enough, and where it is not there yet, what brings it.
func TestSourceAnewAfterATargetWasDone(t *testing.T) {
	for name, other := range map[string]func(*world){
		"set up anew": func(w *world) { w.anew("css", "2a", "sa.db/css-key") },
		"began anew": func(w *world) {
			if err := w.beginAnew("css", whyAnew); err != nil {
				w.t.Fatal(err)
			}
			w.phase("css", "2a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := after(t, small, "3d")
			other(w)
			if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
				t.Fatal(err)
			}
			_, err := w.receipts("css", Options{})
			if hint := hintOf(t, err); !strings.Contains(hint, "`gapferry receipts` there") {
				t.Errorf("%v, hint %q", err, hint)
			}
			if all, err := w.receipts("sa", Options{}); err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			w.phase("sa", "3b")
			_, err = w.try("css", "3c", Options{Targets: []string{"csr1"}})
			if hint := hintOf(t, err); !strings.Contains(hint, "nothing more is needed for it here") || strings.Contains(err.Error(), "a newer one") {
				t.Errorf("%v, hint %q", err, hint)
			}
		})
	}
}

// Where the target was not done, the certificate for the source's other keys is
// what the hint says how to get.
func TestSourceAnewBeforeATargetWasDone(t *testing.T) {
	w := after(t, small, "3b")
	w.anew("css", "2a", "sa.db/css-key")
	if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
		t.Fatal(err)
	}
	_, err := w.try("css", "3c", Options{})
	mustHint(t, err, refusal.CodeNotSealedToMe, "`gapferry phase 3b`")
	w.phase("sa", "3b")
	w.phase("css", "3c")
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
}
