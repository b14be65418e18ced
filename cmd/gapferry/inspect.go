package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// found is a file of a carrier, judged by nobody's plan: parsed.
type found struct {
	where  string
	in     bundle.Incoming // without a folder where the file lay in no database
	sealed *bundle.Sealed
	err    error
}

func foundIn(where string, in bundle.Incoming) found {
	it := ceremony.Judge{}.Judge(in)
	return found{where, in, it.Sealed, it.Err}
}

var fileFlag = &cli.StringSliceFlag{
	Name: "file", Usage: "one bundle `FILE`; may be repeated",
}

// collect reads every bundle of the carriers and files that the flags name.
func (e bundleWork) collect(ctx *cli.Context, sticks *carrier.Opener) ([]found, error) {
	var all []found
	for _, spec := range ctx.StringSlice(fromFlag.Name) {
		m, err := sticks.Open(spec)
		if err != nil {
			return nil, err
		}
		files, err := m.Read(ctx.Context, carrier.Request{})
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all = append(all, foundIn(f.Folder+"/"+f.Name, f))
		}
	}
	for _, path := range ctx.StringSlice(fileFlag.Name) {
		data, err := readBounded(path, bundle.MaxSize)
		if err != nil {
			return nil, err
		}
		all = append(all, foundIn(path, bundle.Incoming{Name: path, Data: data}))
	}
	if len(all) == 0 && len(ctx.StringSlice(fromFlag.Name)) > 0 {
		return nil, &refusal.Error{Code: refusal.CodeNothing, Text: "there is no bundle there"}
	}
	if len(all) == 0 {
		return nil, terminal.Usagef("nothing to look at: name a stick with --from dir:PATH or a file with --file")
	}
	return all, nil
}

func inspectCommand(e bundleWork) *cli.Command {
	return &cli.Command{
		Name: "inspect", Usage: "show what bundles say of themselves; nothing is verified, nothing is opened",
		Flags: []cli.Flag{fromFlag, fileFlag, jsonFlag, waitFlag},
		Action: func(ctx *cli.Context) error {
			all, err := e.collect(ctx, e.looking(ctx))
			if err != nil {
				return err
			}
			var failed error
			list := []bundleShape{}
			for _, f := range all {
				if f.err != nil {
					failed = unreadable(f)
					list = append(list, bundleShape{File: f.where, Error: f.err.Error()})
					fmt.Fprintf(e.words(ctx), "%s\n  NO BUNDLE: %s\n", media.Escape(f.where), media.Escape(f.err.Error()))
					continue
				}
				list = append(list, headerJSON(f))
				if !ctx.Bool(jsonFlag.Name) {
					e.printHeader(f)
				}
			}
			if ctx.Bool(jsonFlag.Name) {
				if err := e.json(inspected{list}); err != nil {
					return err
				}
			} else {
				fmt.Fprintln(e.out, "none of this is verified: see `gapferry verify`")
			}
			return failed
		},
	}
}

func unreadable(f found) error {
	return &refusal.Error{Code: refusal.CodeFormat, Text: fmt.Sprintf("%q: %v", f.where, f.err), Err: f.err}
}

func (e bundleWork) printHeader(f found) {
	h := f.sealed.UnverifiedHeader()
	line := func(name, format string, a ...any) {
		fmt.Fprintf(e.out, "  %-10s %s\n", name, media.Escape(fmt.Sprintf(format, a...)))
	}
	fmt.Fprintf(e.out, "%s\n", media.Escape(f.where))
	kind := string(h.Kind)
	if h.Share != nil {
		kind = fmt.Sprintf("%s %d of set %s", kind, h.Share.Index, h.Share.Set)
	}
	if h.Rehearsal {
		kind += "  REHEARSAL"
	}
	if h.Phase != "" {
		kind += ", phase " + h.Phase
	}
	line("kind", "%s", kind)
	line("ceremony", "%s, level %d", h.Ceremony, h.Level)
	line("from", "%s, its bundle %d", h.From, h.Sequence)
	to := strings.Join(h.To, ", ")
	if to == "" {
		to = "every node that has the SA-key hash"
	}
	line("to", "%s", to)
	if h.About != "" {
		line("about", "%s", h.About)
	}
	if !h.Answers.IsZero() {
		line("answers", "%s", h.Answers)
	}
	line("made", "%s by the maker's clock", time.Unix(h.Time, 0).UTC().Format(time.RFC3339))
	line("sealed", "%d bytes to %s", f.sealed.PayloadSize(), strings.Join(f.sealed.Recipients(), ", "))
	line("size", "%d bytes", len(f.sealed.Bytes()))
	line("SHA-256", "%s", f.sealed.Digest())
}

// inspected is inspect for programs.
type inspected struct {
	Unverified []bundleShape `json:"unverified"`
}

// bundleShape is a file, and what it says of itself if it is a bundle.
type bundleShape struct {
	File    string `json:"file"`
	Verdict string `json:"verdict,omitempty"` // good, refused or unknown, where it was verified
	Error   string `json:"error,omitempty"`
	// Code is that of a refusal.
	Code refusal.Code `json:"code,omitempty"`
	// Standing says, with --store, what it is to that room: fits, elsewhere, here or refused.
	Standing ceremony.Standing `json:"standing,omitempty"`
	*HeaderShape
}

// HeaderShape is what a bundle says of itself.
type HeaderShape struct {
	Kind      bundle.Kind `json:"kind"`
	Phase     string      `json:"phase"`
	Level     int         `json:"level"`
	Ceremony  string      `json:"ceremony"`
	From      string      `json:"from"` // node
	Serial    string      `json:"serial"`
	EID       string      `json:"eid"`
	To        []string    `json:"to"` // nodes
	Sequence  uint64      `json:"sequence"`
	Rehearsal bool        `json:"rehearsal"`
	Time      int64       `json:"time"` // by the maker's clock
	Bytes     int         `json:"bytes"`
	Digest    string      `json:"digest"`
	Answers   string      `json:"answers,omitempty"` // digest of the header that it answers
	Share     int         `json:"share,omitempty"`
	ShareSet  string      `json:"share_set,omitempty"`
}

func headerJSON(f found) bundleShape {
	h := f.sealed.UnverifiedHeader()
	s := &HeaderShape{
		Kind: h.Kind, Phase: h.Phase, Level: int(h.Level), Ceremony: h.Ceremony.String(),
		From: h.From.Name, Serial: h.From.Serial.String(), EID: h.From.EID.String(), To: append([]string{}, h.To...),
		Sequence: h.Sequence, Rehearsal: h.Rehearsal, Time: h.Time,
		Bytes: len(f.sealed.Bytes()), Digest: f.sealed.Digest().String(),
	}
	if !h.Answers.IsZero() {
		s.Answers = h.Answers.String()
	}
	if h.Share != nil {
		s.Share, s.ShareSet = int(h.Share.Index), h.Share.Set.String()
	}
	return bundleShape{File: f.where, HeaderShape: s}
}
