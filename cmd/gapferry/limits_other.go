//go:build !unix

package main

// enoughFiles has nothing to ask here.
func enoughFiles() error { return nil }
