//go:build !unix

package store

import "os"

// fileOwner is not known on this system.
func fileOwner(os.FileInfo) string { return "" }

func whoIsThis() string { return "" }
