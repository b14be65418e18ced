package journal

import (
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// Means says by which means an officer's answers came to the program, where it
// was not the officer at the terminal. The zero value is the officer.
type Means uint16

// The means of scripts. Each can answer without the officer.
const (
	PassphraseByDescriptor Means = 1 << iota // whoever has the passphrase wrote it there
	YesByFlag                                // nobody compared anything
	CardByFile                               // a card came from a file, a pipe or a scan that nobody confirmed
	KeyPartByDescriptor
)

// meansWords are the means in words, by bit.
var meansWords = []string{"passphrase by descriptor", "yes by a flag", "card from a file or a pipe", "key part by descriptor"}

// InPlace is what was answered in the place of an officer beyond the log-on:
// who has an officer's passphrase can log on as them at a terminal, too.
func (m Means) InPlace() Means { return m &^ PassphraseByDescriptor }

// Words say each of the means; nil for an officer at the terminal.
func (m Means) Words() (words []string) {
	for i, w := range meansWords {
		if bit := Means(1) << i; m&bit != 0 {
			words, m = append(words, w), m&^bit
		}
	}
	if m != 0 {
		words = append(words, "by means that this version does not know")
	}
	return words
}

func (m Means) String() string { return strings.Join(m.Words(), ", ") }

// Answered is a place in a journal where scripts answered for officers.
type Answered struct {
	Phase    procedure.PhaseID `json:"phase,omitempty"` // empty outside of the phases
	Node     string            `json:"node"`
	Means    Means             `json:"-"`
	Words    []string          `json:"means"` // Means in words
	Profiles []string          `json:"who"`
	Records  []uint64          `json:"record_numbers"` // from 1, ascending
}

// AnsweredIn finds, for each phase of each node, where officers were answered
// for in the records of one journal: first where more than their log-on was.
func AnsweredIn(records []Record) []Answered {
	type place struct {
		phase   string
		node    string
		inPlace bool
	}
	type named struct {
		at      int
		profile string
	}
	var all []Answered
	at, seen := map[place]int{}, map[named]bool{}
	for _, r := range records {
		if r.Means == 0 {
			continue
		}
		p := place{r.Phase, r.Node, r.Means.InPlace() != 0}
		i, there := at[p]
		if !there {
			i, at[p] = len(all), len(all)
			all = append(all, Answered{Phase: procedure.PhaseID(r.Phase), Node: r.Node})
		}
		a := &all[i]
		a.Means |= r.Means
		a.Records = append(a.Records, r.Seq)
		if k := (named{i, r.Profile}); !seen[k] {
			seen[k] = true
			a.Profiles = append(a.Profiles, r.Profile)
		}
	}
	for i := range all {
		all[i].Words = all[i].Means.Words()
	}
	slices.SortStableFunc(all, func(a, b Answered) int {
		return min(int(b.Means.InPlace()), 1) - min(int(a.Means.InPlace()), 1)
	})
	return all
}
