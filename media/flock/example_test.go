package flock_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/gapferry/gapferry/media/flock"
)

// Two programs have one file open; the second one has to wait for the first.
func ExampleTry() {
	first, err := os.CreateTemp("", "lock")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(first.Name())
	second, err := os.Open(first.Name())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer second.Close()

	if err := flock.Try(first.Fd()); errors.Is(err, flock.ErrNone) {
		return // no such lock on this system
	}
	fmt.Println(flock.Try(second.Fd()))
	first.Close() // the kernel gives the lock back
	fmt.Println(flock.Try(second.Fd()))
	// Output:
	// locked by another program
	// <nil>
}
