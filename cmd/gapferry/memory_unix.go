//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// hideMemory keeps the process's memory out of core files. It can be swapped
// out: to lock the whole of a Go process is not to be had here.
func hideMemory() (locked bool) {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	return false
}
