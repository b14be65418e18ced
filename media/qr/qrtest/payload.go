package qrtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/skip2/go-qrcode"
)

// Level is the level of error correction, named as in ISO/IEC 18004, 6.5.1.
type Level byte

const (
	L Level = 'L' // 7 % of the codewords can be restored
	M Level = 'M' // 15 %
	Q Level = 'Q' // 25 %
	H Level = 'H' // 30 %
)

var recovery = map[Level]qrcode.RecoveryLevel{
	L: qrcode.Low, M: qrcode.Medium, Q: qrcode.High, H: qrcode.Highest,
}

// base45 is the alphanumeric alphabet of QR codes in the order of RFC 9285.
const base45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// capacity is how many alphanumeric characters the corpus' symbols hold, for
// L, M and Q (ISO/IEC 18004, table 7).
var capacity = map[int][3]int{
	5:  {154, 122, 87},
	10: {395, 311, 221},
	15: {758, 600, 426},
	20: {1249, 970, 702},
	25: {1853, 1451, 1041},
	30: {2520, 1994, 1429},
	40: {4296, 3391, 2420},
}

// randomText is base45 of random bytes, as much as fits.
func randomText(rng *rand.Rand, version int, level Level) string {
	room := capacity[version][map[Level]int{L: 0, M: 1, Q: 2}[level]]
	text := make([]byte, 0, room)
	put := func(v, digits int) {
		for range digits {
			text = append(text, base45[v%45])
			v /= 45
		}
	}
	for ; room >= 3; room -= 3 {
		put(rng.IntN(1<<16), 3)
	}
	if room == 2 {
		put(rng.IntN(1<<8), 2)
	}
	return string(text)
}

// symbol is a QR code's modules, without the quiet zone.
type symbol struct {
	size int
	dark []bool // row after row
}

// mustEncode makes the symbol, of the smallest version if version is 0. Text,
// version and level are the corpus' own, so a failure is a mistake in this
// package.
func mustEncode(text string, version int, level Level) symbol {
	var q *qrcode.QRCode
	var err error
	if version == 0 {
		q, err = qrcode.New(text, recovery[level])
	} else {
		q, err = qrcode.NewWithForcedVersion(text, version, recovery[level])
	}
	if err != nil {
		panic(fmt.Sprintf("qrtest: version %d-%c: %v", version, level, err))
	}
	q.DisableBorder = true
	rows := q.Bitmap() // once: it encodes anew on each call
	s := symbol{size: len(rows)}
	for _, row := range rows {
		s.dark = append(s.dark, row...)
	}
	return s
}

// at says whether the module at x, y is dark; none is outside the symbol.
func (s symbol) at(x, y int) bool {
	return x >= 0 && y >= 0 && x < s.size && y < s.size && s.dark[y*s.size+x]
}
