package main

import (
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/paper"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

func transcriptReportCommand(e transcriptWork) *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "the auditor's report: what was cloned and how, with both forms filled in",
		Description: "The transcript is verified first; the report is written whatever the verdict is,\nand the exit code is that of transcript verify.",
		Flags: []cli.Flag{
			transcriptFlag, hashFlag, saStoreFlag, passphraseFlag, htmlFlag, paperFlag, waitFlag,
			&cli.StringFlag{Name: "text", Usage: "write it as text: a `FILE`, or - for standard output"},
		},
		Action: func(ctx *cli.Context) error {
			html, text := ctx.String(htmlFlag.Name), ctx.String("text")
			if html == "" && text == "" {
				return terminal.Usagef("transcript report needs --html FILE or --text FILE")
			}
			if html != "" && filepath.Clean(html) == filepath.Clean(text) {
				return terminal.Usagef("--html and --text name the same file: give each its own name")
			}
			for _, path := range []string{html, text} {
				if path == "" || path == "-" {
					continue
				}
				if err := noFile(path, "a report"); err != nil {
					return err
				}
				if err := carrier.NeedDir(filepath.Dir(path)); err != nil {
					return err
				}
			}
			return e.transcriptReport(ctx, html, text)
		},
	}
}

func (e transcriptWork) transcriptReport(ctx *cli.Context, html, text string) error {
	r, err := e.verifiedTranscript(ctx)
	if err != nil {
		return err
	}
	d := paper.Report(r)
	var page []byte
	if html != "" { // before anything is written
		if page, err = d.HTML(ctx.String(paperFlag.Name)); err != nil {
			return err
		}
	}
	words := e.out
	switch text {
	case "":
	case "-":
		words = e.err
		if _, err := fmt.Fprint(e.out, d.Text()); err != nil {
			return err
		}
	default:
		if err := writePaper(text, []byte(d.Text())); err != nil {
			return err
		}
		terminal.Print(words, "", "wrote "+text)
	}
	if html != "" {
		if err := writePaper(html, page); err != nil {
			return err
		}
		terminal.Print(words, "", "wrote "+html+": open it in a browser, print it and sign it")
	}
	terminal.Print(words, "", r.Headline())
	return transcriptRefusal(r)
}
