package box

import (
	"bytes"
	"errors"
	"strings"
)

// alphabet is that of BIP 173.
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// checksumSize is the number of characters at the end of a Bech32 string.
const checksumSize = 6

var errBech32 = errors.New("not Bech32 in its one form")

// encodeBech32 writes data behind a human-readable part of lower-case letters
// and digits. BIP 173's limit of 90 characters is not kept, as age does not.
func encodeBech32(hrp string, data []byte) string {
	var out strings.Builder
	out.WriteString(hrp + "1")
	values := quintets(data)
	for _, v := range append(values, checksum(hrp, values)...) {
		out.WriteByte(alphabet[v])
	}
	return out.String()
}

// decodeBech32 reads what encodeBech32 writes, and nothing else: no upper case,
// no bits of padding but the needed zeros.
func decodeBech32(s string) (hrp string, data []byte, err error) {
	one := strings.LastIndexByte(s, '1')
	if one < 1 || len(s)-one-1 < checksumSize {
		return "", nil, errBech32
	}
	hrp = s[:one]
	var values []byte
	for _, c := range []byte(s[one+1:]) {
		v := strings.IndexByte(alphabet, c)
		if v < 0 {
			return "", nil, errBech32
		}
		values = append(values, byte(v))
	}
	values, sum := values[:len(values)-checksumSize], values[len(values)-checksumSize:]
	if !bytes.Equal(sum, checksum(hrp, values)) {
		return "", nil, errBech32
	}
	data = octets(values)
	if encodeBech32(hrp, data) != s {
		return "", nil, errBech32
	}
	return hrp, data, nil
}

// quintets are the bits of data five at a time, filled up with zeros.
func quintets(data []byte) (values []byte) {
	acc, n := 0, 0
	for _, b := range data {
		acc, n = acc<<8|int(b), n+8
		for n >= 5 {
			n -= 5
			values = append(values, byte(acc>>n)&31)
		}
		acc &= 1<<n - 1
	}
	if n > 0 {
		values = append(values, byte(acc<<(5-n))&31)
	}
	return values
}

// octets is the reverse of quintets. What fills no byte is left out.
func octets(values []byte) (data []byte) {
	acc, n := 0, 0
	for _, v := range values {
		acc, n = acc<<5|int(v), n+5
		if n >= 8 {
			n -= 8
			data = append(data, byte(acc>>n))
		}
		acc &= 1<<n - 1
	}
	return data
}

// checksum is the one of BIP 173 over the human-readable part and the values.
func checksum(hrp string, values []byte) []byte {
	var all []byte
	for _, c := range []byte(hrp) {
		all = append(all, c>>5)
	}
	all = append(all, 0)
	for _, c := range []byte(hrp) {
		all = append(all, c&31)
	}
	all = append(append(all, values...), make([]byte, checksumSize)...)
	sum := polymod(all) ^ 1
	out := make([]byte, checksumSize)
	for i := range out {
		out[i] = byte(sum>>(5*(checksumSize-1-i))) & 31
	}
	return out
}

// polymod is the remainder by BIP 173's generator.
func polymod(values []byte) uint32 {
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
