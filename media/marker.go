package media

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// MarkerName is the file at a stick's root that says what the stick is for.
const MarkerName = "gapferry.stick"

const (
	markerHead  = "gapferry stick 1"
	maxMarker   = 512 // bytes of the file
	maxMarkerID = 80  // bytes of a value
)

// Marker says for which ceremony a stick was prepared, and what it carries.
// It helps an operator not to take the wrong stick. Anybody can write one: it
// is never a reason to trust what is on the stick.
type Marker struct {
	Ceremony string // 1 to 80 printable ASCII characters, no space at either end
	Purpose  string // the same
}

// ErrNoMarker is a stick that has no marker.
var ErrNoMarker = errors.New("the medium was not prepared: it has no " + MarkerName)

// MarkerError is a marker that cannot be written, or was not understood.
type MarkerError struct{ Why string }

func (e *MarkerError) Error() string { return MarkerName + ": " + e.Why }

// AboutMedium marks a problem of a medium.
func (*MarkerError) AboutMedium() {}

// Bytes is the marker as a file: three lines, each with a line end.
//
//	gapferry stick 1
//	ceremony: 5c1f
//	purpose: bundles between SA and CSS
func (m Marker) Bytes() ([]byte, error) {
	if err := errors.Join(checkMarker("ceremony", m.Ceremony), checkMarker("purpose", m.Purpose)); err != nil {
		return nil, &MarkerError{strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	return fmt.Appendf(nil, "%s\nceremony: %s\npurpose: %s\n", markerHead, m.Ceremony, m.Purpose), nil
}

func checkMarker(key, value string) error {
	switch {
	case value == "" || len(value) > maxMarkerID:
		return fmt.Errorf("%s has %d characters and may have 1 to %d", key, len(value), maxMarkerID)
	case strings.TrimSpace(value) != value:
		return fmt.Errorf("%s begins or ends with a space", key)
	}
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return fmt.Errorf("%s holds a character that is not printable ASCII", key)
		}
	}
	return nil
}

// ParseMarker is the inverse of Bytes: what it accepts, Bytes gives back byte
// for byte. The error is a *MarkerError.
func ParseMarker(b []byte) (Marker, error) {
	if len(b) > maxMarker {
		return Marker{}, &MarkerError{fmt.Sprintf("more than %d bytes", maxMarker)}
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[0] != markerHead || lines[3] != "" {
		return Marker{}, &MarkerError{"not three lines that begin with " + markerHead}
	}
	ceremony, ok1 := strings.CutPrefix(lines[1], "ceremony: ")
	purpose, ok2 := strings.CutPrefix(lines[2], "purpose: ")
	if !ok1 || !ok2 {
		return Marker{}, &MarkerError{"not the lines ceremony and purpose"}
	}
	m := Marker{ceremony, purpose}
	if _, err := m.Bytes(); err != nil {
		return Marker{}, err
	}
	return m, nil
}

// Prepare writes the marker at the carrier's root, as carefully as Write. A
// carrier that was prepared for something else is a *ConflictError.
func (d *Dir) Prepare(m Marker) (WriteResult, error) {
	b, err := m.Bytes()
	if err != nil {
		return WriteResult{}, err
	}
	return d.writeAtRoot(MarkerName, b)
}

// ReadMarker reads the marker of whoever prepared the carrier, or says that
// they were. The errors are ErrNoMarker, *MarkerError and *StepError.
func (d *Dir) ReadMarker() (Marker, error) {
	root, err := d.openRoot()
	if err != nil {
		return Marker{}, err
	}
	defer root.Close()
	if _, err := root.Lstat(MarkerName); os.IsNotExist(err) {
		return Marker{}, ErrNoMarker
	}
	b, reason := (&reader{root: root, path: d.root}).readFile(MarkerName)
	if reason != "" {
		return Marker{}, &MarkerError{reason}
	}
	return ParseMarker(b)
}
