package testvectors

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Held by hand: a vector that is lost, or comes to it, is seen here.
const (
	wrongCount = 194
	leastWrong = 25
	maxSize    = 1_500_000 // of all files, in bytes: seven stores are a megabyte
)

var countOf = map[Layer]int{AtParse: 62, AtVerify: 35, AtOpen: 48, AtCeremony: 35, AtCoprocessor: 14}

func TestCount(t *testing.T) {
	all := Wrong()
	if len(all) != wrongCount || len(all) < leastWrong {
		t.Errorf("%d vectors, want %d", len(all), wrongCount)
	}
	got := map[Layer]int{}
	for _, v := range all {
		got[v.Layer]++
	}
	for _, l := range Layers {
		if got[l] != countOf[l] {
			t.Errorf("%d vectors of layer %s, want %d", got[l], l, countOf[l])
		}
	}
	if !slices.IsSortedFunc(all, func(a, b Vector) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
}

// steps of FORMAT.md §9 that a layer can name.
var steps = map[Layer][2]int{AtParse: {1, 7}, AtVerify: {8, 10}, AtOpen: {11, 14}}

var vectorName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestIndex(t *testing.T) {
	used, seen, words := map[string]bool{"wrong/index.json": true}, map[string]string{}, map[string]string{}
	for _, v := range Wrong() {
		if !vectorName.MatchString(v.Name) {
			t.Errorf("name %q", v.Name)
		}
		for what, s := range map[string]string{"wrong": v.Wrong, "code": v.Code, "says": v.Says, "node": v.Node, "phase": v.Phase, "folder": v.Folder} {
			if s == "" {
				t.Errorf("%s: %s is missing", v.Name, what)
			}
		}
		if s := steps[v.Layer]; v.Step < s[0] || v.Step > s[1] {
			t.Errorf("%s: step %d of layer %s", v.Name, v.Step, v.Layer)
		}
		if (v.Layer == AtCeremony) != (v.Error == "") {
			t.Errorf("%s: error %q of layer %s", v.Name, v.Error, v.Layer)
		}
		if v.Store != "" {
			if _, err := fs.Stat(Ceremony(), "stores/"+v.Store+"/journal.cbor"); err != nil {
				t.Errorf("%s: %v", v.Name, err)
			}
		}
		if other, twice := seen[string(v.data)+v.Store+v.Folder+strings.Join(v.WithPaths, " ")]; twice {
			t.Errorf("%s and %s are the same", v.Name, other)
		}
		seen[string(v.data)+v.Store+v.Folder+strings.Join(v.WithPaths, " ")] = v.Name
		if other, twice := words[v.Wrong]; twice {
			t.Errorf("%s and %s say the same", v.Name, other)
		}
		words[v.Wrong] = v.Name
		for _, f := range append(v.With(), v.Base()) {
			if string(f.Data) == string(v.data) {
				t.Errorf("%s is the good file %s", v.Name, f.Name)
			}
		}
		used["wrong/"+v.Name+".gfb"] = true
		for _, p := range v.WithPaths {
			used[p] = true
		}
		if r := v.Recipe; r != nil {
			used[r.Head], used[r.Tail] = true, true
		}
	}
	size := 0
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.ContainsFunc(path.Base(p), func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("file name %q", p)
		}
		if strings.HasPrefix(p, "wrong/") && !used[p] {
			t.Errorf("%s is of no vector", p)
		}
		size += len(read(p))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > maxSize {
		t.Errorf("%d bytes, at most %d", size, maxSize)
	}
}

func TestKnown(t *testing.T) {
	f := Known()
	if !strings.Contains(f.Warning, "NEVER USE THEM") {
		t.Errorf("the warning is %q", f.Warning)
	}
	if f.Pattern != "083bf1025be34c44" || f.MasterKey != "0102030405060708090a0b0c0d0e0f101112131415161718" {
		t.Errorf("master key %s, pattern %s", f.MasterKey, f.Pattern)
	}
	for _, node := range []string{"sa", "css", "csr1", "csr2"} {
		n := f.Node(node)
		if n.Sign == "" || n.Audit == "" || len(n.Officers) == 0 || len(strings.Fields(n.KeyCard)) != 8+3 || n.Box == "" || n.Intake == "" || (n.Receipt != "" && len(n.Shares) == 3) != strings.HasPrefix(node, "csr") || (n.ShareBox != "") != strings.HasPrefix(node, "csr") {
			t.Errorf("%s: %+v", node, n)
		}
	}
	if f.Node("csr3").Name != "" || len(f.Passphrases) < 10 {
		t.Errorf("%d passphrases", len(f.Passphrases))
	}
}
