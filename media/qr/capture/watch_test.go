package capture

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// watching is a watched folder whose polls the test makes: before each one but
// the first, step runs. It ends after the last step.
func watching(t *testing.T, dir string, steps ...func()) (lines []string) {
	t.Helper()
	s, err := OpenFolder(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	errDone := errors.New("done")
	s.(*watched).wait = func(context.Context, <-chan struct{}) error {
		if len(steps) == 0 {
			return errDone
		}
		if steps[0] != nil {
			steps[0]()
		}
		lines = append(lines, "poll")
		steps = steps[1:]
		return nil
	}
	for {
		p, err := s.Next(context.Background())
		bad := new(PictureError)
		switch {
		case err == nil:
			lines = append(lines, p.Name)
		case errors.As(err, &bad):
			lines = append(lines, err.Error())
		case err == errDone:
			return lines
		default:
			return append(lines, "end: "+err.Error())
		}
	}
}

// A photo that arrives in pieces is read when it is whole, and once.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	pic := pngOf(t, drawing(40, 30, 1))
	save(t, filepath.Join(dir, "there.png"), pic)
	at := time.Now()
	grow := func(name string, n int) func() {
		return func() {
			path := save(t, filepath.Join(dir, name), pic[:n])
			at = at.Add(time.Second) // whatever the file system's clock is worth
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := watching(t, dir,
		nil, // the first poll saw it, this one sees it again
		nil, // and again: it is given
		grow("csr1.db/new.png", 0),
		grow("csr1.db/new.png", 50),
		nil,
		grow("csr1.db/new.png", 80), // once is not enough
		grow("csr1.db/new.png", len(pic)),
		nil,
		nil, // given
		nil,
		grow("there.png", len(pic)), // replaced by one that looks the same but for its time
		nil,
		nil, // given again
		func() { os.Remove(filepath.Join(dir, "there.png")) },
		grow("cut.png", len(pic)/2),
		nil,
		nil,                       // damaged
		grow("cut.png", len(pic)), // the copy went on after all
		nil,
		nil,
	)
	want := []string{
		"poll", "poll", "there.png",
		"poll", "poll", "poll", "poll", "poll", "poll", "poll", "csr1.db/new.png",
		"poll", "poll", "poll", "poll", "there.png",
		"poll", "poll", "poll", "poll", `"cut.png": damaged PNG picture: not enough pixel data`,
		"poll", "poll", "poll", "cut.png",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// An empty file is one whose copy has not begun; it is waited for.
// What was there long before is given at once: nobody is writing it.
func TestWatchOldPicture(t *testing.T) {
	dir := t.TempDir()
	path := save(t, filepath.Join(dir, "old.png"), pngOf(t, drawing(40, 30, 1)))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if got := watching(t, dir, nil); !slices.Equal(got, []string{"old.png", "poll"}) {
		t.Errorf("%q", got)
	}
}

func TestWatchEmpty(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "a.png"), nil)
	if got, want := watching(t, dir, nil, nil, nil, nil), []string{"poll", "poll", "poll", "poll"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A folder that goes, on a stick, ends it with a word.
func TestWatchGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stick")
	save(t, filepath.Join(dir, "a.txt"), nil)
	got := watching(t, dir, func() { os.RemoveAll(dir) })
	if want := []string{"poll", "end: folder " + quote(dir) + ": no such file or directory"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// With the real clock: what is there is given, and the context or Close ends it.
func TestWatchEnds(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "a.png"), pngOf(t, drawing(8, 8, 1)))
	s, err := OpenFolder(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.Next(context.Background()); err != nil || p.Name != "a.png" {
		t.Errorf("%q, %v", p.Name, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := s.Next(ctx); err != context.Canceled {
		t.Errorf("with a context that ended: %v", err)
	}
	time.AfterFunc(time.Millisecond, func() { s.Close() })
	if _, err := s.Next(context.Background()); err != errClosed {
		t.Errorf("when closed: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
