package chip

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc/outside"
)

// URI is a PKCS#11 URI (RFC 7512) that names one token and its module. It
// compares with ==.
type URI struct {
	Token, Serial, Model, Manufacturer string // of CK_TOKEN_INFO
	Slot                               string // slot-id, decimal; empty for any
	ModulePath, ModuleName             string
	text                               string // as it was given
}

// maxURI bounds a URI, in bytes.
const maxURI = 1024

// ParseURI reads a PKCS#11 URI. A token must be named by its label or its serial
// number, and a module by its path. What names an object is refused, as is a PIN:
// pin-value stands in the list of processes, pin-source in a file.
func ParseURI(s string) (u URI, err error) {
	rest, ok := strings.CutPrefix(s, "pkcs11:")
	if !ok || len(s) > maxURI {
		return u, badSelection("it is no PKCS#11 URI of at most %d bytes (RFC 7512), like pkcs11:token=css?module-path=/usr/lib/softhsm/libsofthsm2.so", maxURI)
	}
	path, query, _ := strings.Cut(rest, "?")
	var seen []string
	each := func(part, separator string, attributes map[string]*string) error {
		if part == "" {
			return nil
		}
		for _, a := range strings.Split(part, separator) {
			name, value, ok := strings.Cut(a, "=")
			switch {
			case name == "pin-value" || name == "pin-source":
				return badSelection("%s does not belong into a URI: the PIN is asked for, where the token has no entry of its own", name)
			case !ok || attributes[name] == nil:
				return badSelection("%s is not used to name a token: token, serial, model, manufacturer, slot-id; and behind the question mark module-path, module-name", outside.Text(name)) // the value may be a PIN
			case slices.Contains(seen, name):
				return badSelection("%s is there twice", name)
			}
			seen = append(seen, name)
			// RFC 7512 §2.3: percent encoding, and + is a plus.
			plain, err := url.PathUnescape(value)
			if err != nil || strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				return badSelection("%s is not encoded as RFC 7512 has it: %s", name, outside.Text(value))
			}
			*attributes[name] = plain
		}
		return nil
	}
	if err := each(path, ";", map[string]*string{
		"token": &u.Token, "serial": &u.Serial, "model": &u.Model, "manufacturer": &u.Manufacturer, "slot-id": &u.Slot,
	}); err != nil {
		return URI{}, err
	}
	if err := each(query, "&", map[string]*string{"module-path": &u.ModulePath, "module-name": &u.ModuleName}); err != nil {
		return URI{}, err
	}
	switch {
	case u.Token == "" && u.Serial == "":
		return URI{}, badSelection("the URI names no token: token=LABEL or serial=NUMBER")
	case u.ModulePath == "" || u.ModulePath[0] != '/':
		return URI{}, badSelection("the URI names no module: ?module-path= and its path from the root, like /usr/lib/softhsm/libsofthsm2.so")
	case strings.Trim(u.Slot, "0123456789") != "":
		return URI{}, badSelection("slot-id is %s, a decimal number", outside.Text(u.Slot))
	}
	u.text = s
	return u, nil
}

// String is the URI as it was given.
func (u URI) String() string { return u.text }
