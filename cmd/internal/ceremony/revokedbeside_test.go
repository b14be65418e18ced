package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

var besideSA = setting{"beside SA", func(o *draft.Options) { o.M, o.N, o.Targets, o.SAWith = 2, 2, 1, "csr1" }}

// The certificate of a target that is in the coprocessor of the SA was taken back:
// a new store would end the SA. The target begins anew, the SA stays, and its
// other keys are certified; the former ones are not, and no other node's audit
// key that was taken back.
func TestRevokedBesideSA(t *testing.T) {
	w := after(t, besideSA, "3b")
	before, sa := w.keys("csr1"), w.keys("sa")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {Renew: []string{"csr1"}}} {
		_, err := w.try("sa", "3b", o)
		hint := hintOf(t, err)
		if strings.Contains(hint, "init") || !strings.Contains(hint, "{coprocessor anew --reason …}; then {phase 3a}, and {phase 3b --renew csr1}") {
			t.Errorf("%v, hint %q", err, hint)
		}
	}
	_, err := w.try("css", "3c", Options{})
	mustHint(t, err, refusal.CodeRevoked, "`gapferry coprocessor anew --reason …`; then phase 3a there, and `gapferry phase 3b --renew csr1`")

	if err := w.beginAnew("csr1", "it was taken back"); err != nil {
		t.Fatal(err)
	}
	w.phase("csr1", "3a")
	if now := w.keys("sa"); now != sa {
		t.Errorf("the SA has other keys: %+v", now)
	}
	if now := w.keys("csr1"); now.Sign == before.Sign || now.Box == before.Box || now.ShareBox == before.ShareBox {
		t.Errorf("it has its former keys: %+v", now)
	}
	if r, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil || !r.Complete {
		t.Fatalf("%+v, %v", r, err)
	}
	w.phase("css", "3c")
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}

	n := w.open("sa")
	defer n.Close()
	mustRefuse(t, n.notRevokedKeys("it", "csr1", before), refusal.CodeRevokedKey, "it has a signing key that was in certificate 1 of csr1")
	fresh := w.keys("csr1")
	mixed := coproc.Keys{Sign: fresh.Sign, Audit: fresh.Audit, Box: fresh.Box, ShareBox: before.ShareBox}
	mustRefuse(t, n.notRevokedKeys("it", "csr1", mixed), refusal.CodeRevokedKey, "it has a share box key")
	mixed.ShareBox, mixed.Sign = fresh.ShareBox, before.Audit
	mustRefuse(t, n.notRevokedKeys("it", "csr1", mixed), refusal.CodeRevokedKey, "it has a signing key")
}
