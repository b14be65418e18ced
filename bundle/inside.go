package bundle

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/tally"
)

// MaxPlanInside is what MaxInside is for sa-key and journal, which bring the
// plan: one of a thousand targets has some 430 kB.
const MaxPlanInside = 1 << 20

// MaxInside is the most that the body of a bundle can have when it was
// inflated, in bytes.
const MaxInside = 256 << 10

// The plaintext of a bundle is the digest of the protected header that it
// belongs to, and behind it the body, deflated with that header as the preset
// dictionary: what stands in the header costs nothing inside.

// encodeInside makes a plaintext.
func encodeInside(header []byte, body Body) ([]byte, error) {
	b, err := detcbor.Marshal(body)
	if err != nil {
		return nil, err
	}
	for _, r := range kindRules {
		if limit := r.inside.limit; r.inside.has(body) && len(b) > limit {
			return nil, fmt.Errorf("%w: %d bytes inside, at most %d", ErrTooLarge, len(b), limit)
		}
	}
	deflated, err := deflate(b, header)
	if err != nil {
		return nil, err
	}
	context := coproc.DigestOf(header)
	return append(context[:], deflated...), nil
}

// openInside takes a plaintext apart, up to the encoded body of at most limit
// bytes.
func openInside(plaintext, header []byte, limit int) ([]byte, error) {
	context := coproc.DigestOf(header)
	deflated, ok := bytes.CutPrefix(plaintext, context[:])
	if !ok {
		return nil, fmt.Errorf("%w: it was sealed under another header", ErrInside)
	}
	return inflate(deflated, header, limit)
}

func deflate(b, dictionary []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriterDict(&out, flate.BestCompression, dictionary)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflate reads one raw DEFLATE stream (RFC 1951) of at most limit bytes,
// with nothing behind it.
func inflate(b, dictionary []byte, limit int) ([]byte, error) {
	src := bytes.NewReader(b) // an io.ByteReader: flate reads no further than the stream
	out, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(src, dictionary), int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: inflate: %w", ErrInside, err)
	case len(out) > limit:
		return nil, fmt.Errorf("%w: it inflates to more than %d bytes", ErrInside, limit)
	case src.Len() > 0:
		return nil, fmt.Errorf("%w: %d bytes behind its end", ErrInside, src.Len())
	}
	return out, nil
}

// decrypt opens an age file. An error of an identity itself, such as
// coproc.ErrClosed, is wrapped beside ErrInside: age does not tell it from a
// damaged file.
func decrypt(file []byte, ids ...age.Identity) ([]byte, error) {
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: no identity was given to open it with", ErrNotSealedToMe)
	}
	tally.Decrypted.Add(1)
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, ErrNotSealedToMe // age's own words are about stanzas, and help nobody
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInside, err)
	}
	plaintext, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInside, err)
	}
	return plaintext, nil
}
