//go:build !unix

package flock

func try(uintptr) error { return ErrNone }
