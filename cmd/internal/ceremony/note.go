package ceremony

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// maxNote bounds a remark, in bytes.
const maxNote = 1000

// Remark is what an officer has to say: one line of printable text. It may
// account for something that cannot be had any more: then Target and Share are
// set, or Lost and Certificate, or LeftOut, and nothing of the others. See subjectOf.
type Remark struct {
	Profile string
	Text    string

	// A share that was not installed: of which target, and its index from 1. With
	// Copy, from 1 in the order in which they were handed out, it is that copy of
	// the share, whatever became of the others.
	Target string
	Share  int
	Copy   int

	// The journal of a coprocessor that was lost: of which node, and a certificate
	// that the node had then, by its number from 1.
	Lost        string
	Certificate int

	// A target that was never certified and takes no part.
	LeftOut string
}

// Note keeps an officer's remark in the journal, under their signature: what
// happened in the room and no record tells.
func (n *Node) Note(m Remark, desk Desk) error {
	text := strings.TrimSpace(m.Text)
	s, err := n.subjectOf(m)
	switch {
	case err != nil:
		return err
	case text == "":
		return refusal.New(refusal.CodeNote, "the remark is empty")
	case len(text) > maxNote:
		return refusal.New(refusal.CodeNote, "the remark has %d bytes, the journal takes %d: make two of it", len(text), maxNote)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }):
		return refusal.New(refusal.CodeNote, "the remark has characters that are not printed: give one line of plain text")
	}
	node := n.Plan().At(n.Device().Name)[0]
	return n.withOfficer(node, m.Profile, "write a remark into the journal", desk, func(r *run) error {
		c := Confirmation{Act: "sign this remark as " + m.Profile + ", for the journal"}
		if s.words != "" {
			c.Facts = append(c.Facts, [2]string{"it accounts for", s.words})
		}
		c.Facts = append(append(c.Facts, s.facts...), [2]string{"remark", text})
		if err := r.confirm(c); err != nil {
			return err
		}
		rec := s.record
		rec.Event = journal.EventNote
		rec.Node, rec.Text = node.Name, text
		return r.record(rec)
	})
}
