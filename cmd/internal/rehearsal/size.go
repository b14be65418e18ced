package rehearsal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/media/qr/draw"
)

// BundleSize is how many bundles of one kind a rehearsal made, and how large they are.
type BundleSize struct {
	Count int `json:"count"`
	Min   int `json:"min_bytes"`
	Max   int `json:"max_bytes"`
	Codes struct {
		Paper  int `json:"paper"`           // printed, of which some are spare
		Needed int `json:"paper_needed"`    // of those
		Small  int `json:"terminal_80x24"`  // needed
		Large  int `json:"terminal_100x50"` // needed
	} `json:"code_counts"`
}

// count says how many QR codes the largest of these bundles needs.
func (s *BundleSize) count() error {
	var err error
	if s.Codes.Paper, s.Codes.Needed, err = carrier.PaperCodes(s.Max); err != nil {
		return err
	}
	if s.Codes.Small, err = carrier.ScreenCodes(s.Max, draw.Window{Cols: 80, Rows: 24}); err != nil {
		return err
	}
	s.Codes.Large, err = carrier.ScreenCodes(s.Max, draw.Window{Cols: 100, Rows: 50})
	return err
}

// measure prints the size of each kind of bundle on the sticks.
func (r *Rehearsal) measure() error {
	r.done.Bundles = map[bundle.Kind]BundleSize{}
	err := filepath.WalkDir(r.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, string(filepath.Separator)+"stick-") || filepath.Ext(path) != ".gfb" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		for _, k := range bundle.Kinds {
			if strings.HasPrefix(d.Name(), string(k)+"-") {
				s, size := r.done.Bundles[k], int(info.Size())
				if s.Count == 0 || size < s.Min {
					s.Min = size
				}
				s.Max = max(s.Max, size)
				s.Count++
				r.done.Bundles[k] = s
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.Out, 0, 4, 2, ' ', 0)
	fmt.Fprint(w, "\nbundle\tnumber\tbytes\tQR codes on paper\t80x24 screen\t100x50 screen\n")
	for _, k := range bundle.Kinds {
		s := r.done.Bundles[k]
		if s.Count == 0 {
			continue // nothing was cancelled or revoked
		}
		if err := s.count(); err != nil {
			return err
		}
		r.done.Bundles[k] = s
		bytes := fmt.Sprint(s.Min)
		if s.Max != s.Min {
			bytes = fmt.Sprintf("%d to %d", s.Min, s.Max)
		}
		paper := fmt.Sprint(s.Codes.Needed)
		if s.Codes.Paper > s.Codes.Needed {
			paper = fmt.Sprintf("%d of %d", s.Codes.Needed, s.Codes.Paper)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%d\n", k, s.Count, bytes, paper, s.Codes.Small, s.Codes.Large)
	}
	return w.Flush()
}
