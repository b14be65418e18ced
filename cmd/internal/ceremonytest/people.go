package ceremonytest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// people are the officers of a room: honest ones, who have the right cards and
// compare what they are asked to compare.
type people struct {
	w        *World
	room     *room
	wrong    map[string]bool // profiles who give a wrong passphrase; "*" for all
	chosen   string          // the passphrase that an officer who changes theirs chooses
	warnings []string
	said     string // what an officer said no to, and why

	careless  bool // they say yes to whatever the clock says
	otherCard bool // the hash officer has the card of another ceremony
}

func (p *people) Passphrase(q ceremony.PassphraseQuestion) ([]byte, journal.Means, error) {
	switch {
	case q.New:
		return []byte(p.chosen), 0, nil
	case p.wrong[q.Profile] || p.wrong["*"]:
		return []byte("not the passphrase"), 0, nil
	}
	return []byte(p.room.passphrase(q.Profile)), 0, nil
}

func (p *people) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, journal.Means, error) {
	if p.w.hash == (coproc.Thumbprint{}) || q.Problem != "" {
		return coproc.Thumbprint{}, 0, ceremony.ErrNoAnswer
	}
	if p.otherCard {
		return coproc.Thumbprint{1, 2, 3}, 0, nil
	}
	return p.w.hash, 0, nil
}

func (p *people) CardWords(q ceremony.CardQuestion) ([]string, journal.Means, error) {
	if p.w.hash == (coproc.Thumbprint{}) || q.Problem != "" {
		return nil, 0, ceremony.ErrNoAnswer
	}
	var words []string
	for _, i := range q.Positions {
		words = append(words, coproc.Words(p.w.hash)[i-1])
	}
	return words, 0, nil
}

func (p *people) ShowSAKeyHash(h coproc.Thumbprint) error {
	p.w.hash = h
	return nil
}

var (
	cardOnScreen = regexp.MustCompile(`(?:[a-z]+ ){8}\([0-9a-f]{8}(?: [0-9a-f]{8})*\)`)
	patternShown = regexp.MustCompile(`pattern ([0-9a-f]{16})`)
)

// Confirm says yes, but where a key card or the pattern on the screen is not
// the one that came from its own room.
func (p *people) Confirm(c ceremony.Confirmation) (journal.Means, error) {
	if strings.HasPrefix(c.Act, "revoke ") {
		return 0, nil // also of a node whose room has another card by now
	}
	if strings.Contains(c.Act, "this machine's clock") {
		return 0, p.looksAtWatch()
	}
	for _, f := range c.Facts {
		if card := cardOnScreen.FindString(f[1]); card != "" && card == f[1] {
			node := p.about(f[0], c.Act)
			if have := p.w.cards[node]; have != card {
				p.said = fmt.Sprintf("%s: the screen has %q for %q, the card from that room %q", c.Act, card, node, have)
				return 0, ceremony.ErrNoAnswer
			}
		}
		if f[0] == "source states" && f[1] != p.w.noted {
			p.said = fmt.Sprintf("%s: %s, and the worksheet says %s", c.Act, f[1], p.w.noted)
			return 0, ceremony.ErrNoAnswer
		}
	}
	return 0, nil
}

// looksAtWatch says yes where the clock of the room is right; who is careless
// says yes in any case.
func (p *people) looksAtWatch() error {
	off := p.w.clock(p.room.name)().Sub(p.w.now)
	if off.Abs() < 10*time.Minute || p.careless {
		return nil
	}
	p.said = fmt.Sprintf("the clock is off by %s", off)
	return ceremony.ErrNoAnswer
}

// about is the node whose card a fact is compared with: it is named in the
// fact or else in the act.
func (p *people) about(texts ...string) string {
	for _, text := range texts {
		words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
		for _, n := range p.w.Plan.Nodes {
			if slices.Contains(words, n.Name) {
				return n.Name
			}
		}
	}
	return ""
}

// Progress writes down what officers are told to write down.
func (p *people) Progress(g ceremony.Progress) {
	switch g.State {
	case ceremony.Warning:
		p.warnings = append(p.warnings, g.Text)
	case ceremony.Note:
		if strings.Contains(g.Text, "key card") {
			if card := cardOnScreen.FindString(g.Text); card != "" {
				p.w.cards[g.Node] = card
			}
		}
		if strings.Contains(g.Text, "information worksheet") {
			if m := patternShown.FindStringSubmatch(g.Text); m != nil {
				p.w.noted = m[1]
			}
		}
	}
}
