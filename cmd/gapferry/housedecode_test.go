package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// decoders are the packages whose defaults take what a hostile file makes of
// them, and the one folder of ours that may import each: there its options are
// chosen, and its errors are clipped.
var decoders = map[string]string{
	"github.com/fxamacker/cbor/v2":           "coproc/detcbor",
	"github.com/pelletier/go-toml/v2":        "cmd/internal/plan",
	"encoding/gob":                           "",
	"encoding/xml":                           "",
	"encoding/asn1":                          "",
	"encoding/pem":                           "",
	"compress/zlib":                          "",
	"compress/gzip":                          "",
	"github.com/pelletier/go-toml/unstable":  "",
	"filippo.io/age/armor":                   "",
	"golang.org/x/crypto/ssh":                "",
	"github.com/BurntSushi/toml":             "",
	"github.com/skip2/go-qrcode/reedsolomon": "",
}

// TestOneDecoder looks for a second way to decode CBOR, TOML or a COSE message
// in what becomes the binary: each would have options and error texts of its own.
func TestOneDecoder(t *testing.T) {
	files := token.NewFileSet()
	const root = "../.."
	seen := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "media/lab" || name == "coproc/thief" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(name))
		for _, i := range f.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if home, watched := decoders[imported]; watched {
				if seen[imported]++; folder != home {
					t.Errorf("%s imports %s: decode with coproc/detcbor, or where the other decoder is", name, imported)
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				switch s.Sel.Name {
				case "UnmarshalCBOR":
					t.Errorf("%s: %s decodes with the options of somebody else: use coproc/detcbor", files.Position(n.Pos()), s.Sel.Name)
				case "DecMode", "DecModeWithTags", "DecOptions":
					if folder != "coproc/detcbor" {
						t.Errorf("%s: options for decoding are chosen in coproc/detcbor alone", files.Position(n.Pos()))
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen["github.com/fxamacker/cbor/v2"] != 1 || seen["github.com/pelletier/go-toml/v2"] == 0 {
		t.Errorf("the decoders that are used were not found: %v", seen)
	}
}
