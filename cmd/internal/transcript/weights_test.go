package transcript

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// produced has every rule and weight that a test of this package saw, but for
// what is an exception only because nobody signed the record.
var produced struct {
	sync.Mutex
	all map[ruleSeverity]bool
}

// NoteWeights keeps what a test saw.
func NoteWeights(r *Result) {
	produced.Lock()
	defer produced.Unlock()
	if produced.all == nil {
		produced.all = map[ruleSeverity]bool{}
	}
	for _, f := range r.Findings {
		if !strings.Contains(f.Text, "nobody signed this record") {
			produced.all[ruleSeverity{f.Rule, f.Severity}] = true
		}
	}
}

// TestMain asks, when everything ran, whether every row of the table in
// TRANSCRIPT.md came out of some test.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" {
		rows, err := weightTable()
		for _, k := range rows {
			if !produced.all[k] {
				fmt.Printf("no test has a %s of rule %s, which TRANSCRIPT.md has\n", k.severity, k.rule)
				code = 1
			}
		}
		if err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	os.Exit(code)
}

// weightTable reads the rows of TRANSCRIPT.md, section 6: rule and weight.
func weightTable() (rows []ruleSeverity, err error) {
	text, err := os.ReadFile("TRANSCRIPT.md")
	if err != nil {
		return nil, err
	}
	weights := map[string]Severity{"fault": Fault, "open": Open, "exception": Exception, "note": Note}
	_, table, ok := strings.Cut(string(text), "\n| rule | weight | case |\n|---|---|---|\n")
	if !ok {
		return nil, fmt.Errorf("TRANSCRIPT.md has no table of weights")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("not a row of three cells: %s", line)
		}
		w, ok := weights[strings.TrimSpace(cells[2])]
		if !ok {
			return nil, fmt.Errorf("no weight: %s", line)
		}
		k := ruleSeverity{strings.TrimSpace(cells[1]), w}
		if slices.Contains(rows, k) {
			return nil, fmt.Errorf("twice: %s", line)
		}
		rows = append(rows, k)
	}
	return rows, nil
}

// TestWeights: TRANSCRIPT.md has every rule with every weight that the checks
// can give it, and no other.
func TestWeights(t *testing.T) {
	rows, err := weightTable()
	if err != nil {
		t.Fatal(err)
	}
	given := weightsInSource(t)
	for k := range given {
		if !slices.Contains(rows, k) {
			t.Errorf("TRANSCRIPT.md does not have rule %s with weight %s", k.rule, k.severity)
		}
	}
	for _, k := range rows {
		if !given[k] {
			t.Errorf("TRANSCRIPT.md has rule %s with weight %s, which nothing gives", k.rule, k.severity)
		}
	}
	if len(given) < 40 {
		t.Errorf("only %d were found in the source", len(given))
	}
}

// sourceRules finds which rules the functions of this package are called with.
type sourceRules struct {
	params map[string]map[string]bool // function → the values of its parameter named rule
	result map[string]map[string]bool // function → the values of its result named rule
}

// weightsInSource reads the checks: every call that notes a finding has a
// weight and a rule that can be told from the source.
func weightsInSource(t *testing.T) map[ruleSeverity]bool {
	t.Helper()
	var files []*ast.File
	fset := token.NewFileSet()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if strings.HasSuffix(n.Name(), ".go") && !strings.HasSuffix(n.Name(), "_test.go") {
			f, err := parser.ParseFile(fset, n.Name(), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
	}
	s := sourceRules{map[string]map[string]bool{}, map[string]map[string]bool{}}
	given := map[ruleSeverity]bool{}
	for {
		before := len(given) + s.size()
		for _, f := range files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && fn.Name.Name != "find" && fn.Name.Name != "findAt" && fn.Name.Name != "fault" {
					s.read(t, fset, fn, given)
				}
			}
		}
		if len(given)+s.size() == before {
			return given
		}
	}
}

func (s *sourceRules) size() (n int) {
	for _, m := range []map[string]map[string]bool{s.params, s.result} {
		for _, values := range m {
			n += len(values)
		}
	}
	return n
}

// read goes through one function.
func (s *sourceRules) read(t *testing.T, fset *token.FileSet, fn *ast.FuncDecl, given map[ruleSeverity]bool) {
	t.Helper()
	consts := map[string]string{}
	names := map[string]int{} // of the parameters
	i := 0
	for _, p := range fn.Type.Params.List {
		for _, n := range p.Names {
			names[n.Name] = i
			i++
		}
	}
	ruleResult := fn.Type.Results != nil && len(fn.Type.Results.List[0].Names) > 0 && fn.Type.Results.List[0].Names[0].Name == "rule"
	from := map[string]string{} // a variable named rule → the function that it comes from
	values := func(e ast.Expr) []string {
		switch e := e.(type) {
		case *ast.BasicLit:
			v, _ := strconv.Unquote(e.Value)
			return []string{v}
		case *ast.Ident:
			if v, ok := consts[e.Name]; ok {
				return []string{v}
			}
			if _, ok := names[e.Name]; ok {
				return keys(s.params[fn.Name.Name])
			}
			if f, ok := from[e.Name]; ok {
				return keys(s.result[f])
			}
		}
		t.Fatalf("%s: nobody can tell which rule this is", fset.Position(e.Pos()))
		return nil
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if lit, ok := at(n.Values, i).(*ast.BasicLit); ok && lit.Kind == token.STRING {
					consts[name.Name], _ = strconv.Unquote(lit.Value)
				}
			}
		case *ast.AssignStmt:
			if call, ok := at(n.Rhs, 0).(*ast.CallExpr); ok && len(n.Lhs) > 1 {
				if id, ok := n.Lhs[0].(*ast.Ident); ok && id.Name == "rule" {
					from["rule"] = called(call)
				}
			}
		case *ast.ReturnStmt:
			if !ruleResult || len(n.Results) == 0 {
				return true
			}
			var found []string
			if call, ok := n.Results[0].(*ast.CallExpr); ok {
				found = keys(s.result[called(call)])
			} else {
				found = values(n.Results[0])
			}
			add(s.result, fn.Name.Name, found)
		case *ast.CallExpr:
			s.call(t, fset, fn, n, values, given)
		}
		return true
	})
}

// call takes in a call of a function that notes a finding, or hands a rule on.
func (s *sourceRules) call(t *testing.T, fset *token.FileSet, fn *ast.FuncDecl, n *ast.CallExpr, values func(ast.Expr) []string, given map[ruleSeverity]bool) {
	t.Helper()
	give := func(rules []string, weights ...Severity) {
		for _, r := range rules {
			for _, w := range weights {
				if r != "" {
					given[ruleSeverity{r, w}] = true
				}
			}
		}
	}
	weights := map[string]Severity{"Fault": Fault, "Open": Open, "Exception": Exception, "Note": Note}
	switch name := called(n); name {
	case "find", "findAt":
		id, _ := n.Args[0].(*ast.Ident)
		switch w, ok := weights[id.Name]; {
		case ok:
			give(values(n.Args[1]), w)
		case receiver(fn) == "answeredRule": // a script's means decide
			give(values(n.Args[1]), Exception, Note)
		default:
			t.Fatalf("%s: nobody can tell which weight this is", fset.Position(n.Pos()))
		}
	case "fault":
		give(values(n.Args[0]), Fault)
	default:
		if len(n.Args) > 0 {
			if id, ok := n.Args[0].(*ast.Ident); ok && id.Name == "rule" {
				add(s.params, name, values(id))
			}
		}
	}
}

// receiver is the type that a method is of.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	id, _ := fn.Recv.List[0].Type.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}

// called is the name of the function or method of a call.
func called(n *ast.CallExpr) string {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func at(list []ast.Expr, i int) ast.Expr {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func add(m map[string]map[string]bool, name string, values []string) {
	if m[name] == nil {
		m[name] = map[string]bool{}
	}
	for _, v := range values {
		m[name][v] = true
	}
}

func keys(m map[string]bool) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// TestDocumentNames: TRANSCRIPT.md has every event, task, act and subject of a
// remark that the checks know.
func TestDocumentNames(t *testing.T) {
	text := string(must(os.ReadFile("TRANSCRIPT.md")))
	_, part, _ := strings.Cut(text, "\n## 4. Records\n")
	part, _, _ = strings.Cut(part, "\n## 5. ")
	var names []string
	for e := range knownKinds {
		names = append(names, "| `"+string(e)+"` |")
	}
	for _, task := range procedure.Tasks() {
		names = append(names, "`"+string(task)+"`")
	}
	for _, act := range procedure.Acts {
		names = append(names, "`"+string(act.Act)+"`")
	}
	names = append(names, `"`+string(journal.SubjectJournal)+`"`, `"`+string(journal.SubjectCopy)+`"`)
	for _, n := range names {
		if !strings.Contains(part, n) {
			t.Errorf("TRANSCRIPT.md, section 4, does not have %s", n)
		}
	}
}
