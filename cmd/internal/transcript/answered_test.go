package transcript

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// A script that answered for officers is an exception that names phase and
// node; one that logged them on is a note, which leaves VERIFIED as it is; in a
// rehearsal neither is told.
func TestAnswered(t *testing.T) {
	scripted := func(rehearsal bool, means func(*journal.Record) journal.Means) *Result {
		w := newWorld(shape{m: 2, n: 2, targets: 1, rehearsal: rehearsal})
		w.onRecord = func(b *book, r *journal.Record) sign {
			r.Means, r.Phase = means(r), map[string]string{"sa": "1", "css": "2a", "csr1": "3a"}[b.device]
			return signed
		}
		return w.run().verify(t, w.hash)
	}
	logOn := func(*journal.Record) journal.Means { return journal.PassphraseByDescriptor }
	card := func(r *journal.Record) journal.Means {
		if r.Task == procedure.TaskRegisterHash || r.Task == procedure.TaskRegisterKey {
			return journal.PassphraseByDescriptor | journal.CardByFile
		}
		return 0
	}
	for name, c := range map[string]struct {
		rehearsal bool
		means     func(*journal.Record) journal.Means
		verdict   Verdict
		headline  string
		found     []string
		notes     int
	}{
		"log-ons":                {false, logOn, Verified, "VERIFIED", nil, -1},
		"log-ons in a rehearsal": {true, logOn, Verified, "REHEARSAL, VERIFIED", nil, 0},
		"cards in a rehearsal":   {true, card, Verified, "REHEARSAL, VERIFIED", nil, 0},
		"cards": {false, card, VerifiedWithExceptions, "VERIFIED, with 3 exceptions", []string{
			"sa phase 1: a script answered for HASH (Hal), KEYREG (Reg): passphrase by descriptor, card from a file or a pipe (2 records, the last is 7)",
			"css phase 2a: a script answered for HASH (Hal), KEYREG (Reg): passphrase by descriptor, card from a file or a pipe (2 records, the last is 5)",
			"csr1 phase 3a: a script answered for HASH (Hal), KEYREG (Reg): passphrase by descriptor, card from a file or a pipe (2 records, the last is 5)",
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := scripted(c.rehearsal, c.means)
			NoteWeights(r)
			if r.Verdict() != c.verdict || r.Headline() != c.headline {
				t.Errorf("verdict %d, %s\n%s", r.Verdict(), r.Headline(), texts(r))
			}
			all := texts(r)
			for _, want := range c.found {
				node, text, _ := strings.Cut(want, " ")
				if !strings.Contains(all, "exception answered "+node+":") || !strings.Contains(all, text) {
					t.Errorf("no %q in\n%s", want, all)
				}
			}
			if n := r.Count(Note); n != c.notes && (c.notes >= 0 || n == 0) {
				t.Errorf("%d notes:\n%s", n, all)
			}
		})
	}
}
