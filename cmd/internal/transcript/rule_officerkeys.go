package transcript

import (
	"maps"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// officerKeysRule checks whose keys the officers' are. With the keys that the
// first record of a journal lists, reading it has checked every record.
type officerKeysRule struct{ *replay }

// check checks that whoever vouches for the audit key of a journal vouches for
// that list, and that it has the officers of the plan.
func (c officerKeysRule) check() {
	const rule = "officer-keys"
	for _, l := range c.instances {
		first := l.entries[0]
		if c.auditKeys[l.auditor] && !c.vouchedOfficers(l) {
			c.fault(rule, first, "the officers' keys in its first record are not those that the certificate with its audit key vouches for: whoever wrote it signed in the names of others")
		}
		listed := map[string]bool{}
		for _, f := range l.journal.Init().Officers {
			listed[f.Profile] = true
		}
		planned := c.profilesAt[l.device]
		for _, p := range slices.Sorted(maps.Keys(listed)) {
			if !planned[p] {
				c.fault(rule, first, "its first record has a key of profile %s, which is not in the plan at coprocessor %s", clip(p, 40), l.device)
			}
		}
		var missing []string
		for _, p := range slices.Sorted(maps.Keys(planned)) {
			if p != "" && !listed[p] {
				missing = append(missing, p)
			}
		}
		if len(missing) > 0 {
			c.fault(rule, first, "its first record has no key of %s", strings.Join(missing, ", "))
		}
	}
}

// voucher is what a certificate says of a journal: its audit key, and the list
// of its officers' keys.
type voucher struct {
	audit    coproc.PublicKey
	officers coproc.Digest
}

// vouchedOfficers reports whether the SA vouches for the list of officers' keys
// in a journal, under its audit key.
func (c *keyring) vouchedOfficers(l *instance) bool {
	digest, err := l.journal.Init().Officers.Digest()
	return err == nil && c.vouchers[voucher{l.auditor, digest}]
}
