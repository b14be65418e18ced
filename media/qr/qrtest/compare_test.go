package qrtest

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
)

// BenchmarkReaders prints how many pictures of the corpus each reader reads,
// by family, and how long it takes compared with ours, all in one run.
// zbarimg is found in PATH, zxing-wasm in the folder that GAPFERRY_ZXING_WASM
// names (npm install --prefix FOLDER zxing-wasm@3.1.4).
func BenchmarkReaders(b *testing.B) {
	readers := []reader{ours, stock}
	var leftOut []string
	for _, open := range []func() (reader, error){zbar, zxing} {
		r, err := open()
		if err != nil {
			leftOut = append(leftOut, err.Error())
			continue
		}
		readers = append(readers, r)
	}
	n := step(b)
	cases := oneIn(n, Cases(Seed))
	for b.Loop() {
		all := scores(b, readers, cases)
		fmt.Printf("\n\n%d pictures, one in %d of the corpus: read\n\n%s", len(cases), n, readersTable(readers, cases, all))
		for _, why := range leftOut {
			fmt.Printf("left out: %s\n", why)
		}
		b.ReportMetric(percent(total(all[ours.name])), "%read")
		b.ReportMetric(float64(total(all[ours.name]).wrong), "wrong")
	}
	b.ReportMetric(0, "ns/op") // of all readers together, which says nothing
}

func total(scores []score) (sum score) {
	for _, s := range scores {
		sum.add(s)
	}
	return sum
}

func percent(s score) float64 { return 100 * float64(s.read) / float64(s.n) }

// readersTable is a row for each family and each number, and a column for each
// reader.
func readersTable(readers []reader, cases []Case, all map[string][]score) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, n any, cell func(reader) string) {
		fmt.Fprintf(w, "%s\t%v\t", name, n)
		for _, r := range readers {
			fmt.Fprintf(w, "%s\t", cell(r))
		}
		fmt.Fprintln(w)
	}
	row("", "n", func(r reader) string { return r.name })
	for _, family := range Families() {
		of := func(r reader) (sum score) {
			for i, c := range cases {
				if c.Family == family {
					sum.add(all[r.name][i])
				}
			}
			return sum
		}
		row(family, of(readers[0]).n, func(r reader) string { return fmt.Sprint(of(r).read) })
	}
	sum := func(r reader) score { return total(all[r.name]) }
	row("all", len(cases), func(r reader) string { return fmt.Sprint(sum(r).read) })
	row("%", "", func(r reader) string { return fmt.Sprintf("%.1f", percent(sum(r))) })
	row("wrong", "", func(r reader) string { return fmt.Sprint(sum(r).wrong) })
	row("ms a picture", "", func(r reader) string {
		return fmt.Sprintf("%.1f", sum(r).took.Seconds()*1000/float64(len(cases)))
	})
	row("time : ours", "", func(r reader) string {
		return fmt.Sprintf("%.2f", sum(r).took.Seconds()/sum(readers[0]).took.Seconds())
	})
	w.Flush()
	return text.String()
}
