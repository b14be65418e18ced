package bundle

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc/outside"
)

// maxAgeHeader bounds the header of an age file, in bytes. One with 16 hybrid
// recipients has 27 kB.
const maxAgeHeader = 64 << 10

// stanzaTypes lists the types of the recipients in the header of a binary age
// file. They say by what kind of key it can be opened, not by whose.
func stanzaTypes(file []byte) ([]string, error) {
	header, err := age.ExtractHeader(bytes.NewReader(file[:min(len(file), maxAgeHeader)]))
	if err != nil {
		return nil, err
	}
	var types []string
	for line := range strings.Lines(string(header)) {
		// Base64 has no "-", so only a stanza begins like this.
		if rest, ok := strings.CutPrefix(line, "-> "); ok {
			types = append(types, strings.Fields(rest)[0])
		}
	}
	return types, nil
}

// checkRecipients applies the rules of a kind to its age file.
func checkRecipients(file []byte, r rules) ([]string, error) {
	types, err := stanzaTypes(file)
	if err != nil {
		return nil, fmt.Errorf("%w: payload is not an age file: %w", ErrFormat, outside.Error(err))
	}
	if slices.Contains(r.stanzas, stanzaScrypt) && len(types) > 1 {
		return nil, fmt.Errorf("%w: %s is sealed to %d recipients, where one passphrase opens it", ErrFormat, r.kind, len(types))
	}
	if len(types) > MaxTo {
		return nil, fmt.Errorf("%w: sealed to %d recipients", ErrFormat, len(types))
	}
	for _, t := range types {
		if !slices.Contains(r.stanzas, t) {
			return nil, fmt.Errorf("%w: %s is sealed to a recipient of type %s", ErrFormat, r.kind, outside.Text(t))
		}
	}
	return types, nil
}
