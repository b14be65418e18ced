package cosesig

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"filippo.io/edwards25519"
)

// minusOne is L−1 modulo L, the order of the base point (RFC 8032 §5.1).
var minusOne = func() *edwards25519.Scalar {
	one, err := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	if err != nil {
		panic(err)
	}
	return one.Negate(one)
}()

// checkEdwards refuses, with ErrKey, what no private key makes: 32 bytes that are
// no point, a second encoding of one, and points outside of the subgroup of
// prime order. For a point of small order one signature verifies whatever is
// signed, so that it proves no possession and binds nobody; crypto/ed25519 takes
// all of them.
func checkEdwards(k ed25519.PublicKey) error {
	if len(k) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: Ed25519 key of %d bytes", ErrKey, len(k))
	}
	p, err := new(edwards25519.Point).SetBytes(k)
	switch {
	case err != nil:
		return fmt.Errorf("%w: not a point of Ed25519", ErrKey)
	case !bytes.Equal(p.Bytes(), k):
		return fmt.Errorf("%w: not the one encoding of its point of Ed25519", ErrKey)
	case new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1:
		return fmt.Errorf("%w: a point of small order of Ed25519", ErrKey)
	}
	// [L]p is the identity if [L−1]p is −p.
	if new(edwards25519.Point).ScalarMult(minusOne, p).Equal(new(edwards25519.Point).Negate(p)) != 1 {
		return fmt.Errorf("%w: a point outside of the subgroup of Ed25519", ErrKey)
	}
	return nil
}
