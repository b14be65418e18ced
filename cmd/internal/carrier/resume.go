package carrier

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/flock"
)

// ResumeFile is a file of the codes that an unfinished scan has read, a line each.
// They are what was shown to everybody's eyes: sealed, and not secret.
type ResumeFile struct {
	path  string
	file  *os.File
	texts []string // from earlier scans
	size  int
	full  bool
}

// resumeHeading is the first line of such a file. Without it a file is somebody
// else's, and is neither written to nor removed.
const resumeHeading = "gapferry codes of an unfinished scan, version 1"

// maxResume bounds the file, in bytes: some thousand codes.
const maxResume = 8 << 20

// ResumeError is a file for codes that cannot be used.
type ResumeError struct{ path, why string }

func (e *ResumeError) Error() string {
	return fmt.Sprintf("--keep %s: %s", media.Escape(e.path), e.why)
}

// AboutMedium marks a problem of a medium.
func (*ResumeError) AboutMedium() {}

// OpenResumeFile opens or makes the file; without a path nothing is kept. It follows
// no link, opens nothing but a file of its own kind, and one scan at a time
// has it.
func OpenResumeFile(path string) (*ResumeFile, error) {
	if path == "" {
		return nil, nil
	}
	before, err := os.Lstat(path)
	if err == nil && !before.Mode().IsRegular() {
		return nil, &ResumeError{path, "is no regular file"}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, &ResumeError{path, media.Cause(err)}
	}
	k := &ResumeFile{path: path, file: f}
	if err := k.begin(before); err != nil {
		f.Close()
		return nil, err
	}
	return k, nil
}

func (k *ResumeFile) begin(before os.FileInfo) error {
	if info, err := k.file.Stat(); err != nil || before != nil && !os.SameFile(before, info) {
		return &ResumeError{k.path, "was exchanged while it was opened"}
	}
	// Without locks, two scans with one file are the operator's affair.
	if err := flock.Try(k.file.Fd()); err != nil && !errors.Is(err, flock.ErrNone) {
		return &ResumeError{k.path, "another scan is using it"}
	}
	data, err := io.ReadAll(io.LimitReader(k.file, maxResume+1))
	if err != nil {
		return &ResumeError{k.path, media.Cause(err)}
	}
	if len(data) == 0 {
		return k.write(resumeHeading)
	}
	if len(data) > maxResume || !bytes.HasPrefix(data, []byte(resumeHeading+"\n")) {
		return &ResumeError{k.path, "was not made by a scan with --keep: name a new file"}
	}
	k.size = len(data)
	if data[len(data)-1] != '\n' { // a power failure cut the last line off
		if err := k.write(""); err != nil {
			return err
		}
	}
	k.texts = strings.Split(strings.TrimSpace(string(data)), "\n")[1:]
	return nil
}

func (k *ResumeFile) write(line string) error {
	if _, err := k.file.WriteString(line + "\n"); err != nil {
		return &ResumeError{k.path, media.Cause(err)}
	}
	k.size += len(line) + 1
	return nil
}

// errResumeFull says that no more codes are kept.
var errResumeFull = errors.New("no more codes are kept: there are too many")

// add keeps a code.
func (k *ResumeFile) add(text string) error {
	if k == nil || k.full {
		return nil
	}
	if k.size+len(text) >= maxResume {
		k.full = true
		return errResumeFull
	}
	return k.write(text)
}

func (k *ResumeFile) earlier() []string {
	if k == nil {
		return nil
	}
	return k.texts
}

func (k *ResumeFile) Close() {
	if k != nil {
		k.file.Close()
	}
}

// Remove takes the file away when nothing of it is needed any more.
func (k *ResumeFile) Remove() error {
	if k == nil {
		return nil
	}
	ours, err := k.file.Stat()
	if err != nil {
		return &ResumeError{k.path, media.Cause(err)}
	}
	if there, err := os.Lstat(k.path); err != nil || !os.SameFile(ours, there) {
		return nil // it was moved: whoever did that has it
	}
	if err := os.Remove(k.path); err != nil {
		return &media.StepError{Step: "remove", Path: k.path, Err: err}
	}
	return nil
}
