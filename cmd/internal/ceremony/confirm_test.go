package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// reading keeps what each officer was asked to say yes to, and says what the
// test wants.
type reading struct {
	*people
	seen []asked
	no   bool
}

func (d *reading) Confirm(q Confirmation) (journal.Means, error) {
	d.seen = append(d.seen, asked{d.people.asked[len(d.people.asked)-1], q})
	if d.no {
		return 0, ErrNoAnswer
	}
	return 0, nil
}

// only is the one question that was asked, of an officer.
func (d *reading) only(t *testing.T, profile string) Confirmation {
	t.Helper()
	if len(d.seen) != 1 || d.seen[0].profile != profile {
		t.Fatalf("asked was %+v, want one question to %s", d.seen, profile)
	}
	return d.seen[0].Confirmation
}

// An officer says yes to the whole of a remark before they sign it.
func TestRemarkConfirmed(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("css")
	defer n.Close()
	long := strings.TrimSpace(strings.Repeat("not seen ", 111))
	d := &reading{people: w.people, no: true}
	m := Remark{Profile: "SHARE2", Text: long, Target: "csr1", Share: 2}
	mustRefuse(t, n.Note(m, d), refusal.CodeNotConfirmed, "nobody said yes, nothing was done")
	want := [][2]string{{"it accounts for", "share 2 for csr1"}, {"remark", long}}
	if c := d.only(t, "SHARE2"); c.Act != "sign this remark as SHARE2, for the journal" || !slices.Equal(c.Facts, want) {
		t.Errorf("asked was %+v", c)
	}
	if slices.ContainsFunc(n.Records(), func(r journal.Record) bool { return r.Event == journal.EventNote }) {
		t.Error("the remark is in the journal")
	}
	d = &reading{people: w.people}
	if err := n.Note(m, d); err != nil {
		t.Fatal(err)
	}
	if r := last(n); r.Event != journal.EventNote || r.Text != long {
		t.Errorf("%+v", r)
	}
}

// Acts outside of the phases are said yes to as well, unless their officer
// types what they are about.
func TestActConfirmed(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("css")
	defer n.Close()
	done := 0
	a := Act{
		Text: "fill the new register at random (ASYM-MK)", Task: "random", Class: coproc.AsymMK,
		Officer: func(p *plan.Node) string { return p.Officers.Random },
		Do:      func(ActSession) (string, error) { done++; return "", nil },
	}
	d := &reading{people: w.people, no: true}
	_, err := n.RunAct(a, d)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "nobody said yes, nothing was done")
	want := [][2]string{{"new register", "empty"}, {"current register", "empty"}}
	if c := d.only(t, "KEYGEN"); c.Act != "fill the new register at random (ASYM-MK), at css" || !slices.Equal(c.Facts, want) || done != 0 {
		t.Errorf("asked was %+v, and done %d times", c, done)
	}
	a.Typed = true
	d = &reading{people: w.people}
	if _, err := n.RunAct(a, d); err != nil || len(d.seen) != 0 || done != 1 {
		t.Errorf("%v, asked was %+v, done %d times", err, d.seen, done)
	}
	d = &reading{people: w.people, no: true}
	_, err = n.Unlock("KEYGEN", d)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "unlock KEYGEN")
	if c := d.only(t, "ADMIN"); len(c.Facts) != 3 {
		t.Errorf("asked was %+v", c)
	}
}

// Who gives a share up says so once, for all targets, and a no gives up nothing.
func TestGiveUpConfirmed(t *testing.T) {
	w := after(t, standard, "3b")
	d := &reading{people: w.people, no: true}
	o := Options{GiveUp: []int{1}, Shares: []int{1}}
	_, err := w.tryAt(d, "css", "3c", o)
	mustRefuse(t, err, refusal.CodeNotConfirmed, "give up share 1: it will not be obtained: nobody said yes")
	want := [][2]string{{"csr1", "2 of the 3 shares will be needed"}, {"csr2", "2 of the 3 shares will be needed"}}
	if c := d.only(t, "SHARE1"); !slices.Equal(c.Facts, want) {
		t.Errorf("asked was %+v", c)
	}
	if len(w.info("css").Shares) != 0 {
		t.Error("a share set was begun")
	}
	d = &reading{people: w.people}
	if _, err := w.tryAt(d, "css", "3c", o); err != nil {
		t.Fatal(err)
	}
	d.only(t, "SHARE1")
}

// Who certifies a node anew sees that it is anew.
func TestRenewConfirmed(t *testing.T) {
	w := after(t, standard, "3b")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	d := &reading{people: w.people}
	if _, err := w.tryAt(d, "sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if c := d.only(t, "CERTIFIER"); !slices.Contains(c.Facts, [2]string{"anew", "it has certificate 1, and gets 2 for these keys"}) {
		t.Errorf("asked was %+v", c)
	}
}
