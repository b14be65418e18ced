package transcript

import (
	"errors"
	"fmt"
	"math"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// Bounds on copies of one bundle that are not good and are looked at all the
// same when a transcript is verified: whoever hands it on can put thousands there,
// and each costs a signature, or the words' scrypt. Collect has no such bound: it
// is what takes them out, and nobody's good bundle may be lost behind them.
const (
	maxBadCopies   = 4  // where the good one is here
	maxBadAttempts = 64 // where it is not, so far
	anyAttempts    = math.MaxInt
)

var (
	// errCopy is a bundle that has header and payload of a good one, and another
	// signature.
	errCopy = errors.New("it is a copy of a good one with another signature")
	// errCopies is a bundle that was not looked at.
	errCopies = fmt.Errorf("it was not looked at: more than %d copies like it are not good", maxBadAttempts)
)

// twin is what a bundle has in common with a copy of it in which something was
// changed: its whole header, what is inside, or both. A sequence number is not
// enough: a node that was set up anew counts from 1 again.
type twin struct {
	header, payload coproc.Digest
}

// twins are those of one bundle.
type twins struct {
	both twin
	one  [2]twin // header, payload
}

func twinsOf(s *bundle.Sealed) twins {
	t := twin{s.Context(), s.PayloadDigest()}
	return twins{t, [2]twin{{header: t.header}, {payload: t.payload}}}
}

// copies tells bundles that need not be looked at: so that copies of one cost
// no more than a few.
type copies struct {
	good     map[twin]bool
	bad      map[twin]int
	attempts int // where none is good so far
}

func newCopies(attempts int) *copies { return &copies{map[twin]bool{}, map[twin]int{}, attempts} }

// here reports whether a good bundle has the header or the payload.
func (c *copies) here(t twins) bool { return c.good[t.one[0]] || c.good[t.one[1]] }

// refuse says why a bundle need not be looked at; nil where it must be. Two
// bundles under one header that both are good would be the fault of who signed
// them, so some are looked at though one of them is.
func (c *copies) refuse(t twins) error {
	if c.good[t.both] {
		return errCopy
	}
	for _, one := range t.one {
		if c.bad[one] >= c.attempts || c.good[one] && c.bad[one] >= maxBadCopies {
			return errCopies
		}
	}
	return nil
}

// note keeps what became of looking at one.
func (c *copies) note(t twins, good bool) {
	if good {
		c.good[t.both], c.good[t.one[0]], c.good[t.one[1]] = true, true, true
		return
	}
	c.bad[t.one[0]]++
	c.bad[t.one[1]]++
}
