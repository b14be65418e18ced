package bundle

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
)

// keyIDDomain separates key ids from every other hash of a thumbprint.
const keyIDDomain = "gapferry key id v1"

// KeyID names a key in a header: the first 16 bytes of
// SHA-256(keyIDDomain ‖ thumbprint). It is not the thumbprint, because the
// SA key's thumbprint spells the passphrase of sa-key, which a header in the
// clear must not give away.
func KeyID(t coproc.Thumbprint) [16]byte {
	sum := sha256.Sum256(append([]byte(keyIDDomain), t[:]...))
	return [16]byte(sum[:16])
}

// scryptWorkFactor is the log2 of scrypt's N for sa-key, and the most that
// reading accepts. The passphrase has 256 random bits: stretching it adds
// nothing, and a small factor cannot be used to stall a node. 10 costs 1 MiB
// and a few milliseconds.
const scryptWorkFactor = 10

// hashPassphrase is the passphrase of sa-key: the words of the SA-key hash,
// one space between them.
func hashPassphrase(t coproc.Thumbprint) string { return strings.Join(coproc.Words(t), " ") }

// HashRecipient seals to whoever registered the SA-key hash t.
func HashRecipient(t coproc.Thumbprint) (age.Recipient, error) {
	r, err := age.NewScryptRecipient(hashPassphrase(t))
	if err != nil {
		return nil, fmt.Errorf("seal to SA-key hash: %w", err)
	}
	r.SetWorkFactor(scryptWorkFactor)
	return r, nil
}

// HashIdentity opens what was sealed with HashRecipient(t).
func HashIdentity(t coproc.Thumbprint) (age.Identity, error) {
	i, err := age.NewScryptIdentity(hashPassphrase(t))
	if err != nil {
		return nil, fmt.Errorf("open with SA-key hash: %w", err)
	}
	i.SetMaxWorkFactor(scryptWorkFactor)
	return i, nil
}
