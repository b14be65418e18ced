package paper

import (
	"fmt"
	"strings"
	"testing"
)

// A long table is cut into pieces that each have the head; no row is lost and
// none is there twice.
func TestLongTable(t *testing.T) {
	long := table{Cols: []column{{Head: "Number"}}}
	for g := range 5 {
		one := group{Title: fmt.Sprintf("group %d", g)}
		for i := range []int{150, 49, 2, 450, 0}[g] {
			one.rows = append(one.rows, []string{fmt.Sprintf("row %d.%d", g, i)})
		}
		long.groups = append(long.groups, one)
	}
	piece, err := markup(long)
	if err != nil {
		t.Fatal(err)
	}
	html := string(piece)
	if n := strings.Count(html, "<thead>"); n != 5 { // 199, 2, 200, 200, 50 and none
		t.Errorf("%d pieces", n)
	}
	for what, n := range map[string]int{"<td": 651, "group 3": 1, "group 4": 1, "row 3.449<": 1, "row 0.149<": 1, "row 2.1<": 1} {
		if got := strings.Count(html, what); got != n {
			t.Errorf("%q is there %d times, want %d", what, got, n)
		}
	}
}
