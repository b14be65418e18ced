package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
)

// Keep puts a bundle into the outbox. It is not said in the journal yet, and so
// belongs to nobody: a crash before the record leaves a file that CleanOutbox removes.
func (s *Store) Keep(sealed *bundle.Sealed) (folder, name string, err error) {
	h := sealed.UnverifiedHeader()
	folder, name = h.Database(), h.FileName(sealed.Digest())
	at := filepath.Join(s.dir, OutboxDir, folder)
	if err := makeFolder(at); err != nil {
		return "", "", err
	}
	return folder, name, atomicfile.Replace(filepath.Join(at, name), sealed.Bytes())
}

// makeFolder makes a folder of the store, unless it is there.
func makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(path))
}

// Load reads a bundle from the outbox and checks that it is still what was
// written.
func (s *Store) Load(w *history.Written) (bundle.Outgoing, error) {
	data, err := os.ReadFile(filepath.Join(s.dir, OutboxDir, w.Folder, w.Name))
	if err != nil {
		return bundle.Outgoing{}, refusal.New(refusal.CodeStore, "the outbox has lost %s/%s: %w", w.Folder, w.Name, err)
	}
	if coproc.DigestOf(data) != w.Digest {
		return bundle.Outgoing{}, refusal.New(refusal.CodeStore, "the outbox's %s/%s is not what was written: it was changed", w.Folder, w.Name)
	}
	return bundle.Outgoing{
		Folder: w.Folder, Name: w.Name, Data: data, Kind: w.Kind, Peer: w.Peer, Share: w.Share, Digest: w.Digest,
		Copies: w.Copies,
	}, nil
}

// CleanOutbox removes what a crash left before its record was written. None
// of it has left the node. It is called when an officer is logged on and the
// journal is known to be whole: a journal that was cut would make good bundles
// look left over. Once is enough while a store is open.
func (s *Store) CleanOutbox() error {
	if s.clean {
		return nil
	}
	known := map[string]bool{}
	for _, w := range slices.Concat(s.history.Outbox, s.history.FormerOutbox) {
		known[filepath.Join(w.Folder, w.Name)] = true
	}
	root := filepath.Join(s.dir, OutboxDir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, root+string(filepath.Separator))
		if known[name] {
			return nil
		}
		return os.Remove(path)
	})
	s.clean = err == nil
	return err
}
