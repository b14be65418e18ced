package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// What media check misses on the stick of a whole ceremony, and which phase reads it.
func TestExpectedOnSticks(t *testing.T) {
	p := &plan.Plan{}
	p.N = 2
	p.Nodes = []plan.Node{{Name: "csr1", Role: coproc.CSR}}
	var got []string
	for _, x := range expectedOn(p) {
		got = append(got, fmt.Sprintf("%s %s: %s", x.folder, x, x.needed))
	}
	want := `sa.db sa-key: 2a and 3a
sa.db css-key: 2b
sa.db css-cert: 3c
csr1.db csr-key: 3b
csr1.db csr-cert: 3c and 3d
csr1.db statement: 3d
csr1.db share 1: 3d
csr1.db share 2: 3d`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("missed are\n%s\nnot\n%s", text, want)
	}
}
