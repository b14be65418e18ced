// Package detcbor encodes and decodes deterministic CBOR (RFC 8949 §4.2.1)
// so that a value has exactly one encoding.
//
// Whatever Unmarshal accepts, Marshal gives back bit for bit: indefinite
// lengths, tags, floats in place of integers, duplicate or unknown map keys,
// integers or lengths longer than needed, map keys out of order and trailing
// bytes are all refused.
//
// It is the one decoder of everything that comes from outside. The defaults of
// the library below it would take tags, and so numbers of a million digits.
package detcbor

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/coproc/outside"
)

// Limits on what Unmarshal is willing to look at. They bound the memory a
// hostile input can ask for before it is refused.
const (
	maxNesting  = 8
	maxElements = 4096
	maxPairs    = 64
)

// ErrNotDeterministic is returned for well-formed CBOR that is not the
// deterministic encoding of its value.
var ErrNotDeterministic = errors.New("not the deterministic CBOR encoding of its value")

var (
	enc = func() cbor.EncMode {
		opts := cbor.CoreDetEncOptions()
		opts.IndefLength = cbor.IndefLengthForbidden
		m, err := opts.EncMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
	dec  = decoder(cbor.ExtraDecErrorUnknownField)
	peek = decoder(cbor.ExtraDecErrorNone)
)

func decoder(extra cbor.ExtraDecErrorCond) cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       maxPairs,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		BignumTag:         cbor.BignumTagForbidden,
		ExtraReturnErrors: extra,
		UTF8:              cbor.UTF8RejectInvalid,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}

// Marshal returns the deterministic encoding of v.
func Marshal(v any) ([]byte, error) {
	b, err := enc.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode CBOR: %w", err)
	}
	return b, nil
}

// Unmarshal decodes data into the struct or array v points to, and refuses
// data that Marshal(*v) would not give back bit for bit.
func Unmarshal(data []byte, v any) error {
	if err := dec.Unmarshal(data, v); err != nil {
		return undecoded(err)
	}
	return same(data, v)
}

// UnmarshalFirst decodes the first CBOR item of data as Unmarshal does, and
// returns the bytes behind it. It reads CBOR sequences (RFC 8742).
func UnmarshalFirst(data []byte, v any) (rest []byte, err error) {
	rest, err = dec.UnmarshalFirst(data, v)
	if err != nil {
		return nil, undecoded(err)
	}
	if err := same(data[:len(data)-len(rest)], v); err != nil {
		return nil, err
	}
	return rest, nil
}

// Peek decodes of data what v has fields for, and passes over what it has none
// for. That it says so in the one encoding is not checked. Everything else is as
// in Unmarshal.
func Peek(data []byte, v any) error {
	if err := peek.Unmarshal(data, v); err != nil {
		return undecoded(err)
	}
	return nil
}

// Cut reports whether data is the beginning of a CBOR item, cut off.
func Cut(data []byte) bool {
	err := dec.Wellformed(data)
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

func same(data []byte, v any) error {
	again, err := enc.Marshal(v)
	if err != nil {
		return undecoded(err)
	}
	if !bytes.Equal(again, data) {
		return undecoded(ErrNotDeterministic)
	}
	return nil
}

func undecoded(err error) error { return fmt.Errorf("decode CBOR: %w", outside.Error(err)) }
