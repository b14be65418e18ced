package usb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wantErr compares an error's text, in which <path> stands for path.
func wantErr(t testing.TB, err error, path, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "<path>", path)
	switch {
	case err == nil && want != "":
		t.Errorf("no error\nwant %s", want)
	case err != nil && err.Error() != want:
		t.Errorf("error %s\nwant  %s", err, want)
	}
}

// mustWrite makes a file of a test's own, not by the code under test.
func mustWrite(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// missing skips a test whose real part is not there, and fails it where
// GAPFERRY_REQUIRE says that none may be missing.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	text := "needs " + fmt.Sprintf(format, args...)
	if os.Getenv("GAPFERRY_REQUIRE") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}
