package detect

import (
	"testing"

	"github.com/gapferry/gapferry/media/qr/qrtest"
)

// hardest are pictures of each family's last severity that is read. Together
// they need every step of the detector; the whole corpus is qrtest's to run.
var hardest = map[string]bool{
	"scale-1.5/v10-M": true, "scale-8/v10-M": true, "persp-40/v10-M": true,
	"curl-4/v10-M": true, "curl-4/v5-M": true, "gblur-2.5/v10-M": true, "mblur-6/v10-M": true,
	"noise-80/v10-M": true, "contrast-10/v10-M": true, "light-0.85/v10-M": true,
	"shadow-0.7/v10-M": true, "jpeg-6/v10-M": true, "occl-0.06/v10-M": true,
	"moire-0.6/v10-M": true, "c-print-2/v5-M": true, "c-screen-1/v40-M": true,
	"c-screen-2/v5-M": true, "c-screen-2.1/v10-M": true, "noise-80/v15-L": true, "shadow-0.7/v5-L": true,
	"c-screen-2/v10-M": true, "c-cam720-1/v40-M": true, "c-cam1080-1/v5-M": true,
}

func TestDegraded(t *testing.T) {
	seen := 0
	for _, c := range qrtest.Cases(2) {
		if hardest[c.String()] {
			seen++
			expect(t, c.String(), c.Picture(), Options{}, c.Text)
		}
	}
	if seen != len(hardest) {
		t.Errorf("%d of the %d pictures are in the corpus", seen, len(hardest))
	}
}
