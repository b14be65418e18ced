package carrier

import (
	"errors"
	"testing"

	"github.com/gapferry/gapferry/media"
)

// What shows codes or reads them holds no files: it is no stick.
func TestCodesAreNoStick(t *testing.T) {
	for spec, scheme := range map[string]string{
		"qr:/tmp": "qr", "screen:": "screen", "camera:": "camera", "camera:/dev/video0": "camera", "wedge:": "wedge",
	} {
		_, err := (&Opener{}).Slot(spec)
		var un *media.UnsupportedError
		if !errors.As(err, &un) || un.Scheme != scheme || err.Error() != "carrier "+scheme+": is not supported here" {
			t.Errorf("%q: %v", spec, err)
		}
	}
}
