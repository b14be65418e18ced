package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/paper"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/rehearsal"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shapes has what each command prints with --json, on one line, and when: one
// value, unless it says otherwise.
var shapes = []struct {
	command string
	when    string
	value   any
}{
	{"plan check", "", planChecked{}},
	{"plan print", "", planPrinted{}},
	{"plan route", "", paper.Route{}},
	{"init", "", storeMade{}},
	{"phase", "", ceremony.Result{}},
	{"task", "", ceremony.Result{}},
	{"status", "", ceremony.Status{}},
	{"verify", "", verified{}},
	{"inspect", "", inspected{}},
	{"resend", "", resent{}},
	{"cancel", "", handedOut{}},
	{"cancel", "with --from", cancelsTaken{}},
	{"revoke", "", handedOut{}},
	{"revoke", "with --from", revokesTaken{}},
	{"receipts", "", receiptsTaken{}},
	{"media list", "", volumesListed{}},
	{"media check", "", verified{}},
	{"qr sheet", "", pagesWritten{}},
	{"qr scan", "", scansWritten{}},
	{"qr decode", "for each picture", pictureRead{}},
	{"coprocessor registers", "", registersListed{}},
	{"coprocessor profiles", "", profilesListed{}},
	{"coprocessor unregister-hash", "", ceremony.Unregistering{}},
	{"coprocessor anew", "", ceremony.Anew{}},
	{"coprocessor load", "", ceremony.MasterKeyRegisters{}},
	{"coprocessor generate", "", ceremony.MasterKeyRegisters{}},
	{"coprocessor set", "", ceremony.MasterKeyRegisters{}},
	{"coprocessor clear", "", ceremony.MasterKeyRegisters{}},
	{"audit access-controls", "", accessShape{}},
	{"audit journal", "", journalShape{}},
	{"journal export", "", handedOut{}},
	{"transcript merge", "", verifiedShape{}},
	{"transcript verify", "", verifiedShape{}},
	{"rehearse", "", rehearsal.Outcome{}},
	{"version", "", versionInfo{}},
	{"", "as the last line, of whatever fails", failure{}},
}

// Each command with --json has a shape, and no other one has.
func TestEachJSONHasItsShape(t *testing.T) {
	t.Parallel()
	has := map[string]bool{}
	var walk func(prefix string, all []*cli.Command)
	walk = func(prefix string, all []*cli.Command) {
		for _, c := range all {
			name := strings.TrimSpace(prefix + " " + c.Name)
			walk(name, c.Subcommands)
			for _, f := range c.Flags {
				if slices.Contains(f.Names(), jsonFlag.Name) {
					if prefix == "phase" || prefix == "task" {
						name = prefix
					}
					has[name] = true
				}
			}
		}
	}
	walk("", newApp(os.Stdin, os.Stdout, os.Stderr, nil).Commands)
	for name := range has {
		if shapesOf(name) == nil {
			t.Errorf("gapferry %s has --json, and no shape here", name)
		}
	}
	for _, s := range shapes {
		if s.command != "" && !has[s.command] {
			t.Errorf("gapferry %s has no --json", s.command)
		}
	}
}

// shapesOf gives what a command may print: cmd is how its words begin.
func shapesOf(cmd string) (all []reflect.Type) {
	for _, s := range shapes {
		if s.command != "" && (cmd == s.command || strings.HasPrefix(cmd, s.command+" ")) {
			all = append(all, reflect.TypeOf(s.value))
		}
	}
	return all
}

// checkShape holds what a command printed against its shape, and what it says of
// its failure against its exit code. Every process of these tests that was asked
// for JSON comes here.
func checkShape(t testing.TB, args []string, out string, code int) {
	t.Helper()
	if !asksJSON(args) {
		return
	}
	if code != exitDone && code != exitInterrupted {
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		last := lines[len(lines)-1]
		out = strings.Join(lines[:len(lines)-1], "\n")
		var v any
		if err := json.Unmarshal([]byte(last), &v); err != nil {
			t.Errorf("gapferry %s: it failed, and ends in no JSON: %q", strings.Join(args, " "), last)
		} else if wrong := differs(v, reflect.TypeOf(failure{}), ""); len(wrong) > 0 {
			t.Errorf("gapferry %s: its failure is not of its shape: %s\n%s", strings.Join(args, " "), strings.Join(wrong, "; "), last)
		} else if said := v.(map[string]any)["exit_code"]; said != float64(code) {
			t.Errorf("gapferry %s: exit code %d, and it says %v", strings.Join(args, " "), code, said)
		}
	}
	words := args
	if i := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") }); i >= 0 {
		words = args[:i]
	}
	name := strings.Join(words, " ")
	for _, line := range strings.Split(out, "\n") {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("gapferry %s: %v in %s", name, err, line)
			continue
		}
		var wrong []string
		for _, typ := range shapesOf(name) {
			if wrong = differs(v, typ, ""); len(wrong) == 0 {
				break
			}
		}
		if len(wrong) > 0 {
			t.Errorf("gapferry %s: not its shape: %s\n%s", name, strings.Join(wrong, "; "), line)
		}
	}
}

// differs says where a value is not of a shape.
func differs(v any, typ reflect.Type, at string) (wrong []string) {
	say := func(format string, a ...any) []string {
		return append(wrong, cmp.Or(at, "the value")+" "+fmt.Sprintf(format, a...))
	}
	switch kindOf(typ) {
	case "object":
		m, ok := v.(map[string]any)
		if !ok {
			return say("is no object, but %v", v)
		}
		known := map[string]bool{}
		for _, f := range fieldsOf(typ) {
			known[f.name] = true
			if inner, there := m[f.name]; there {
				wrong = append(wrong, differs(inner, f.typ, at+"."+f.name)...)
			} else if !f.optional {
				wrong = say("has no %s", f.name)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !known[key] {
				wrong = say("has %s, which is not in its shape", key)
			}
		}
	case "list":
		list, ok := v.([]any)
		if !ok {
			return say("is no list, but %v", v)
		}
		for i, inner := range list {
			wrong = append(wrong, differs(inner, plainType(typ).Elem(), fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "map":
		m, ok := v.(map[string]any)
		if !ok {
			return say("is no map, but %v", v)
		}
		for key, inner := range m {
			wrong = append(wrong, differs(inner, plainType(typ).Elem(), at+"."+key)...)
		}
	case "text":
		if _, ok := v.(string); !ok {
			return say("is no text, but %v", v)
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return say("is no number, but %v", v)
		}
	case "true or false":
		if _, ok := v.(bool); !ok {
			return say("is not true or false, but %v", v)
		}
	default:
		return say("is of %s, which no shape has", typ)
	}
	return wrong
}

func plainType(typ reflect.Type) reflect.Type {
	if typ.Kind() == reflect.Pointer {
		return typ.Elem()
	}
	return typ
}

// kindOf says what a type is in JSON; empty for what the compiler cannot check.
func kindOf(typ reflect.Type) string {
	typ = plainType(typ)
	switch typ.Kind() {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return "" // it would be base64
		}
		return "list"
	case reflect.Map:
		return "map"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64:
		return "number"
	}
	return ""
}

// field is one field of a shape.
type field struct {
	name     string
	typ      reflect.Type
	optional bool
	owner    reflect.Type // the struct that declares it
	in       string       // its name there
}

// fieldsOf lists the fields of a struct, those of what it embeds in their place.
func fieldsOf(typ reflect.Type) (all []field) {
	typ = plainType(typ)
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-", !f.IsExported() && !f.Anonymous:
		case f.Anonymous && tag == "":
			for _, inner := range fieldsOf(f.Type) {
				inner.optional = inner.optional || f.Type.Kind() == reflect.Pointer
				all = append(all, inner)
			}
		default:
			all = append(all, field{tag, f.Type, strings.Contains(options, "omitempty"), typ, f.Name})
		}
	}
	return all
}

// everyShape lists the structs of all shapes, in the order in which they are met.
func everyShape() (all []reflect.Type) {
	var visit func(typ reflect.Type)
	visit = func(typ reflect.Type) {
		switch kindOf(typ) {
		case "list", "map":
			visit(plainType(typ).Elem())
		case "object":
			if typ = plainType(typ); slices.Contains(all, typ) {
				return
			}
			all = append(all, typ)
			for _, f := range fieldsOf(typ) {
				visit(f.typ)
			}
		}
	}
	for _, s := range shapes {
		visit(reflect.TypeOf(s.value))
	}
	return all
}

// worksheet are the structs of a plan, which have the keys of its TOML file.
var worksheet = reflect.TypeOf(plan.Plan{}).PkgPath()

// The same name is the same thing wherever it stands: text, a number, a list of
// objects. Every field has a name of its own, in lower case with underscores.
func TestFieldsAreSpelledOnce(t *testing.T) {
	t.Parallel()
	kinds := map[string]string{}
	for _, typ := range everyShape() {
		for _, f := range fieldsOf(typ) {
			where := typ.Name() + "." + f.name
			if f.name == "" || f.name != strings.ToLower(f.name) || strings.HasPrefix(f.name, "_") {
				t.Errorf("%s: field %s has no name of its own", typ, f.in)
			}
			if typ.PkgPath() == worksheet && typ.Name() != "Responsibility" {
				continue
			}
			kind := kindOf(f.typ)
			if kind == "list" || kind == "map" {
				kind += " of " + kindOf(plainType(f.typ).Elem())
			}
			if kind == "" {
				t.Errorf("%s is of %s", where, f.typ)
			}
			was, _, _ := strings.Cut(kinds[f.name], " in ")
			if was != "" && was != kind {
				t.Errorf("%s is %s in %s, and %s", f.name, kind, where, kinds[f.name])
			}
			kinds[f.name] = kind + " in " + where
		}
	}
	if len(kinds) < 100 {
		t.Errorf("only %d fields", len(kinds))
	}
	for _, wrong := range []string{"sa_hash", "hash", "set", "seq", "generation"} {
		if kinds[wrong] != "" {
			t.Errorf("%s is an old name: %s", wrong, kinds[wrong])
		}
	}
}

// JSON.md has every shape, with what the source says of its fields.
func TestShapesAreWritten(t *testing.T) {
	t.Parallel()
	want := shapesText(t)
	if *update {
		if err := os.WriteFile("JSON.md", want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(os.ReadFile("JSON.md")); !bytes.Equal(got, want) {
		t.Error("JSON.md is not what the source says: go test -run TestShapesAreWritten -update writes it anew. Whoever reads JSON of ours has to know of it: NEWS.md")
	}
}

const shapesHead = `# What --json prints

Each command with ` + "`--json`" + ` prints one JSON value on one line of standard output, in
UTF-8; what people read goes to standard error. A field has one name in all
commands, and is of one kind. A field that is not there is one that says
"if any". No list is null. Digests, hashes, keys, patterns and ids are lower-case
hex; times are Unix seconds in UTC.

Whatever fails, a command that was typed wrong too, says so in words on standard
error, in its exit code, and on the last line of standard output, which is then a
[failure](#failure): what was found before that, like the files that were refused,
is the value above it. Whoever reads the last line and finds an ` + "`exit_code`" + ` in it has
an error. What was interrupted prints none. This page is made from the source by a
test.

## Commands

| command | prints |
|---|---|
`

func shapesText(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(shapesHead)
	for _, s := range shapes {
		name := reflect.TypeOf(s.value).Name()
		command := "`" + s.command + "`"
		if s.command == "" {
			command = "each of them"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", command, strings.TrimSpace(linked(name)+" "+s.when))
	}
	said := map[string]map[string]string{}
	for _, typ := range everyShape() {
		if said[typ.PkgPath()] == nil {
			said[typ.PkgPath()] = comments(t, typ.PkgPath())
		}
	}
	headings := map[string]reflect.Type{}
	for _, typ := range everyShape() {
		if other := headings[strings.ToLower(typ.Name())]; other != nil {
			t.Errorf("%s and %s have the same heading", typ, other)
		}
		headings[strings.ToLower(typ.Name())] = typ
		fmt.Fprintf(&b, "\n## %s\n\n", typ.Name())
		if text := said[typ.PkgPath()][typ.Name()]; text != "" {
			fmt.Fprintf(&b, "%s\n\n", text)
		}
		b.WriteString("| field | is | |\n|---|---|---|\n")
		for _, f := range fieldsOf(typ) {
			is := inWords(f.typ)
			if f.optional {
				is += ", if any"
			}
			if said[f.owner.PkgPath()] == nil {
				said[f.owner.PkgPath()] = comments(t, f.owner.PkgPath())
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.name, is, said[f.owner.PkgPath()][f.owner.Name()+"."+f.in])
		}
	}
	return b.Bytes()
}

func linked(name string) string { return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name)) }

func inWords(typ reflect.Type) string {
	switch kind := kindOf(typ); kind {
	case "object":
		return linked(plainType(typ).Name())
	case "list":
		return "list of " + inWords(plainType(typ).Elem())
	case "map":
		return "map to " + inWords(plainType(typ).Elem())
	default:
		return kind
	}
}

// comments gives what a package says of its structs and of their fields, each on
// one line: the names are Type and Type.Field.
func comments(t *testing.T, pkg string) map[string]string {
	t.Helper()
	dir := "."
	if inner, ok := strings.CutPrefix(pkg, module+"/cmd/internal/"); ok {
		dir = path.Join("../internal", inner)
	}
	said := map[string]string{}
	for _, name := range must(filepath.Glob(filepath.Join(dir, "*.go"))) {
		file := must(parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution))
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				typ, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				s, ok := typ.Type.(*ast.StructType)
				if !ok {
					continue
				}
				said[typ.Name.Name] = oneLine(g.Doc)
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						said[typ.Name.Name+"."+id.Name] = strings.TrimSpace(oneLine(f.Doc) + " " + oneLine(f.Comment))
					}
				}
			}
		}
	}
	return said
}

func oneLine(c *ast.CommentGroup) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(c.Text()), " "), "|", "\\|")
}
