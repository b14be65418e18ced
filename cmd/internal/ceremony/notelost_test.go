package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// reads keeps what an officer was shown.
type reads struct {
	*people
	facts [][2]string
}

func (d *reads) Confirm(c Confirmation) (journal.Means, error) { d.facts = c.Facts; return 0, nil }

// That the journal of a coprocessor is lost is for who hands out journals to
// say, and not of one that works.
func TestNoteLost(t *testing.T) {
	w := after(t, small, "3b")
	note := func(node string, m Remark, d Desk) (journal.Record, error) {
		n := w.open(node)
		defer n.Close()
		m.Text = "it burnt down"
		err := n.Note(m, d)
		return n.Records()[len(n.Records())-1], err
	}
	for _, bad := range []struct {
		m    Remark
		code refusal.Code
		says string
	}{
		{Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 1, Target: "csr1", Share: 1}, refusal.CodeNote, "about one of them"},
		{Remark{Profile: "AUDITOR", Certificate: 1}, refusal.CodeNotHere, `"" is neither the source nor a target`},
		{Remark{Profile: "AUDITOR", Lost: "sa", Certificate: 1}, refusal.CodeNotHere, `"sa" is neither the source nor a target`},
		{Remark{Profile: "AUDITOR", Lost: "csr1"}, refusal.CodeNote, "say which of its certificates csr1 had then"},
		{Remark{Profile: "CERTIFIER", Lost: "csr1", Certificate: 1}, refusal.CodeAccess, "is for AUDITOR to say, who hands out the journal of this room, not for CERTIFIER"},
		{Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 2}, refusal.CodeOrder, "csr1 was given no certificate 2: the last one is 1"},
		{Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 1}, refusal.CodeNotLost, "certificate 1 of csr1 is in force: its journal can be handed out there"},
		{Remark{Profile: "AUDITOR", Lost: "css", Certificate: 1}, refusal.CodeNotLost, "certificate 1 of css is in force"},
	} {
		_, err := note("sa", bad.m, w.people)
		mustRefuse(t, err, bad.code, bad.says)
	}
	_, err := note("sa", Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 1}, w.people)
	if why := err.(*refusal.Error); !strings.Contains(why.Hint, "{revoke --node csr1 --reason TEXT}; or") || !strings.Contains(why.Hint, "{phase 3b --renew csr1}") {
		t.Errorf("hint %q", why.Hint)
	}
	// Both things that it names help.
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	d := &reads{people: w.people}
	r, err := note("sa", Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 1}, d)
	if err != nil {
		t.Fatal(err)
	}
	data, err := journal.DataOf[journal.NoteData](r)
	if want := (journal.NoteData{Subject: journal.SubjectJournal, Certificate: 1}); err != nil || data != want || r.Peer != "csr1" || r.Profile != "AUDITOR" {
		t.Errorf("%+v, %+v, %v", r, data, err)
	}
	if len(d.facts) != 4 || d.facts[0] != [2]string{"it accounts for", "the journal that csr1 had under certificate 1, which is lost"} ||
		!strings.HasPrefix(d.facts[2][1], "SHA-256 ") || d.facts[3] != [2]string{"remark", "it burnt down"} {
		t.Errorf("the officer read %q", d.facts)
	}
	// Elsewhere nobody knows the certificates: the transcript judges.
	if r, err = note("css", Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 7}, w.people); err != nil || journal.SubjectWords(r) != "the journal that csr1 had under certificate 7, which is lost" {
		t.Errorf("%+v, %v", r, err)
	}
	w.anew("csr1", "3a", "csr1.db/csr-key")
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err = note("sa", Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 1}, w.people); err != nil {
		t.Error(err)
	}
	_, err = note("sa", Remark{Profile: "AUDITOR", Lost: "csr1", Certificate: 2}, w.people)
	mustRefuse(t, err, refusal.CodeNotLost, "certificate 2 of csr1 is in force")
	n := w.open("sa")
	defer n.Close()
	if slices.ContainsFunc(n.Records(), func(r journal.Record) bool { return r.Event == journal.EventNote && r.Profile != "AUDITOR" }) {
		t.Error("a refused remark was kept")
	}
}

// A target that was never certified is left out at the SA, by who hands out the
// journal there; one that was certified can have been given shares.
func TestNoteLeftOut(t *testing.T) {
	w := after(t, standard, "1")
	n := w.open("sa")
	defer n.Close()
	for _, bad := range []struct {
		m    Remark
		code refusal.Code
		says string
	}{
		{Remark{Profile: "AUDITOR", LeftOut: "css"}, refusal.CodeNotHere, `"css" is not a target`},
		{Remark{Profile: "CERTIFIER", LeftOut: "csr1"}, refusal.CodeAccess, "is for AUDITOR to say"},
		{Remark{Profile: "AUDITOR", LeftOut: "csr1", Lost: "csr1", Certificate: 1}, refusal.CodeNote, "about one of them"},
		{Remark{Profile: "AUDITOR", LeftOut: "csr1", Target: "csr1", Share: 1}, refusal.CodeNote, "about one of them"},
	} {
		bad.m.Text = "no machine"
		mustRefuse(t, n.Note(bad.m, w.people), bad.code, bad.says)
	}
	d := &reads{people: w.people}
	if err := n.Note(Remark{Profile: "AUDITOR", LeftOut: "csr1", Text: "no machine"}, d); err != nil {
		t.Fatal(err)
	}
	if len(d.facts) != 2 || d.facts[0] != [2]string{"it accounts for", "csr1, which is left out of the ceremony"} {
		t.Errorf("the officer read %q", d.facts)
	}
	css := w.open("css")
	defer css.Close()
	mustRefuse(t, css.Note(Remark{Profile: "AUDITOR", LeftOut: "csr1", Text: "no machine"}, w.people), refusal.CodeNotHere, "is known at the SA, sa: only there")
	w = after(t, small, "3b")
	sa := w.open("sa")
	defer sa.Close()
	err := sa.Note(Remark{Profile: "AUDITOR", LeftOut: "csr1", Text: "no machine"}, w.people)
	mustRefuse(t, err, refusal.CodeNotLost, "csr1 was certified")
	if hint := err.(*refusal.Error).Hint; hint != "take its certificate 1 back: {revoke --node csr1 --reason TEXT}" {
		t.Error(hint)
	}
}
