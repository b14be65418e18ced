package ceremony

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// locking has one target, and profiles that are locked after 3 and active
// from two days before the ceremony until two days after.
var locking = setting{"locking", func(o *draft.Options) {
	o.M, o.N, o.Targets, o.LockAfter, o.From, o.Until = 2, 2, 1, 3, "2026-11-21", "2026-11-25"
}}

// typing is a desk at which each profile gives these passphrases, one after
// the other, and then its own. Whoever was asked is in asked.
type typing struct {
	*people
	answers map[string][]string
	chosen  string // the new passphrase
}

func (d *typing) Passphrase(q PassphraseQuestion) ([]byte, journal.Means, error) {
	if q.New {
		d.asked = append(d.asked, "new "+q.Profile)
		return []byte(d.chosen), 0, nil
	}
	if a := d.answers[q.Profile]; len(a) > 0 {
		d.asked, d.answers[q.Profile] = append(d.asked, q.Profile), a[1:]
		return []byte(a[0]), 0, nil
	}
	return d.people.Passphrase(q)
}

func last(n *Node) journal.Record { return n.Records()[len(n.Records())-1] }

// What no passphrase can be was nobody's try: it is not counted, and no record
// tells of it.
func TestPassphraseSlips(t *testing.T) {
	w := after(t, locking, "1")
	n := w.open("sa")
	defer n.Close()
	note := func(slips ...string) error {
		d := &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": slips}}
		return n.Note(Remark{Profile: "CERTIFIER", Text: "x"}, d)
	}
	before := len(n.Records())
	mustRefuse(t, note("yes", "\x1b[Ax passphrase", "ääää"), refusal.CodePassphrase, "CERTIFIER did not log on: no passphrase is like that: passphrases have at least 8 characters")
	if got := len(n.Records()); got != before {
		t.Errorf("%d records tell of slips", got-before)
	}
	if err := note("", "passphrase\tof CERTIFIER"); err != nil {
		t.Error(err)
	}
	if got := n.Records()[before:]; len(got) != 1 || got[0].Event != journal.EventNote {
		t.Errorf("recorded %+v", got)
	}
	if failures, err := n.Coprocessor().Failures("CERTIFIER"); err != nil || failures != 0 {
		t.Errorf("%d wrong passphrases, %v", failures, err)
	}
}

func TestLockOut(t *testing.T) {
	w := after(t, locking, "1")
	n := w.open("sa")
	defer n.Close()
	note := func(desk Desk) error { return n.Note(Remark{Profile: "CERTIFIER", Text: "x"}, desk) }
	d := &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {"a wrong 1"}}}
	if err := note(d); err != nil {
		t.Fatal(err)
	}
	refused := n.Records()[len(n.Records())-2]
	const first = "wrong passphrase for profile CERTIFIER at sa (1 since its last log-on, 3 lock it); nothing was changed"
	if refused.Event != journal.EventRefused || refused.Profile != "CERTIFIER" || refused.Code != refusal.CodePassphrase || refused.Text != first {
		t.Errorf("the record of a wrong passphrase is %+v", refused)
	}

	// The run ends with the log-on that locks, without asking once more.
	d = &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {"a wrong 1"}}}
	d.people.wrong = map[string]bool{"CERTIFIER": true}
	mustRefuse(t, note(d), refusal.CodePassphrase, "CERTIFIER did not log on: wrong passphrase")
	d = &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {"a wrong 2", "a wrong 3", "a wrong 4"}}}
	err := note(d)
	const locks = "wrong passphrase for profile CERTIFIER at sa, the 3rd since its last log-on: it is locked now; " +
		"ADMIN (to be named) unlocks it"
	mustRefuse(t, err, refusal.CodeLocked, locks)
	if refusal.CodeLocked.Group() != refusal.Denied || !errors.Is(err, coproc.ErrPassphrase) || len(d.asked) != 2 {
		t.Errorf("group %d, error %v, asked %q", refusal.CodeLocked.Group(), err, d.asked)
	}
	if r := last(n); r.Event != journal.EventRefused || r.Code != refusal.CodeLocked || r.Profile != "CERTIFIER" || r.Text != locks {
		t.Errorf("the record of a lock-out is %+v", r)
	}
	d = &typing{people: &people{}}
	mustRefuse(t, note(d), refusal.CodeLocked, "profile CERTIFIER at sa is locked after 3 wrong passphrases; ADMIN (to be named) unlocks it")
	if r := last(n); len(d.asked) != 0 || r.Profile != "CERTIFIER" || n.Unsigned() == 0 {
		t.Errorf("asked %q, recorded %+v", d.asked, r)
	}

	// Who unlocks is in the journal, signed.
	was, err := n.Unlock("CERTIFIER", w.people)
	if err != nil || was.Failures != 3 || !was.Locked {
		t.Fatalf("unlocked: %+v, %v", was, err)
	}
	want := journal.Record{Event: journal.EventAct, Node: "sa", Task: "unlock", Profile: "ADMIN", Text: "profile CERTIFIER, locked after 3 wrong passphrases, can log on again"}
	if r := last(n); r.Event != want.Event || r.Node != want.Node || r.Task != want.Task || r.Profile != want.Profile || r.Text != want.Text || n.Unsigned() != 0 {
		t.Errorf("recorded %+v", r)
	}
	if err := note(w.people); err != nil {
		t.Error(err)
	}
	was, err = n.Unlock("CERTIFIER", w.people)
	if err != nil || was.Locked || last(n).Text != "profile CERTIFIER was not locked; the count of its wrong passphrases, 0, begins anew" {
		t.Errorf("unlocked again: %+v, %v, %q", was, err, last(n).Text)
	}
	for _, name := range []string{"SHARE1", "NOBODY", ""} { // the SA has no share officers
		_, err = n.Unlock(name, w.people)
		mustRefuse(t, err, refusal.CodeAccess, fmt.Sprintf("the plan has no profile %q at coprocessor sa", name))
		mustRefuse(t, n.ChangePassphrase(name, w.people), refusal.CodeAccess, fmt.Sprintf("the plan has no profile %q at coprocessor sa", name))
	}

	// The administrator is counted, and never locked.
	d = &typing{people: &people{}, answers: map[string][]string{"ADMIN": {"a wrong 1", "a wrong 2", "a wrong 3", "a wrong 4"}}}
	_, err = n.Unlock("CERTIFIER", d)
	mustRefuse(t, err, refusal.CodePassphrase, "wrong passphrase for profile ADMIN at sa (3 since its last log-on); nothing was changed")
	if _, err = n.Unlock("CERTIFIER", d); err != nil {
		t.Error(err)
	}
}

// An officer of a phase who was locked out goes on once unlocked, and no task
// is done meanwhile.
func TestLockOutInPhase(t *testing.T) {
	w := after(t, locking, "3c")
	n := w.open("csr1")
	d := &typing{people: &people{}, answers: map[string][]string{"SHARE2": {"a wrong 1", "a wrong 2", "a wrong 3"}}}
	_, err := n.RunPhase("3d", Options{Incoming: read(n.Folders("3d"), w.stick), Deliver: w.stick.deliver}, d)
	mustRefuse(t, err, refusal.CodeLocked, "for profile SHARE2 at csr1, the 3rd since its last log-on")
	n.Close()
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeLocked, "profile SHARE2 at csr1 is locked")
	n = w.open("csr1")
	if _, err := n.Unlock("SHARE2", w.people); err != nil {
		t.Fatal(err)
	}
	n.Close()
	w.phase("csr1", "3d")
	if got := w.info("csr1").Register(coproc.SymMK).Current.Pattern; got != w.pattern {
		t.Errorf("pattern %v, want %v", got, w.pattern)
	}
}

func TestChangePassphrase(t *testing.T) {
	w := after(t, locking, "1")
	n := w.open("sa")
	defer n.Close()
	const chosen = "a new one of CERTIFIER"
	d := &typing{people: w.people, chosen: chosen}
	if err := n.ChangePassphrase("CERTIFIER", d); err != nil {
		t.Fatal(err)
	}
	if r := last(n); r.Event != journal.EventOfficerKey || r.Profile != "CERTIFIER" || r.Node != "sa" || r.Text != "CERTIFIER has a new passphrase, and signs with a new key" || r.Recovered || n.Unsigned() != 0 {
		t.Errorf("recorded %+v", r)
	}
	if !slices.Equal(d.asked[len(d.asked)-2:], []string{"CERTIFIER", "new CERTIFIER"}) {
		t.Errorf("asked %q", d.asked)
	}
	w.people.wrong = nil
	err := n.Note(Remark{Profile: "CERTIFIER", Text: "x"}, &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {chosen}}})
	if err != nil {
		t.Errorf("the new passphrase: %v", err)
	}
	d = &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {chosen, chosen}}}
	for bad, words := range map[string]string{"short": "passphrases have at least 8 characters", chosen: "it is the old one"} {
		d.chosen = bad
		mustRefuse(t, n.ChangePassphrase("CERTIFIER", d), refusal.CodeNewPassphrase, "change the passphrase of CERTIFIER: the new passphrase is not good: "+words)
	}
	// The old one first: a wrong one is asked again, as at every log-on.
	d = &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {string(passphraseOf("CERTIFIER")), chosen}}, chosen: "and back again"}
	if err := n.ChangePassphrase("CERTIFIER", d); err != nil || len(d.asked) != 3 {
		t.Errorf("asked %q, error %v", d.asked, err)
	}
}

// The program is stopped between the change of a passphrase and its record:
// whoever comes next writes it down, without signing it, before anything else. The
// officer signs with the new key, and a state with another one is refused.
func TestOfficerKeyFound(t *testing.T) {
	w := after(t, locking, "1")
	const chosen = "a new one of CERTIFIER"
	change := func(from, to string) {
		t.Helper()
		c := must(engine.Open(context.Background(), filepath.Join(w.store("sa"), store.DeviceDir), soft.Chip{}))
		s := must(c.LogOn("CERTIFIER", []byte(from), w.now))
		w.noError(s.(coproc.PassphraseChanger).ChangePassphrase([]byte(from), []byte(to)))
		w.noError(c.Close())
	}
	change(string(passphraseOf("CERTIFIER")), chosen)
	n := w.open("sa")
	before := len(n.Records())
	w.noError(n.AuditJournal(w.people))
	found := n.Records()[before]
	if d, err := journal.DataOf[journal.OfficerKeyData](found); err != nil || found.Event != journal.EventOfficerKey || !found.Recovered ||
		found.Profile != "" || n.Signed(found.Seq) || d.Profile != "CERTIFIER" || n.Records()[before+1].Event != journal.EventInterrupted {
		t.Errorf("recorded %+v, %v, then %+v", found, err, n.Records()[before+1])
	}
	w.noError(n.Close())
	n = w.open("sa")
	w.noError(n.Note(Remark{Profile: "CERTIFIER", Text: "x"}, &typing{people: &people{}, answers: map[string][]string{"CERTIFIER": {chosen}}}))
	w.noError(n.Close())
	w.noError(w.open("sa").Close())

	// Two changes without a record are none that the ceremony makes.
	change(chosen, "yet another one")
	change("yet another one", "and one more of them")
	n = w.open("sa")
	defer n.Close()
	mustRefuse(t, n.AuditJournal(w.people), refusal.CodeJournal, "signs with another key than the coprocessor says")
}

func TestInactive(t *testing.T) {
	w := after(t, locking, "1")
	for _, c := range []struct {
		now  time.Time
		says string // "" where the profile is active
	}{
		{time.Date(2026, 11, 20, 23, 59, 59, 0, time.UTC), "the clock here says 2026-11-20 23:59:59"},
		{time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), ""},
		{time.Date(2026, 11, 25, 23, 59, 59, 0, time.UTC), ""},
		{time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), "the clock here says 2026-11-26 00:00:00"},
	} {
		w.now = c.now
		n := w.open("sa")
		err := n.Note(Remark{Profile: "CERTIFIER", Text: "x"}, w.people)
		if c.says == "" {
			if err != nil {
				t.Errorf("%v: %v", c.now, err)
			}
			n.Close()
			continue
		}
		mustRefuse(t, err, refusal.CodeInactive, "log on as CERTIFIER at sa: the profile is not active today: it is active from 2026-11-21 until 2026-11-25, "+c.says)
		if r := last(n); refusal.CodeInactive.Group() != refusal.Denied || r.Code != refusal.CodeInactive || r.Profile != "CERTIFIER" || r.Event != journal.EventRefused {
			t.Errorf("group %d, recorded %+v", refusal.CodeInactive.Group(), r)
		}
		n.Close()

		dir, d := filepath.Join(fastDir(t), "store"), &people{}
		err = Init(dir, w.plan, "css", softBackend, d, w.clock)
		mustRefuse(t, err, refusal.CodeInactive, "ADMIN makes the store of css, and logs on: the profile is not active today")
		if _, err := os.Stat(dir); err == nil || len(d.asked) > 0 {
			t.Errorf("the store is there: %v; asked %q", err, d.asked)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 99: "99th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
