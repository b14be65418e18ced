package bundle

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Body is what is inside a bundle: of each kind the one type of this package
// that kindRules gives it. Inside a share is what the coprocessor put there.
type Body interface {
	// check refuses what nobody could use, whatever is around it.
	check() error
	// fits compares the body with the header around it, which is of a kind that
	// it goes into, and with the key that signed.
	fits(h Header, key coproc.PublicKey) error
}

// Body is what was inside the bundle.
func (b *Bundle) Body() Body { return b.body }

// BodyAs is what was inside a bundle, as the type that its kind has; ErrKind for
// a bundle of another kind.
//
//	statement, err := bundle.BodyAs[bundle.StatementBody](opened)
func BodyAs[T Body](b *Bundle) (T, error) {
	body, ok := b.body.(T)
	if !ok {
		return body, fmt.Errorf("%w: it is %q, wanted is %q", ErrKind, b.Header().Kind, kindsWith[T]())
	}
	return body, nil
}

// kindsWith lists the kinds that have a T inside.
func kindsWith[T Body]() (kinds []Kind) {
	var body T
	for _, r := range kindRules {
		if r.inside.has(body) {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}

// inside is what a kind has inside. The zero value is nothing that can be read here.
type inside struct {
	limit  int // the most bytes that the encoded body can have
	is     func(Body) bool
	decode func(encoded []byte) (Body, error)
}

// insideIs is a T inside.
func insideIs[T Body](limit int) inside {
	return inside{
		limit:  limit,
		is:     func(b Body) bool { _, ok := b.(T); return ok },
		decode: func(encoded []byte) (Body, error) { return decodeAs[T](encoded) },
	}
}

func (i inside) has(b Body) bool { return i.is != nil && i.is(b) }

// checkBody compares a body with the header around it and the key that signed,
// and refuses one that nobody could use.
func checkBody(h Header, body Body, key coproc.PublicKey) error {
	r, err := rulesOf(h.Kind)
	if err != nil {
		return err
	}
	if !r.inside.has(body) {
		return wrongBody(h, body)
	}
	if err := body.check(); err != nil {
		return err
	}
	return body.fits(h, key)
}

func wrongBody(h Header, body Body) error {
	return fmt.Errorf("%w: %T does not go into %q", ErrKind, body, h.Kind)
}

// decodeInside reads the plaintext of a bundle whose signature verified with
// key.
func decodeInside(plaintext, header []byte, h Header, key coproc.PublicKey) (Body, error) {
	r, err := rulesOf(h.Kind)
	if err != nil {
		return nil, err
	}
	if r.inside.decode == nil {
		return nil, fmt.Errorf("%w: nothing of %q can be read here", ErrKind, h.Kind)
	}
	encoded, err := openInside(plaintext, header, r.inside.limit)
	if err != nil {
		return nil, err
	}
	body, err := r.inside.decode(encoded)
	if err != nil {
		return nil, err
	}
	if err := body.fits(h, key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInside, err)
	}
	return body, nil
}

// decodeAs decodes an encoded body, and checks it by itself.
func decodeAs[T Body](encoded []byte) (T, error) {
	var body T
	if err := detcbor.Unmarshal(encoded, &body); err != nil {
		return body, fmt.Errorf("%w: %w", ErrInside, err)
	}
	if err := body.check(); err != nil {
		return body, fmt.Errorf("%w: %w", ErrInside, err)
	}
	return body, nil
}

// maxBy bounds the name of a profile, in printable ASCII characters.
const maxBy = 64

func checkShares(list []uint8) error {
	for i, index := range list {
		if index < 1 || index > coproc.MaxShares || i > 0 && list[i-1] >= index {
			return fmt.Errorf("shares %d", list[:min(len(list), coproc.MaxShares+1)])
		}
	}
	return nil
}

func checkBy(profile string) error {
	if profile == "" || len(profile) > maxBy || strings.ContainsFunc(profile, func(c rune) bool { return c < 0x20 || c > 0x7e }) {
		return fmt.Errorf("profile %s", outside.Text(profile))
	}
	return nil
}
