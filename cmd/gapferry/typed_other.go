//go:build !linux

package main

import (
	"os"
	"time"
)

// canWaitForLine says that waitForLine does not work here: nobody can be asked
// while codes are shown or read.
const canWaitForLine = false

func waitForLine(*os.File, time.Duration) bool { return false }
