package chip

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Selection says which device a coprocessor is made of. The zero value is the
// chip in software.
type Selection struct {
	Family coproc.Family
	// Path is the device: of a TPM a character device, or "unix:" and the path of
	// a socket. Of Family Software it is the TPM that its state is bound to; empty
	// for none.
	Path  string
	Token URI // of Family PKCS11
}

// Forms are the ways in which a selection is written.
const Forms = "soft, soft+tpm:DEVICE, tpm:DEVICE (DEVICE is /dev/tpmrm0, or unix:PATH) or a PKCS#11 URI (pkcs11:token=NAME;…?module-path=FILE)"

// ErrSelection is wrapped by every refusal of a selection.
var ErrSelection = errors.New("coprocessor")

func badSelection(format string, a ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrSelection}, a...)...)
}

// ParseSelection reads one of Forms. Paths are absolute, so that they mean the
// same wherever a command is run.
func ParseSelection(s string) (Selection, error) {
	kind, rest, more := strings.Cut(s, ":")
	switch {
	case s == "soft":
		return Selection{}, nil
	case kind == "soft+tpm" && more:
		return tpmSelection(coproc.Software, rest)
	case kind == "tpm" && more:
		return tpmSelection(coproc.TPM, rest)
	case kind == "pkcs11" && more:
		token, err := ParseURI(s)
		if err != nil {
			return Selection{}, err
		}
		return Selection{Family: coproc.PKCS11, Token: token}, nil
	case kind == "tpm" || kind == "soft+tpm":
		return Selection{}, badSelection("%s names no device: %s:/dev/tpmrm0, or %s:unix: and the path of a socket", kind, kind, kind)
	}
	return Selection{}, badSelection("%s is none of: %s", outside.Text(kind), Forms) // what follows may hold a PIN
}

func tpmSelection(f coproc.Family, device string) (Selection, error) {
	path := strings.TrimPrefix(device, "unix:")
	switch {
	case !filepath.IsAbs(path) || path != filepath.Clean(path):
		return Selection{}, badSelection("the TPM %s is no path from the root, like /dev/tpmrm0 or unix:/run/tpm.sock", outside.Text(device))
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Selection{}, badSelection("the path of the TPM has control characters: %s", outside.Text(device))
	case strings.HasPrefix(device, "/dev/tpm") && !strings.HasPrefix(device, "/dev/tpmrm"):
		return Selection{}, badSelection("%s is the TPM without the kernel's resource manager, which keeps programs apart: name /dev/tpmrm%s", device, strings.TrimPrefix(device, "/dev/tpm"))
	}
	return Selection{Family: f, Path: device}, nil
}

// String writes the selection as ParseSelection reads it.
func (s Selection) String() string {
	switch {
	case s.Family == coproc.PKCS11:
		return s.Token.String()
	case s.Family == coproc.Software && s.Path == "":
		return "soft"
	case s.Family == coproc.Software:
		return "soft+tpm:" + s.Path
	}
	return string(s.Family) + ":" + s.Path
}

// Words names the kind of coprocessor to people.
func (s Selection) Words() string {
	switch {
	case s.Family == coproc.Software && s.Path == "":
		return "software coprocessor"
	case s.Family == coproc.Software:
		return "software coprocessor bound to a TPM"
	case s.Family == coproc.TPM:
		return "TPM 2.0 coprocessor"
	}
	return "PKCS#11 coprocessor"
}
