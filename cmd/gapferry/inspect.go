package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// found is a file of a carrier, parsed.
type found struct {
	where  string
	sealed *bundle.Sealed
	err    error
}

var fileFlag = &cli.StringSliceFlag{
	Name: "file", Usage: "one bundle `FILE`; may be repeated",
}

// collect reads every bundle of the carriers and files that the flags name.
func (e *env) collect(ctx *cli.Context, sticks *carrier.Opener) ([]found, error) {
	var all []found
	add := func(where string, data []byte) {
		sealed, err := bundle.Parse(data)
		all = append(all, found{where, sealed, err})
	}
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
			add(f.Folder+"/"+f.Name, f.Data)
		}
	}
	for _, path := range ctx.StringSlice(fileFlag.Name) {
		data, err := readBounded(path, bundle.MaxSize)
		if err != nil {
			return nil, err
		}
		add(path, data)
	}
	if len(all) == 0 && len(ctx.StringSlice(fromFlag.Name)) > 0 {
		return nil, &refusal.Error{Code: refusal.CodeNothing, Text: "there is no bundle there"}
	}
	if len(all) == 0 {
		return nil, terminal.Usagef("nothing to look at: name a stick with --from dir:PATH or a file with --file")
	}
	return all, nil
}

func inspectCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "inspect", Usage: "show what bundles say of themselves; nothing is verified, nothing is opened",
		Flags: []cli.Flag{fromFlag, fileFlag, jsonFlag, waitFlag},
		Action: func(ctx *cli.Context) error {
			all, err := e.collect(ctx, e.looking(ctx))
			if err != nil {
				return err
			}
			var failed error
			var list []map[string]any
			for _, f := range all {
				if f.err != nil {
					failed = unreadable(f)
					list = append(list, map[string]any{"file": f.where, "error": f.err.Error()})
					fmt.Fprintf(e.words(ctx), "%s\n  NO BUNDLE: %s\n", media.Escape(f.where), media.Escape(f.err.Error()))
					continue
				}
				list = append(list, headerJSON(f))
				if !ctx.Bool(jsonFlag.Name) {
					e.printHeader(f)
				}
			}
			if ctx.Bool(jsonFlag.Name) {
				if err := e.json(map[string]any{"unverified": list}); err != nil {
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

func (e *env) printHeader(f found) {
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
	line("size", "%d bytes, SHA-256 %s", len(f.sealed.Bytes()), f.sealed.Digest())
}

func headerJSON(f found) map[string]any {
	h := f.sealed.UnverifiedHeader()
	m := map[string]any{
		"file": f.where, "kind": h.Kind, "phase": h.Phase, "level": h.Level, "ceremony": h.Ceremony.String(),
		"from": h.From.Name, "serial": h.From.Serial.String(), "eid": h.From.EID.String(), "to": append([]string{}, h.To...),
		"sequence": h.Sequence, "rehearsal": h.Rehearsal, "time": h.Time,
		"bytes": len(f.sealed.Bytes()), "digest": f.sealed.Digest().String(),
	}
	if !h.Answers.IsZero() {
		m["answers"] = h.Answers.String()
	}
	if h.Share != nil {
		m["share"], m["share_set"] = h.Share.Index, h.Share.Set.String()
	}
	return m
}
