package transcript

import (
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// TestRoot: what can be wrong with the sa-key bundle, from which all trust comes.
func TestRoot(t *testing.T) {
	rooted := func(do func(h *bundle.Header, body *bundle.SAKeyBody)) func(*world) {
		return func(w *world) {
			w.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
				if b, ok := body.(bundle.SAKeyBody); ok {
					do(h, &b)
					return b
				}
				return body
			}
		}
	}
	for _, test := range []struct {
		name, want string
		lie        func(*world)
		ceremony   byte
	}{
		{name: "no plan", want: "is not good: plan, line 1",
			lie: rooted(func(_ *bundle.Header, b *bundle.SAKeyBody) { b.Plan = []byte("nonsense") })},
		{name: "ceremony of the bundle", want: ", the plan in it of ",
			lie: rooted(func(h *bundle.Header, _ *bundle.SAKeyBody) { h.Ceremony[0] ^= 1 })},
		{name: "sender", want: "FAULT evidence sa:0 sa-key is from csr1 (serial",
			lie: rooted(func(h *bundle.Header, _ *bundle.SAKeyBody) { h.From.Name = "csr1" })},
		{name: "rehearsal", want: "differ in whether this is a rehearsal",
			lie: rooted(func(h *bundle.Header, _ *bundle.SAKeyBody) { h.Rehearsal = true })},
		{name: "another sa-key beside it", want: "1 more sa-key bundles are not of the SA key",
			lie: func(w *world) {
				w.at = func(point string) {
					if point != "established" {
						return
					}
					other := worldOf(w.plan)
					other.nodes["sa"].make("KEYGEN", "", bundle.Header{Kind: bundle.KindSAKey}, bundle.SAKeyBody{Keys: other.nodes["sa"].keys, Plan: w.text})
					w.bundles = append(w.bundles, other.bundles[0])
				}
			}},
		{name: "ceremony of the file", want: "the transcript says to be of ceremony", ceremony: 1, lie: func(*world) {}},
	} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		test.lie(w)
		w.establish()
		w.at("established")
		id := w.plan.CeremonyID()
		id[0] ^= test.ceremony
		f, err := newFile(id, w.bundles)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(test.name, func(t *testing.T) { mustFind(t, Verify(f, w.hash), NotVerified, test.want) })
	}
}

// TestRevokeForOthers: a revoke that the hash does not open is none.
func TestRevokeForOthers(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	w.at = func(p string) {
		if p == "received" {
			hash := w.hash
			w.hash = coproc.Thumbprint{1}
			w.revoke("csr1")
			w.hash = hash
		}
	}
	w.run()
	mustFind(t, Verify(w.file(t), w.hash), NotVerified, "cannot be opened")
}
