package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// Who will not be let in later in a phase is told before the first officer is
// asked; the others do their tasks, and whoever is barred is never asked.
func TestBarredOfficersAreToldFirst(t *testing.T) {
	w := after(t, locking, "3b")
	n := w.open("css")
	wrong := &people{wrong: map[string]bool{"SHARE2": true}}
	for n.Plan().LockAfter > must(n.Coprocessor().Failures("SHARE2")) {
		if err := n.Note(Remark{Profile: "SHARE2", Text: "x"}, wrong); err == nil {
			t.Fatal("a wrong passphrase was taken")
		}
	}
	n.Close()
	w.people.asked, w.people.progress = nil, nil
	result, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeLocked, "profile SHARE2 at css is locked after 3 wrong passphrases; ADMIN (to be named) unlocks it")
	if !result.Did || !slices.Equal(w.people.asked, []string{"SHARE1"}) {
		t.Errorf("did %v, asked %q", result.Did, w.people.asked)
	}
	warned := slices.IndexFunc(w.people.progress, func(p Progress) bool {
		return p.State == Warning && strings.HasPrefix(p.Text, "SHARE2 (to be named) will not be let in, and is wanted here for Obtain shares: share 2 for csr1: profile SHARE2 at css is locked") &&
			strings.Contains(p.Hint, "{coprocessor unlock --profile SHARE2}")
	})
	done := slices.IndexFunc(w.people.progress, func(p Progress) bool { return p.State == Done })
	if warned < 0 || done < warned {
		t.Errorf("warned at %d, first task done at %d: %+v", warned, done, w.people.progress)
	}

	// Where they are not wanted, nothing is said of them.
	w.people.progress = nil
	if _, err = w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.people.progress {
		if strings.Contains(p.Text, "will not be let in") {
			t.Errorf("said for nothing: %s", p.Text)
		}
	}
}
