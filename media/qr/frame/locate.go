package frame

import "math/rand/v2"

// locate finds which of the points were forged: at most half of those that are
// there beyond need, whatever the forger chose. It gives nil where it finds no
// such explanation. Points are indices and their shards.
//
// Each byte position of the shards is a codeword: the values of a polynomial of
// degree < need at the points x. A weighted sum of all positions is one too, and
// a forged shard is an error in it, unless the weights, which the forger cannot
// foresee, happen to hide it. Of such a word the syndromes
//
//	S[j] = Σ u[i]·y[i]·x[i]^j,  u[i] = 1 / Π(x[i] - x[m], m ≠ i),  j < n-need
//
// are 0 but for the errors. A polynomial L that is zero at all errors has
// Σ L[l]·S[j+l] = 0 for every j; with t coefficients to find and at least as
// many equations as errors, every such L is zero at all errors.
func locate(points []int, shards [][]byte, need int, rng *rand.Rand) []bool {
	spare := len(points) - need
	if spare < 0 {
		return nil
	}
	errors := spare / 2
	weights := lagrange(points)
	var rows [][]byte
	for range sums {
		syndromes := syndromes(points, shards, weights, spare, rng)
		for j := range spare - errors {
			rows = append(rows, append([]byte(nil), syndromes[j:j+errors+1]...))
		}
	}
	locator := kernel(rows, errors+1)
	if locator == nil {
		return nil
	}
	forged := make([]bool, len(points))
	for i, x := range points {
		forged[i] = value(locator, byte(x)) == 0
	}
	return forged
}

// sums is how many weighted sums are looked at: one hides a forged shard with
// probability 1/256, all of them with 2^-32.
const sums = 4

func lagrange(points []int) []byte {
	u := make([]byte, len(points))
	for i, x := range points {
		p := byte(1)
		for m, other := range points {
			if m != i {
				p = mul(p, byte(x)^byte(other))
			}
		}
		u[i] = inverse(p)
	}
	return u
}

func syndromes(points []int, shards [][]byte, weights []byte, count int, rng *rand.Rand) []byte {
	random := make([]byte, len(shards[0]))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	s := make([]byte, count)
	for i, shard := range shards {
		y := byte(0)
		for j, v := range shard {
			y ^= mul(random[j], v)
		}
		y = mul(y, weights[i])
		for j := range s {
			s[j] ^= y
			y = mul(y, byte(points[i]))
		}
	}
	return s
}

// value of a polynomial, lowest coefficient first.
func value(poly []byte, x byte) byte {
	v := byte(0)
	for i := len(poly) - 1; i >= 0; i-- {
		v = mul(v, x) ^ poly[i]
	}
	return v
}
