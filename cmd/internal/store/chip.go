package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/chip"
)

// Chip is the device that the coprocessor is made of.
func (s *Store) Chip() chip.Selection { return s.chip }

// keepSelection writes which device a new store is of.
func keepSelection(dir string, on chip.Selection) error {
	return atomicfile.Replace(filepath.Join(dir, ChipFile), []byte(on.String()+"\n"))
}

// selected reads which device a store is of. Who changes it gains nothing: the
// coprocessor's own state says which device it is of, too.
func selected(dir string) (chip.Selection, error) {
	text, err := os.ReadFile(filepath.Join(dir, ChipFile))
	if errors.Is(err, fs.ErrNotExist) {
		return chip.Selection{}, nil
	}
	if err != nil {
		return chip.Selection{}, err
	}
	on, err := chip.ParseSelection(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		return on, refusal.New(refusal.CodeStore, "the store's file %s: %w", ChipFile, err)
	}
	return on, nil
}

// Suits refuses a device of another family than the plan's: no key would go from
// it to any other room, or come to it.
func Suits(on chip.Selection, p *plan.Plan) error {
	if on.Family == p.Family() {
		return nil
	}
	return refusal.New(refusal.CodeFamily, "%s is of family %s, the plan is for coprocessors of family %s", on, on.Family, p.Family())
}
