package ceremony

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/coproc"
)

// EventNote is an officer's remark.
const EventNote Event = "note"

// maxNote bounds a remark, in bytes.
const maxNote = 1000

// Remark is what an officer has to say: one line of printable text. With a
// target and a share it accounts for that share: where it is, if it was not
// installed.
type Remark struct {
	Profile string
	Text    string
	Target  string
	Share   int
}

// Note keeps an officer's remark in the journal, under their signature: what
// happened in the room and no record tells.
func (n *Node) Note(m Remark, desk Desk) error {
	text := strings.TrimSpace(m.Text)
	switch {
	case (m.Target == "") != (m.Share == 0):
		return refuse(CodeNote, "a remark is about a share of a target, both are named, or about neither")
	case m.Target != "" && (n.plan.Node(m.Target) == nil || n.plan.Node(m.Target).Role != coproc.CSR):
		return refuse(CodeNotHere, "%q is not a target of the plan", m.Target)
	case m.Share < 0 || m.Share > n.plan.N:
		return refuse(CodeShareIndex, "there is no share %d: the plan has shares 1 to %d", m.Share, n.plan.N)
	case text == "":
		return refuse(CodeNote, "the remark is empty")
	case len(text) > maxNote:
		return refuse(CodeNote, "the remark has %d bytes, the journal takes %d: make two of it", len(text), maxNote)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }):
		return refuse(CodeNote, "the remark has characters that are not printed: give one line of plain text")
	}
	node := n.plan.At(n.device.Name)[0]
	return n.withOfficer(node, m.Profile, "write a remark into the journal", desk, func(r *run) error {
		c := Confirmation{Act: "sign this remark as " + m.Profile + ", for the journal"}
		if m.Target != "" {
			c.Facts = append(c.Facts, [2]string{"it accounts for", fmt.Sprintf("share %d for %s", m.Share, m.Target)})
		}
		c.Facts = append(c.Facts, [2]string{"remark", text})
		if err := r.confirm(c); err != nil {
			return err
		}
		return r.record(Record{Event: EventNote, Node: node.Name, Text: text, Peer: m.Target, Share: m.Share})
	})
}
