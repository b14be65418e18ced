package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// qrScan turns codes into the files that they came from.
func (e codeWork) qrScan(ctx *cli.Context) (err error) {
	specs, to, expect := ctx.StringSlice(fromFlag.Name), ctx.String(toFlag.Name), ctx.Int("expect")
	switch {
	case len(specs) == 0 || to == "":
		return terminal.Usagef("qr scan reads --from camera:, wedge: or qr:DIR, and writes --to dir:PATH or usb:")
	case expect < 0 || ctx.IsSet("expect") && expect == 0:
		return terminal.Usagef("--expect takes a number from 1 on")
	}
	r := e.rack(ctx, nil)
	c, err := carrier.OpenNamed(r, specs, to)
	if err != nil {
		return err
	}
	if r.Resume, err = carrier.OpenResumeFile(ctx.String("keep")); err != nil {
		return err
	}
	defer r.Resume.Close()
	w := carrier.Request{}
	if expect > 0 {
		w.Missing = func(have []bundle.Incoming) []string {
			switch lack := expect - len(have); {
			case lack == 1:
				return []string{"one more bundle"}
			case lack > 1:
				return []string{fmt.Sprintf("%d more bundles", lack)}
			}
			return nil
		}
	}
	if err := c.Ready(ctx.Context); err != nil {
		return err
	}
	in, ended := c.Read(ctx.Context, w)
	written, err := e.writeScanned(ctx, c.To, in) // what is complete is written, however the scan ended
	if err := errors.Join(ended, err, r.Release()); err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		if err := e.json(scansWritten{written}); err != nil {
			return err
		}
	}
	switch {
	case w.Missing != nil:
		if missing := w.Missing(in); len(missing) > 0 {
			return notScanned("still missing: " + strings.Join(missing, ", "))
		}
	case r.Unfinished == 1:
		return notScanned("one bundle is not complete")
	case r.Unfinished > 1:
		return notScanned(fmt.Sprintf("%d bundles are not complete", r.Unfinished))
	case len(in) == 0:
		return notScanned("no bundle was scanned")
	}
	return r.Resume.Remove()
}

// notScanned says that a scan ended too early.
func notScanned(text string) error { return &refusal.Error{Code: refusal.CodeMissing, Text: text} }

// scansWritten is qr scan for programs.
type scansWritten struct {
	Written []scanWritten `json:"written"`
}

// scanWritten is a bundle that was scanned and written to a carrier.
type scanWritten struct {
	Kind    bundle.Kind `json:"kind"`
	Folder  string      `json:"folder"`
	Name    string      `json:"name"`
	Digest  string      `json:"digest"`
	Words   string      `json:"digest_words"`
	Carrier string      `json:"carrier"`
}

func (e codeWork) writeScanned(ctx *cli.Context, to carrier.Carrier, in []bundle.Incoming) ([]scanWritten, error) {
	written := []scanWritten{}
	var all []*bundle.Sealed
	for _, f := range in {
		sealed, err := bundle.Parse(f.Data)
		if err != nil {
			return written, err
		}
		all = append(all, sealed)
	}
	if err := carrier.MixesShares(all, to.Name()); err != nil {
		return written, err
	}
	for i, f := range in {
		sealed := all[i]
		h, digest := sealed.UnverifiedHeader(), coproc.DigestOf(f.Data)
		out := bundle.Outgoing{Folder: h.Database(), Name: h.FileName(digest), Data: f.Data, Kind: h.Kind, Digest: digest}
		if h.Share != nil {
			out.Peer, out.Share = carrier.TargetOf(out.Folder), int(h.Share.Index)
		}
		done, err := to.Write(ctx.Context, out)
		if err != nil {
			return written, err
		}
		terminal.Print(e.words(ctx), "", done.How)
		written = append(written, scanWritten{h.Kind, out.Folder, out.Name, digest.String(), carrier.DigestWords(digest), done.Carrier})
	}
	return written, nil
}
