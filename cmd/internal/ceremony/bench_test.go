package ceremony

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// BenchmarkCeremony is a whole ceremony, from the first store to the last
// receipt, in memory and with the cheap passphrases of a rehearsal.
func BenchmarkCeremony(b *testing.B) {
	for _, targets := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("targets=%d", targets), func(b *testing.B) {
			for b.Loop() {
				w := newWorld(b, func(o *draft.Options) { o.Targets = targets })
				w.upTo("3d")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*targets), "ns/target")
		})
	}
}

// BenchmarkJournalOpen reads and checks a journal of 10,000 signed records.
func BenchmarkJournalOpen(b *testing.B) {
	const records = 10_000
	w := after(b, small, "")
	path := filepath.Join(fastDir(b), store.JournalFile)
	writeFile(b, path, readFile(b, w.journalPath("sa")))
	w.as("sa", "AUDITOR", func(s insider) error {
		j, err := journal.Open(path, os.O_RDWR)
		if err != nil {
			return err
		}
		defer j.Close()
		for len(j.Records()) < records {
			r := journal.Record{Event: journal.EventTask, Phase: "3b", Node: "sa", Task: procedure.TaskCertifyCSR, Peer: "csr1", Profile: "CERTIFIER", Time: time.Now().Unix(), Text: "certificate 1 for csr1", Data: make([]byte, 300)}
			if err := j.Append(r, unremembered{s}); err != nil {
				return err
			}
		}
		return nil
	})
	b.SetBytes(int64(len(readFile(b, path))))
	for b.Loop() {
		j, err := journal.Open(path, os.O_RDWR)
		if err != nil {
			b.Fatal(err)
		}
		if len(j.Records()) != records {
			b.Fatal("records are missing")
		}
		j.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
}

// unremembered signs for a journal that is not the coprocessor's own.
type unremembered struct{ coproc.Session }

func (unremembered) CommitJournal(uint64, coproc.Digest) error { return nil }

// Plans of the largest size that are nothing but keys which no plan has.
func BenchmarkUnknownKeys(b *testing.B) {
	for name, line := range map[string]string{"keys": "k%d = 1\n", "tables": "[k%d]\n", "in a table": "node.k%d = 1\n"} {
		b.Run(name, func(b *testing.B) {
			var text strings.Builder
			for i := 0; text.Len() < plan.MaxSize-100; i++ {
				fmt.Fprintf(&text, line, i)
			}
			for b.Loop() {
				if _, err := plan.Parse([]byte(text.String())); err == nil || !strings.Contains(err.Error(), "plan, line 1: unknown key ") {
					b.Fatal(err)
				}
			}
		})
	}
}
