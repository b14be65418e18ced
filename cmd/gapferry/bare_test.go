package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// bareCommand is a command as it is typed in no place in particular: without the
// store of the room, which a command in braces gets.
var bareCommand = regexp.MustCompile(`gapferry (?:audit|cancel|coprocessor|init|journal|phase|qr card|receipts|resend|revoke|status|task)\b`)

// elsewhere are the words that say of a bare command that it is typed in another
// room, or in a store that is not made yet.
var elsewhere = regexp.MustCompile(
	`\bthere\b|in their rooms|the room of|(?:SA's|source's) room|(?:at|of|to) the source|new store|ask (?:for|the sender)|to every node|to the SA, where`)

// What a text tells to type in this room stands in braces, so that it is printed
// with the store that this session was given.

func TestBareCommandsAreOfOtherRooms(t *testing.T) {
	t.Parallel()
	for text, where := range spoken(t) {
		if strings.Contains(where, "transcript") || !bareCommand.MatchString(text) || elsewhere.MatchString(text) {
			continue
		}
		t.Errorf("%s: %q names a command of this room without its store: put it in braces", where, text)
	}
}

// So does what status tells to type.
func TestBoardNamesTheStore(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	printBoard(&b, ceremony.Status{NewRegister: "full", Targets: []ceremony.TargetStatus{{Target: "csr1", CancelOpen: true}}}, place{store: "room"})
	for _, command := range []string{"`gapferry cancel --target csr1 --to … --store room` ends it", "`gapferry coprocessor clear --store room` empties it"} {
		if !strings.Contains(b.String(), command) {
			t.Errorf("it does not say %s:\n%s", command, b.String())
		}
	}
}
