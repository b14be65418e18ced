package media

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// A carrier that was copied into a folder is found, in any case of names; folders
// of others, databases without a bundle and links are none.
func TestDeeper(t *testing.T) {
	root := t.TempDir()
	for _, path := range []string{"sa.db/key.gfb", "Backup/SA.DB/KEY.GFB", "a/b/sa.db/key.gfb", "photos/a.jpg", "empty/sa.db/readme.txt", "two/csr1.db/a.gfb"} {
		mustWrite(t, root+"/"+path, []byte("x"))
	}
	if err := os.Symlink("Backup", root+"/link"); err != nil {
		t.Fatal(err)
	}
	got, err := openDir(t, root).Deeper()
	if err != nil || !slices.Equal(got, []string{"Backup", "two"}) {
		t.Errorf("%q, %v", got, err)
	}
	if above := openDir(t, root+"/sa.db").AboveDatabase(); above != root {
		t.Errorf("above a database: %q", above)
	}
	if above := openDir(t, root).AboveDatabase(); above != "" {
		t.Errorf("above a carrier: %q", above)
	}
	// A stick that was made to be looked at for long is not.
	for i := range MaxFolders + 1 {
		mustWrite(t, fmt.Sprintf("%s/full/d%d.db/readme.txt", root, i), nil)
	}
	if got, err := openDir(t, root).Deeper(); err != nil || !slices.Equal(got, []string{"Backup"}) {
		t.Errorf("%q, %v", got, err)
	}
}
