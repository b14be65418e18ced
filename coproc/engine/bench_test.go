package engine

import (
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/soft"
)

// BenchmarkRecord signs a record of the journal: the act that is done most
// often, and that saves the state each time. There are twelve profiles.
func BenchmarkRecord(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "coprocessor")
	if err := Create(b.Context(), dir, coproctest.Setup("ONE", 2, 3), soft.Chip{}); err != nil {
		b.Fatal(err)
	}
	c, err := Open(b.Context(), dir, soft.Chip{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	s, err := c.LogOn(coproctest.Auditor, coproctest.Passphrase(coproctest.Auditor), testNow)
	if err != nil {
		b.Fatal(err)
	}
	count := uint64(0)
	for b.Loop() {
		count++
		if _, err := s.SignJournal(count, coproc.Digest{1}); err != nil {
			b.Fatal(err)
		}
		if err := s.CommitJournal(count, coproc.Digest{1}); err != nil {
			b.Fatal(err)
		}
	}
}
