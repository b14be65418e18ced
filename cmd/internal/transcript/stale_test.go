package transcript

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
)

// TestOlderExport: a good ceremony of which one journal was handed out too
// early is incomplete, whatever the clocks of the rooms say. It is no fault.
func TestOlderExport(t *testing.T) {
	for _, test := range []struct {
		name, device, early string
		at                  string // where something more is done
		do                  func(*world)
		want                string
	}{
		{"statement", "css", "certified", "", nil, "it took in statement"},
		{"certificate", "sa", "established", "", nil, "the SA's journal does not have this certificate of csr1: bring a newer journal of sa"},
		{"cancel", "css", "obtained", "obtained", func(w *world) {
			w.takeCancel("csr1", w.cancel("csr1"))
			w.share("csr1")
		}, "is void, and the source's journal does not say so: bring a newer journal of css"},
		{"revoke", "sa", "received", "received", func(w *world) { w.takeRevoke("css", "csr1", w.revoke("csr1")) },
			"certificates of csr1 were taken back, and the SA's journal does not say so: bring a newer journal of sa"},
	} {
		for _, behind := range []int64{0, 2 * 60 * 60, -2 * 60 * 60} {
			for _, bare := range []bool{true, false} {
				if !bare && behind != 0 {
					continue // sealing takes long, and bundles have no other clock
				}
				w := newWorld(shape{m: 2, n: 2, targets: 1})
				w.bare = bare
				w.onRecord = func(b *book, r *journal.Record) sign {
					if b.device != test.device {
						r.Time -= behind
					}
					return signed
				}
				w.at = func(p string) {
					if p == test.early {
						w.export(w.books[test.device])
					}
					if p == test.at {
						test.do(w)
					}
				}
				w.run()
				// The export at the end is lost.
				i := map[string]int{"sa": 3, "css": 2}[test.device]
				if bare {
					at := len(w.opened) - i
					w.opened = append(w.opened[:at:at], w.opened[at+1:]...)
				} else {
					at := len(w.bundles) - i
					w.bundles = append(w.bundles[:at:at], w.bundles[at+1:]...)
				}
				r := w.verify(t, w.hash)
				if mustFind(t, r, Incomplete, test.want); t.Failed() {
					t.Fatalf("%s, %d s behind, bare %v", test.name, behind, bare)
				}
			}
		}
	}
}
