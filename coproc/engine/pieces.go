package engine

import (
	"crypto/subtle"
	"fmt"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// A chip that keeps no master key to itself leaves it to the engine, and the
// engine keeps it in pieces: m of n, one for each share officer. Nobody else reads
// any, and m officers never have to meet, as what is given out is made of pieces
// one by one. The sharing is Shamir's, which is linear: a piece of the key and a
// piece of a sharing of zero, added, are a share of the same key in a set that
// fits with no other. So each set is a fresh sharing of zero, of which each
// officer gets their piece; whoever drew it knows no more of the key than before.

func naked(c chip.Chip) bool {
	_, ok := c.(chip.Naked)
	return ok
}

// checkPieces refuses, with coproc.ErrNoReader, to put a master key into a
// register where a share has no officer.
func (st *vault) checkPieces() error {
	for i := 1; i <= st.N && naked(st.chip); i++ {
		if len(st.readersOf(readPiece, i)) == 0 {
			return fmt.Errorf("%w: a master key is kept in %d pieces, one for each share officer, and no profile here may obtain or install share %d", coproc.ErrNoReader, st.N, i)
		}
	}
	return nil
}

// fill puts a master key that the chip made into a register, and overwrites the
// Ref. What is told of the key is found out now: later nobody reads it.
func (st *state) fill(r *register, c coproc.Class, ref chip.Ref) (err error) {
	defer clear(ref)
	if r.Pattern, err = st.chip.Pattern(st.ctx, c, ref); err != nil {
		return err
	}
	if w, ok := st.chip.(chip.Weaker); ok {
		r.Weak = w.Weak(c, ref)
	}
	r.State = coproc.Full
	if !naked(st.chip) {
		k, err := st.keepRef(readMasterKey, ref)
		r.Key = &k
		return err
	}
	if err := st.checkPieces(); err != nil {
		return err
	}
	r.Pieces, err = st.keepShares(readPiece, ref)
	return err
}

// keepShares splits a value and seals each share to its readers.
func (st *vault) keepShares(r *readers, value []byte) (all []secret, err error) {
	points, err := split(value, st.M, st.N)
	if err != nil {
		return nil, err
	}
	defer wipePoints(points)
	for i, p := range points {
		s, err := st.keep(r, i+1, p.y)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func wipePoints(points []point) {
	for _, p := range points {
		clear(p.y)
	}
}

// newShares are the secrets of a set of shares of a register's master key: with
// pieces, a sharing of zero; else, the shares of what the chip gives out, with
// its digest where the chip wrapped it.
func (st *state) newShares(r *register, c coproc.Class, target coproc.Claims) (all []secret, digest *coproc.Digest, err error) {
	if naked(st.chip) {
		all, err = st.keepShares(readDelta, make([]byte, c.Size()))
		return all, nil, err
	}
	err = st.use(readMasterKey, *r.Key, func(ref chip.Ref) error {
		blob, err := st.chip.Export(st.ctx, c, ref, *st.SAKey, target)
		if err != nil {
			return err
		}
		defer clear(blob)
		if _, ok := st.chip.(chip.Wrapper); ok {
			d := coproc.DigestOf(blob)
			digest = &d
		}
		all, err = st.keepShares(readDelta, blob)
		return err
	})
	return all, digest, err
}

// shareValue is a share of a set, for its officer. The caller overwrites it.
func (st *state) shareValue(t *outgoingSet, index int) ([]byte, error) {
	value, err := st.open(readDelta, index, t.Shares[index-1].Value)
	if err != nil || !naked(st.chip) {
		return value, err
	}
	r, err := st.registersOf(t.Class)
	if err != nil {
		return nil, err
	}
	if len(r.Current.Pieces) < index {
		return nil, fmt.Errorf("%w: the current %s register has no piece %d", coproc.ErrDamaged, t.Class, index)
	}
	piece, err := st.open(readPiece, index, r.Current.Pieces[index-1])
	if err != nil {
		return nil, err
	}
	defer clear(piece)
	if len(piece) != len(value) {
		return nil, fmt.Errorf("%w: piece %d of the %s has %d bytes", coproc.ErrDamaged, index, t.Class, len(piece))
	}
	subtle.XORBytes(value, value, piece) // plus, in GF(2^8)
	return value, nil
}
