package ceremony

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

const days = 24 * time.Hour

// dead is what a machine says whose battery is.
var dead = time.Date(1970, 1, 1, 0, 3, 0, 0, time.UTC)

// clockRecords are the clock records of a node, with their data.
func clockRecords(t testing.TB, n *Node) (records []journal.Record, data []journal.ClockData) {
	t.Helper()
	for _, r := range n.Records() {
		if r.Event != journal.EventClock {
			continue
		}
		d, err := journal.DataOf[journal.ClockData](r)
		if err != nil || !n.Signed(r.Seq) {
			t.Fatalf("record %d: %v, signed %v", r.Seq, err, n.Signed(r.Seq))
		}
		records, data = append(records, r), append(data, d)
	}
	return records, data
}

// told reports whether the people were told something with these words.
func (p *people) told(words string) bool {
	return slices.ContainsFunc(p.progress, func(q Progress) bool { return strings.Contains(q.Text, words) })
}

// Whatever signs a time asks first whether that can be true. An officer who says
// no has signed nothing, not even the refusal; a script is refused likewise.
func TestClockThatCannotBeRight(t *testing.T) {
	phase := func(node string, id procedure.PhaseID) func(*world) error {
		return func(w *world) error { _, err := w.try(node, id, Options{}); return err }
	}
	at := func(node string, do func(*Node, *world) error) func(*world) error {
		return func(w *world) error {
			n := w.open(node)
			defer n.Close()
			return do(n, w)
		}
	}
	for _, c := range []struct {
		name, node string
		after      procedure.PhaseID
		do         func(*world) error
	}{
		{"1", "sa", "", phase("sa", "1")},
		{"2a", "css", "1", phase("css", "2a")},
		{"2b", "sa", "2a", phase("sa", "2b")},
		{"3a", "csr1", "2b", phase("csr1", "3a")},
		{"3b", "sa", "3a", phase("sa", "3b")},
		{"3c", "css", "3b", phase("css", "3c")},
		{"3d", "csr1", "3c", phase("csr1", "3d")},
		{"note", "sa", "1", at("sa", func(n *Node, w *world) error { return n.Note(Remark{Profile: "AUDITOR", Text: "x"}, w.people) })},
		{"export", "sa", "1", at("sa", func(n *Node, w *world) error {
			_, err := n.Export(Options{Deliver: w.stick.deliver}, w.people)
			return err
		})},
		{"audit", "sa", "1", at("sa", func(n *Node, w *world) error { _, err := n.Audit(w.people); return err })},
		{"revoke", "sa", "3b", at("sa", func(n *Node, w *world) error {
			_, err := n.Revoke("csr1", "stolen", Options{Deliver: w.stick.deliver}, w.people)
			return err
		})},
		{"cancel", "css", "3c", at("css", func(n *Node, w *world) error {
			_, err := n.Cancel("csr1", "lost", Options{Deliver: w.stick.deliver}, w.people)
			return err
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, script := range []bool{false, true} {
				w := after(t, small, c.after)
				before := w.records(c.node)
				w.now = dead
				w.people.wrongClock = !script
				if script {
					w.people.means = journal.PassphraseByDescriptor | journal.YesByFlag
				}
				err := c.do(w)
				mustRefuse(t, err, refusal.CodeClock, "this machine's clock says Thursday 1 January 1970, 00:03 UTC, but ")
				if len(w.people.clocks) != 1 || refusal.CodeClock.Group() != refusal.NotYet {
					t.Errorf("asked %d times, group %d", len(w.people.clocks), refusal.CodeClock.Group())
				}
				n := w.open(c.node)
				for _, r := range n.Records()[before:] {
					if n.Signed(r.Seq) {
						t.Errorf("record %d was signed: %s %s", r.Seq, r.Event, r.Text)
					}
				}
				if n.ClockDoubt() == nil || n.Status().Clock == nil {
					t.Error("status says nothing")
				}
				n.Close()
				if script {
					continue
				}
				// Set right, the same again goes on, and nobody is asked.
				w.now, w.people = testNow, &people{hash: w.people.hash}
				if err := c.do(w); err != nil || len(w.people.clocks) > 0 {
					t.Errorf("with the right clock: %v, asked %d times", err, len(w.people.clocks))
				}
			}
		})
	}
}

// records counts a node's.
func (w *world) records(node string) int {
	n := w.open(node)
	defer n.Close()
	return len(n.Records())
}

// The administrator is asked before anybody chooses a passphrase. Who says that
// the clock is right gets a store, and is asked to account for it later.
func TestClockAtInit(t *testing.T) {
	w := newWorld(t, nil)
	w.removeStore("sa")
	w.now, w.people.wrongClock, w.people.asked = dead, true, nil
	err := Init(w.store("sa"), w.plan, "sa", softBackend, w.people, w.clock)
	mustRefuse(t, err, refusal.CodeClock, "this gapferry was released on "+journal.Released.Format("2 January 2006"))
	if _, err := os.Stat(w.store("sa")); err == nil || len(w.people.asked) > 0 {
		t.Errorf("a store was made (%v), asked were %q", err, w.people.asked)
	}
	w.now = journal.Released.AddDate(70, 0, 0)
	mustRefuse(t, Init(w.store("sa"), w.plan, "sa", softBackend, w.people, w.clock), refusal.CodeClock, "70 years before")

	w.now, w.people.wrongClock = dead, false
	w.init("sa")
	n := w.open("sa")
	if r, d := clockRecords(t, n); len(r) != 1 || r[0].Seq != 2 || d[0].Against != journal.AgainstRelease || d[0].Other != journal.Released.Unix() || r[0].Profile != "ADMIN" {
		t.Errorf("%+v %+v", r, d)
	}
	n.Close()

	// A script is told, and not kept from going on: the clock is right now.
	w.now, w.people.means, w.people.noHash = testNow, journal.PassphraseByDescriptor, true
	_, err = w.try("sa", "1", Options{Task: procedure.TaskAudit})
	if err != nil || !w.people.told("the clock was wrong in records 1 to 2") {
		t.Fatalf("a script: %v", err)
	}
	w.people.means = 0
	if _, err = w.try("sa", "1", Options{Task: procedure.TaskGenerateKey}); err != nil {
		t.Fatal(err)
	}
	n = w.open("sa")
	defer n.Close()
	r, d := clockRecords(t, n)
	if len(r) != 2 || d[1].First != 1 || d[1].Last != 2 || d[1].Off != dead.Unix()-testNow.Unix() {
		t.Errorf("%+v", d)
	}
	if from, to := n.clocks().Span(1); from > dead.Unix() || to != testNow.Unix() {
		t.Errorf("record 1 was made from %d to %d", from, to)
	}
	if c := n.clocks(); len(unaccounted(c, n.Journal().Records(), w.now.Unix())) > 0 || len(c.Bad) > 0 {
		t.Errorf("left: %v %v", unaccounted(c, n.Journal().Records(), w.now.Unix()), c.Bad)
	}
}

// Clocks that are right within a day are never asked about, however long a
// ceremony rests.
func TestRightClocksAreNeverAskedAbout(t *testing.T) {
	w := newWorld(t, nil)
	w.masterKey("css")
	// Every room's clock is off a little, by its own.
	off := map[string]time.Duration{"sa": -11 * time.Hour, "css": 12 * time.Hour, "csr1": 0, "csr2": 5 * time.Minute}
	now := testNow.Add(days)
	for _, row := range procedure.Table1 {
		for _, n := range w.plan.WithRole(row.Role) {
			w.now = now.Add(off[n.Name])
			w.phase(n.Name, row.Phase)
			w.phase(n.Name, row.Phase)
			now = now.Add(20 * time.Hour)
		}
	}
	if len(w.people.clocks) > 0 {
		t.Errorf("asked %d times: %v", len(w.people.clocks), w.people.clocks[0])
	}
	for _, node := range []string{"sa", "css", "csr1"} {
		w.now = now.Add(farAhead - 20*days)
		n := w.open(node)
		if err := n.Note(Remark{Profile: "AUDITOR", Text: "x"}, w.people); err != nil || n.ClockDoubt() != nil {
			t.Error(err, n.ClockDoubt())
		}
		n.Close()
	}
	if len(w.people.clocks) > 0 {
		t.Errorf("after months: asked %d times", len(w.people.clocks))
	}
	// A year typed wrong is more than a rest.
	w.now = w.now.Add(365 * days)
	n := w.open("sa")
	defer n.Close()
	w.people.wrongClock = true
	mustRefuse(t, n.Note(Remark{Profile: "AUDITOR", Text: "x"}, w.people), refusal.CodeClock, "what was signed here last, record ")
}

// A clock that was ahead and is set right: the next officer confirms it, once.
func TestClockSetRight(t *testing.T) {
	w := after(t, small, "3b")
	first := w.records("css") + 1
	w.now = testNow.Add(40 * days)
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeExpired, "")
	w.now = testNow.Add(time.Hour)

	n := w.open("css")
	if d := n.ClockDoubt(); d == nil || !strings.Contains(d.Text[0], "the clock went back by 39 days") {
		t.Errorf("status says %+v", d)
	}
	n.Close()
	w.people.means = journal.PassphraseByDescriptor | journal.YesByFlag
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeClock, "the clock went back by 39 days")
	w.people.means = 0
	w.phase("css", "3c")

	n = w.open("css")
	defer n.Close()
	r, d := clockRecords(t, n)
	if len(r) != 1 || d[0].First != uint64(first) || d[0].Last >= r[0].Seq || d[0].Off != int64((40*days-time.Hour).Seconds()) {
		t.Errorf("%+v, first %d", d, first)
	}
	if len(w.people.clocks) != 2 { // the script's, and one officer's
		t.Errorf("asked %d times", len(w.people.clocks))
	}
	n.clocks().Back(func(seq, _, _ uint64) { t.Errorf("record %d is not accounted for", seq) })
}

// What the SA made with a clock that is ahead is asked about where its hash is
// entered, before it is registered; and only once.
func TestBundleFromTheFuture(t *testing.T) {
	w := newWorld(t, nil)
	w.masterKey("css")
	w.now = testNow.Add(40 * days)
	w.phase("sa", "1")
	w.now = testNow
	w.people.wrongClock = true
	_, err := w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeClock, "the sa-key was made by sa on Saturday 2 January 2027, 12:00 UTC by the clock there: 40 days later")
	if !w.people.told("Nobody has verified that yet") {
		t.Error("the auditor had no hint")
	}
	n := w.open("css")
	if _, done := n.History().Done(history.TaskKey{Node: "css", Task: procedure.TaskRegisterHash}); done {
		t.Error("the hash is registered")
	}
	n.Close()
	w.people.wrongClock, w.people.clocks = false, nil
	w.phase("css", "2a")
	if len(w.people.clocks) != 1 {
		t.Errorf("asked %d times", len(w.people.clocks))
	}
	n = w.open("css")
	if _, d := clockRecords(t, n); len(d) != 1 || d[0].Against != "sa-key" || d[0].First != 0 {
		t.Errorf("%+v", d)
	}
	n.Close()

	// At the SA it is the request whose keys were compared.
	w.people.wrongClock = true
	w.now = testNow.Add(40 * days)
	w.phase("sa", "2b")
	w.now = testNow.Add(100 * days)
	w.people.wrongClock = false
	w.phase("csr1", "3a")
	w.people.wrongClock, w.people.clocks = true, nil
	w.now = testNow.Add(41 * days)
	_, err = w.try("sa", "3b", Options{})
	mustRefuse(t, err, refusal.CodeClock, "the csr-key was made by csr1 on ")
	if w.stick.sent("csr1.db/csr-cert") != nil {
		t.Error("csr1 was certified")
	}
}

// What nobody vouches for is a hint: whoever owns the stick cannot make a room
// ask, nor refuse.
func TestForgedFutureIsAHint(t *testing.T) {
	w := after(t, small, "3b")
	// Another SA's certificate, of the same ceremony: its signature is of nobody.
	other := after(t, small, "3b")
	for path, data := range other.stick {
		if strings.Contains(path, "csr-cert") || strings.Contains(path, "css-cert") {
			forged := slices.Clone(data)
			forged[len(forged)-1] ^= 1
			w.stick[strings.Replace(path, ".gfb", "-0.gfb", 1)] = forged
		}
	}
	w.now = testNow.Add(-3 * days) // so that all of them are from the future
	n := w.open("css")
	defer n.Close()
	r := n.newRun(procedure.Phase("3c"), w.plan.Source(), Options{}, w.people)
	for path, data := range w.stick {
		folder, name, _ := strings.Cut(path, "/")
		if strings.HasSuffix(name, "-0.gfb") {
			r.opts.Incoming = append(r.opts.Incoming, bundle.Incoming{Folder: folder, Name: name, Data: data})
		}
	}
	r.classify()
	if len(r.items) == 0 {
		t.Fatal("nothing was forged")
	}
	key, err := n.RegisteredSAKey()
	if err != nil {
		t.Fatal(err)
	}
	r.info.SAKey = key
	if got := r.bundleDoubts(w.now); len(got) > 0 {
		t.Errorf("forged: %+v", got)
	}
	for path, data := range w.stick {
		folder, name, _ := strings.Cut(path, "/")
		if strings.Contains(name, "css-cert") && !strings.HasSuffix(name, "-0.gfb") {
			r.opts.Incoming = append(r.opts.Incoming, bundle.Incoming{Folder: folder, Name: name, Data: data})
		}
	}
	r.items = nil
	r.classify()
	if got := r.bundleDoubts(w.now); len(got) != 1 || got[0].data.Against != "css-cert" {
		t.Errorf("the SA's own: %+v", got)
	}
}

// Each release moves the day before which no clock is believed: not past itself,
// and not behind by months.
func TestReleasedIsMoved(t *testing.T) {
	news, err := os.ReadFile("../../../NEWS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^## .*\b(\d{4}-\d{2}-\d{2})\b`).FindAllSubmatch(news, 1) { // the newest
		day, err := time.Parse(time.DateOnly, string(m[1]))
		if err != nil || journal.Released.After(day) || journal.Released.Before(day.AddDate(0, -1, 0)) {
			t.Errorf("NEWS.md has a release of %s, no clock is believed before %s: move Released (%v)", m[1], journal.Released.Format(time.DateOnly), err)
		}
	}
	if journal.Released.Before(journal.LevelBegan) {
		t.Error("Released went back")
	}
}

// A made-up day of release has no officer asked to call right clocks wrong.
func TestMadeUpRelease(t *testing.T) {
	day := journal.Released.Unix() + 10*24*60*60
	data, err := detcbor.Marshal(journal.ClockData{Against: journal.AgainstRelease, Other: day + 100})
	if err != nil {
		t.Fatal(err)
	}
	records := []journal.Record{{Seq: 1, Time: day}, {Seq: 2, Time: day + 10}, {Seq: 3, Time: day + 20, Event: journal.EventClock, Data: data}, {Seq: 4, Time: day + 200}}
	c := journal.ClocksOf(records, func(uint64) bool { return true })
	if all := unaccounted(c, records, day+300); len(all) > 0 || len(c.Bad) > 0 {
		t.Errorf("asked about %v, %v", all, c.Bad)
	}
}
