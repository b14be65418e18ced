package media

import (
	"fmt"
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

// UnsupportedError is a scheme of the grammar that this build, or this
// platform, cannot open with Open.
type UnsupportedError struct {
	Scheme string // "qr"
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("carrier %s: is not supported here", e.Scheme)
}

// Open opens the carrier that spec names: dir:PATH, usb:[LABEL], qr:DIR,
// screen:, camera:[DEVICE] or wedge:. The medium need not be there yet for
// dir:; nothing is read or written. The errors are *SpecError and
// *UnsupportedError, and for usb: those of System.OpenStick.
func Open(spec string) (Carrier, error) {
	scheme, rest, ok := strings.Cut(spec, ":")
	if !ok {
		return nil, &SpecError{spec, "is not of the form " + schemes}
	}
	if strings.ContainsRune(rest, 0) {
		return nil, &SpecError{spec, "holds a NUL character"}
	}
	switch scheme {
	case "dir", "qr":
		if rest == "" {
			return nil, &SpecError{spec, "names no directory"}
		}
	case "screen", "wedge":
		if rest != "" {
			return nil, &SpecError{spec, "takes nothing after the colon"}
		}
	case "usb", "camera":
	default:
		return nil, &SpecError{spec, "no such scheme: use " + schemes}
	}
	switch scheme {
	case "dir":
	case "usb":
		return openUSB(rest)
	default:
		return nil, &UnsupportedError{scheme}
	}
	// Absolute, so that the carrier stays where it is if the program moves.
	root, err := filepath.Abs(rest)
	if err != nil {
		return nil, &SpecError{spec, "cannot be found from the current directory: " + cause(err)}
	}
	return &Dir{root: root}, nil
}
