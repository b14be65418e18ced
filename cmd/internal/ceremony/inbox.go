package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// item is a file from a carrier, parsed but not verified.
type item struct {
	in     bundle.Incoming
	sealed *bundle.Sealed
	header bundle.Header
	err    error // why it cannot be used here, whatever it is
}

func (i item) where() string { return i.in.Folder + "/" + i.in.Name }

// intake is what came in with a run, each file judged once.
type intake struct {
	*officerSession
	items []item
}

// classify parses what came in. What is no bundle, or lies in a database where
// it does not belong, is told and left alone.
func (r *intake) classify() {
	type place struct {
		folder string
		digest coproc.Digest
	}
	seen, judge := map[place]bool{}, r.n.Judge()
	for _, in := range r.opts.Incoming {
		digest := coproc.DigestOf(in.Data)
		if seen[place{in.Folder, digest}] {
			continue // the same bundle, on two sticks or under two names
		}
		seen[place{in.Folder, digest}] = true
		read := judge.read(in)
		it := item{in, read.Sealed, read.Header, read.Err}
		if it.err != nil {
			it.err = prefixed(it, refusal.Wrap(it.err, "read bundle"))
			var why *refusal.Error
			if errors.As(it.err, &why) {
				why.Bundle = digest
			}
		}
		r.items = append(r.items, it)
	}
}

func database(target *plan.Node) string { return target.Name + procedure.DatabaseSuffix }

// present reports whether a database holds a bundle that says to be of a kind.
func (r *intake) present(kind bundle.Kind, folder string) bool {
	return slices.ContainsFunc(r.items, func(it item) bool {
		return it.err == nil && it.header.Kind == kind && it.in.Folder == folder
	})
}

// anchors are what this node trusts now, as its coprocessor says.
func (r *intake) anchors(sources ...coproc.Certificate) bundle.Anchors {
	return bundle.Anchors{
		Ceremony: r.n.Plan().CeremonyID(), SAHash: r.info.SAHash, SAKey: r.info.SAKey,
		Sources: sources, Now: r.n.Now(),
	}
}

// errPass makes take pass over a bundle without a word.
var errPass = errors.New("not this one")

// take verifies every bundle of a kind in a database and returns the good
// ones. The others are noted in the journal and told. When none is good, the
// error says why, or that there is none.
func (r *intake) take(kind bundle.Kind, folder string, trust bundle.Trust, filter func(bundle.Header) error) ([]*bundle.Verified, error) {
	var good []*bundle.Verified
	var bad []*refusal.Error
	for _, it := range r.items {
		if it.in.Folder != folder || it.err == nil && it.header.Kind != kind {
			continue
		}
		err := it.err
		var v *bundle.Verified
		if err == nil {
			v, err = r.verify(it, trust, filter)
		}
		if errors.Is(err, errPass) {
			continue
		}
		if err == nil {
			good = append(good, v)
			continue
		}
		var why *refusal.Error
		if !errors.As(err, &why) {
			return nil, err
		}
		bad = append(bad, why)
	}
	if len(good) > 0 {
		for _, why := range bad {
			r.setAside(why)
		}
		return good, nil
	}
	if len(bad) > 0 {
		for _, why := range bad[1:] {
			r.setAside(why)
		}
		return nil, bad[0]
	}
	return nil, refusal.New(refusal.CodeMissing, "there is no %s in %s", kind, folder)
}

// setAside tells of a bundle that is not used, and goes on without it.
func (r *intake) setAside(why *refusal.Error) {
	if slices.Contains(r.result.Refused, why.Text) {
		return
	}
	r.result.Refused = append(r.result.Refused, why.Text)
	r.led(Warning, why.Hint, "not used: %s", why.Text)
	// A journal that cannot be written stops the next act; here it must not
	// keep a good bundle from being used.
	_ = r.note(why)
}

func (r *intake) verify(it item, trust bundle.Trust, filter func(bundle.Header) error) (*bundle.Verified, error) {
	digest := it.sealed.Digest()
	fail := func(err error) error {
		err = refusal.Wrap(err, "%q", it.where())
		var why *refusal.Error
		if errors.As(err, &why) {
			why.Bundle = digest
		}
		return err
	}
	if filter != nil {
		// The header is not verified yet: the filter may only refuse.
		if err := filter(it.header); errors.Is(err, errPass) {
			return nil, err
		} else if err != nil {
			return nil, fail(prefixed(it, err))
		}
	}
	if err := addressed(it.header, r.node.Name); err != nil {
		return nil, fail(prefixed(it, err))
	}
	if r.n.History().Seen[digest] && !r.n.History().IsLatest(digest) {
		if _, have := r.n.History().LastReceived(r.node.Name, it.header.Kind, it.header.About); !have && it.header.Kind == bundle.KindCSRCert && r.n.History().Since[r.node.Name] != 0 {
			return nil, fail(refusal.New(refusal.CodeReplay, "%q: this %s was taken in before %s began anew, and is void here", it.where(), it.header.Kind, r.node.Name))
		}
		return nil, fail(prefixed(it, replayed(it.header)))
	}
	v, err := it.sealed.Verify(trust)
	if err != nil {
		return nil, fail(err)
	}
	return v, nil
}

// open opens what was verified, with the keys of this run's node.
func (r *intake) open(v *bundle.Verified) (*bundle.Bundle, error) {
	owner, err := capability[coproc.KeyOwner](r.session, "open bundles")
	if err != nil {
		return nil, err
	}
	id, err := owner.Identity(r.node.Name)
	if err != nil {
		return nil, err
	}
	return v.Open(id)
}

// received keeps in the journal that a bundle was taken in. It is kept once.
func (r *intake) received(b *bundle.Bundle, peer string, data []byte) error {
	digest := b.Digest()
	if last, ok := r.n.History().LastReceived(r.node.Name, b.Header().Kind, peer); ok && *last.Bundle == digest {
		return nil
	}
	if err := r.keepTaken(b); err != nil {
		return err
	}
	return r.record(journal.Record{Event: journal.EventReceived, Node: r.node.Name, Kind: b.Header().Kind, Peer: peer, Bundle: &digest, Data: data})
}

// answers refuses a bundle that answers another one than this node wrote.
func answers(request *history.Written, got coproc.Digest, what string) error {
	if request == nil {
		return refusal.New(refusal.CodeOrder, "the %s answers a request that this node has not made yet", what)
	}
	if request.Digest != got {
		return refusal.New(refusal.CodeOtherRequest, "the %s answers request %s, this node's request is %s", what, got.Short(), request.Digest.Short())
	}
	return nil
}

// prefixed puts the file's name before a refusal.
func prefixed(it item, err error) error {
	var why *refusal.Error
	if errors.As(err, &why) {
		return &refusal.Error{Code: why.Code, Text: fmt.Sprintf("%q: %s", it.where(), why.Text), Err: why, Hint: why.Hint}
	}
	return fmt.Errorf("%q: %w", it.where(), err)
}

// Folders are the databases that a phase reads from its carriers. Every node
// that reads any reads the SA's, where revocations are.
func (n wanted) Folders(id procedure.PhaseID) []string {
	kinds := procedure.Reads(id)
	perTarget := slices.ContainsFunc(kinds, func(k bundle.Kind) bool { return procedure.KindOf(k).PerTarget })
	switch {
	case len(kinds) == 0:
		return nil
	case !perTarget:
		return []string{procedure.SADatabase}
	case procedure.Phase(id).Role != coproc.CSR:
		return n.Databases()
	}
	if node, err := n.Here(coproc.CSR); err == nil {
		return []string{procedure.SADatabase, database(node)}
	}
	return []string{procedure.SADatabase}
}

// Databases are those of the SA and of every target.
func (n wanted) Databases() []string {
	folders := []string{procedure.SADatabase}
	for _, t := range n.Plan().Targets() {
		folders = append(folders, database(t))
	}
	return folders
}
