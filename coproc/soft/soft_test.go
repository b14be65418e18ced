package soft_test

import (
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/soft"
)

func TestConformance(t *testing.T) {
	coproctest.Run(t, func(t *testing.T, s coproc.Setup) (coproctest.Open, error) {
		dir := filepath.Join(t.TempDir(), "coprocessor")
		if err := soft.Create(dir, s); err != nil {
			return nil, err
		}
		return func() (coproc.Coprocessor, error) { return soft.Open(dir) }, nil
	})
}
