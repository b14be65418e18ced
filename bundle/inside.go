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
)

// MaxInside is the most that the body of a bundle can have when it was
// inflated, in bytes. The plan, which is its largest part, fits well below it.
const MaxInside = 256 << 10

// The plaintext of a bundle is the digest of the protected header that it
// belongs to, and behind it the body, deflated with that header as the preset
// dictionary: what stands in the header costs nothing inside.

// encodeInside makes a plaintext.
func encodeInside(header []byte, body any) ([]byte, error) {
	b, err := detcbor.Marshal(body)
	if err != nil {
		return nil, err
	}
	if len(b) > MaxInside {
		return nil, fmt.Errorf("%w: %d bytes inside, at most %d", ErrTooLarge, len(b), MaxInside)
	}
	deflated, err := deflate(b, header)
	if err != nil {
		return nil, err
	}
	context := coproc.DigestOf(header)
	return append(context[:], deflated...), nil
}

// openInside takes a plaintext apart, up to the encoded body.
func openInside(plaintext, header []byte) ([]byte, error) {
	context := coproc.DigestOf(header)
	deflated, ok := bytes.CutPrefix(plaintext, context[:])
	if !ok {
		return nil, fmt.Errorf("%w: it was sealed under another header", ErrInside)
	}
	return inflate(deflated, header)
}

// decodeAs decodes an encoded body.
func decodeAs[T any](b []byte) (T, error) {
	var body T
	if err := detcbor.Unmarshal(b, &body); err != nil {
		return body, fmt.Errorf("%w: %w", ErrInside, err)
	}
	return body, nil
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

// inflate reads one raw DEFLATE stream (RFC 1951) of at most MaxInside bytes,
// with nothing behind it.
func inflate(b, dictionary []byte) ([]byte, error) {
	src := bytes.NewReader(b) // an io.ByteReader: flate reads no further than the stream
	out, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(src, dictionary), MaxInside+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: inflate: %w", ErrInside, err)
	case len(out) > MaxInside:
		return nil, fmt.Errorf("%w: it inflates to more than %d bytes", ErrInside, MaxInside)
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
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, fmt.Errorf("%w: %w", ErrNotSealedToMe, err)
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
