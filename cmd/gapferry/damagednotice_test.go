package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who owns the stick damages a revoke. Nothing is done as if there were none:
// not taking it in, and no phase. Nobody logs on for nothing, and what to do is
// on the screen: fetch another copy, or take the file off the stick.
func TestDamagedRevoke(t *testing.T) {
	t.Parallel()
	s := &story{rooms: after(t, "3b")}
	s.must(s.with("sa", "revoke", "--node", "csr1", "--reason", "it was stolen", "--to", s.stick("stick"), "--yes"))
	path := must(filepath.Glob(filepath.Join(s.dir, "stick", "sa.db", "revoke-*")))[0]
	good := must(os.ReadFile(path))
	bit := bytes.Clone(good)
	bit[len(bit)-1] ^= 1
	shares := func() call {
		return s.phaseCall("css", "3c", "--share-to", "1="+s.stick("share1"), "--share-to", "2="+s.stick("share2"), "--share-to", "3="+s.stick("share3"))
	}
	for name, data := range map[string][]byte{
		"a bit": bit, "cut off": good[:100], "nothing": nil, "too large to be read": make([]byte, 2<<20),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range []call{s.with("css", "revoke", "--from", s.stick("stick")), s.with("css", "revoke", "--from", s.stick("stick"), "--json"), shares()} {
			a := s.mustFail(c, exitRefused, "It may be a revoke, which nobody passes by: fetch another copy from the room of sa (gapferry resend --kind revoke)")
			if strings.Contains(a.out, `"revoked"`) {
				t.Errorf("%s: it says what was revoked: %s", name, a.out)
			}
		}
	}
	if found := must(filepath.Glob(filepath.Join(s.dir, "share*", "csr1.db", "share-*"))); len(found) > 0 {
		t.Errorf("shares were handed out: %v", found)
	}
	nobody := shares()
	nobody.fds = []string{"NOBODY:x\n"}
	s.mustFail(nobody, exitRefused, "It may be a revoke, which nobody passes by") // before anybody logs on

	// Another copy, on a stick of its own.
	if err := os.Mkdir(filepath.Join(s.dir, "more"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.must(call{args: []string{"resend", "--store", s.store("sa"), "--kind", "revoke", "--to", s.stick("more")}})
	c := shares()
	c.args = append(c.args, "--from", s.stick("more"))
	s.mustFail(c, exitRefused, "certificate 1 of csr1 was revoked by CERTIFIER: it was stolen")
}
