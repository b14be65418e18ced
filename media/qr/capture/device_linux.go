package capture

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Errors of Cameras and OpenCamera.
var (
	errNoCamera = errors.New("no camera found: plug one in, or feed frames from a capture program through camera:-")
	errDenied   = errors.New("this user may not use the camera: add the user to the group \"video\" and log in again, or feed frames from a capture program through camera:-")
)

// onlyCamera takes the one camera, and never guesses between two.
func onlyCamera(all []Camera) (string, error) {
	switch len(all) {
	case 0:
		return "", errNoCamera
	case 1:
		return all[0].Device, nil
	}
	var list []string
	for _, c := range all {
		list = append(list, fmt.Sprintf("camera:%s is %s", c.Device, quote(c.Name)))
	}
	return "", fmt.Errorf("%d cameras found, say which one: %s", len(all), strings.Join(list, ", "))
}

// devicePath takes the forms in which operators name a device: "0", "video0",
// "/dev/video0", "/dev/v4l/by-id/…".
func devicePath(s string) (string, error) {
	if number := strings.TrimPrefix(s, "video"); number != "" && len(number) <= 3 && strings.Trim(number, "0123456789") == "" {
		n, err := strconv.Atoi(number)
		return fmt.Sprintf("/dev/video%d", n), err
	}
	if strings.HasPrefix(s, "/dev/") && path.Clean(s) == s {
		return s, nil
	}
	return "", fmt.Errorf("%s is no camera: say 0, video0 or /dev/video0", quote(s))
}
