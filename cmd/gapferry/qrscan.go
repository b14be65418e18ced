package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// qrScan turns codes into the files that they came from.
func (e *env) qrScan(ctx *cli.Context) (err error) {
	specs, to, expect := ctx.StringSlice(fromFlag.Name), ctx.String(toFlag.Name), ctx.Int("expect")
	switch {
	case len(specs) == 0 || to == "":
		return usagef("qr scan reads --from camera:, wedge: or qr:DIR, and writes --to dir:PATH or usb:")
	case expect < 0 || ctx.IsSet("expect") && expect == 0:
		return usagef("--expect takes a number from 1 on")
	}
	r := e.rack(ctx, nil)
	c := &carriers{rack: r}
	if c.to, err = r.writer(to); err != nil {
		return err
	}
	for _, spec := range specs {
		m, err := r.reader(spec)
		if err != nil {
			return err
		}
		c.from = append(c.from, m)
	}
	if r.kept, err = openKept(ctx.String("keep")); err != nil {
		return err
	}
	defer r.kept.close()
	w := wanted{}
	if expect > 0 {
		w.missing = func(have []ceremony.Incoming) []string {
			switch lack := expect - len(have); {
			case lack == 1:
				return []string{"one more bundle"}
			case lack > 1:
				return []string{fmt.Sprintf("%d more bundles", lack)}
			}
			return nil
		}
	}
	in, err := c.read(w)
	if err != nil {
		return err
	}
	written, err := e.writeScanned(ctx, c.to, in)
	if err := errors.Join(err, r.release()); err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		if err := e.json(map[string]any{"written": written}); err != nil {
			return err
		}
	}
	if w.missing != nil {
		if missing := w.missing(in); len(missing) > 0 {
			return notScanned("still missing: " + strings.Join(missing, ", "))
		}
	}
	if r.unfinished > 0 {
		return notScanned(fmt.Sprintf("%d bundles are not complete", r.unfinished))
	}
	if len(in) == 0 {
		return notScanned("no bundle was scanned")
	}
	return r.kept.remove()
}

// notScanned says that a scan ended too early.
func notScanned(text string) error { return &ceremony.Refusal{Code: ceremony.CodeMissing, Text: text} }

func (e *env) writeScanned(ctx *cli.Context, to carrier, in []ceremony.Incoming) ([]map[string]any, error) {
	written := []map[string]any{}
	for _, f := range in {
		sealed, err := bundle.Parse(f.Data)
		if err != nil {
			return written, err
		}
		h, digest := sealed.UnverifiedHeader(), coproc.DigestOf(f.Data)
		out := ceremony.Outgoing{Folder: h.Database(), Name: h.FileName(digest), Data: f.Data, Kind: h.Kind, Digest: digest}
		done, err := to.give(out)
		if err != nil {
			return written, err
		}
		say(e.words(ctx), "", done.How)
		written = append(written, map[string]any{
			"kind": h.Kind, "folder": out.Folder, "name": out.Name, "digest": digest.String(),
			"digest_words": digestText(digest), "carrier": done.Carrier,
		})
	}
	return written, nil
}

// kept is a file of the codes that an unfinished scan has read, a line each.
// They are what was shown to everybody's eyes: sealed, and not secret.
type kept struct {
	file  *os.File
	texts []string // from earlier scans
}

// maxKept bounds what is read of such a file, in bytes.
const maxKept = 16 << 20

// openKept opens or makes the file; without a path nothing is kept.
func openKept(path string) (*kept, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, usagef("--keep %s: %s", escape(path), cause(err))
	}
	k := &kept{file: f}
	lines := bufio.NewScanner(io.LimitReader(f, maxKept))
	lines.Buffer(nil, 2*frame.MaxText)
	for lines.Scan() {
		k.texts = append(k.texts, lines.Text())
	}
	if err := lines.Err(); err != nil {
		f.Close()
		return nil, usagef("--keep %s: is not a file of codes", escape(path))
	}
	return k, nil
}

// add keeps a code. A line that a power failure cut off is one code less.
func (k *kept) add(text string) error {
	if k == nil {
		return nil
	}
	_, err := fmt.Fprintln(k.file, text)
	return err
}

func (k *kept) earlier() []string {
	if k == nil {
		return nil
	}
	return k.texts
}

func (k *kept) close() {
	if k != nil {
		k.file.Close()
	}
}

// remove takes the file away when nothing of it is needed any more.
func (k *kept) remove() error {
	if k == nil {
		return nil
	}
	return os.Remove(k.file.Name())
}
