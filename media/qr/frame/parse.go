package frame

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// refusal is why a text is not a frame.
type refusal struct {
	state State // Foreign, OtherVersion or Damaged
	why   string
}

func (r *refusal) Error() string { return r.why }

func damaged(what string) *refusal {
	return &refusal{Damaged, "a damaged gapferry QR code: " + what + "; read it again"}
}

func malformed(what string) *refusal {
	return &refusal{Damaged, "a gapferry QR code that breaks the rules of its format: " + what + "; make it again"}
}

// parse reads the text of one code. A text has at most one frame and a frame,
// in each form, has one text: writing it again gives the same.
func parse(text string) (frame, Form, *refusal) {
	form, refused := formOf(text)
	if refused != nil {
		return frame{}, 0, refused
	}
	if len(text) > MaxText {
		return frame{}, 0, damaged("it is longer than any QR code")
	}
	b, err := form.decode(text[prefixLen:])
	if err != nil {
		return frame{}, 0, damaged(err.Error())
	}
	if len(b) < headerLen+1+crcLen {
		return frame{}, 0, damaged("it is too short")
	}
	body, sum := b[:len(b)-crcLen], b[len(b)-crcLen:]
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(body) {
		return frame{}, 0, damaged("its checksum does not fit")
	}
	f := frame{shard: body[headerLen:]}
	f.nonce = b[0]
	whiten(f.shard, f.nonce)
	f.id = ID(b[1 : 1+idLen])
	rest := b[1+idLen:]
	f.length = int(rest[0])<<16 | int(rest[1])<<8 | int(rest[2])
	f.need, f.index = int(rest[3]), int(rest[4])
	if refused := f.check(); refused != nil {
		return frame{}, 0, refused
	}
	return f, form, nil
}

// formOf tells our texts from others by their first four characters.
func formOf(text string) (Form, *refusal) {
	if len(text) < prefixLen || !strings.HasPrefix(text, prefix[:2]) || !digit(text[2]) || !digit(text[3]) && !letter(text[3]) {
		return 0, &refusal{Foreign, "a QR code that is not gapferry's: " + clip(text)}
	}
	if form := Form(text[3]); strings.HasPrefix(text, prefix) && form.valid() {
		return form, nil
	}
	return 0, &refusal{OtherVersion, "written by another version of gapferry's QR codes: " + clip(text)}
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'A' <= c && c <= 'Z' }

// check refuses what Split never writes, although its checksum fits.
func (f frame) check() *refusal {
	switch {
	case f.length == 0 || f.length > MaxPayload:
		return malformed("its payload has no bytes or too many")
	case f.need == 0:
		return malformed("it needs no codes")
	case len(f.shard) != f.shardLen():
		return malformed("its shard has another size than its header says")
	case f.padding() >= f.shardLen():
		return malformed("it was cut into more codes than its bytes fill")
	case f.index == f.need-1 && !zero(f.shard[len(f.shard)-f.padding():]):
		return malformed("its padding is not zero")
	case f.need == 1 && idOf(f.shard) != f.id:
		return malformed("its bytes are not those that it names")
	}
	return nil
}

func zero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}
