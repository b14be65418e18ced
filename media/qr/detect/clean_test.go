package detect

import (
	"os"
	"testing"

	"github.com/skip2/go-qrcode"
)

// capacities of version 40 in alphanumeric characters (ISO/IEC 18004 table 7).
var capacities = map[qrcode.RecoveryLevel]int{
	qrcode.Low: 4296, qrcode.Medium: 3391, qrcode.High: 2420, qrcode.Highest: 1852,
}

// missed are sizes whose perfect picture stock gozxing does not read: the first
// 80 of 746, of 11,959.
var missed = map[qrcode.RecoveryLevel][]int{
	qrcode.Low: {
		196, 215, 421, 424, 427, 512, 626, 674, 709, 745, 749, 779, 793, 806, 830, 846,
		855, 872, 888, 895, 1038, 1041, 1052, 1077, 1080, 1090, 1132, 1151, 1155, 1180,
	},
	qrcode.Medium: {
		169, 249, 250, 457, 572, 587, 637, 644, 668, 694, 717, 769, 780, 799, 808, 817,
		838, 899, 920, 924,
	},
	qrcode.High: {
		127, 156, 309, 316, 366, 408, 409, 422, 428, 434, 460, 462, 478, 512, 532, 533,
		553, 555, 674,
	},
	qrcode.Highest: {
		161, 183, 191, 257, 267, 368, 413, 414, 429, 469, 483,
	},
}

// checkClean reads the perfect picture of a text with so many characters, and
// tells if stock gozxing reads it too.
func checkClean(t *testing.T, size int, level qrcode.RecoveryLevel, stock bool) bool {
	t.Helper()
	text := randomText(size, int(level))
	img := render(encode(t, text, 0, level).Bitmap(), 4)
	rep := Decode(img, Options{})
	if len(rep.Codes) != 1 || rep.Codes[0].Text != text {
		t.Errorf("%d characters at level %d: %d codes read", size, level, len(rep.Codes))
	}
	if !stock {
		return false
	}
	got, ok := DecodeGozxing(img)
	return ok && got == text
}

// TestCleanMissedByStock reads the perfect pictures that gozxing by itself does
// not: false finder patterns in the data.
func TestCleanMissedByStock(t *testing.T) {
	n, stock := 0, 0
	for level, sizes := range missed {
		for _, size := range sizes {
			n++
			if checkClean(t, size, level, true) {
				stock++
			}
		}
	}
	if n-stock < 60 {
		t.Errorf("stock gozxing misses %d of %d: this test is about pictures that it misses", n-stock, n)
	}
}

// TestCleanSizes reads every 61st size of each level, with GAPFERRY_QR_ALL=1
// every size: 11,959 codes, a quarter of an hour.
func TestCleanSizes(t *testing.T) {
	step := 61
	if os.Getenv("GAPFERRY_QR_ALL") == "1" {
		step = 1
	} else if testing.Short() {
		step = 610
	}
	for level, most := range capacities {
		for size := 1; size <= most; size += step {
			checkClean(t, size, level, false)
		}
	}
}
