package draw

import (
	"fmt"

	qrcode "github.com/skip2/go-qrcode"
)

// Level is how much of a code may be lost: ISO/IEC 18004 section 7.5.1.
// About 7 % of its codewords for L, 15 % for M, 25 % for Q, 30 % for H.
type Level int

// The levels. L is for screens, where nothing covers a code; M for paper. More
// does not help against blur or slant, only against dirt and creases.
const (
	L Level = iota
	M
	Q
	H
)

var levels = [...]struct {
	name  string
	skip2 qrcode.RecoveryLevel
}{{"L", qrcode.Low}, {"M", qrcode.Medium}, {"Q", qrcode.High}, {"H", qrcode.Highest}}

func (l Level) known() bool { return l >= L && l <= H }

// String is the level's letter.
func (l Level) String() string {
	if !l.known() {
		return fmt.Sprintf("level %d", int(l))
	}
	return levels[l].name
}
