package coproc

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// NamedKey is one of a node's public keys.
type NamedKey struct {
	Name string // "signing key"
	Text string // the same for the same key, whatever it is used for
}

// Named lists the keys that are there, so that those of two nodes can be
// compared one by one. An age recipient is the same key in capital letters.
func (k Keys) Named() []NamedKey {
	var all []NamedKey
	for _, one := range []struct {
		name string
		key  PublicKey
	}{{"signing key", k.Sign}, {"audit key", k.Audit}, {"receipt key", k.Receipt}} {
		if !one.key.IsZero() {
			all = append(all, NamedKey{one.name, string(one.key.Bytes())})
		}
	}
	for _, one := range []struct{ name, recipient string }{{"box key", k.Box}, {"intake key", k.Intake}, {"share box key", k.ShareBox}} {
		if one.recipient != "" {
			all = append(all, NamedKey{one.name, strings.ToLower(one.recipient)})
		}
	}
	if k.Wrap != "" {
		all = append(all, NamedKey{"wrap key", string(k.Wrap)})
	}
	for i := 1; i <= k.Shares.Count(); i++ {
		all = append(all, NamedKey{fmt.Sprintf("key of share %d", i), hex.EncodeToString(k.Shares.Key(i))})
	}
	return all
}
