package transcript

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// Officers set another master key at a target that was done, and the ceremony led
// it back: it was set up anew and given the key again. What was set before is told
// for ever, by whom and when, and is no fault once what stands there now is all that
// it was meant to be; until then it is.
func TestLedBack(t *testing.T) {
	const (
		had  = "exception target csr1:19 before it was set up anew (certificate 1): csr1 HAD THE MASTER KEY, set in record 16, and then another: set, by SETTER (Set), "
		left = ": its current register is full 0909090909090909, its old one still has it. The coprocessor that has its place under certificate 2 has the master key"
		can  = "exception lives csr1:16 before it was set up anew (certificate 1): the coprocessor that csr1 was before HAD THE MASTER KEY, and CAN STILL HAVE IT, though record 19 has another one"
		not  = "FAULT target csr1:19 before it was set up anew (certificate 1): csr1 DOES NOT HAVE THE MASTER KEY any more"
		why  = "and it is not proved that what has its place now has the master key"
	)
	another := journal.ActData{Current: full(otherKey), Old: full(coproc.Pattern{1, 2, 3, 4, 5, 6, 7, 8})}
	set := func(w *world) { w.act("csr1", "SETTER", "set", another) }
	again := func(w *world) { // another share set for the one that was set up anew
		w.certify("csr1")
		w.obtain("csr1")
		w.install("csr1")
	}
	led := func(w *world) { again(w); w.receive("csr1") }
	anew := func(w *world) {
		w.export(w.books["csr1"])
		w.nodes["sa"].took("AUDITOR", bundle.KindCancel, "csr1", w.cancel("csr1"), data(w.cancelData("csr1")))
		w.setUpAnew("csr1")
	}
	for _, test := range []struct {
		name  string
		do    func(w *world)
		worst Verdict
		want  []string
	}{
		{"led back", led, VerifiedWithExceptions, []string{had, left, can, "csr1 HAD THE MASTER KEY from share set "}},
		{"not certified", func(*world) {}, NotVerified, []string{"FAULT target csr1:19 csr1 DOES NOT HAVE THE MASTER KEY any more"}},
		{"certified and no more", func(w *world) { w.certify("csr1") }, NotVerified, []string{not, why, can}},
		{"the receipt is on its way", again, NotVerified, []string{not, why, can}},
		{"it set another key, too", func(w *world) { led(w); set(w) }, NotVerified, []string{not, why, "FAULT target csr1:19 csr1 DOES NOT HAVE THE MASTER KEY any more"}},
		{"its certificate was taken back", func(w *world) { led(w); w.takeRevoke("css", "csr1", w.revoke("csr1")) }, NotVerified, []string{not, why, "csr1 is revoked and HAS THE MASTER KEY"}},
		{"twice", func(w *world) { led(w); set(w); anew(w); led(w) }, VerifiedWithExceptions, []string{had, "under certificate 3 has the master key",
			"exception target csr1:19 before it was set up anew (certificate 2): csr1 HAD THE MASTER KEY", can}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.at = func(p string) {
				if p == "received" {
					set(w)
					anew(w)
					test.do(w)
				}
			}
			w.run()
			r := Verify(w.file(t), w.hash)
			mustFind(t, r, test.worst, test.want...)
			if bad := test.worst == NotVerified; bad == strings.Contains(texts(r), had) || strings.Contains(texts(r), "FAULT") != bad {
				t.Errorf("what was set before must be a fault or an exception:\n%s", texts(r))
			}
			x := r.Targets[0]
			if test.worst == VerifiedWithExceptions && (x.State != HasKey || !x.Equal) {
				t.Errorf("%+v", x)
			}
		})
	}
}
