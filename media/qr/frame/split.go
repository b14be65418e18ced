package frame

import (
	"errors"
	"fmt"

	"github.com/klauspost/reedsolomon"
)

// Set is a payload cut up for codes.
type Set struct {
	id   ID
	form Form
	shape
	shards [][]byte // 256 of them
}

// MinRoom is the least room that Split accepts, in characters: a code with one
// byte of payload.
func MinRoom(form Form) int { return form.length(headerLen + 1 + crcLen) }

// Need says how many codes of at most room characters rebuild length bytes. It
// fails for no bytes and more than MaxPayload, a room that is too small or that
// no QR code has, and where more than MaxNeed codes would be needed.
func Need(length int, form Form, room int) (int, error) {
	switch {
	case !form.valid():
		return 0, fmt.Errorf("unknown form %v of a code's text: base45 or base32", form)
	case length <= 0:
		return 0, errors.New("nothing to show: there are no bytes")
	case length > MaxPayload:
		return 0, fmt.Errorf("%d bytes are too many for QR codes: at most %d", length, MaxPayload)
	case room < MinRoom(form):
		return 0, fmt.Errorf("codes of %d characters are too small: at least %d are needed", room, MinRoom(form))
	case room > MaxText:
		return 0, fmt.Errorf("no QR code holds %d characters: at most %d", room, MaxText)
	}
	most := form.holds(room) - headerLen - crcLen
	need := (length + most - 1) / most
	if need > MaxNeed {
		return 0, fmt.Errorf("%d bytes need %d codes of %d characters and at most %d work: use larger codes, or a stick",
			length, need, room, MaxNeed)
	}
	return need, nil
}

// Split cuts data for codes that hold at most room characters of alphanumeric
// text each. Need is as small as room allows, and the shards are then as short
// as Need allows. It fails where Need fails.
func Split(data []byte, form Form, room int) (*Set, error) {
	need, err := Need(len(data), form, room)
	if err != nil {
		return nil, err
	}
	s := &Set{id: idOf(data), form: form, shape: shape{len(data), need}}
	size := s.shardLen()
	all := make([]byte, Total*size)
	copy(all, data)
	s.shards = make([][]byte, Total)
	for i := range s.shards {
		s.shards[i] = all[i*size : (i+1)*size]
	}
	code, err := newCode(need)
	if err != nil {
		return nil, err
	}
	return s, code.Encode(s.shards)
}

// newCode gives the code with which parity is made and shards are rebuilt. One
// goroutine is enough for bytes that fit QR codes; the cache of inverted matrices
// would grow without bound while forged frames are looked for.
func newCode(need int) (reedsolomon.Encoder, error) {
	return reedsolomon.New(need, Total-need, reedsolomon.WithMaxGoroutines(1), reedsolomon.WithInversionCache(false))
}

// ID names the set.
func (s *Set) ID() ID { return s.id }

// Need is how many different codes rebuild the payload, whichever they are.
func (s *Set) Need() int { return s.need }

// TextLen is how many characters the text of each code has.
func (s *Set) TextLen() int { return s.form.length(headerLen + s.shardLen() + crcLen) }

// Text is the text of one code, 0 <= index < Total: the first Need of them hold
// the payload, the others parity. The nonce means nothing; another one gives
// another picture of the same code, for a picture that a reader cannot read.
func (s *Set) Text(index int, nonce byte) string {
	f := frame{header{nonce, s.id, s.shape, index}, s.shards[index]}
	return s.form.encode(f.bytes())
}
