package frame

import "errors"

// alphabet45 is the alphabet of RFC 9285, which is that of the alphanumeric
// mode of QR codes (ISO/IEC 18004, table 5), in the same order.
const alphabet45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// values45 gives the value of a character plus one; 0: not in the alphabet.
var values45 = func() (v [256]byte) {
	for i := range len(alphabet45) {
		v[alphabet45[i]] = byte(i + 1)
	}
	return v
}()

var errBase45 = errors.New("it is not base45 text")

// encode45 writes two bytes as three characters, a last single one as two,
// lowest digit first (RFC 9285, section 4).
func encode45(data []byte) string {
	out := make([]byte, 0, len45(len(data)))
	for ; len(data) >= 2; data = data[2:] {
		n := int(data[0])<<8 | int(data[1])
		out = append(out, alphabet45[n%45], alphabet45[n/45%45], alphabet45[n/2025])
	}
	if len(data) == 1 {
		n := int(data[0])
		out = append(out, alphabet45[n%45], alphabet45[n/45])
	}
	return string(out)
}

// decode45 accepts what encode45 writes and nothing else: groups that stand for
// more than their bytes hold are refused, so no bytes have a second text.
func decode45(text string) ([]byte, error) {
	out := make([]byte, 0, bytes45(len(text)))
	for len(text) > 0 {
		group := text[:min(3, len(text))]
		text = text[len(group):]
		n := 0
		for i := len(group) - 1; i >= 0; i-- {
			v := int(values45[group[i]])
			if v == 0 {
				return nil, errBase45
			}
			n = n*45 + v - 1
		}
		switch {
		case len(group) == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n <= 0xff:
			out = append(out, byte(n))
		default:
			return nil, errBase45
		}
	}
	return out, nil
}

// len45 is how many characters n bytes take.
func len45(n int) int { return n/2*3 + n%2*2 }

// bytes45 is how many bytes n characters hold at most.
func bytes45(n int) int { return n/3*2 + n%3/2 }
