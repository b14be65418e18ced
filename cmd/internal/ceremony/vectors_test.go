package ceremony

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/testvectors"
)

var updateVectors = flag.Bool("update-vectors", false, "make the folder testvectors anew")

// TestVectors lets real nodes, restored as they were frozen, meet every wrong
// bundle. With -update-vectors it makes all of them anew instead.
func TestVectors(t *testing.T) {
	if *updateVectors {
		generateVectors(t)
		return
	}
	good := map[string]error{} // what comes of the good file in a vector's place
	for _, v := range testvectors.Wrong() {
		t.Run(v.Name, func(t *testing.T) {
			if v.Phase == testvectors.Merge {
				return // no node reads it
			}
			delivered, err := meetVector(t, v, v.File())
			mustRefuse(t, err, refusal.Code(v.Code), v.Says)
			if v.Layer == testvectors.AtCoprocessor && !errors.Is(err, coprocErrors[v.Error]) {
				t.Errorf("the ceremony refused it before the coprocessor did: %v", err)
			}
			if delivered != 0 {
				t.Errorf("%d bundles were handed out", delivered)
			}
			if v.BasePath == "" {
				return
			}
			key := fmt.Sprint(v.Store, v.Phase, v.Folder, v.BasePath, v.WithPaths)
			if _, ok := good[key]; !ok {
				_, good[key] = meetVector(t, v, v.Base())
			}
			var why *refusal.Error
			if err := good[key]; err != nil && (!errors.As(err, &why) || why.Code.Group() != refusal.NotYet && !cancels(v, why.Code)) {
				t.Errorf("the good file in its place: %v", err)
			}
		})
	}
}

// cancels reports whether a good cancel stops a phase, as it must.
func cancels(v testvectors.Vector, c refusal.Code) bool {
	return c == refusal.CodeCancelled && strings.HasPrefix(path.Base(v.BasePath), string(bundle.KindCancel)+"-")
}

var coprocErrors = map[string]error{
	"coproc.ErrShareSet":       coproc.ErrShareSet,
	"coproc.ErrShareTarget":    coproc.ErrShareTarget,
	"coproc.ErrShareIndex":     coproc.ErrShareIndex,
	"coproc.ErrShareDamaged":   coproc.ErrShareDamaged,
	"coproc.ErrOtherMasterKey": coproc.ErrOtherMasterKey,
	"coproc.ErrPattern":        coproc.ErrPattern,
}

// meet does a vector's phase at its node with a file on the stick, beside the
// good ones that go with it.
func meetVector(t *testing.T, v testvectors.Vector, f testvectors.File) (delivered int, err error) {
	t.Helper()
	n := frozenNode(t, v.Store, v.Node)
	defer n.Close()
	o := Options{Deliver: func(bundle.Outgoing) (bundle.Delivery, error) {
		delivered++
		return bundle.Delivery{Carrier: "stick"}, nil
	}}
	if v.Phase == "3b" || v.Phase == "3c" {
		o.Targets = []string{"csr1"}
		if v.Folder == "csr2.db" {
			o.Targets = []string{"csr2"}
		}
	}
	for _, f := range append(v.With(), f) {
		o.Incoming = append(o.Incoming, bundle.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
	}
	before := len(n.Records())
	if v.Phase == testvectors.Take {
		_, err = n.TakeCancels(o, frozenDesk(t))
	} else {
		_, err = n.RunPhase(procedure.PhaseID(v.Phase), o, frozenDesk(t))
	}
	var why *refusal.Error
	if errors.As(err, &why) {
		last := n.Records()[len(n.Records())-1]
		if len(n.Records()) == before || last.Event != journal.EventRefused || last.Code != why.Code {
			t.Errorf("the journal ends with %s %s %q, want the refusal", last.Event, last.Code, last.Text)
		}
	}
	return delivered, err
}

func frozenDesk(t *testing.T) *people {
	t.Helper()
	hash, err := coproc.ParseThumbprint(testvectors.Known().SAKeyHash)
	vNoError(t, err)
	return &people{hash: hash}
}

// frozenNode opens a copy of a frozen store, or makes one from the frozen plan.
func frozenNode(t *testing.T, frozen, node string) *Node {
	t.Helper()
	dir := filepath.Join(fastDir(t), "store")
	clock := func() time.Time { return time.Unix(testvectors.Known().Now, 0) }
	if frozen == "" {
		text, err := fs.ReadFile(testvectors.Ceremony(), store.PlanFile)
		vNoError(t, err)
		plan, err := plan.Parse(text)
		vNoError(t, err)
		vNoError(t, Init(dir, plan, plan.Node(node).Coprocessor, softBackend, frozenDesk(t), clock))
	} else {
		sub, err := fs.Sub(testvectors.Ceremony(), "stores/"+frozen)
		vNoError(t, err)
		vNoError(t, os.CopyFS(dir, sub))
		vNoError(t, os.MkdirAll(filepath.Join(dir, store.OutboxDir), 0o700)) // an empty one is not embedded
	}
	n, err := Open(dir, softBackend, clock)
	vNoError(t, err)
	return n
}

// TestVectorsWhole carries the frozen ceremony on from where each store was
// frozen, with the frozen bundles: they all fit.
func TestVectorsWhole(t *testing.T) {
	if *updateVectors {
		t.Skip("they are being made")
	}
	known := testvectors.Known()
	for _, c := range []struct {
		store, node string
		phase       procedure.PhaseID
	}{
		{"", "css", "2a"}, {"", "csr2", "3a"}, {"sa-1", "sa", "2b"}, {"sa-3b", "sa", "3b"},
		{"css-2a", "css", "3c"}, {"css-3c", "css", "3c"}, {"csr1-3a", "csr1", "3d"},
	} {
		n := frozenNode(t, c.store, c.node)
		want := refusal.Code("")
		if c.phase == "2a" {
			want = refusal.CodeRegister // a coprocessor just made has no master key
		}
		r, err := n.RunPhase(c.phase, Options{Incoming: read(n.Folders(c.phase), frozenStick(t))}, frozenDesk(t))
		var why *refusal.Error
		switch {
		case want != "":
			mustRefuse(t, err, want, "")
		case errors.As(err, &why) || err != nil || !r.Complete || len(r.Refused) > 0:
			t.Errorf("%s, phase %s: %+v, %v", c.store, c.phase, r, err)
		case c.phase == "3d" && (len(r.Targets) != 1 || r.Targets[0].Pattern != known.Pattern):
			t.Errorf("%s: %+v, want pattern %s", c.store, r.Targets, known.Pattern)
		}
		vNoError(t, n.Close())
	}
	agreed, err := fs.ReadFile(testvectors.Ceremony(), store.PlanFile)
	vNoError(t, err)
	p, err := plan.Parse(agreed)
	vNoError(t, err)
	for _, c := range p.Coprocessors {
		b, err := fs.ReadFile(testvectors.Ceremony(), "journals/"+c.Name+".cbor")
		vNoError(t, err)
		if j, rest, err := journal.ParseTorn(b); err != nil || rest > 0 || len(j.Records()) < 10 {
			t.Errorf("journal of %s: %v", c.Name, err)
		}
	}
}

func frozenStick(t *testing.T) stick {
	t.Helper()
	s := stick{}
	vNoError(t, fs.WalkDir(testvectors.Ceremony(), "stick", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			s[strings.TrimPrefix(p, "stick/")], err = fs.ReadFile(testvectors.Ceremony(), p)
		}
		return err
	}))
	return s
}

func vNoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func vMust[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
