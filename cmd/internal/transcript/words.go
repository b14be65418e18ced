package transcript

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// what says what a record tells, in words.
func (c *checker) what(e *entry) string {
	switch e.Event {
	case ceremony.EventInit:
		return "store made: " + e.Text
	case ceremony.EventTask:
		return c.task(e)
	case ceremony.EventRefused:
		return c.refusal(e)
	case ceremony.EventCompared:
		return "compared" + colon(e.Text)
	case ceremony.EventReceived:
		return fmt.Sprintf("%s taken in%s", e.Kind, about(e))
	case ceremony.EventWritten:
		return fmt.Sprintf("%s made%s", e.Kind, about(e))
	case ceremony.EventCopied:
		return fmt.Sprintf("%s%s handed to %s", e.Kind, about(e), e.Text)
	case ceremony.EventCanceled:
		return "share set cancelled: " + e.Text
	case ceremony.EventRevoked:
		return "certificates taken back: " + e.Text
	case ceremony.EventCleared:
		return "new register cleared: " + e.Text
	case ceremony.EventRepaired:
		return "journal repaired: " + e.Text
	case ceremony.EventInterrupted:
		return e.Text
	case eventFormer:
		return e.Text
	case ceremony.EventExported:
		return "journal handed out" + colon(e.Text)
	case ceremony.EventNote:
		return "remark" + remarkOn(e.Record) + ": " + e.Text
	}
	return e.Text
}

// remarkOn says what a remark accounts for.
func remarkOn(r *ceremony.Record) string {
	if words := ceremony.SubjectWords(*r); words != "" {
		return " on " + words
	}
	return ""
}

func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// task is the words of Table 2, without the result.
func (c *checker) task(e *entry) string {
	text := string(e.Task)
	subject := e.name()
	if e.Peer != "" {
		subject = e.Peer
	}
	if n := c.nodes[subject]; n != nil {
		for _, t := range ceremony.Table2 {
			if t.Task == e.Task && t.Group == n.Role {
				text = strings.ReplaceAll(t.Text, "%s", strings.ToUpper(subject))
			}
		}
	}
	return text + about(e)
}

// about names share and peer of a record.
func about(e *entry) string {
	text := ""
	if e.Share > 0 {
		text += fmt.Sprintf(" %d", e.Share)
	}
	if e.Peer != "" {
		text += " (" + e.Peer + ")"
	}
	return text
}

// span is a time in words, to the second.
func span(seconds int64) string { return (time.Duration(seconds) * time.Second).String() }
