package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/outside"
)

// deviceFile says over which chip a coprocessor was made, so that another one is
// refused before anybody logs on: its family and its device, a line each. It is
// not there where the chip is in software, and it is not authenticated: the
// state has both, too.
const deviceFile = "device"

// maxDevice is more than the name of a TPM's key or a token's label and serial
// number have, in characters.
const maxDevice = 256

// which is the chip that a coprocessor is made over.
type which struct {
	Family coproc.Family
	Device string
}

func (w which) String() string {
	if w.Family == coproc.Software {
		return "software"
	}
	return fmt.Sprintf("the %s device %s", w.Family, outside.Text(w.Device))
}

// whichChip asks a chip. Software has no device, and everything else has.
func whichChip(c chip.Chip) (which, error) {
	device, err := c.Device()
	if err != nil {
		return which{}, err
	}
	w := which{c.Family(), device}
	if (w.Family == coproc.Software) != (device == "") || !printable(device) {
		return which{}, fmt.Errorf("%w: a %s chip says that it is device %s", coproc.ErrSetup, w.Family, outside.Text(device))
	}
	return w, nil
}

// printable reports whether a device can be told apart by reading it.
func printable(device string) bool {
	return len(device) <= maxDevice && strings.IndexFunc(device, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// must refuses another chip than the one that a coprocessor was made over.
func (w which) must(be which) error {
	switch {
	case w == be:
		return nil
	case w.Family != be.Family:
		return fmt.Errorf("%w: %w: this coprocessor was made over %s, which alone opens it, and here is %s", coproc.ErrDevice, coproc.ErrFamily, be, w)
	}
	return fmt.Errorf("%w: this coprocessor was made over %s, which alone opens it, and here is %s", coproc.ErrDevice, be, w)
}

// write leaves it in the directory of a coprocessor.
func (w which) write(dir string) error {
	if w.Family == coproc.Software {
		return nil
	}
	return atomicfile.Write(filepath.Join(dir, deviceFile), []byte(string(w.Family)+"\n"+w.Device+"\n"))
}

// readWhich reads it. What is no such file is ErrDamaged.
func readWhich(dir string) (which, error) {
	b, err := os.ReadFile(filepath.Join(dir, deviceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return which{}, nil
	}
	if err != nil {
		return which{}, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	family, rest, _ := strings.Cut(string(b), "\n")
	device, more, whole := strings.Cut(rest, "\n")
	if !whole || more != "" || family == "" || device == "" || !printable(family) || !printable(device) {
		return which{}, fmt.Errorf("%w: the file %s in it is not of a family and a device", coproc.ErrDamaged, deviceFile)
	}
	return which{coproc.Family(family), device}, nil
}
