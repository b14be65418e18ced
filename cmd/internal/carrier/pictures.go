package carrier

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/qr/draw"
)

// pictures is a directory of pictures as a carrier (qr:DIR): photos and scans
// are read from it; what is handed over becomes a picture of each code, and a
// page to be printed.
type pictures struct {
	opener *Opener
	dir    string // absolute
}

func (r *Opener) pictures(dir string) (*pictures, error) {
	abs, err := media.AtHome(dir)
	if err == nil {
		abs, err = filepath.Abs(abs)
	}
	if err != nil {
		return nil, &media.SpecError{Spec: "qr:" + dir, Why: err.Error()}
	}
	r.roots = append(r.roots, abs) // a hash card must not lie there
	return &pictures{opener: r, dir: abs}, nil
}

func (p *pictures) Name() string { return "qr:" + media.Escape(p.dir) }

// Read implements carrier. A person at the terminal may go on putting pictures
// into the directory until everything is there.
func (p *pictures) Read(ctx context.Context, w Request) ([]bundle.Incoming, error) {
	s := p.opener.scan(p.Name(), w)
	s.invitation = "put the pictures into " + media.Escape(p.dir)
	return s.begin(ctx, func() (codeSource, error) {
		source, err := capture.OpenFolder(p.dir, s.attended() && w.Missing != nil)
		if err != nil {
			return nil, &PictureDirError{err}
		}
		return &imageSource{source: source}, nil
	})
}

// PictureDirError is a directory of pictures that cannot be used.
type PictureDirError struct{ Err error }

func (e *PictureDirError) Error() string { return e.Err.Error() }

// AboutMedium marks a problem of a medium.
func (*PictureDirError) AboutMedium() {}

func (e *PictureDirError) Unwrap() error { return e.Err }

// pngPixels is the width of a module in the pictures that are written: a whole
// number of pixels at every size people look at them.
const pngPixels = 6

// Write implements carrier.
func (p *pictures) Write(ctx context.Context, out bundle.Outgoing) (bundle.Delivery, error) {
	if err := ownMedium(ctx, p, p.opener.apart(), out, p.Name()); err != nil {
		return bundle.Delivery{}, err
	}
	sealed, err := bundle.Parse(out.Data)
	if err != nil {
		return bundle.Delivery{}, err
	}
	l, err := LayoutForPaper(out.Data, p.opener.Codes.Form)
	if err != nil {
		return bundle.Delivery{}, err
	}
	at, err := p.folder(out.Folder)
	if err != nil {
		return bundle.Delivery{}, err
	}
	sheet, codes, err := sheetOf(sealed, l, "A4")
	if err != nil {
		return bundle.Delivery{}, err
	}
	if _, err := media.CleanTemps(at); err != nil { // of a write that was interrupted
		return bundle.Delivery{}, err
	}
	stem := p.opener.Codes.stem(out.Name)
	_, before := os.Lstat(filepath.Join(at, fmt.Sprintf("%s-%dof%d.png", stem, 1, len(codes))))
	for i, c := range codes {
		png, err := c.PNG(pngPixels)
		if err != nil {
			return bundle.Delivery{}, err
		}
		name := fmt.Sprintf("%s-%dof%d.png", stem, i+1, len(codes))
		if err := media.WriteFileNew(filepath.Join(at, name), png); err != nil {
			return bundle.Delivery{}, err
		}
	}
	if _, err := writePage(at, stem, sheet); err != nil {
		return bundle.Delivery{}, err
	}
	return bundle.Delivery{
		Carrier: p.Name(), New: before != nil,
		How: fmt.Sprintf("wrote %s/%s to %s as %s, with a page to print, and read them back", out.Folder, out.Name, p.Name(), l.summary()),
	}, nil
}

// folder makes the folder of a database. The directory itself must be there: a
// missing one is most likely a medium that is not mounted.
func (p *pictures) folder(name string) (string, error) {
	at := filepath.Join(p.dir, name)
	if err := os.Mkdir(at, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", &media.StepError{Step: "make folder", Path: at, Err: err}
	}
	info, err := os.Lstat(at)
	if err == nil && !info.IsDir() {
		err = errors.New("is not a folder")
	}
	if err != nil {
		return "", &media.StepError{Step: "make folder", Path: at, Err: err}
	}
	return at, nil
}

// writePage writes a page to print and gives its path.
func writePage(dir, stem string, sheet *draw.Sheet) (string, error) {
	page, err := sheet.HTML()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, stem+".html")
	return path, media.WriteFileNew(path, page)
}

// sheetFile is a page to print that was written.
type sheetFile struct {
	Path        string
	Codes, Need int
	Summary     string // how many codes there are, in words
}

// WriteSheet writes the page of a bundle into a directory.
func (r *Opener) WriteSheet(dir string, s *bundle.Sealed, paper string) (sheetFile, error) {
	l, err := LayoutForPaper(s.Bytes(), r.Codes.Form)
	if err != nil {
		return sheetFile{}, err
	}
	sheet, codes, err := sheetOf(s, l, paper)
	if err != nil {
		return sheetFile{}, err
	}
	path, err := writePage(dir, r.Codes.stem(filepath.Base(captionOf(s).file)), sheet)
	return sheetFile{path, len(codes), l.set.Need(), l.summary()}, err
}

// sheetOf makes every code of a bundle, and the page that shows them.
func sheetOf(sealed *bundle.Sealed, l layout, paper string) (*draw.Sheet, []*draw.Code, error) {
	c := captionOf(sealed)
	sheet := &draw.Sheet{
		Title: c.title, Facts: c.facts, Paper: paper, Rehearsal: sealed.UnverifiedHeader().Rehearsal,
		Notes: []string{
			"Read with: gapferry qr scan, or a phase with --from camera:, qr:DIR or wedge:. The order does not matter.",
			"The words here come from the bundle and are not verified. The node that takes it in verifies it.",
		},
	}
	var codes []*draw.Code
	for i := range l.set.Need() + l.spare() {
		code, err := l.Code(i)
		if err != nil {
			return nil, nil, err
		}
		codes = append(codes, code)
		sheet.Figures = append(sheet.Figures, draw.Figure{
			Code: code, Heading: l.heading(i),
			Lines: []string{c.title, DigestWords(sealed.Digest())},
			ID:    sealed.Digest().Short(),
		})
	}
	return sheet, codes, nil
}
