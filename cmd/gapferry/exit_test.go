package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/usb"
)

// Every kind of error has its exit code, wrapped too.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	conflict := &media.ConflictError{Name: "x"}
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, exitDone},
		{errors.New("x"), exitOther},
		{terminal.Usagef("x"), exitUsage},
		{&media.SpecError{}, exitUsage},
		{&media.UnsupportedError{}, exitUsage},
		{refusal.New(refusal.CodeFormat, "x"), exitRefused},
		{refusal.New(refusal.CodeOrder, "x"), exitNotYet},
		{refusal.New(refusal.CodeCoprocessor, "x"), exitCoprocessor},
		{refusal.New(refusal.CodeAccess, "x"), exitDenied},
		{refusal.New(refusal.CodeNothing, "x"), exitNothing},
		{refusal.New(refusal.CodeFormat, "%w", conflict), exitMedium},
		{&plan.Error{}, exitRefused},
		{&media.StepError{Err: errors.New("x")}, exitMedium},
		{conflict, exitMedium},
		{&media.SpaceError{}, exitMedium},
		{&media.LimitError{}, exitMedium},
		{&media.NameError{}, exitMedium},
		{&media.MarkerError{}, exitMedium},
		{&usb.NoStickError{}, exitMedium},
		{&usb.ChooseError{}, exitMedium},
		{&usb.BusyError{}, exitMedium},
		{&capture.PictureError{}, exitMedium},
		{&carrier.PictureDirError{Err: errors.New("x")}, exitMedium},
		{&carrier.ResumeError{}, exitMedium},
		{&carrier.WrongStickError{}, exitMedium},
		{&carrier.NotReadError{}, exitMedium},
		{&carrier.MissingDirError{}, exitMedium},
		{&carrier.SourceError{}, exitMedium},
		{&console.CardThereError{}, exitMedium},
	} {
		if got := exitCode(c.err); got != c.code {
			t.Errorf("%T: exit code %d, not %d", c.err, got, c.code)
		}
		if c.err == nil {
			continue
		}
		if got := exitCode(fmt.Errorf("what was done: %w", c.err)); got != c.code {
			t.Errorf("%T, wrapped: exit code %d, not %d", c.err, got, c.code)
		}
	}
}

// Each type of error that a medium can cause says of itself what it is.
func TestErrorsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, dir := range []string{"../../media", "../../media/usb", "../../media/qr/capture", "../internal/carrier"} {
		types, marked := map[string]bool{}, map[string]bool{}
		for _, path := range must(filepath.Glob(filepath.Join(dir, "*.go"))) {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, d := range must(parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)).Decls {
				switch d := d.(type) {
				case *ast.GenDecl:
					for _, s := range d.Specs {
						if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && strings.HasSuffix(s.Name.Name, "Error") {
							types[s.Name.Name] = true
						}
					}
				case *ast.FuncDecl:
					if d.Recv == nil || d.Name.Name != "AboutMedium" && d.Name.Name != "Misused" {
						continue
					}
					if star, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
						marked[star.X.(*ast.Ident).Name] = true
					}
				}
			}
		}
		for name := range types {
			if seen++; !marked[name] {
				t.Errorf("%s: %s is neither a media.Problem nor a media.Misuse", dir, name)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d types of errors", seen)
	}
}

func TestHintsOfErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		hint string
	}{
		{errors.New("x"), ""},
		{&terminal.UsageError{Text: "x", Hint: "say y"}, "say y"},
		{&media.ConflictError{}, "somebody changed that file"},
		{&console.CardThereError{}, "no card is ever overwritten"},
		{fmt.Errorf("%w", &carrier.WrongStickError{}), "take this stick out"},
		{&carrier.NotReadError{}, "the same command again"},
		{&media.UnsupportedError{}, "mount the stick"},
		{refusal.New(refusal.CodeBusy, "%w", &carrier.NotReadError{}), "wait until it has finished"},
	} {
		if got := hint(c.err); !strings.HasPrefix(got, c.hint) || c.hint == "" && got != "" {
			t.Errorf("%T: hint %q, not %q", c.err, got, c.hint)
		}
	}
}
