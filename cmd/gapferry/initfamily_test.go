package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A room's device is of the family that the plan is for, and one that this build
// cannot use is refused before anybody chooses a passphrase.
func TestInitFamily(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	soft, tpm := filepath.Join(dir, "soft.toml"), filepath.Join(dir, "tpm.toml")
	call{args: []string{"plan", "new", "--plan", soft}}.run(t)
	if a := (call{args: []string{"plan", "new", "--plan", tpm, "--family", "tpm"}}).run(t); a.code != 0 {
		t.Fatal(a.err)
	}
	if a := (call{args: []string{"plan", "check", "--plan", tpm}}).run(t); a.code != 0 {
		t.Fatal(a.err)
	}
	const tpmrm = "tpm:/dev/tpmrm0"
	for _, c := range []struct {
		name, plan string
		more       []string
		code       int
		says       string
	}{
		{"a TPM for a plan of software", soft, []string{"--coprocessor", tpmrm}, exitRefused, tpmrm + " is of family tpm, the plan is for coprocessors of family soft"},
		{"software for a plan of TPMs", tpm, []string{"--coprocessor", "soft"}, exitRefused, "soft is of family soft, the plan is for coprocessors of family tpm"},
		{"no device for a plan of TPMs", tpm, nil, exitUsage, "init needs --coprocessor"},
		{"a TPM", tpm, []string{"--coprocessor", tpmrm}, exitCoprocessor, "is built without what a TPM 2.0 coprocessor needs"},
		{"software bound to a TPM", soft, []string{"--coprocessor", "soft+" + tpmrm}, exitCoprocessor, "is built without what a software coprocessor bound to a TPM needs"},
	} {
		store := filepath.Join(dir, "store")
		a := call{args: append([]string{"init", "--node", "css", "--plan", c.plan, "--store", store, "--passphrase-fd", "3"}, c.more...), fds: []string{officers(3)}}.run(t)
		if a.code != c.code || !strings.Contains(a.err, c.says) {
			t.Errorf("%s: exit code %d, want %d with %q\n%s", c.name, a.code, c.code, c.says, a.err)
		}
		if _, err := os.Stat(store); err == nil {
			t.Errorf("%s: left a store", c.name)
		}
	}
}
