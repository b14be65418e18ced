package bundle

import "errors"

// The refusals of this package. Each is wrapped with the particulars; callers
// branch with errors.Is. They are listed in the order in which the layers of
// a bundle are reached.
var (
	// ErrTooLarge: nothing of it was read.
	ErrTooLarge = errors.New("too large for a bundle")
	// ErrFormat: it is damaged, or something else than a bundle.
	ErrFormat = errors.New("not a bundle in the one accepted form")
	// ErrLevel: made by another level of the tool.
	ErrLevel = errors.New("written by another level of the tool")
	// ErrKind: an unknown kind, or another kind than the one asked for.
	ErrKind = errors.New("not the kind of bundle for this")
	// ErrCeremony: made for another ceremony than the verifier's.
	ErrCeremony = errors.New("made for another ceremony")
	// ErrUnknownKey: the key that it names is not one that is trusted here.
	ErrUnknownKey = errors.New("signed with a key that is not trusted here")
	// ErrCertificate: the signer's certificate does not allow it. It is
	// wrapped together with coproc.ErrCertificate where that is the cause.
	ErrCertificate = errors.New("the certificate of the signer does not cover this bundle")
	// ErrSignature: the key is trusted, and did not sign these bytes.
	ErrSignature = errors.New("the signature of the bundle is not good")
	// ErrNotSealedToMe: genuine, but for others to open.
	ErrNotSealedToMe = errors.New("not sealed to this node")
	// ErrInside: genuine outside; what it carries is damaged, belongs to
	// another header, or is not what its kind carries.
	ErrInside = errors.New("the inside of the bundle cannot be used")
)
