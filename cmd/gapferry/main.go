// Command gapferry clones a master key from one cryptographic coprocessor to
// others that never share a network. The README says how; this package is the
// part that speaks with people: flags, prompts, progress and words.
package main

import (
	"fmt"
	"os"

	"github.com/gapferry/gapferry/media"
)

func main() {
	err := newApp(os.Stdin, os.Stdout, os.Stderr).Run(os.Args)
	if err != nil {
		report(os.Stderr, err)
	}
	os.Exit(exitCode(err))
}

// report prints an error and, where there is something to do about it, a hint.
func report(w interface{ Write([]byte) (int, error) }, err error) {
	fmt.Fprintf(w, "gapferry: %s\n", media.Escape(err.Error()))
	if h := hint(err); h != "" {
		fmt.Fprintf(w, "  hint: %s\n", h)
	}
}
