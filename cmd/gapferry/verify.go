package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
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
func (e *env) collect(ctx *cli.Context, sticks *rack) ([]found, error) {
	var all []found
	add := func(where string, data []byte) {
		sealed, err := bundle.Parse(data)
		all = append(all, found{where, sealed, err})
	}
	for _, spec := range ctx.StringSlice(fromFlag.Name) {
		m, err := sticks.slot(spec)
		if err != nil {
			return nil, err
		}
		files, skipped, err := m.Read("")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			add(f.Folder+"/"+f.Name, f.Data)
		}
		for _, s := range skipped {
			fmt.Fprintf(e.words(ctx), "! passed over %s: %s\n", escape(s.Name), escape(s.Reason))
		}
	}
	for _, path := range ctx.StringSlice(fileFlag.Name) {
		data, err := readBounded(path, bundle.MaxSize)
		if err != nil {
			return nil, err
		}
		add(path, data)
	}
	if len(all) == 0 {
		return nil, usagef("nothing to look at: name a stick with --from dir:PATH or a file with --file")
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
					fmt.Fprintf(e.words(ctx), "%s\n  NO BUNDLE: %s\n", escape(f.where), escape(f.err.Error()))
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
	return &ceremony.Refusal{Code: ceremony.CodeFormat, Text: fmt.Sprintf("%q: %v", f.where, f.err), Err: f.err}
}

func (e *env) printHeader(f found) {
	h := f.sealed.UnverifiedHeader()
	line := func(name, format string, a ...any) {
		fmt.Fprintf(e.out, "  %-10s %s\n", name, escape(fmt.Sprintf(format, a...)))
	}
	fmt.Fprintf(e.out, "%s\n", escape(f.where))
	kind := string(h.Kind)
	if h.Share != nil {
		kind = fmt.Sprintf("%s %d of set %s", kind, h.Share.Index, h.Share.Set)
	}
	if h.Rehearsal {
		kind += "  REHEARSAL"
	}
	line("kind", "%s, phase %s", kind, h.Phase)
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

func verifyCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "verify bundles before import; needs the SA-key hash, no coprocessor and no secret",
		Description: "The SA key is taken from the sa-key bundle that has the hash, which must be among\nthe bundles, or from the store if --store names one that registered it.",
		Flags: []cli.Flag{
			fromFlag, fileFlag, hashFlag, jsonFlag, waitFlag,
			&cli.StringFlag{Name: "store", Aliases: []string{"s"}, Usage: "take the SA key from this `DIRECTORY` instead of asking for its hash"},
		},
		Action: func(ctx *cli.Context) error {
			sticks := e.looking(ctx)
			all, err := e.collect(ctx, sticks)
			if err != nil {
				return err
			}
			a, err := e.anchors(ctx, all, sticks)
			if err != nil {
				return err
			}
			return e.verifyAll(ctx, all, a)
		},
	}
}

// anchors finds the SA key to verify with.
func (e *env) anchors(ctx *cli.Context, all []found, sticks *rack) (bundle.Anchors, error) {
	a := bundle.Anchors{Now: e.now()}
	if ctx.IsSet("store") {
		n, err := ceremony.Look(ctx.String(storeFlag.Name), e.now)
		if err != nil {
			return a, err
		}
		key, err := n.RegisteredSAKey()
		if err == nil {
			a.Sources, a.Targets, err = n.Certificates()
		}
		a.Ceremony = n.Plan().CeremonyID()
		if err := closing(n, err); err != nil {
			return a, err
		}
		hash := key.Thumbprint()
		a.SAKey, a.SAHash = key, &hash
		return a, nil
	}
	source, err := e.hashSource(ctx.String(hashFlag.Name), sticks)
	if err != nil {
		return a, err
	}
	d := &desk{words: e.words(ctx), terminal: openTerminal(), hash: source}
	hash, err := d.SAKeyHash(ceremony.HashQuestion{})
	var refused *ceremony.Refusal
	if errors.As(err, &refused) {
		return a, err
	}
	if err != nil {
		return a, &ceremony.Refusal{Code: ceremony.CodeNoHash, Text: "the SA-key hash was not entered: nothing can be verified", Err: err}
	}
	a.SAHash = &hash
	for _, f := range all {
		if f.err != nil || f.sealed.UnverifiedHeader().Kind != bundle.KindSAKey {
			continue
		}
		if v, err := f.sealed.Verify(a); err == nil {
			a.SAKey, a.Ceremony = v.Key(), v.Header().Ceremony
		}
	}
	return a, nil
}

// looking is a rack for commands that only read: sticks stay mounted.
func (e *env) looking(ctx *cli.Context) *rack {
	r := e.rack(ctx, nil)
	r.keep = true
	return r
}

// proves says what a good signature proves, for each kind.
var proves = map[bundle.Kind]string{
	bundle.KindSAKey:     "the SA key has the hash of the card",
	bundle.KindCSSKey:    "whoever made it has the key; the SA certifies whose it is",
	bundle.KindCSRKey:    "whoever made it has the key; the SA certifies whose it is",
	bundle.KindCSSCert:   "the SA made it",
	bundle.KindCSRCert:   "the SA made it",
	bundle.KindStatement: "the source made it, which the SA certified",
	bundle.KindShare:     "the source made it, which the SA certified",
	bundle.KindReceipt:   "the target made it, which the SA certified",
}

func (e *env) verifyAll(ctx *cli.Context, all []found, a bundle.Anchors) error {
	a.Sources = append(a.Sources, sources(all, a.SAKey)...)
	list := []map[string]any{}
	var refused, unknown int
	var last error
	for _, f := range all {
		err := f.err
		if err == nil {
			_, err = f.sealed.Verify(a)
		}
		if err == nil {
			h := headerJSON(f)
			h["verdict"] = "good"
			list = append(list, h)
			fmt.Fprintf(e.words(ctx), "good     %s\n         %s\n", escape(f.where), proves[f.sealed.UnverifiedHeader().Kind])
			continue
		}
		verdict := "refused"
		if missing := certificateMissing(f, err); missing != "" {
			verdict = "unknown"
			unknown++
			fmt.Fprintf(e.words(ctx), "unknown  %s\n         %s\n", escape(f.where), missing)
		} else {
			refused++
			last = err
			fmt.Fprintf(e.words(ctx), "REFUSED  %s\n         %s\n", escape(f.where), escape(err.Error()))
		}
		list = append(list, map[string]any{"file": f.where, "verdict": verdict, "error": err.Error()})
	}
	if ctx.Bool(jsonFlag.Name) {
		if err := e.json(map[string]any{"bundles": list}); err != nil {
			return err
		}
	}
	switch {
	case refused > 0:
		return &ceremony.Refusal{Code: ceremony.CodeSignature, Text: fmt.Sprintf("%d of %d files are refused", refused, len(all)), Err: last}
	case unknown > 0:
		return &ceremony.Refusal{Code: ceremony.CodeUnjudged, Text: fmt.Sprintf("%d of %d files cannot be judged with what is here", unknown, len(all))}
	}
	return nil
}

// certificateMissing says what is needed to judge a bundle whose signer's
// certificate is not here; empty where the bundle is simply refused.
func certificateMissing(f found, err error) string {
	if f.err != nil || !errors.Is(err, bundle.ErrUnknownKey) {
		return ""
	}
	switch f.sealed.UnverifiedHeader().Kind {
	case bundle.KindShare:
		return "the source's certificate is needed: the statement of the same share set brings it"
	case bundle.KindReceipt:
		return "the target's certificate is needed: verify at the SA or the source, with --store"
	}
	return ""
}

// sources are the source's certificates that statements bring, for the shares
// beside them.
func sources(all []found, sa coproc.PublicKey) []coproc.Certificate {
	var cs []coproc.Certificate
	for _, f := range all {
		if f.err != nil || f.sealed.UnverifiedHeader().Kind != bundle.KindStatement {
			continue
		}
		if c, err := coproc.ParseCertificate(f.sealed.UnverifiedHeader().Certificate, sa); err == nil && c.Claims().Role == coproc.CSS {
			cs = append(cs, c)
		}
	}
	return cs
}
