package transcript

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Extension ends the name of a transcript's file.
const Extension = ".gft"

// MaxSize is the most that a transcript can have, in bytes: as much as one
// node's journal may.
const MaxSize = 256 << 20

// MaxBundles is the most bundles that a transcript can have: a ceremony of 1000
// targets has some 8000, and the parts of its journals.
const MaxBundles = 1 << 16

// Level is the level of the format.
const Level = 1

// magic says what the file is.
const magic = "gapferry transcript"

// ErrFormat is wrapped by every refusal of a file that is no transcript.
var ErrFormat = errors.New("not a transcript")

// head is the first item of the file, which is a CBOR sequence (RFC 8742). An
// array of all bundles would be longer than a decoder should have to accept.
type head struct {
	Magic    string            `cbor:"1,keyasint"`
	Level    uint64            `cbor:"2,keyasint"`
	Ceremony coproc.CeremonyID `cbor:"3,keyasint"`
	Count    uint64            `cbor:"4,keyasint"` // of the byte strings that follow
}

// File is a transcript: the bundles of a ceremony as they were carried, each
// once. Nothing of them is verified.
type File struct {
	ceremony coproc.CeremonyID
	bundles  []evidence // by digest, ascending
}

// evidence is a bundle as it was carried.
type evidence struct {
	digest coproc.Digest
	raw    []byte
}

// newFile sorts bundles into the one order that a transcript has.
func newFile(id coproc.CeremonyID, raw [][]byte) (*File, error) {
	f := &File{ceremony: id}
	size := 0
	for _, b := range raw {
		size += len(b)
		f.bundles = append(f.bundles, evidence{coproc.DigestOf(b), b})
	}
	if len(raw) > MaxBundles {
		return nil, fmt.Errorf("the transcript would have more than %d bundles", MaxBundles)
	}
	if size > MaxSize {
		return nil, fmt.Errorf("the transcript would have more than %d bytes", MaxSize)
	}
	slices.SortFunc(f.bundles, func(a, b evidence) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	f.bundles = slices.CompactFunc(f.bundles, func(a, b evidence) bool { return a.digest == b.digest })
	return f, nil
}

// Parse reads a transcript in its one form, as TRANSCRIPT.md has it. Its errors
// wrap ErrFormat.
//
// It keeps b, which must not be changed afterwards.
func Parse(b []byte) (*File, error) {
	f, err := parse(b)
	return f, outside.Error(err)
}

func parse(b []byte) (*File, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFormat, MaxSize)
	}
	var h head
	rest, err := detcbor.UnmarshalFirst(b, &h)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	case h.Magic != magic:
		return nil, fmt.Errorf("%w: it does not say to be one", ErrFormat)
	case h.Level != Level:
		return nil, fmt.Errorf("%w of level %d: written by level %d, bring both to one level", ErrFormat, Level, h.Level)
	case h.Count > MaxBundles:
		return nil, fmt.Errorf("%w: it says to have %d bundles, at most %d", ErrFormat, h.Count, MaxBundles)
	case h.Ceremony == coproc.CeremonyID{}:
		return nil, fmt.Errorf("%w: the ceremony id is missing", ErrFormat)
	}
	f := &File{ceremony: h.Ceremony}
	for len(rest) > 0 {
		var raw []byte
		if raw, rest, err = detcbor.FirstBytes(rest); err != nil {
			return nil, fmt.Errorf("%w: bundle %d: %v", ErrFormat, len(f.bundles)+1, err)
		}
		if err := f.append(raw); err != nil {
			return nil, fmt.Errorf("%w: bundle %d: %v", ErrFormat, len(f.bundles)+1, err)
		}
	}
	if h.Count != uint64(len(f.bundles)) {
		return nil, fmt.Errorf("%w: it has %d bundles and says to have %d: it was cut or added to", ErrFormat, len(f.bundles), h.Count)
	}
	return f, nil
}

func (f *File) append(raw []byte) error {
	switch {
	case len(raw) == 0 || len(raw) > bundle.MaxSize:
		return fmt.Errorf("it has %d bytes, 1 to %d", len(raw), bundle.MaxSize)
	case len(f.bundles) == MaxBundles:
		return fmt.Errorf("a transcript has at most %d", MaxBundles)
	}
	digest := coproc.DigestOf(raw)
	if n := len(f.bundles); n > 0 && bytes.Compare(f.bundles[n-1].digest[:], digest[:]) >= 0 {
		return errors.New("bundles are not in the order of their digests, each once")
	}
	f.bundles = append(f.bundles, evidence{digest, raw})
	return nil
}

// Bytes is the file: what Parse accepts, it gives back bit for bit.
func (f *File) Bytes() []byte {
	var out bytes.Buffer
	f.write(&out)
	return out.Bytes()
}

// write writes the file to what never fails, without a copy of it in between.
func (f *File) write(w io.Writer) {
	b, err := detcbor.Marshal(head{magic, Level, f.ceremony, uint64(len(f.bundles))})
	if err != nil {
		panic(err) // numbers and a text can be encoded
	}
	w.Write(b)
	for _, e := range f.bundles {
		w.Write(detcbor.BytesHead(len(e.raw)))
		w.Write(e.raw)
	}
}

// Ceremony is the ceremony that the file says to be of.
func (f *File) Ceremony() coproc.CeremonyID { return f.ceremony }

// Count is how many bundles it has.
func (f *File) Count() int { return len(f.bundles) }

// Digest identifies the transcript: the SHA-256 digest of Bytes.
func (f *File) Digest() coproc.Digest {
	h := sha256.New()
	f.write(h)
	return coproc.Digest(h.Sum(nil))
}
