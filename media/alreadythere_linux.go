package media

import (
	"errors"

	"golang.org/x/sys/unix"
)

// alreadyThere looks whether the file is there. With the same bytes it is
// AlreadyThere, once they are known to be on the medium: whoever wrote them
// may have been stopped before the second fsync. With others it is a
// *ConflictError. If nothing is there, the result is zero.
func alreadyThere(t target, data []byte) (WriteResult, error) {
	st, err := statAt(t.dir, t.name)
	if err == unix.ENOENT {
		return WriteResult{}, nil
	}
	if err != nil {
		return WriteResult{}, &StepError{Step: "look", Path: t.path, Err: err}
	}
	conflict := &ConflictError{t.path, t.name}
	if !st.regular || st.size != int64(len(data)) {
		return WriteResult{}, conflict
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"fsync", func() error { return fsyncName(t.dir, t.name) }},
		{"fsync folder", func() error { return fsync(t.dir) }},
	} {
		if err := step.do(); err != nil {
			return WriteResult{}, &StepError{Step: step.name, Path: t.path, Err: err}
		}
	}
	how, err := readBack(t.dir, t.name, data)
	if errors.Is(err, errDiffers) {
		return WriteResult{}, conflict
	}
	if err != nil {
		return WriteResult{}, &StepError{Step: "read back", Path: t.path, Err: err}
	}
	if err := listed(t.dir, t.name); err != nil {
		return WriteResult{}, &StepError{Step: "list", Path: t.path, Err: err}
	}
	return WriteResult{AlreadyThere: true, ReadBack: how}, nil
}
