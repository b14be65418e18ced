package main

import (
	goscanner "go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// said are the texts of the program with their gaps, as expressions.
func said(t *testing.T) []*regexp.Regexp {
	t.Helper()
	verb := regexp.MustCompile(`%[-+# 0-9.\[\]]*[a-zA-Z]`)
	var all []*regexp.Regexp
	for _, dir := range speakers {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s goscanner.Scanner
			s.Init(token.NewFileSet().AddFile(file, -1, len(src)), src, nil, 0)
			for {
				_, tok, lit := s.Scan()
				if tok == token.EOF {
					break
				}
				text, err := strconv.Unquote(lit)
				if tok != token.STRING || err != nil {
					continue
				}
				// The program puts the store behind a command of its own room.
				text = inBraces.ReplaceAllString(text, "`gapferry $1%s`")
				parts := verb.Split(strings.TrimSpace(text), -1)
				if fixed := strings.Join(parts, ""); len(fixed) < 15 || !strings.Contains(strings.TrimSpace(fixed), " ") {
					continue
				}
				for i, p := range parts {
					parts[i] = regexp.QuoteMeta(p)
				}
				all = append(all, regexp.MustCompile(strings.ReplaceAll(strings.Join(parts, ".+"), ".+`", ".*`")))
			}
		}
	}
	return all
}

// What the sheets for whatever goes wrong quote from the screen is what the
// program says.
func TestSheetsQuoteTheProgram(t *testing.T) {
	t.Parallel()
	text, _ := printScript(t, "--targets", "2")
	_, sheets, _ := strings.Cut(text, "\n"+firstSheet+"\n")
	var quoted []string
	lines := strings.Split(sheets, "\n")
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "  | "):
			quoted = append(quoted, strings.TrimPrefix(l, "  | "))
		case i > 0 && strings.HasPrefix(l, "    ") && len(quoted) > 0 && (strings.HasPrefix(lines[i-1], "  | ") || strings.HasPrefix(lines[i-1], "    ")) && !strings.HasPrefix(l, "     "):
			quoted[len(quoted)-1] += " " + strings.TrimSpace(l) // it was broken
		}
	}
	if len(quoted) < 20 {
		t.Fatalf("only %d lines are quoted", len(quoted))
	}
	texts := said(t)
	for _, q := range quoted {
		found := false
		for _, x := range texts {
			found = found || x.MatchString(q)
		}
		if !found {
			t.Errorf("no part of the program says %q", q)
		}
	}
}
