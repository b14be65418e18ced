package transcript

import (
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
	"github.com/gapferry/gapferry/coproc/tally"
)

// export is a journal as a node handed it out, in one or several bundles.
type export struct {
	from  coproc.NodeID
	key   string // of the audit key that the bundles bring, encoded
	plan  string
	total uint64
	whole coproc.Digest
	parts map[uint64][]byte // by offset
	raw   [][]byte          // its bundles
	err   error             // what is wrong with a bundle
}

type exportKey struct {
	from  coproc.NodeID
	key   string
	plan  coproc.Digest
	total uint64
	whole coproc.Digest
	good  bool // its bundles' signatures: a bad bundle must not spoil the others
}

// gatherExports opens journal bundles and puts the parts of each journal
// together. bad tells of a bundle that cannot be opened.
func gatherExports(sealed []*bundle.Sealed, hash coproc.Thumbprint, attempts int, bad func(*bundle.Sealed, error)) []*export {
	id, err := bundle.HashIdentity(hash)
	if err != nil {
		return nil
	}
	var all []*export
	room := newBudget()
	found := map[exportKey]*export{}
	seen, opened := newCopies(attempts), map[twin]bundle.JournalBody{}
	for _, s := range sealed {
		t := twinsOf(s)
		body, again := opened[t.both]
		sig := seen.refuse(t)
		var err error
		switch {
		case errors.Is(sig, errCopies):
			bad(s, sig)
			continue
		case sig != nil:
			// A copy of a good one: what is inside was opened.
		case again:
			_, sig = s.Verify(bundle.Anchors{Now: headerTime(s.UnverifiedHeader())})
		default:
			body, sig, err = openJournal(s, id)
		}
		if !errors.Is(sig, errCopy) {
			seen.note(t, err == nil && sig == nil)
		}
		if err != nil {
			bad(s, outside.Error(err))
			continue
		}
		h := s.UnverifiedHeader()
		if err := room.keep(h, &body); err != nil {
			bad(s, err)
			continue
		}
		opened[t.both] = body
		k := exportKey{h.From, string(h.Key), coproc.DigestOf(body.Plan), body.Total, body.Whole, sig == nil}
		x := found[k]
		if x == nil {
			x = &export{
				from: h.From, key: k.key, plan: string(body.Plan), total: body.Total, whole: body.Whole,
				parts: map[uint64][]byte{}, err: sig,
			}
			found[k] = x
			all = append(all, x)
		}
		have, twice := x.parts[body.Offset]
		if twice && bytes.Equal(have, body.Part) {
			continue // the same one, sealed again
		}
		x.raw = append(x.raw, s.Bytes())
		if twice {
			x.err = cmp.Or(x.err, fmt.Errorf("there are two different parts at byte %d", body.Offset))
			continue
		}
		x.parts[body.Offset] = body.Part
	}
	return all
}

// openJournal opens a journal bundle. sig is what is wrong with its signature:
// what is inside is looked at all the same, since the journal's own signatures
// say which record is wrong, if one is.
func openJournal(s *bundle.Sealed, id age.Identity) (body bundle.JournalBody, sig, err error) {
	v, sig := s.Verify(bundle.Anchors{Now: headerTime(s.UnverifiedHeader())})
	if sig != nil {
		body, err = insecureOpenJournal(s.Bytes(), id)
		return body, sig, err
	}
	b, err := v.Open(id)
	if err != nil {
		return body, nil, err
	}
	body, err = bundle.BodyAs[bundle.JournalBody](b)
	return body, nil, err
}

// insecureOpenJournal reads a journal bundle whose signature is bad: bundle
// does not, and rightly so. FORMAT.md §7 has the steps.
func insecureOpenJournal(raw []byte, id age.Identity) (body bundle.JournalBody, err error) {
	m, err := cosesig.Parse(raw)
	if err != nil {
		return body, err
	}
	tally.Decrypted.Add(1)
	r, err := age.Decrypt(bytes.NewReader(m.Payload), id)
	if err != nil {
		return body, err
	}
	plaintext, err := io.ReadAll(r)
	if err != nil {
		return body, err
	}
	context := coproc.DigestOf(m.Protected)
	deflated, ok := bytes.CutPrefix(plaintext, context[:])
	if !ok {
		return body, errors.New("it was sealed under another header")
	}
	inflated, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(bytes.NewReader(deflated), m.Protected), bundle.MaxPlanInside+1))
	if err != nil {
		return body, err
	}
	if err := detcbor.Unmarshal(inflated, &body); err != nil {
		return body, err
	}
	return body, body.Check()
}

// bytes puts the parts together. missing names those that are not here.
func (x *export) bytes() (whole []byte, missing []string) {
	count := (x.total-1)/bundle.MaxJournalPart + 1 // a part has at least a byte
	// Only what is here is gone through: the total is what somebody says.
	offsets := make([]uint64, 0, len(x.parts))
	for offset := range x.parts {
		offsets = append(offsets, offset)
	}
	slices.Sort(offsets)
	var next uint64
	gap := func(to uint64) {
		first, last := next/bundle.MaxJournalPart+1, to/bundle.MaxJournalPart
		switch {
		case first == last:
			missing = append(missing, fmt.Sprintf("part %d of %d", first, count))
		case first < last:
			missing = append(missing, fmt.Sprintf("parts %d to %d of %d", first, last, count))
		}
	}
	for _, offset := range offsets {
		if offset > next {
			gap(offset)
		}
		next = offset + uint64(len(x.parts[offset]))
	}
	if next < x.total {
		gap(count * bundle.MaxJournalPart)
	}
	if len(missing) > 0 {
		return nil, missing // what is not whole is not put together: it may be much
	}
	whole = make([]byte, 0, x.total)
	for _, offset := range offsets {
		whole = append(whole, x.parts[offset]...)
	}
	return whole, missing
}

// continues reports whether x holds everything that old, a journal or what
// parts of it are here, holds of the same journal.
func (x *export) continues(whole []byte, old *export) bool {
	if x.from != old.from || x.key != old.key || x.plan != old.plan {
		return false
	}
	size := uint64(len(whole))
	for offset, p := range old.parts {
		if uint64(len(p)) > size || offset > size-uint64(len(p)) || !bytes.Equal(whole[offset:][:len(p)], p) {
			return false
		}
	}
	return true
}

func errorCount(x *export) int {
	if x.err != nil {
		return 1
	}
	return 0
}

// newest leaves out what an export of the same journal that is complete and
// longer holds too.
func newest(all []*export) []*export {
	slices.SortStableFunc(all, func(a, b *export) int {
		if (a.err == nil) != (b.err == nil) && a.total == b.total {
			return cmp.Compare(errorCount(a), errorCount(b)) // the good one first
		}
		return cmp.Or(cmp.Compare(b.total, a.total), bytes.Compare(b.whole[:], a.whole[:]))
	})
	var kept []*export
	longest := map[string]struct {
		x     *export
		whole []byte
	}{}
	for _, x := range all {
		if l, ok := longest[x.key]; ok && l.x.continues(l.whole, x) {
			continue
		}
		kept = append(kept, x)
		if whole, missing := x.bytes(); len(missing) == 0 && longest[x.key].x == nil {
			longest[x.key] = struct {
				x     *export
				whole []byte
			}{x, whole}
		}
	}
	slices.SortStableFunc(kept, func(a, b *export) int {
		return cmp.Or(cmp.Compare(a.from.Name, b.from.Name), cmp.Compare(b.total, a.total))
	})
	return kept
}
