package ceremonytest

import (
	"fmt"
	"testing"
)

// What texts of the program tell people to type is found in them.
func TestCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"take it in first: {cancel --from …}", "[cancel --from]"},
		{"void it at the source (`gapferry cancel`), set this up anew in a new store (`gapferry init`), and go on with phase 3a", "[cancel init phase 3a]"},
		{"{cancel --target csr1 --reason …}; then phase 3c --target csr1", "[cancel --reason --target csr1 phase 3c --target csr1]"},
		{"if the node was set up anew, ask there and say --renew; if not, tell the auditor", "[--renew]"},
		{"ask from there (phase 3a, then 3b --renew). If not, …", "[phase 3a phase 3b --renew]"},
		{"ADMIN unlocks it with `gapferry coprocessor unlock --profile SHARE1`", "[coprocessor unlock --profile SHARE1]"},
		{"fetch another copy from the room of css (gapferry resend --kind cancel). If that room made none, …", "[resend --kind cancel]"},
		{"take it in at the source or at the SA (gapferry receipts), and hand it out again", "[receipts]"},
		{"look at {coprocessor registers}", "[coprocessor registers]"},
		{"the stick was tampered with", "[]"},
	} {
		if got := fmt.Sprint(Commands(c.text)); got != c.want {
			t.Errorf("%q names %s, want %s", c.text, got, c.want)
		}
	}
}
