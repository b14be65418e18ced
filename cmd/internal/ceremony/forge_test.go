package ceremony

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// insider is an officer at a coprocessor with a program of their own: all
// that the soft coprocessor's role lets them do, and no ceremony around it.
type insider struct {
	coproc.Session
	coproc.KeyOwner
	coproc.Registrar
	coproc.Unregistrar
	coproc.Restarter
	coproc.Certifier
	coproc.MasterKeys
	coproc.Source
	coproc.Canceller
	coproc.Target
}

func inside(s coproc.Session) insider {
	return insider{
		s, s.(coproc.KeyOwner), s.(coproc.Registrar), s.(coproc.Unregistrar), s.(coproc.Restarter), s.(coproc.Certifier), s.(coproc.MasterKeys),
		s.(coproc.Source), s.(coproc.Canceller), s.(coproc.Target),
	}
}

// as lets an officer work at a node's coprocessor behind the ceremony's back.
func (w *world) as(node, profile string, do func(insider) error) {
	w.t.Helper()
	c, err := engine.Open(context.Background(), filepath.Join(w.store(w.plan.Node(node).Coprocessor), store.DeviceDir), soft.Chip{})
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := c.LogOn(profile, passphraseOf(profile), w.now)
	if err == nil {
		err = do(inside(s))
	}
	if err != nil {
		w.t.Fatalf("%s at %s: %v", profile, node, err)
	}
	if err := c.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// info is what a node's coprocessor reports.
func (w *world) info(node string) (info coproc.Info) {
	w.t.Helper()
	w.as(node, "AUDITOR", func(s insider) (err error) {
		info, err = s.Info()
		return err
	})
	return info
}

// keys are the public keys of a node.
func (w *world) keys(node string) coproc.Keys {
	w.t.Helper()
	return w.info(node).Key(node).Keys
}

// forgery is a bundle that a node's own key signs, whatever it says.
type forgery struct {
	from   string
	header bundle.Header // what is zero gets the right value, where there is one
	body   bundle.Body
	boxes  []string // recipients
	sealed []byte   // the payload of a share
}

func (w *world) forge(f forgery) []byte {
	w.t.Helper()
	h := f.header
	h.Ceremony, h.Phase, h.Rehearsal = w.plan.CeremonyID(), h.Kind.Phase(), w.plan.Rehearsal
	if h.From == (coproc.NodeID{}) {
		h.From = w.plan.ID(w.plan.Node(f.from))
	}
	if h.Sequence == 0 {
		h.Sequence = 99
	}
	h.Time = w.now.Unix()
	slices.Sort(h.To)
	var sealed *bundle.Sealed
	who := "KEYGEN"
	if h.Kind == bundle.KindReceipt {
		who = "SETTER"
	}
	w.as(f.from, who, func(s insider) error {
		info, err := s.Info()
		if err != nil {
			return err
		}
		var signer bundle.Signer = nodeSigner{s, f.from, info.Key(f.from).Keys.Sign}
		if h.Kind == bundle.KindReceipt {
			signer = receiptSigner{nodeSigner{s, f.from, info.Key(f.from).Keys.Receipt}}
		}
		if h.Kind == bundle.KindShare {
			sealed, err = bundle.SealWith(h, func(coproc.Digest) ([]byte, error) { return f.sealed, nil }, signer)
			return err
		}
		var to []age.Recipient
		if to, err = recipients(info.Key(f.from).Keys.Family, f.boxes...); err != nil {
			return err
		}
		sealed, err = bundle.Seal(h, f.body, to, signer)
		return err
	})
	return sealed.Bytes()
}

// certify gets a certificate out of the SA's coprocessor, as its certifier.
// change may change the claims.
func (w *world) certify(node string, keys coproc.Keys, answers coproc.Digest, change func(*coproc.Claims)) (c coproc.Certificate) {
	w.t.Helper()
	p := w.plan.Node(node)
	claims := coproc.Claims{
		Ceremony: w.plan.CeremonyID(), Node: w.plan.ID(p), Role: p.Role, Generation: 1, Keys: keys, Answers: answers,
		NotBefore: w.now.Unix(), NotAfter: w.now.AddDate(0, 0, 30).Unix(), Rehearsal: w.plan.Rehearsal,
	}
	if change != nil {
		change(&claims)
	}
	w.as("sa", "CERTIFIER", func(s insider) (err error) {
		c, err = s.Certify("sa", claims)
		return err
	})
	return c
}

// rewrite changes the header of a bundle, as CBOR, and leaves the signature.
func rewrite(t testing.TB, data []byte, change func(header map[any]any)) []byte {
	t.Helper()
	m, err := cosesig.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var protected map[any]any
	if err := cbor.Unmarshal(m.Protected, &protected); err != nil {
		t.Fatal(err)
	}
	change(protected[int64(-65537)].(map[any]any))
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	if m.Protected, err = mode.Marshal(protected); err != nil {
		t.Fatal(err)
	}
	b, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// header is what a bundle says of itself.
func header(t testing.TB, data []byte) bundle.Header {
	t.Helper()
	s, err := bundle.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return s.UnverifiedHeader()
}

// one is the only bundle on a stick whose name begins so.
func (w *world) one(prefix string) (path string, data []byte) {
	w.t.Helper()
	found := w.stick.sent(prefix)
	if len(found) != 1 {
		w.t.Fatalf("%d bundles %s…: %v", len(found), prefix, found)
	}
	return found[0], w.stick[found[0]]
}

// twin makes the same rooms once more, from the same plan: the coprocessors
// of somebody who has the plan but not the real ones.
func (w *world) twin(coprocessors ...string) *world {
	w.t.Helper()
	t := &world{t: w.t, plan: w.plan, dir: fastDir(w.t), people: &people{}, stick: stick{}, now: w.now}
	for _, c := range coprocessors {
		t.init(c)
	}
	return t
}
