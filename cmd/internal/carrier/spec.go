package carrier

import (
	"os"
	"strings"
)

// WithScheme puts dir: before the path of a directory that is there: a bare
// directory is a carrier. Words of carriers are words: a directory called usb is
// named dir:usb.
func WithScheme(spec string) string {
	switch spec {
	case "", "usb", "screen", "camera", "wedge", "qr", "dir":
		return spec
	}
	if strings.Contains(spec, ":") {
		return spec
	}
	if info, err := os.Stat(spec); err != nil || !info.IsDir() {
		return spec
	}
	return "dir:" + spec
}
