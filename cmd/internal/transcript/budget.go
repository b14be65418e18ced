package transcript

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// Bounds on what journal bundles unpack to, in bytes: a small file must not fill
// the memory. One coprocessor's is some 125,000 records, where 1000 targets
// make 30,000 at the source.
const (
	maxInflated    = 64 << 20
	maxInflatedAll = 512 << 20
)

// errTooMuch is wrapped where journal bundles unpack to more than that.
var errTooMuch = errors.New("too much is in the journals")

// budget keeps each part and each plan once, however many bundles bring it, and
// counts what is kept.
type budget struct {
	parts map[coproc.Digest][]byte
	by    map[string]int // by the key that signed the bundles, and who they say to be from
	all   int
}

func newBudget() *budget {
	return &budget{parts: map[coproc.Digest][]byte{}, by: map[string]int{}}
}

// keep gives the one copy of what a bundle brought.
func (m *budget) keep(h bundle.Header, body *bundle.JournalBody) error {
	if body.Total > maxInflated {
		return fmt.Errorf("%w of %s: it says to have %d bytes, at most %d MiB", errTooMuch, h.From.Name, body.Total, maxInflated>>20)
	}
	for _, b := range []*[]byte{&body.Plan, &body.Part} {
		digest := coproc.DigestOf(*b)
		if have, ok := m.parts[digest]; ok {
			*b = have
			continue
		}
		k := h.From.Name + "\x00" + string(h.Key)
		switch {
		case m.by[k]+len(*b) > maxInflated:
			return fmt.Errorf("%w of %s: more than %d MiB", errTooMuch, h.From.Name, maxInflated>>20)
		case m.all+len(*b) > maxInflatedAll:
			return fmt.Errorf("%w of all coprocessors: more than %d MiB", errTooMuch, maxInflatedAll>>20)
		}
		m.by[k] += len(*b)
		m.all += len(*b)
		// The part is a slice of all that the bundle unpacks to.
		m.parts[digest] = append(make([]byte, 0, len(*b)), *b...)
		*b = m.parts[digest]
	}
	return nil
}
