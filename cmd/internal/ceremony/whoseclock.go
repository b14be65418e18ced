package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// whoseClock says what to do about a certificate that is not good at this time:
// its days are by the SA's clock, now is by this machine's. Which of the two is
// wrong is said where something else tells, and else asked. The zero claims stand
// for a certificate that could not be read.
func (n standing) whoseClock(subject *plan.Node, claims coproc.Claims) string {
	renew := fmt.Sprintf("`gapferry %s` there", renewalOf(subject))
	now := n.Now().Unix()
	said := journal.InWords(claims.NotBefore)
	switch asked := n.askedAt(subject, claims); {
	case claims.NotBefore == 0:
		return fmt.Sprintf("look at a watch. If this machine's clock is right, the SA makes another certificate, %s; if it is not, set it right, and run this again", renew)
	case claims.NotBefore < journal.LevelBegan.Unix():
		return fmt.Sprintf("the SA's clock was wrong when it certified %s: it said %s. Set it right there, then %s", subject.Name, said, renew)
	case n.clockDenies(claims.NotBefore):
		return fmt.Sprintf("the SA's clock was wrong when it certified %s: it said %s, and an officer here confirmed that this machine's clock is right. Set it right there, then %s", subject.Name, said, renew)
	case asked > claims.NotBefore+clockSkew:
		return fmt.Sprintf("by this machine's clock %s asked for that certificate on %s, by the SA's it had it before, on %s: one of the two clocks was wrong. Look at a watch: if this one is, set it right and run this again; if the SA's is, set it right there, then %s",
			subject.Name, journal.InWords(asked), said, renew)
	case now < claims.NotBefore:
		return fmt.Sprintf("the SA's clock said %s when it certified %s. Look at a watch: if this machine's clock is wrong, set it right and run this again; if the SA's is, set it right there, then %s", said, subject.Name, renew)
	}
	return fmt.Sprintf("look at a watch. If this machine's clock is right, the SA makes another certificate: %s; if it is not, set it right and run this again", renew)
}

const clockSkew = int64(coproc.ClockSkew / 1e9)

// askedAt is when a node of this store made the request that a certificate
// answers, by this machine's clock; 0 for other nodes.
func (n standing) askedAt(subject *plan.Node, claims coproc.Claims) int64 {
	for _, rec := range n.Journal().Records() {
		request := rec.Kind == bundle.KindCSSKey || rec.Kind == bundle.KindCSRKey
		if rec.Event == journal.EventWritten && request && rec.Node == subject.Name && rec.Bundle != nil && *rec.Bundle == claims.Answers {
			return rec.Time
		}
	}
	return 0
}

// clockDenies reports whether the last that an officer said here of this
// machine's clock is that it is right, although something was made as late as a
// time that it has not come to.
func (n standing) clockDenies(t int64) bool {
	records := n.Journal().Records()
	for i := len(records) - 1; i >= 0; i-- {
		if records[i].Event != journal.EventClock || !n.Journal().Signed(records[i].Seq) {
			continue
		}
		d, err := journal.DataOf[journal.ClockData](records[i])
		return err == nil && d.Bundle != coproc.Digest{} && d.Other > n.Now().Unix()+clockSkew && t > n.Now().Unix()+clockSkew
	}
	return false
}
