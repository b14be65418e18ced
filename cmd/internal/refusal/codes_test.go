package refusal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// parsed gives each file of Go below dir that is no test.
func parsed(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// declared gives the codes that a file declares as constants, by their names.
func declared(t *testing.T, file *ast.File) map[string]Code {
	t.Helper()
	found := map[string]Code{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			if !ok || !isCode(v.Type) {
				continue
			}
			for i, name := range v.Names {
				text := "" // computed
				if i < len(v.Values) {
					if lit, ok := v.Values[i].(*ast.BasicLit); ok {
						text, _ = strconv.Unquote(lit.Value)
					}
				}
				found[name.Name] = Code(text)
			}
		}
	}
	return found
}

func isCode(e ast.Expr) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name == "Code"
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "Code"
}

// Each code has one row, and each row a code of its own: whoever adds a code says
// its group and its hint, or that the texts say what to do.
func TestEachCodeHasItsRow(t *testing.T) {
	t.Parallel()
	names, seen := map[Code]string{}, map[Code]int{}
	for _, file := range parsed(t, ".") {
		for name, code := range declared(t, file) {
			if names[code] != "" {
				t.Errorf("%s and %s are both %q", names[code], name, code)
			}
			names[code] = name
		}
	}
	if len(names) < 60 {
		t.Fatalf("only %d codes found", len(names))
	}
	for _, r := range rows {
		seen[r.code]++
		switch r.group {
		case Refused, NotYet, Device, Denied, Nothing:
		default:
			t.Errorf("%s is in no group: %d", r.code, r.group)
		}
		if r.hint != strings.TrimSpace(r.hint) || strings.HasSuffix(r.hint, ".") {
			t.Errorf("the hint of %s begins or ends with what it should not: %q", r.code, r.hint)
		}
	}
	for code, name := range names {
		if seen[code] != 1 {
			t.Errorf("%s (%q) has %d rows, not one", name, code, seen[code])
		}
	}
	for code := range seen {
		if names[code] == "" {
			t.Errorf("the row %q has no name", code)
		}
	}
}

// Codes are declared here alone, and no refusal is made with a bare string.
func TestCodesAreDeclaredHere(t *testing.T) {
	t.Parallel()
	files := parsed(t, "../..")
	if len(files) < 100 {
		t.Fatalf("only %d files found", len(files))
	}
	for path, file := range files {
		if filepath.Base(filepath.Dir(path)) == "refusal" {
			continue
		}
		for name := range declared(t, file) {
			t.Errorf("%s declares the code %s", path, name)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && isNamed(f, "refusal", "New", "Code") && isText(n.Args[0]) {
					t.Errorf("%s: refusal.%s with a bare string", path, f.Sel.Name)
				}
			case *ast.CompositeLit:
				if f, ok := n.Type.(*ast.SelectorExpr); ok && isNamed(f, "refusal", "Error") {
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Code" && isText(kv.Value) {
							t.Errorf("%s: a refusal with a bare string for its code", path)
						}
					}
				}
			}
			return true
		})
	}
}

func isNamed(s *ast.SelectorExpr, pkg string, names ...string) bool {
	id, ok := s.X.(*ast.Ident)
	for _, name := range names {
		if ok && id.Name == pkg && s.Sel.Name == name {
			return true
		}
	}
	return false
}

func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    *Error
		want string
	}{
		{New(CodeBusy, "x"), "wait until it has finished"},
		{New(CodeReason, "x"), ""},
		{New("made-up", "x"), ""},
		{New(CodeBusy, "x").Hinted("call %s", "NODE"), "call NODE"},
		{&Error{Code: CodeHashDiffers, Hint: "x", Unregister: true}, wrongHash},
	} {
		if got := c.r.Advice(); got != c.want {
			t.Errorf("%s: %q, not %q", c.r.Code, got, c.want)
		}
	}
	if g := Code("made-up").Group(); g != Refused {
		t.Errorf("a code that nobody knows is of group %d", g)
	}
}

// Where an error wraps two causes, the first row counts.
func TestCauses(t *testing.T) {
	t.Parallel()
	for _, c := range causes {
		if _, known := byCode[c.code]; !known {
			t.Errorf("%v is %q, which has no row", c.err, c.code)
		}
		r, ok := Wrap(c.err, "do it").(*Error)
		if !ok || r.Text != "do it: "+c.err.Error() {
			t.Errorf("%v became %v", c.err, r)
		}
	}
	if r, ok := Wrap(coproc.ErrLocked, "log on").(*Error); !ok || r.Code != CodeLocked {
		t.Errorf("ErrLocked became %v", r)
	}
	if r, ok := Wrap(coproc.ErrMemory, "log on").(*Error); !ok || r.Code != CodeCoprocessor {
		t.Errorf("ErrMemory became %v", r)
	}
}
