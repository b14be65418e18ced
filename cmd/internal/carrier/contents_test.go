package carrier

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
)

// A directory is looked at again right before a share goes there: what its name
// leads to can have changed since the officer was asked.
func TestDirectoryExchangedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"dir:", "qr:"} {
		dir := t.TempDir()
		link, one, two := filepath.Join(dir, "link"), filepath.Join(dir, "one"), filepath.Join(dir, "two")
		for _, err := range []error{
			os.MkdirAll(filepath.Join(one, "csr1.db"), 0o700), os.Mkdir(two, 0o700), os.Symlink(two, link),
			os.WriteFile(filepath.Join(one, "csr1.db", "share-01-0000000000000000.gfb"), []byte("a share"), 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		r := &Opener{}
		c, err := r.Open(scheme + link)
		if err != nil {
			t.Fatal(err)
		}
		if on, err := c.(holder).holds(t.Context()); err != nil || on.refuse("csr1", 2, "") != nil {
			t.Fatal(on, err)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(one, link); err != nil {
			t.Fatal(err)
		}
		_, err = c.Write(t.Context(), bundle.Outgoing{Share: 2, Peer: "csr1", Folder: "csr1.db", Name: "share-02-0000000000000000.gfb", Data: []byte("another")})
		if err == nil || !strings.Contains(err.Error(), "holds share 1 for csr1, so share 2 must not go there") {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}

// A share in a carrier that somebody copied into a folder of another one counts:
// whoever types that folder reads it.
func TestShareInAFolderOfAStick(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := filepath.Join(dir, "old stick", "csr1.db")
	if err := errors.Join(os.MkdirAll(at, 0o700), os.WriteFile(filepath.Join(at, "share-01-0000000000000000.gfb"), []byte("a share"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"dir:", "qr:"} {
		c, err := (&Opener{}).Open(scheme + dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Write(t.Context(), bundle.Outgoing{Share: 2, Peer: "csr1", Folder: "csr1.db", Name: "share-02-0000000000000000.gfb", Data: []byte("another")})
		if err == nil || !strings.Contains(err.Error(), "holds share 1 for csr1, so share 2 must not go there") {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}
