package main

import (
	"fmt"
	"slices"

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

// codeWork is what the commands do that show, print and read codes.
type codeWork struct{ bundleWork }

func qrCommand(e codeWork) *cli.Command {
	return &cli.Command{
		Name: "qr", Usage: "QR codes: show bundles, print them, scan them",
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "show bundles as codes on this terminal, one after the other",
				Description: "A bundle that needs more than one code is shown as a film: any so many of its\ncodes rebuild it, in any order. Nothing scrolls; Enter goes on to the next bundle.\nWhat this node made is shown with `gapferry resend --to screen:`, which the\njournal keeps.",
				Flags:       append(bundleFlags(), typedFlag, cellsFlag, rateFlag),
				Action:      e.qrShow,
			},
			{
				Name: "sheet", Usage: "write a page to print for each bundle: self-contained HTML",
				Flags: append(bundleFlags(), typedFlag, paperFlag, jsonFlag,
					&cli.StringFlag{Name: "out", Value: ".", Usage: "write the pages into `DIRECTORY`, which must exist; nothing is overwritten"}),
				Action: e.qrSheet,
			},
			{
				Name: "card", Usage: "make the SA-key hash card again, in the SA's room",
				Description: "The auditor logs on, or --sa-hash gives another card: nobody else can say which\nhash it is.",
				Flags: []cli.Flag{storeFlag, passphraseFlag, hashFlag, waitFlag, paperFlag, cellsFlag,
					&cli.StringFlag{Name: "out", Usage: "`FILE`: .html is a page with two cards to print, .png the code alone, all else text; left out, the code is shown on this terminal"}},
				Action: e.qrCard,
			},
			{
				Name: "scan", Usage: "read bundles from codes, and write them to a stick or a directory: the same bytes",
				Flags: []cli.Flag{fromFlag, toFlag, waitFlag, keepFlag, jsonFlag,
					&cli.IntFlag{Name: "expect", Usage: "wait for `N` bundles, and end with the last of them; left out, with Enter or when nothing more comes"},
					&cli.StringFlag{Name: "keep", Usage: "keep the codes of unfinished bundles in `FILE`, and begin with those that it has"}},
				Action: e.qrScan,
			},
			{
				Name: "decode", Usage: "read every QR code of the pictures in a directory, whatever it says",
				Description: "With --json, a line for each picture: {\"file\":\"…\",\"codes\":[\"text\",…]}.",
				Flags: []cli.Flag{jsonFlag,
					&cli.StringFlag{Name: "images", Required: true, Usage: "`DIRECTORY` of PNG, JPEG and PNM pictures"}},
				Action: e.qrDecode,
			},
		},
	}
}

// bundleFlags say which bundles are meant.
func bundleFlags() []cli.Flag {
	return []cli.Flag{
		fromFlag, fileFlag, waitFlag, kindFlag, databaseFlag, oneShareFlag,
	}
}

var (
	kindFlag     = &cli.StringFlag{Name: "kind", Usage: "only bundles of `KIND`: sa-key, css-key, …"}
	databaseFlag = &cli.StringFlag{Name: "target", Usage: "only those in the database of target `NODE`"}
	oneShareFlag = &cli.IntFlag{Name: "share", Usage: "only share `INDEX`"}
	paperFlag    = &cli.StringFlag{
		Name: "paper", Value: "A4", Usage: "`A4` or Letter",
		Action: func(_ *cli.Context, paper string) error {
			if paper != "A4" && paper != "Letter" {
				return terminal.Usagef("--paper takes A4 or Letter, not %q", paper)
			}
			return nil
		},
	}
)

// whichFlags are the bundles that the flags mean.
func whichFlags(ctx *cli.Context) (ceremony.Resend, error) {
	which := ceremony.Resend{Kind: bundle.Kind(ctx.String(kindFlag.Name)), Target: ctx.String(databaseFlag.Name), Share: ctx.Int(oneShareFlag.Name)}
	if which.Kind != "" && !slices.Contains(bundle.Kinds, which.Kind) {
		return which, terminal.Usagef("there is no kind of bundle %q: the kinds are %v", which.Kind, bundle.Kinds)
	}
	return which, nil
}

// chosen are the bundles that the flags name and mean. One that cannot be read
// ends it: a page for the wrong bundles is worse than none.
func (e codeWork) chosen(ctx *cli.Context, sticks *carrier.Opener) ([]*bundle.Sealed, error) {
	which, err := whichFlags(ctx)
	if err != nil {
		return nil, err
	}
	all, err := e.collect(ctx, sticks)
	if err != nil {
		return nil, err
	}
	var chosen []*bundle.Sealed
	for _, f := range all {
		if f.err != nil {
			return nil, unreadable(f)
		}
		if which.Matches(f.sealed.UnverifiedHeader()) {
			chosen = append(chosen, f.sealed)
		}
	}
	if err := carrier.MixesShares(chosen, "one desk"); err != nil {
		return nil, err
	}
	if len(chosen) == 0 {
		return nil, &refusal.Error{Code: refusal.CodeMissing, Text: "there is no such bundle there"}
	}
	return chosen, nil
}

func (e codeWork) qrShow(ctx *cli.Context) error {
	r := e.looking(ctx)
	if _, err := r.Screen(); err != nil {
		return err
	}
	chosen, err := e.chosen(ctx, r)
	if err != nil {
		return err
	}
	for _, s := range chosen {
		file, err := r.Show(ctx.Context, s)
		if err != nil {
			return err
		}
		terminal.Print(e.out, "", fmt.Sprintf("showed %s, digest words: %s", file, carrier.DigestWords(s.Digest())))
	}
	return nil
}

// pagesWritten is qr sheet for programs.
type pagesWritten struct {
	Pages []pageWritten `json:"pages"`
}

// pageWritten is the page of one bundle.
type pageWritten struct {
	File   string `json:"file"`
	Codes  int    `json:"codes_printed"`
	Needed int    `json:"codes_needed"` // any so many of them rebuild it
	Digest string `json:"digest"`
}

func (e codeWork) qrSheet(ctx *cli.Context) error {
	r := e.looking(ctx)
	chosen, err := e.chosen(ctx, r)
	if err != nil {
		return err
	}
	if err := carrier.NeedDir(ctx.String("out")); err != nil {
		return err
	}
	if err := carrier.PagesApart(ctx.String("out"), chosen); err != nil {
		return err
	}
	written := []pageWritten{}
	for _, s := range chosen {
		page, err := r.WriteSheet(ctx.String("out"), s, ctx.String(paperFlag.Name))
		if err != nil {
			return err
		}
		fmt.Fprintf(e.words(ctx), "wrote %s: %s\n", media.Escape(page.Path), page.Summary)
		written = append(written, pageWritten{page.Path, page.Codes, page.Need, s.Digest().String()})
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(pagesWritten{written})
	}
	return nil
}

func (e codeWork) qrCard(ctx *cli.Context) error {
	p, key, err := e.saKey(ctx)
	if err != nil {
		return err
	}
	hash, err := e.cardHash(ctx, key)
	if err != nil {
		return err
	}
	if out := ctx.String("out"); out != "" {
		if err := console.WriteCard(out, hash, p, ctx.String(paperFlag.Name)); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "wrote %s: never carry it together with the key\n", media.Escape(out))
		return nil
	}
	r := e.looking(ctx)
	if _, err := r.Screen(); err != nil {
		return err
	}
	code, err := console.CardCode(hash)
	if err != nil {
		return err
	}
	return r.ShowCode(ctx.Context, "SA-key hash card", code)
}

// saKey is the SA key of a store that holds the SA, and its plan: cards are made
// where the key is, and nowhere else.
func (e codeWork) saKey(ctx *cli.Context) (p *plan.Plan, key coproc.PublicKey, err error) {
	err = e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) (err error) {
		p = n.Plan()
		if sa := p.SA(); sa.Coprocessor != n.Device().Name {
			return &refusal.Error{Code: refusal.CodeNotHere, Text: fmt.Sprintf(
				"hash cards are made in the room of %s, where the SA key is; this is coprocessor %s", sa.Name, n.Device().Name)}
		}
		key, err = n.RegisteredSAKey()
		return err
	})
	return p, key, err
}

// cardHash is the hash of the SA key of a store, for a card. The coprocessor says it,
// to its auditor, or another card. The store by itself says what the owner of its
// disk wants on every card.
func (e codeWork) cardHash(ctx *cli.Context, key coproc.PublicKey) (coproc.Thumbprint, error) {
	var none coproc.Thumbprint
	if ctx.String(hashFlag.Name) == "" {
		return e.storesHash(ctx, "make a card of the SA-key hash")
	}
	hash, err := e.cardsHash(ctx, e.looking(ctx))
	if err == nil && hash != key.Thumbprint() {
		return none, &refusal.Error{Code: refusal.CodeHashDiffers, Text: "the card is not of the SA key of this store: no other card is made from it"}
	}
	return hash, err
}
