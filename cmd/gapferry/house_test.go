package main

import (
	"encoding/json"
	"errors"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gapferry/gapferry"

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// goList runs `go list -json` and gives the packages.
func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Standard"}, args...)...)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// arrows says what each of our packages imports of ours, exactly.
var arrows = map[string][]string{
	"cmd/gapferry":                 {"bundle", "cmd/internal/access", "cmd/internal/carrier", "cmd/internal/ceremony", "cmd/internal/console", "cmd/internal/journal", "cmd/internal/paper", "cmd/internal/plan", "cmd/internal/plan/draft", "cmd/internal/procedure", "cmd/internal/refusal", "cmd/internal/rehearsal", "cmd/internal/store", "cmd/internal/terminal", "cmd/internal/transcript", "coproc", "coproc/chip", "coproc/engine", "coproc/outside", "coproc/soft", "media", "media/qr/capture", "media/qr/detect", "media/qr/draw", "media/qr/frame", "media/usb"},
	"cmd/internal/access":          {"cmd/internal/plan", "coproc"},
	"cmd/internal/carrier":         {"bundle", "cmd/internal/refusal", "cmd/internal/terminal", "coproc", "media", "media/flock", "media/qr/capture", "media/qr/detect", "media/qr/draw", "media/qr/frame", "media/usb"},
	"cmd/internal/ceremony":        {"bundle", "cmd/internal/access", "cmd/internal/journal", "cmd/internal/journal/history", "cmd/internal/plan", "cmd/internal/procedure", "cmd/internal/refusal", "cmd/internal/store", "coproc", "coproc/detcbor", "coproc/passphrase"},
	"cmd/internal/ceremonytest":    {"bundle", "cmd/internal/ceremony", "cmd/internal/journal", "cmd/internal/plan", "cmd/internal/plan/draft", "cmd/internal/procedure", "cmd/internal/refusal", "cmd/internal/store", "cmd/internal/transcript", "coproc", "coproc/chip", "coproc/engine", "coproc/soft"},
	"cmd/internal/console":         {"bundle", "cmd/internal/carrier", "cmd/internal/ceremony", "cmd/internal/journal", "cmd/internal/plan", "cmd/internal/procedure", "cmd/internal/refusal", "cmd/internal/terminal", "coproc", "coproc/outside", "coproc/passphrase", "media", "media/qr/draw", "media/qr/frame"},
	"cmd/internal/journal":         {"bundle", "cmd/internal/procedure", "cmd/internal/refusal", "coproc", "coproc/atomicfile", "coproc/cosesig", "coproc/detcbor"},
	"cmd/internal/journal/history": {"bundle", "cmd/internal/journal", "cmd/internal/procedure", "cmd/internal/refusal", "coproc", "coproc/detcbor"},
	"cmd/internal/paper":           {"bundle", "cmd/internal/journal", "cmd/internal/plan", "cmd/internal/plan/route", "cmd/internal/procedure", "cmd/internal/transcript", "coproc", "media"},
	"cmd/internal/plan":            {"cmd/internal/procedure", "coproc", "coproc/outside"},
	"cmd/internal/plan/draft":      {"cmd/internal/plan", "coproc"},
	"cmd/internal/plan/plantest":   {},
	"cmd/internal/plan/route":      {"cmd/internal/plan", "cmd/internal/procedure"},
	"cmd/internal/procedure":       {"bundle", "coproc"},
	"cmd/internal/refusal":         {"bundle", "coproc", "coproc/cosesig"},
	"cmd/internal/rehearsal":       {"bundle", "cmd/internal/carrier", "cmd/internal/ceremony", "cmd/internal/console", "cmd/internal/journal", "cmd/internal/plan", "cmd/internal/plan/route", "cmd/internal/procedure", "cmd/internal/refusal", "cmd/internal/store", "cmd/internal/terminal", "cmd/internal/transcript", "coproc", "media", "media/qr/draw"},
	"cmd/internal/store":           {"bundle", "cmd/internal/journal", "cmd/internal/journal/history", "cmd/internal/plan", "cmd/internal/procedure", "cmd/internal/refusal", "coproc", "coproc/atomicfile", "coproc/chip", "coproc/detcbor", "coproc/outside", "media/flock"},
	"cmd/internal/terminal":        {"coproc", "coproc/outside", "media"},
	"cmd/internal/transcript":      {"bundle", "cmd/internal/journal", "cmd/internal/plan", "cmd/internal/procedure", "cmd/internal/refusal", "coproc", "coproc/cosesig", "coproc/detcbor", "coproc/outside", "coproc/tally"},
	"bundle":                       {"coproc", "coproc/cosesig", "coproc/detcbor", "coproc/outside", "coproc/tally"},
	"coproc":                       {"coproc/box", "coproc/cosesig", "coproc/detcbor", "coproc/outside", "coproc/tally"},
	"coproc/atomicfile":            {},
	"coproc/box":                   {},
	"coproc/chip":                  {"coproc", "coproc/outside"},
	"coproc/chip/chiptest":         {"coproc", "coproc/box", "coproc/chip", "coproc/cosesig"},
	"coproc/coproctest":            {"coproc", "coproc/cosesig", "coproc/detcbor"},
	"coproc/cosesig":               {"coproc/detcbor", "coproc/outside", "coproc/tally"},
	"coproc/detcbor":               {"coproc/outside"},
	"coproc/engine":                {"coproc", "coproc/atomicfile", "coproc/chip", "coproc/cosesig", "coproc/detcbor", "coproc/outside", "coproc/passphrase"},
	"coproc/outside":               {"coproc/tally"},
	"coproc/passphrase":            {"coproc"},
	"coproc/soft":                  {"coproc", "coproc/chip", "coproc/cosesig"},
	"coproc/tally":                 {},
	"coproc/thief":                 {},
	"media":                        {"media/flock"},
	"media/flock":                  {},
	"media/qr/capture":             {},
	"media/qr/detect":              {},
	"media/qr/draw":                {"media/qr/detect"},
	"media/qr/frame":               {},
	"media/qr/qrtest":              {},
	"media/usb":                    {"media"},
	"testvectors":                  {},
	"testvectors/transcripts":      {},
}

func TestImportArrows(t *testing.T) {
	for _, p := range goList(t, module+"/...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if strings.HasPrefix(name, "media/lab") {
			continue // test-only: nothing of it is in the binary, see below
		}
		allowed, known := arrows[name]
		if !known {
			t.Errorf("package %s is in no arrow: add it", name)
			continue
		}
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, module+"/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s must not import %s", name, ours)
			}
		}
		for _, ours := range allowed {
			if !slices.Contains(p.Imports, module+"/"+ours) {
				t.Errorf("%s does not import %s: take the arrow out", name, ours)
			}
		}
	}
}

// The tool cannot open a network connection, and runs no other program: what
// could do it is not in it.
func TestNoNetwork(t *testing.T) {
	forbidden := []string{
		"net", "net/http", "net/rpc", "net/smtp", "net/mail", "net/textproto", "crypto/tls", "crypto/x509", "os/exec", "plugin",
		"log/syslog", "golang.org/x/net/...",
	}
	deps := goList(t, "-deps", module+"/cmd/gapferry")
	if len(deps) < 50 {
		t.Fatalf("only %d packages listed", len(deps))
	}
	for _, p := range deps {
		for _, f := range forbidden {
			if below, ok := strings.CutSuffix(f, "/..."); p.ImportPath == f || ok && strings.HasPrefix(p.ImportPath, below+"/") {
				t.Errorf("the binary has %s in it", p.ImportPath)
			}
		}
		for _, test := range []string{module + "/coproc/coproctest", module + "/coproc/chip/chiptest", module + "/coproc/thief", module + "/cmd/internal/ceremonytest", module + "/media/lab", module + "/media/qr/qrtest", module + "/testvectors"} {
			if strings.HasPrefix(p.ImportPath, test) {
				t.Errorf("the binary has %s in it, which is for tests", p.ImportPath)
			}
		}
	}
}

// What `just build` makes has none of the packages in it that write manual pages
// or guess at a misspelled command.
func TestBuildLeavesOut(t *testing.T) {
	recipes, err := os.ReadFile("../../Justfile")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(recipes), "\nbuild:\n")
	recipe, _, _ := strings.Cut(rest, "\n\n")
	_, tags, _ := strings.Cut(recipe, " -tags ")
	tags, _, _ = strings.Cut(tags, " ")
	deps := goList(t, "-deps", "-tags="+tags, module+"/cmd/gapferry")
	if len(deps) < 50 {
		t.Fatalf("only %d packages listed", len(deps))
	}
	for _, p := range deps {
		if strings.Contains(p.ImportPath, "md2man") || strings.Contains(p.ImportPath, "blackfriday") || strings.Contains(p.ImportPath, "smetrics") {
			t.Errorf("with the tags %q the binary has %s in it", tags, p.ImportPath)
		}
	}
}

// mostTrusted is how many lines of cmd/internal, beside its own, the auditor's
// verifier may rest upon: what somebody reads who wants to trust a verdict.
const mostTrusted = 2700

// TestTrustedLines counts the lines of code (no comment, no blank line) in the
// packages of cmd/internal that transcript is built from.
func TestTrustedLines(t *testing.T) {
	const below, own = module + "/cmd/internal/", module + "/cmd/internal/transcript"
	total, packages := 0, 0
	for _, p := range goList(t, "-deps", own) {
		name, ours := strings.CutPrefix(p.ImportPath, below)
		if !ours {
			continue
		}
		n := codeLines(t, filepath.Join("..", "internal", filepath.FromSlash(name)))
		t.Logf("%-12s %5d", name, n)
		if p.ImportPath != own {
			total, packages = total+n, packages+1
		}
	}
	t.Logf("%d lines in %d packages beside its own", total, packages)
	if total > mostTrusted {
		t.Errorf("the auditor's verifier rests upon %d lines of cmd/internal, at most %d: move out what it does not need", total, mostTrusted)
	}
	if packages < 3 || total < 500 {
		t.Errorf("only %d packages with %d lines were found", packages, total)
	}
}

// codeLines counts the lines of a package, tests left out, on which code stands.
func codeLines(t *testing.T, dir string) (lines int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		var s scanner.Scanner
		s.Init(set.AddFile(path, set.Base(), len(text)), text, nil, 0) // comments are skipped
		last := 0
		for {
			pos, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.SEMICOLON && lit == "\n" {
				continue // the end of a line that was counted
			}
			first := set.Position(pos).Line
			end := first + strings.Count(lit, "\n")
			lines += max(0, end-max(first-1, last))
			last = max(last, end)
		}
	}
	return lines
}
