//go:build !linux

package capture

import "errors"

var errNoCameras = errors.New("cameras are read on Linux only: feed frames from a capture program through camera:-")

// Cameras lists the cameras of this machine.
func Cameras() ([]Camera, error) { return nil, errNoCameras }

// OpenCamera opens a camera.
func OpenCamera(device string) (Source, error) { return nil, errNoCameras }
