package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// Whoever looks at a stick in a room says the same of each file on it, verify and
// media check, and what the phases there would say, who ask the same judge.
func TestOneStickOneVerdict(t *testing.T) {
	t.Parallel()
	r := after(t, "3c")
	// The certificate of csr1 in the database of the SA, where nobody looks for it.
	moved := must(filepath.Glob(filepath.Join(r.dir, "stick", "csr1.db", "csr-cert-*")))[0]
	wrong := "sa.db/" + filepath.Base(moved)
	if err := os.WriteFile(filepath.Join(r.dir, "stick", wrong), must(os.ReadFile(moved)), 0o600); err != nil {
		t.Fatal(err)
	}
	type verdict struct {
		Verdict  string
		Code     refusal.Code
		Standing ceremony.Standing
	}
	say := func(words ...string) map[string]verdict {
		a := r.do(call{args: append(words, "--json")})
		var all struct {
			Bundles []struct {
				File string
				verdict
			}
		}
		if err := json.Unmarshal(foundFirst(a), &all); err != nil || len(all.Bundles) < 7 {
			t.Fatalf("%v: %v in %s%s", words, err, a.out, a.err)
		}
		told := map[string]verdict{}
		for _, b := range all.Bundles {
			told[b.File] = b.verdict
		}
		return told
	}
	for _, room := range []string{"sa", "css", "csr1"} {
		verified := say("verify", "--store", r.store(room), "--from", r.stick("stick"))
		checked := say("media", "check", "--store", r.store(room), "--stick", r.stick("stick"))
		if !maps.Equal(verified, checked) {
			t.Errorf("in the room of %s verify says\n%v\nand media check\n%v", room, verified, checked)
		}
		n := must(ceremony.Look(r.store(room), wallClock))
		defer n.Close()
		for file, told := range verified {
			folder, name := filepath.Split(file)
			it := n.Judge().Judge(bundle.Incoming{Folder: filepath.Clean(folder), Name: name, Data: must(os.ReadFile(filepath.Join(r.dir, "stick", file)))})
			if (it.Err != nil) != (told.Verdict == "refused") || it.Err != nil && codeFor(it.Err) != told.Code || told.Verdict == "good" && told.Standing != it.Standing {
				t.Errorf("in the room of %s, %s: verify says %v, the judge %s %v", room, file, told, it.Standing, it.Err)
			}
		}
		if told := verified[wrong]; told.Verdict != "refused" || told.Code != refusal.CodeWrongPlace {
			t.Errorf("in the room of %s, %s: %v", room, wrong, told)
		}
	}
}
