package engine

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/coproc"
)

// errCombine is wrapped when shares cannot be put together.
var errCombine = errors.New("cannot combine shares")

// point is one share: the polynomials' values at x, one for each byte of the
// secret. x is the share's index, 1 to 15, and public.
type point struct {
	x byte
	y []byte
}

// split makes n points of which any m give the secret back and any m-1 say
// nothing about it (Shamir, over GF(2^8), byte by byte). Point i has x = i+1.
// The coefficients come from crypto/rand only, which never fails.
func split(secret []byte, m, n int) ([]point, error) {
	if m < 1 || m > n || n > coproc.MaxShares || len(secret) == 0 {
		return nil, fmt.Errorf("cannot split %d bytes into %d of %d shares", len(secret), m, n)
	}
	points := make([]point, n)
	for i := range points {
		points[i] = point{x: byte(i + 1), y: make([]byte, len(secret))}
	}
	coefficients := make([]byte, m) // the last is the secret's byte
	defer clear(coefficients)
	for b, s := range secret {
		rand.Read(coefficients[:m-1])
		coefficients[m-1] = s
		for _, p := range points {
			p.y[b] = evaluate(coefficients, p.x)
		}
	}
	return points, nil
}

// evaluate is Horner's rule: the coefficient of the highest power comes first.
func evaluate(coefficients []byte, x byte) byte {
	var y byte
	for _, c := range coefficients {
		y = gfMul(y, x) ^ c
	}
	return y
}

// combine gives back the secret from at least m points. It cannot tell a
// wrong share from a right one: whoever calls it has checked signatures
// before and compares the verification pattern afterwards.
func combine(m int, points []point) ([]byte, error) {
	if m < 1 || len(points) < m {
		return nil, fmt.Errorf("%w: %d are not the %d needed", errCombine, len(points), m)
	}
	for i, p := range points {
		if p.x == 0 || len(p.y) == 0 || len(p.y) != len(points[0].y) {
			return nil, fmt.Errorf("%w: share at %d of %d bytes", errCombine, p.x, len(p.y))
		}
		for _, q := range points[:i] {
			if p.x == q.x {
				return nil, fmt.Errorf("%w: share %d is there twice", errCombine, p.x)
			}
		}
	}
	secret := make([]byte, len(points[0].y))
	for i, p := range points {
		weight := lagrange(points, i)
		for b := range secret {
			secret[b] ^= gfMul(weight, p.y[b])
		}
	}
	return secret, nil
}

// lagrange is the weight of point i in the value at 0. It depends on the
// public x only. Minus is plus in GF(2^8).
func lagrange(points []point, i int) byte {
	weight := byte(1)
	for j, q := range points {
		if j != i {
			weight = gfMul(weight, gfMul(q.x, gfInv(q.x^points[i].x)))
		}
	}
	return weight
}
