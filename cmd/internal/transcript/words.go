package transcript

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// what says what a record tells, in words.
func (c *root) what(e *entry) string {
	switch e.Event {
	case journal.EventInit:
		return "store made: " + e.Text
	case journal.EventTask:
		return c.task(e)
	case journal.EventRefused:
		return c.refusal(e)
	case journal.EventCompared:
		return "compared" + colon(e.Text)
	case journal.EventReceived:
		return fmt.Sprintf("%s taken in%s", e.Kind, about(e))
	case journal.EventWritten:
		return fmt.Sprintf("%s made%s", e.Kind, about(e))
	case journal.EventCopied:
		return fmt.Sprintf("%s%s handed to %s", e.Kind, about(e), e.Text)
	case journal.EventCanceled:
		return "share set cancelled: " + e.Text
	case journal.EventRevoked:
		return "certificates taken back: " + e.Text
	case journal.EventCleared:
		return "new register cleared: " + e.Text
	case journal.EventRepaired:
		return "journal repaired: " + e.Text
	case journal.EventInterrupted:
		return e.Text
	case eventFormer:
		return e.Text
	case journal.EventExported:
		return "journal handed out" + colon(e.Text)
	case journal.EventNote:
		return "remark" + remarkOn(e.Record) + ": " + e.Text
	}
	return e.Text
}

// remarkOn says what a remark accounts for.
func remarkOn(r *journal.Record) string {
	if words := journal.SubjectWords(*r); words != "" {
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
func (c *root) task(e *entry) string {
	text := string(e.Task)
	subject := e.name()
	if e.Peer != "" {
		subject = e.Peer
	}
	if n := c.nodes[subject]; n != nil {
		for _, t := range procedure.Table2 {
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

// refusal says what was refused. A refused log-on names a profile that nobody
// proved to be.
func (c *root) refusal(e *entry) string {
	logOn := e.Code == refusal.CodePassphrase || e.Code == refusal.CodeLocked || e.Code == refusal.CodeInactive
	if logOn && e.Profile != "" && !e.instance.journal.Signed(e.Seq) {
		return fmt.Sprintf("log-on of %s refused: %s", c.who(e.Profile), e.Text)
	}
	by := ""
	if e.Profile != "" {
		by = " (" + c.who(e.Profile) + ")"
	}
	return "refused" + by + ": " + e.Text
}

func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + fmt.Sprintf("… (%d bytes)", len(text))
}
