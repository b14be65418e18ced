package ceremony

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// meansOf gives the means of each signed record of a node from a number on, by
// profile.
func meansOf(n *Node, from int) map[string]journal.Means {
	all := map[string]journal.Means{}
	for _, r := range n.Records()[from:] {
		if n.Journal().Signed(r.Seq) {
			all[r.Profile] |= r.Means
		}
	}
	return all
}

// The signed journal says how each officer's answers came: nothing of those who
// answered at the terminal, and of nobody what was answered for another.
func TestMeansAreInTheJournal(t *testing.T) {
	const script = journal.PassphraseByDescriptor | journal.YesByFlag | journal.CardByFile
	for _, c := range []struct {
		means    journal.Means
		node     string
		last, id procedure.PhaseID
		want     map[string]journal.Means
	}{
		{script, "css", "1", "2a", map[string]journal.Means{
			"AUDITOR": journal.PassphraseByDescriptor, "HASH": journal.PassphraseByDescriptor | journal.CardByFile, "KEYREG": journal.PassphraseByDescriptor | journal.CardByFile,
			"KEYGEN": journal.PassphraseByDescriptor, "VERIFIER": journal.PassphraseByDescriptor,
		}},
		{0, "css", "1", "2a", map[string]journal.Means{"AUDITOR": 0, "HASH": 0, "KEYREG": 0, "KEYGEN": 0, "VERIFIER": 0}},
		{script, "sa", "2a", "2b", map[string]journal.Means{"CERTIFIER": journal.PassphraseByDescriptor | journal.YesByFlag}},
		{journal.YesByFlag, "css", "3b", "3c", map[string]journal.Means{"SHARE1": journal.YesByFlag, "SHARE2": journal.YesByFlag}},
	} {
		w := after(t, small, c.last)
		w.people.means = c.means
		before := len(records(w, c.node))
		w.phase(c.node, c.id)
		n := w.open(c.node)
		if got := meansOf(n, before); !reflect.DeepEqual(got, c.want) {
			t.Errorf("phase %s, answered by %v: the journal says %v, want %v", c.id, c.means, got, c.want)
		}
		if got := n.Status().Answered; len(got) > 0 {
			t.Errorf("the status of a rehearsal says %+v", got)
		}
		n.Close()
	}
}

func records(w *world, node string) []journal.Record {
	n := w.open(node)
	defer n.Close()
	return n.Records()
}

// What an act asked for itself is in its record, too; another officer's answers
// are not.
func TestMeansOfActs(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("css")
	defer n.Close()
	act := func(d *people, do func(ActSession) (string, error)) journal.Record {
		t.Helper()
		_, err := n.RunAct(Act{Text: "x", Task: "set", Officer: func(p *plan.Node) string { return p.Officers.Set }, Do: do}, d)
		if err != nil && !errors.Is(err, ErrNoAnswer) {
			t.Fatal(err)
		}
		return last(n)
	}
	yes := func(ActSession) (string, error) { return "", nil }
	if r := act(&people{means: journal.YesByFlag | journal.PassphraseByDescriptor}, yes); r.Means != journal.YesByFlag|journal.PassphraseByDescriptor {
		t.Errorf("an act with --yes has %v", r.Means)
	}
	if r := act(&people{}, yes); r.Means != 0 {
		t.Errorf("an act at the terminal has %v", r.Means)
	}
	if r := act(&people{}, func(s ActSession) (string, error) { s.By(journal.KeyPartByDescriptor); return "", nil }); r.Means != journal.KeyPartByDescriptor {
		t.Errorf("a key part by descriptor is %v", r.Means)
	}
	// The new passphrase may come another way than the old one.
	if err := n.ChangePassphrase("AUDITOR", &typing{people: &people{means: journal.PassphraseByDescriptor}, chosen: "quite another one"}); err != nil {
		t.Fatal(err)
	}
	if r := last(n); r.Means != journal.PassphraseByDescriptor {
		t.Errorf("a passphrase by descriptor is %v", r.Means)
	}
}

func TestAnsweredIn(t *testing.T) {
	got := journal.AnsweredIn([]journal.Record{
		{Seq: 1, Profile: "ADMIN", Means: journal.PassphraseByDescriptor},
		{Seq: 2, Phase: "2a", Node: "css", Profile: "AUDITOR"},
		{Seq: 3, Phase: "2a", Node: "css", Profile: "HASH", Means: journal.PassphraseByDescriptor},
		{Seq: 4, Phase: "2a", Node: "css", Profile: "HASH", Means: journal.PassphraseByDescriptor | journal.CardByFile},
		{Seq: 5, Phase: "2a", Node: "css", Profile: "KEYREG", Means: journal.CardByFile | 1<<9},
		{Seq: 6, Phase: "2a", Node: "css", Profile: "HASH", Means: journal.YesByFlag},
		{Seq: 7, Phase: "3c", Node: "css", Profile: "SHARE1", Means: journal.YesByFlag},
	})
	want := []journal.Answered{
		{Phase: "2a", Node: "css", Means: journal.PassphraseByDescriptor | journal.CardByFile | journal.YesByFlag | 1<<9, Profiles: []string{"HASH", "KEYREG"}, Records: []uint64{4, 5, 6}},
		{Phase: "3c", Node: "css", Means: journal.YesByFlag, Profiles: []string{"SHARE1"}, Records: []uint64{7}},
		{Means: journal.PassphraseByDescriptor, Profiles: []string{"ADMIN"}, Records: []uint64{1}},
		{Phase: "2a", Node: "css", Means: journal.PassphraseByDescriptor, Profiles: []string{"HASH"}, Records: []uint64{3}},
	}
	for i := range want {
		want[i].Words = want[i].Means.Words()
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	words := []string{"passphrase by descriptor", "yes by a flag", "card from a file or a pipe", "by means that this version does not know"}
	if !slices.Equal(got[0].Words, words) {
		t.Errorf("in words: %q", got[0].Words)
	}
}
