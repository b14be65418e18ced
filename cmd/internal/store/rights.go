package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// ErrNone is wrapped where there is no store in a directory.
var ErrNone = errors.New("there is no store")

// lookInstead says what a store that cannot be written is good for.
const lookInstead = "it can still be looked at: {status}, {audit journal --look}"

// notOpened says in words why a store cannot be opened: to work in it, or only
// to look at it. Errors that are no matter of rights stay what they are.
func notOpened(dir string, looking bool, err error) error {
	var why *refusal.Error
	if err == nil || errors.As(err, &why) {
		return err
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &refusal.Error{Code: refusal.CodeStoreSpace, Err: err, Hint: "make room on that disk, and run it again; nothing is lost", Text: fmt.Sprintf(
			"there is no room for a phase on the disk of the store %s: nothing was begun", dir)}
	case errors.Is(err, syscall.EROFS):
		return &refusal.Error{Code: refusal.CodeStoreRights, Err: err, Hint: lookInstead, Text: fmt.Sprintf(
			"nothing can be done in the store %s: its file system is read-only", dir)}
	case errors.Is(err, syscall.EPERM):
		return &refusal.Error{Code: refusal.CodeStoreRights, Err: err, Hint: lookInstead, Text: fmt.Sprintf(
			"nothing can be done in the store %s: a file of it must not be changed (chattr +i or +a; lsattr shows it): %v", dir, err)}
	case !errors.Is(err, fs.ErrPermission):
		return err
	}
	verb, do := "be written", lookInstead
	if looking || !readable(dir) {
		verb, do = "be read", ""
	}
	whose, at := ownerOf(dir)
	text := fmt.Sprintf("the store %s may not %s", dir, verb)
	if whose != "" {
		text += fmt.Sprintf(": %s belongs to %s, and this is %s", at, whose, whoIsThis())
		do = join(do, "log on to this computer as "+whose+" and say it again", ". To do more: ")
	}
	return &refusal.Error{Code: refusal.CodeStoreRights, Err: err, Hint: do, Text: text}
}

func join(a, b, between string) string {
	if a == "" {
		return b
	}
	return a + between + b
}

// readable reports whether a store can at least be looked at.
func readable(dir string) bool {
	for _, name := range []string{PlanFile, JournalFile} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return false
		}
		f.Close()
	}
	return true
}

// ownerOf says whose a store is: the store itself, or the nearest directory
// above it that can be seen, which is then the one that keeps people out.
func ownerOf(dir string) (whose, at string) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", ""
	}
	for at = dir; ; {
		if info, err := os.Stat(path); err == nil {
			return fileOwner(info), at
		}
		if path == filepath.Dir(path) {
			return "", ""
		}
		path = filepath.Dir(path)
		at = path
	}
}
