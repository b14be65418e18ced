// Package chip is the seam below a coprocessor: what the thing has to do that
// holds the keys. Everything else that CCA asks of a coprocessor, roles, dual
// control, registers, share sets, lock-out, is in package engine and is the same
// over every chip.
//
// A Chip is given Refs back that it made. What only some chips can do is found
// by asserting one of the other interfaces. How to work on one is in
// coproctest: it runs on each.
package chip

import (
	"context"
	"crypto"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
)

// Ref is how the engine names a key of a chip: a token's CKA_ID, a TPM's wrapped
// key, or, of a chip in software, the key itself. The engine keeps it in its
// sealed state, compares it byte for byte, overwrites it in memory when its use
// ends, and reads nothing in it. It has at most MaxRef bytes.
type Ref []byte

// MaxRef is more than the largest key that a TPM wraps, in bytes.
const MaxRef = 4096

// Chip holds keys. It is used by one act at a time. An error means that no key
// was made, and none is gone.
//
// The context is the command's. A chip that waits for somebody, for a touch or
// a PIN, ends the wait with the context's error when that is done; what it can
// do at once it does whatever the context says, so that an act that was begun
// ends whole. Handles use the context that they were asked for with.
type Chip interface {
	// Family is the kind of chip. A master key goes only to one of the same.
	Family() coproc.Family
	// Guards are the things that the chip sees to itself; the host does the rest.
	Guards() []coproc.Guard
	// Device tells this chip from every other of its family, whatever path or
	// slot it is at: a TPM's key name, a token's serial number. It is 1 to 256
	// characters of printable ASCII, and the same for ever. Software has none.
	Device() (string, error)

	// NewSigner makes a key that signs, of one of the kinds of package cosesig.
	NewSigner(context.Context) (Ref, coproc.PublicKey, error)
	// Signer is a handle to what NewSigner made. It signs as cosesig asks:
	// a whole message with Ed25519, a SHA-256 digest with ES256. It is used
	// within the act that asked for it.
	Signer(context.Context, Ref) (crypto.Signer, error)

	// NewBox makes a key that opens, and its recipient as
	// coproc.ParseBox reads it, or, for shares, coproc.ParseShareBox.
	NewBox(ctx context.Context, shares bool) (Ref, string, error)
	// Box is a handle to what NewBox made, used within the act that asked for it.
	Box(context.Context, Ref) (age.Identity, error)

	// Generate makes a random master key, of no weak value, with odd parity
	// for SYM-MK where the host can see to it. A class that the chip does not
	// hold is coproc.ErrClass.
	Generate(context.Context, coproc.Class) (Ref, error)
	// Load takes a master key of Class.Size bytes that was put together of
	// parts. It is the last time that the host sees it; the chip does not
	// keep key, which the caller overwrites.
	Load(ctx context.Context, c coproc.Class, key []byte) (Ref, error)
	// Pattern is the verification pattern of a master key, the same in every
	// chip of the family. Reports ask for it often: a chip that is slow keeps
	// it in its Ref.
	Pattern(context.Context, coproc.Class, Ref) (coproc.Pattern, error)

	// Export gives out a master key for the target with these claims, which
	// the SA certified, and the engine has checked. It is what is split into
	// shares: the key itself, where the host keeps it (the caller overwrites
	// it), or a blob that only the target's chip takes.
	Export(ctx context.Context, c coproc.Class, key Ref, sa coproc.PublicKey, target coproc.Claims) ([]byte, error)
	// BlobSize is the length in bytes of what Import takes, and so of each
	// share; target is what a Wrapper's NewTarget made, or nil.
	BlobSize(c coproc.Class, target Ref) int
	// Import is the reverse of Export. What is no such blob, or for another
	// target, is coproc.ErrShareDamaged.
	Import(ctx context.Context, c coproc.Class, target Ref, blob []byte) (Ref, error)

	// Drop destroys keys that are in no kept state any more, by their Refs, or
	// what a Handler gives of them; of a Naked chip there is nothing to drop.
	// What is gone already is no error, and what cannot be destroyed is left.
	Drop(...Ref)
	// Close ends the use of the chip.
	Close() error
}

// Naked is a chip whose Ref is the key itself: it leaves keeping it to the engine,
// which splits a master key among the share officers. Export is not asked of it.
type Naked interface{ Naked() }

// Handler is a chip that can drop a key without its Ref. The engine seals Refs to
// those whose acts need them, and keeps handles where everybody reads them, as an
// act by which a key goes may be anybody's. Of a chip that is no Handler the
// Refs are kept so.
type Handler interface {
	// Handle is what Drop needs of a Ref: nothing that helps to use the key.
	Handle(Ref) Ref
}

// Weaker is a chip that can tell a weak master key (CCA 8/703). Where a chip
// cannot, it refuses a weak key in Load or not at all.
type Weaker interface {
	// Weak reports whether a master key must not be set.
	Weak(coproc.Class, Ref) bool
}

// Wrapper is a chip that gives a master key out only wrapped for the key of
// another chip, so that a host never sees it.
type Wrapper interface {
	// NewTarget makes the key that a target's chip takes master keys with, and
	// what coproc.Keys.Wrap says of it.
	NewTarget(context.Context) (Ref, coproc.WrapKey, error)
	// CheckTarget refuses, with coproc.ErrCertificate, claims of a target that
	// Export would not wrap for. It needs no key, and no waiting.
	CheckTarget(coproc.Claims) error
}
