package outside

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `""`}, {"css", `"css"`}, {"\x1b[2J", `"\x1b[2J"`},
		{strings.Repeat("a", MaxText), `"` + strings.Repeat("a", MaxText) + `"`},
		{strings.Repeat("a", MaxText+1), `"` + strings.Repeat("a", MaxText) + `"…`},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
		if got := Text([]byte(c.in)); got != c.want {
			t.Errorf("%q as bytes: %s, want %s", c.in, got, c.want)
		}
	}
}

var errInner = errors.New("inner")

func TestError(t *testing.T) {
	if Error(nil) != nil {
		t.Error("nil became an error")
	}
	short := fmt.Errorf("short: %w", errInner)
	if got := Error(short); got != short {
		t.Errorf("%v", got)
	}
	for _, c := range []struct{ in, want string }{
		{"a\x1b[2Jb", `a\x1b[2Jb`}, {"line\nline", `line\nline`}, {"\xff", `\xff`}, {"\u202eright to left", `\u202eright to left`},
		{strings.Repeat("9", MaxError+1), strings.Repeat("9", MaxError) + "…"},
		{strings.Repeat("9", MaxError-1) + "ü9", strings.Repeat("9", MaxError-1) + "…"},
	} {
		got := Error(fmt.Errorf("%s%w", c.in, &silent{errInner}))
		if got.Error() != c.want || !utf8.ValidString(got.Error()) {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
		if !errors.Is(got, errInner) {
			t.Errorf("%q: what it wraps is lost", c.in)
		}
	}
	if n := len(Error(errors.New(strings.Repeat("\x00", 1<<20))).Error()); n > 4*MaxError+len(more) {
		t.Errorf("%d bytes", n)
	}
}

// silent wraps an error without a word.
type silent struct{ err error }

func (s *silent) Error() string { return "" }

func (s *silent) Unwrap() error { return s.err }
