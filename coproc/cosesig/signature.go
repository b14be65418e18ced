package cosesig

import (
	"bytes"
	"crypto/elliptic"
	"fmt"
	"math/big"

	"github.com/veraison/go-cose"
)

// An ECDSA signature (r, s) is as good as (r, n−s), so that anyone could make
// a second message, with another digest, out of one. Only the smaller s is
// accepted, and signing brings s into that form. Ed25519 has one form anyway
// (RFC 8032 §5.1.7).

// signatureSize is the length in bytes of signatures of an algorithm.
func signatureSize(alg cose.Algorithm) int {
	if alg == cose.AlgorithmES384 {
		return 96
	}
	return 64
}

// curveOrder is n of an ECDSA algorithm, and nil for others.
func curveOrder(alg cose.Algorithm) *big.Int {
	switch alg {
	case cose.AlgorithmES256:
		return elliptic.P256().Params().N
	case cose.AlgorithmES384:
		return elliptic.P384().Params().N
	}
	return nil
}

// LowS returns the accepted form of a signature of the right length. Others,
// and signatures that are not ECDSA's, it gives back as they are.
func LowS(alg cose.Algorithm, sig []byte) []byte {
	n := curveOrder(alg)
	if n == nil || len(sig) != signatureSize(alg) {
		return sig
	}
	half := len(sig) / 2
	s := new(big.Int).SetBytes(sig[half:])
	other := new(big.Int).Sub(n, s)
	if other.Sign() < 0 || s.Cmp(other) <= 0 {
		return sig // s ≥ n never verifies: left for the verifier to say so
	}
	return append(bytes.Clone(sig[:half]), other.FillBytes(make([]byte, half))...)
}

// CheckForm refuses, with ErrSignature, a signature that is not in the one
// accepted form: the length of its algorithm, and low S.
func CheckForm(alg cose.Algorithm, sig []byte) error {
	if len(sig) != signatureSize(alg) {
		return fmt.Errorf("%w: signature of %d bytes", ErrSignature, len(sig))
	}
	if !bytes.Equal(LowS(alg, sig), sig) {
		return fmt.Errorf("%w: signature is not in its low-S form", ErrSignature)
	}
	return nil
}
