package ceremony

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// EventNote is an officer's remark.
const EventNote Event = "note"

// maxNote bounds a remark, in bytes.
const maxNote = 1000

// Note keeps an officer's remark in the journal, under their signature: what
// happened in the room and no record tells. It is one line of printable text.
func (n *Node) Note(profile, text string, desk Desk) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return refuse(CodeNote, "the remark is empty")
	case len(text) > maxNote:
		return refuse(CodeNote, "the remark has %d bytes, the journal takes %d: make two of it", len(text), maxNote)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }):
		return refuse(CodeNote, "the remark has characters that are not printed: give one line of plain text")
	}
	node := n.plan.At(n.device.Name)[0]
	return n.withOfficer(node, profile, "write a remark into the journal", desk, func(r *run) error {
		return r.record(Record{Event: EventNote, Node: node.Name, Text: text})
	})
}
