//go:build unix

package main

import "syscall"

// noTerminal takes the controlling terminal away, so that nobody can answer.
func noTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
