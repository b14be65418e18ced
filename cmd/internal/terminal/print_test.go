package terminal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/media"
)

func TestSay(t *testing.T) {
	var b bytes.Buffer
	long := "hash " + strings.Repeat("01234567 ", 8) + "and \x1b[31m\u202e what else " + strings.Repeat("x", 100)
	PrintWrapped(&b, "    done: ", media.Escape(long))
	for _, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		if len(line) > Width && !strings.Contains(line, strings.Repeat("x", 100)) {
			t.Errorf("%d columns: %s", len(line), line)
		}
		if !strings.HasPrefix(line, "    done: ") && !strings.HasPrefix(line, "          ") {
			t.Errorf("not indented: %q", line)
		}
	}
	b.Reset()
	Print(&b, "    done: ", long)
	if strings.ContainsAny(b.String(), "\x1b\u202e") || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("not escaped on one line: %q", b.String())
	}
}
