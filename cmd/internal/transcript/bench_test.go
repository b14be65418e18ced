package transcript

import (
	"fmt"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// bigWorld is a ceremony of many targets, as far as journals tell of it: no
// bundle is sealed, and the plan is put together without being parsed.
func bigWorld(targets int) *world {
	agreed := newWorld(shape{m: 3, n: 5, targets: 1}).plan
	first := *agreed.Targets()[0]
	for i := 2; i <= targets; i++ {
		n := first
		n.Name = fmt.Sprintf("csr%d", i)
		n.Coprocessor = n.Name
		agreed.Nodes = append(agreed.Nodes, n)
		agreed.Coprocessors = append(agreed.Coprocessors, plan.Coprocessor{
			Name: n.Name, Serial: fmt.Sprintf("SOFT%04d", i+2), EID: n.Name, Administrator: "ADMIN",
		})
	}
	w := worldOf(agreed)
	w.bare = true
	return w.run()
}

// BenchmarkVerify reads and verifies the journals of a ceremony of 100 and of
// one of 1000 targets, five shares each. The time for a record must not grow
// with their number: ratio is that of the two, and near 1.
func BenchmarkVerify(b *testing.B) {
	var first float64
	for _, targets := range []int{100, 1000} {
		b.Run(fmt.Sprintf("targets=%d", targets), func(b *testing.B) {
			w := bigWorld(targets)
			var r *Result
			for b.Loop() {
				r = w.verify(b, w.hash)
			}
			if r.Verdict() != VerifiedWithExceptions || len(r.Targets) != targets || !r.Targets[targets-1].Equal {
				b.Fatal(r.Headline(), texts(r))
			}
			record := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(len(r.Timeline))
			if first == 0 {
				first = record
			}
			b.ReportMetric(record, "ns/record")
			b.ReportMetric(record/first, "ratio")
		})
	}
}
