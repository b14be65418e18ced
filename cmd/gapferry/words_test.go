package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestSay(t *testing.T) {
	var b bytes.Buffer
	sayBroken(&b, "    done: ", "hash "+strings.Repeat("01234567 ", 8)+"and \x1b[31m\u202e what else "+strings.Repeat("x", 100))
	for _, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		if len(line) > screenWidth && !strings.Contains(line, strings.Repeat("x", 100)) {
			t.Errorf("%d columns: %s", len(line), line)
		}
		if !strings.HasPrefix(line, "    done: ") && !strings.HasPrefix(line, "          ") {
			t.Errorf("not indented: %q", line)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Errorf("not escaped: %q", b.String())
	}
}
