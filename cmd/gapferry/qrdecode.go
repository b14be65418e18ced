package main

import (
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/qr/detect"
)

// qrDecode says what the codes of pictures are, a line for each picture.
func (e codeWork) qrDecode(ctx *cli.Context) error {
	dir := ctx.String("images")
	names, err := capture.Folder(dir)
	if err != nil {
		return &carrier.PictureDirError{Err: err}
	}
	var failed []error
	for _, name := range names {
		gray, err := capture.Load(filepath.Join(dir, name))
		var report detect.Report
		if err != nil {
			failed = append(failed, err)
		} else {
			report = detect.Decode(gray, detect.Options{Budget: carrier.FileBudget})
		}
		if err := e.decoded(ctx, name, report, err); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d pictures cannot be used: %w", len(failed), len(names), failed[0])
	}
	if len(names) == 0 {
		return &carrier.PictureDirError{Err: fmt.Errorf("%s: no PNG, JPEG or PNM picture is there", media.Escape(dir))}
	}
	return nil
}

// pictureRead is a picture that qr decode looked at, for programs.
type pictureRead struct {
	File  string   `json:"file"`
	Codes []string `json:"codes"` // texts
	Hint  string   `json:"hint,omitempty"`
	Error string   `json:"error,omitempty"`
}

func (e codeWork) decoded(ctx *cli.Context, name string, report detect.Report, failed error) error {
	if ctx.Bool(jsonFlag.Name) {
		line := pictureRead{File: name, Codes: carrier.Texts(report)}
		switch {
		case failed != nil:
			line.Error = failed.Error()
		case len(report.Codes) == 0:
			line.Hint = report.Hint.String()
		}
		return e.json(line)
	}
	fmt.Fprintln(e.out, media.Escape(name))
	switch {
	case failed != nil:
		terminal.Print(e.out, "  ! ", failed.Error())
	case len(report.Codes) == 0:
		terminal.Print(e.out, "  no code: ", report.Hint.String())
	}
	for _, c := range report.Codes {
		fmt.Fprintf(e.out, "  version %d, %.1f pixels a module: %s\n", c.Version, c.ModulePixels, media.Escape(c.Text))
	}
	return nil
}
