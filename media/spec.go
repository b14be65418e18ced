package media

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// schemes is the grammar of carriers, in the words an operator reads.
const schemes = "dir:PATH, usb:[LABEL], qr:DIR, screen:, camera:[DEVICE] or wedge:"

// SpecError is a carrier named in words that no scheme understands.
type SpecError struct {
	Spec string // as typed; print it with Escape
	Why  string
}

func (e *SpecError) Error() string {
	return fmt.Sprintf("carrier \"%s\": %s", Escape(e.Spec), e.Why)
}

// Misused marks what was called wrongly.
func (*SpecError) Misused() {}

// UnsupportedError is a scheme of the grammar that does not do here what is
// asked of it.
type UnsupportedError struct {
	Scheme string // "qr"
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("carrier %s: is not supported here", e.Scheme)
}

// Misused marks what was called wrongly.
func (*UnsupportedError) Misused() {}

// Spec is a carrier in the words of an operator, taken apart.
type Spec struct {
	Scheme string // "dir", "usb", "qr", "screen", "camera" or "wedge"
	Rest   string // what stands behind the colon: a path, a label, a device
}

// ParseSpec takes a carrier's words apart: dir:PATH, usb:[LABEL], qr:DIR,
// screen:, camera:[DEVICE] or wedge:. The error is a *SpecError.
func ParseSpec(spec string) (Spec, error) {
	scheme, rest, ok := strings.Cut(spec, ":")
	if !ok {
		return Spec{}, &SpecError{spec, "is not of the form " + schemes + meant(spec)}
	}
	if strings.ContainsRune(rest, 0) {
		return Spec{}, &SpecError{spec, "holds a NUL character"}
	}
	switch scheme {
	case "dir", "qr":
		if rest == "" {
			return Spec{}, &SpecError{spec, "names no directory"}
		}
	case "screen", "wedge":
		if rest != "" {
			return Spec{}, &SpecError{spec, "takes nothing after the colon"}
		}
	case "usb", "camera":
	default:
		return Spec{}, &SpecError{spec, "no such scheme: use " + schemes}
	}
	return Spec{scheme, rest}, nil
}

// meant guesses at words without a colon.
func meant(word string) string {
	switch {
	case word == "usb", word == "screen", word == "camera", word == "wedge":
		return "; do you mean " + word + ":"
	case strings.ContainsRune(word, filepath.Separator) || strings.HasPrefix(word, "."):
		return "; do you mean dir:" + Escape(word)
	}
	return ""
}

// AtHome writes a path that begins with ~ out in full, as a shell does where no
// quote and no prefix (dir:) keeps it from it. The error is that of a home
// directory that is not known; ~somebody is always one.
func AtHome(path string) (string, error) {
	rest, tilde := strings.CutPrefix(path, "~")
	switch {
	case !tilde:
		return path, nil
	case rest != "" && !os.IsPathSeparator(rest[0]):
		return "", fmt.Errorf("%s is no directory that is known here: write the home directory out, or ./%[1]s for one of that name", Escape(strings.SplitN(path, "/", 2)[0]))
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("~ is not known: %w", err)
	}
	return filepath.Join(home, rest), nil
}
