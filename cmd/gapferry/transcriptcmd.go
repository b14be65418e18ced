package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

var (
	transcriptFlag = &cli.StringFlag{Name: "transcript", Usage: "the transcript: a `FILE`"}
	// saStoreFlag names no store unless it is given: an auditor has none.
	saStoreFlag = &cli.StringFlag{
		Name: "store", Aliases: []string{"s"},
		Usage: "take the SA-key hash from this `DIRECTORY`, a store that registered the SA key, instead of asking for it; its auditor logs on",
	}
)

// transcriptWork is what the commands do with the journals of all rooms.
type transcriptWork struct{ *env }

func transcriptCommand(e transcriptWork) *cli.Command {
	return &cli.Command{
		Name: "transcript", Usage: "the whole ceremony as one record, verified offline with the SA-key hash card alone",
		Description: "Each room hands out its journal with gapferry journal export. merge puts the\njournals and the bundles beside them into one file; verify checks it. Neither\nneeds a store, an officer or a secret.",
		Subcommands: []*cli.Command{transcriptMergeCommand(e), transcriptVerifyCommand(e), transcriptReportCommand(e)},
	}
}

func transcriptMergeCommand(e transcriptWork) *cli.Command {
	return &cli.Command{
		Name: "merge", Usage: "put journals and bundles into one transcript, and verify it",
		Description: "Shares are left out: gathering them would undo their separation. The file is\nwritten whatever the verdict is: it is evidence.",
		Flags: []cli.Flag{
			fromFlag,
			&cli.StringSliceFlag{Name: "transcript", Usage: "a transcript that was made before: a `FILE`; may be repeated"},
			hashFlag, saStoreFlag, passphraseFlag,
			&cli.StringFlag{Name: "out", Usage: "the new transcript: a `FILE`, like ceremony" + transcript.Extension},
			jsonFlag, waitFlag,
		},
		Action: func(ctx *cli.Context) error {
			out := ctx.String("out")
			if out == "" {
				return terminal.Usagef("transcript merge needs --out FILE")
			}
			if len(ctx.StringSlice(fromFlag.Name))+len(ctx.StringSlice("transcript")) == 0 {
				return terminal.Usagef("nothing to merge: name what brings the journals with --from, or transcripts with --transcript")
			}
			if err := freeFile(out); err != nil {
				return err
			}
			return e.transcriptMerge(ctx, out)
		},
	}
}

// freeFile refuses a name that is taken, before anybody is asked anything.
func freeFile(path string) error {
	if err := carrier.NeedDir(filepath.Dir(path)); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return terminal.Usagef("%s is there already: a transcript is never overwritten, name another --out", media.Escape(path))
	}
	return nil
}

func (e transcriptWork) transcriptMerge(ctx *cli.Context, out string) error {
	var old []*transcript.File
	for _, path := range ctx.StringSlice("transcript") {
		f, err := readTranscript(path)
		if err != nil {
			return err
		}
		old = append(old, f)
	}
	sticks := e.looking(ctx)
	var files []bundle.Incoming
	for _, spec := range ctx.StringSlice(fromFlag.Name) {
		m, err := sticks.Open(spec)
		if err != nil {
			return err
		}
		in, err := m.Read(ctx.Context, carrier.Request{Have: files})
		if err != nil {
			return err
		}
		files = append(files, in...)
	}
	hash, err := e.auditorsHash(ctx, sticks)
	if err != nil {
		return err
	}
	c, err := transcript.Collect(files, old, hash)
	if err != nil {
		return err
	}
	if err := media.WriteFileNew(out, c.File.Bytes()); err != nil {
		return fmt.Errorf("write the transcript: %w", err)
	}
	words := e.words(ctx)
	for _, l := range c.Excluded {
		terminal.Print(words, "left out: ", leftOut(l))
	}
	terminal.Print(words, "", fmt.Sprintf("%d bundles are in %s", c.File.Count(), out))
	fmt.Fprintln(words)
	return e.transcriptVerdict(ctx, transcript.Verify(c.File, hash))
}

// leftOut names files that are not in the transcript, the first of them.
func leftOut(l transcript.Excluded) string {
	const names = 3
	text := strings.Join(l.Files[:min(names, len(l.Files))], ", ")
	if more := len(l.Files) - names; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ": " + l.Why
}

func transcriptVerifyCommand(e transcriptWork) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "verify a transcript: needs the SA-key hash, no store and no secret",
		Flags: []cli.Flag{transcriptFlag, hashFlag, saStoreFlag, passphraseFlag, jsonFlag, waitFlag},
		Action: func(ctx *cli.Context) error {
			r, err := e.verifiedTranscript(ctx)
			if err != nil {
				return err
			}
			return e.transcriptVerdict(ctx, r)
		},
	}
}

// verifiedTranscript reads the transcript that the flags name and verifies it.
func (e transcriptWork) verifiedTranscript(ctx *cli.Context) (*transcript.Result, error) {
	path := ctx.String(transcriptFlag.Name)
	if path == "" {
		return nil, terminal.Usagef("transcript %s needs --transcript FILE", ctx.Command.Name)
	}
	f, err := readTranscript(path)
	if err != nil {
		return nil, err
	}
	hash, err := e.auditorsHash(ctx, e.looking(ctx))
	if err != nil {
		return nil, err
	}
	return transcript.Verify(f, hash), nil
}

func readTranscript(path string) (*transcript.File, error) {
	b, err := readBounded(path, transcript.MaxSize)
	if err != nil {
		return nil, err
	}
	f, err := transcript.Parse(b)
	if err != nil {
		return nil, &refusal.Error{Code: refusal.CodeTranscript, Text: fmt.Sprintf("%s: %v", path, err), Err: err}
	}
	return f, nil
}

// auditorsHash is the SA-key hash that everything is verified against: from
// the card, or from the coprocessor of a store that registered it, whose auditor
// logs on: what a store says by itself is what the owner of its disk says.
func (e *env) auditorsHash(ctx *cli.Context, sticks *carrier.Opener) (coproc.Thumbprint, error) {
	var none coproc.Thumbprint
	if ctx.IsSet("store") {
		if ctx.String(hashFlag.Name) != "" {
			return none, terminal.Usagef("--store and --sa-hash both say which SA key it is: give one")
		}
		return e.storesHash(ctx, "verify a transcript with the SA-key hash")
	}
	return e.cardsHash(ctx, sticks)
}

// storesHash is the SA-key hash that the coprocessor of a store has.
func (e *env) storesHash(ctx *cli.Context, why string) (hash coproc.Thumbprint, err error) {
	err = e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
		hash, err = n.SAHash(why, d)
		return err
	})
	return hash, err
}

// cardsHash is the SA-key hash of a card that somebody holds here.
func (e *env) cardsHash(ctx *cli.Context, sticks *carrier.Opener) (coproc.Thumbprint, error) {
	var none coproc.Thumbprint
	source, err := console.NewCardReader(ctx.Context, ctx.String(hashFlag.Name), e.in, sticks)
	if err != nil {
		return none, err
	}
	d := &console.Desk{Out: e.words(ctx), Terminal: e.terminal(ctx), Reader: source, Spell: placeOf(ctx).spell}
	hash, _, err := d.SAKeyHash(ceremony.HashQuestion{})
	if errors.Is(err, ceremony.ErrNoAnswer) {
		return none, &refusal.Error{Code: refusal.CodeNoHash, Text: "the SA-key hash was not entered: nothing can be verified", Err: err}
	}
	return hash, err
}

// transcriptVerdict prints a result. What does not verify, and what is not
// complete, is an error as well, so that the exit code says it.
func (e transcriptWork) transcriptVerdict(ctx *cli.Context, r *transcript.Result) error {
	printTranscript(e.words(ctx), r)
	if ctx.Bool(jsonFlag.Name) {
		if err := e.json(transcriptJSON(r)); err != nil {
			return err
		}
	}
	return transcriptRefusal(r)
}

// transcriptRefusal is the verdict as an error; nil where nothing is missing.
func transcriptRefusal(r *transcript.Result) error {
	switch r.Verdict() {
	case transcript.NotVerified:
		return &refusal.Error{Code: refusal.CodeTranscript, Text: "the transcript does not verify: keep it, and every stick, as they are"}
	case transcript.Incomplete:
		return &refusal.Error{Code: refusal.CodeOrder, Text: "the transcript is not complete: bring what is missing and merge it again, with --transcript for what is here"}
	}
	return nil
}
