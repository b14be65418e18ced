package store

import (
	"os"
	"path/filepath"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
)

func (s *Store) takenPath(digest coproc.Digest) string {
	return filepath.Join(s.dir, TakenDir, digest.String()+bundle.Extension)
}

// KeepTaken keeps a bundle that is to be taken in from another node, as it was signed.
// It comes before the record of it: after an interruption in between, the bundle is
// taken in, and written, once more.
func (s *Store) KeepTaken(b *bundle.Bundle) error {
	path := s.takenPath(b.Digest())
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.Replace(path, b.Bytes())
}

// LoadTaken reads a bundle that was taken in, and checks that it is still that one.
func (s *Store) LoadTaken(w *history.Written) (bundle.Outgoing, error) {
	data, err := os.ReadFile(s.takenPath(w.Digest))
	if err != nil {
		return bundle.Outgoing{}, refusal.New(refusal.CodeStore, "the store has lost the %s %s that was taken in: %w", w.Kind, w.Digest.Short(), err)
	}
	sealed, err := bundle.Parse(data)
	if err != nil || sealed.Digest() != w.Digest {
		return bundle.Outgoing{}, refusal.New(refusal.CodeStore, "the store's %s %s is not what was taken in: it was changed", w.Kind, w.Digest.Short())
	}
	h := sealed.UnverifiedHeader() // verified when it was taken in
	return bundle.Outgoing{
		Folder: h.Database(), Name: h.FileName(w.Digest), Data: data, Kind: w.Kind, Peer: w.Peer, Digest: w.Digest, Copies: w.Copies,
	}, nil
}
