package frame

import "math/rand/v2"

// solve gives the payload if the codes that are there rebuild it, else nil. What
// it gives has the digest that the set is named after.
//
// Without forged codes the first try succeeds. With them, whose bytes nothing
// but the digest of the whole can tell, it looks for a choice without any:
//
//   - by the algebra of the code (locate), which finds up to s forged ones
//     among Need+2s and takes one try;
//   - by choosing at random, which is what finds one forged among Need+1, and
//     the right one of several that say to be the same.
//
// Nothing is remembered of choices that did not fit: each code that comes, be
// it a duplicate, is a reason to try others.
func (g *collected) solve(rng *rand.Rand) []byte {
	have := g.have()
	if len(have) < g.need {
		return nil
	}
	if data := g.rebuild(have[:g.need], first); data != nil {
		return data
	}
	if len(have) == g.need && g.disputed == 0 {
		return nil // there is no other choice
	}
	if data := g.withoutForged(have, rng); data != nil {
		return data
	}
	pick := func(there [][]byte) []byte { return there[rng.IntN(len(there))] }
	for range g.tries() {
		rng.Shuffle(len(have), func(i, j int) { have[i], have[j] = have[j], have[i] })
		if data := g.rebuild(have[:g.need], pick); data != nil {
			return data
		}
	}
	return nil
}

// tries is how many random choices one Add may take: inverting a matrix takes
// need³ multiplications, rebuilding at most need for each byte.
func (g *collected) tries() int {
	return min(maxTries, max(1, maxWork/(g.need*g.need*g.need+g.need*g.length)))
}

// withoutForged rebuilds from the codes that locate does not find forged. Of an
// index with several shards, none is used.
func (g *collected) withoutForged(have []int, rng *rand.Rand) []byte {
	var points []int
	var shards [][]byte
	for _, i := range have {
		if there := g.shards[i]; len(there) == 1 {
			points, shards = append(points, i), append(shards, there[0])
		}
	}
	var genuine []int
	for i, forged := range locate(points, shards, g.need, rng) {
		if !forged {
			genuine = append(genuine, points[i])
		}
	}
	if len(genuine) < g.need {
		return nil
	}
	return g.rebuild(genuine[:g.need], first)
}

func first(there [][]byte) []byte { return there[0] }

// rebuild gives the payload that Need of the codes stand for, or nil if it is
// not the one that the set is named after.
func (g *collected) rebuild(indices []int, pick func([][]byte) []byte) []byte {
	if g.code == nil {
		code, err := newCode(g.need)
		if err != nil {
			return nil
		}
		g.code = code
	}
	shards := make([][]byte, Total)
	for _, i := range indices {
		shards[i] = pick(g.shards[i])
	}
	if err := g.code.ReconstructData(shards); err != nil {
		return nil
	}
	var data []byte
	for _, s := range shards[:g.need] {
		data = append(data, s...)
	}
	if !zero(data[g.length:]) || idOf(data[:g.length]) != g.id {
		return nil
	}
	return data[:g.length:g.length]
}
