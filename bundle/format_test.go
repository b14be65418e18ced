package bundle_test

import (
	"cmp"
	_ "embed"
	"encoding/hex"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
)

//go:embed FORMAT.md
var formatText string

// TestFormatExample reads the bundle that FORMAT.md takes apart.
func TestFormatExample(t *testing.T) {
	_, rest, ok := strings.Cut(formatText, "```hex\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("FORMAT.md has no hex block")
	}
	var digits strings.Builder
	for line := range strings.Lines(block) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	raw, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := bundle.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"digest": sealed.Digest().String(), "file name": sealed.UnverifiedHeader().FileName(sealed.Digest()),
	} {
		if !strings.Contains(formatText, text) {
			t.Errorf("FORMAT.md does not give the %s %s", what, text)
		}
	}
	verified, err := sealed.Verify(bundle.Anchors{})
	if err != nil {
		t.Fatal(err)
	}
	if text := verified.Context().String(); !strings.Contains(formatText, text) {
		t.Errorf("FORMAT.md does not give the context %s", text)
	}
	id, err := age.ParseX25519Identity(regexp.MustCompile("AGE-SECRET-KEY-1[A-Z0-9]+").FindString(formatText))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := verified.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := exampleRequest(id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(opened.Header(), again.UnverifiedHeader()) {
		t.Error("the header in FORMAT.md is not what this code writes")
	}
	if request, err := bundle.BodyAs[bundle.RequestBody](opened); err != nil || string(request.Nonce[:]) != "an example nonce" {
		t.Errorf("request %+v, %v", request, err)
	}
}

// TestFormatSays holds FORMAT.md and the code together where words are fixed.
func TestFormatSays(t *testing.T) {
	for _, k := range bundle.Kinds {
		if !strings.Contains(formatText, "| `"+string(k)+"` | "+cmp.Or(k.Phase(), "`\"\"`")+" |") {
			t.Errorf("FORMAT.md has no row for %s in phase %s", k, k.Phase())
		}
	}
}
