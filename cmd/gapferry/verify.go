package main

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// bundleWork is what the commands do that read bundles and judge them: inspect,
// verify, and others beside their own work.
type bundleWork struct{ *env }

func verifyCommand(e bundleWork) *cli.Command {
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
			judge, err := e.judge(ctx, nil)
			if err != nil {
				return err
			}
			return e.verifyAll(ctx, all, a, judge, nil)
		},
	}
}

// anchors finds the SA key to verify with.
func (e bundleWork) anchors(ctx *cli.Context, all []found, sticks *carrier.Opener) (bundle.Anchors, error) {
	a := bundle.Anchors{Now: e.now()}
	if ctx.IsSet("store") {
		err := e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) (err error) {
			a.Ceremony = n.Plan().CeremonyID()
			if a.SAKey, err = n.RegisteredSAKey(); err != nil {
				return err
			}
			hash := a.SAKey.Thumbprint()
			a.SAHash = &hash
			a.Sources, a.Targets, err = n.Certificates()
			return err
		})
		return a, err
	}
	source, err := console.NewCardReader(ctx.Context, ctx.String(hashFlag.Name), e.in, sticks)
	if err != nil {
		return a, err
	}
	d := &console.Desk{Out: e.words(ctx), Terminal: e.terminal(ctx), Reader: source, Spell: placeOf(ctx).spell}
	hash, _, err := d.SAKeyHash(ceremony.HashQuestion{})
	if err != nil && !errors.Is(err, ceremony.ErrNoAnswer) {
		return a, err
	}
	if err != nil {
		return a, &refusal.Error{Code: refusal.CodeNoHash, Text: "the SA-key hash was not entered: nothing can be verified", Err: err}
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
func (e *env) looking(ctx *cli.Context) *carrier.Opener {
	r := e.rack(ctx, nil)
	r.KeepMounted = true
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
	bundle.KindCancel:    "the source made it, which the SA certified",
	bundle.KindRevoke:    "the SA made it",
	bundle.KindJournal:   "whoever made it has the audit key; whose that is, transcript verify says",
}

// verified is verify for programs, and media check, which says more of the stick.
type verified struct {
	Bundles       []bundleShape `json:"bundles"`
	Authenticated bool          `json:"authenticated"` // false where the SA key is a store's, and nobody logged on
	*StickShape
}

func (e bundleWork) verifyAll(ctx *cli.Context, all []found, a bundle.Anchors, judge ceremony.Judge, on *StickShape) error {
	a.Sources = append(a.Sources, sources(all, a.SAKey)...)
	list := []bundleShape{}
	var refused, unknown int
	var last error
	codes := map[refusal.Code]bool{}
	for _, f := range all {
		it := judge.Judge(f.in)
		err := it.Err
		if err == nil {
			_, err = f.sealed.Verify(a)
		}
		if err == nil {
			h := headerJSON(f)
			h.Verdict = "good"
			if ctx.IsSet("store") {
				h.Standing = it.Standing
			}
			list = append(list, h)
			fmt.Fprintf(e.words(ctx), "good     %s\n         %s\n", media.Escape(f.where), proves[f.sealed.UnverifiedHeader().Kind])
			continue
		}
		verdict := "refused"
		if missing := missingToJudge(f, err, a.SAKey.IsZero()); missing != "" {
			verdict = "unknown"
			unknown++
			fmt.Fprintf(e.words(ctx), "unknown  %s\n         %s\n", media.Escape(f.where), missing)
		} else {
			refused++
			last = err
			fmt.Fprintf(e.words(ctx), "REFUSED  %s\n         %s\n", media.Escape(f.where), media.Escape(err.Error()))
		}
		code := codeFor(err)
		if verdict == "refused" {
			codes[code] = true
		}
		list = append(list, bundleShape{File: f.where, Verdict: verdict, Error: err.Error(), Code: code})
	}
	authenticated := !ctx.IsSet("store")
	if !authenticated {
		terminal.Print(e.words(ctx), "", ceremony.NotAuthenticated+". The SA key is the one that the store's journal names")
	}
	if ctx.Bool(jsonFlag.Name) {
		told := verified{Bundles: list, Authenticated: authenticated, StickShape: on}
		if err := e.json(told); err != nil {
			return err
		}
	}
	switch {
	case refused > 0:
		code := refusal.CodeSignature
		if len(codes) == 1 {
			code = codeFor(last) // the same for all
		}
		return &refusal.Error{Code: code, Text: fmt.Sprintf("%d of %d files are refused", refused, len(all)), Err: last}
	case unknown > 0:
		return &refusal.Error{Code: refusal.CodeUnjudged, Text: fmt.Sprintf("%d of %d files cannot be judged with what is here", unknown, len(all))}
	}
	return nil
}

// codeFor is the code by which a file is refused.
func codeFor(err error) refusal.Code {
	if refused, ok := errors.AsType[*refusal.Error](refusal.Wrap(err, "file")); ok {
		return refused.Code
	}
	return refusal.CodeSignature
}

// judge is that of the room of --store; without one, of a plan or of nothing.
func (e bundleWork) judge(ctx *cli.Context, p *plan.Plan) (judge ceremony.Judge, err error) {
	if !ctx.IsSet("store") {
		return ceremony.JudgeOf(p), nil
	}
	err = e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) error {
		judge = n.Judge()
		return nil
	})
	return judge, err
}

// missingToJudge says what is needed to judge a bundle whose signer's key or
// certificate is not here; empty where the bundle is simply refused.
func missingToJudge(f found, err error, noSAKey bool) string {
	if f.err != nil || !errors.Is(err, bundle.ErrUnknownKey) {
		return ""
	}
	kind := f.sealed.UnverifiedHeader().Kind
	if noSAKey && kind != bundle.KindSAKey {
		return "the SA key is needed: bring the sa-key that has the card's hash too, or name a store with --store"
	}
	switch kind {
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
