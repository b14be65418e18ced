package capture

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Cameras lists the devices of this machine that give pictures, by number.
// Nodes for metadata and the like, which cameras have too, are not listed. The
// error says what to do if there is none that this user may open.
func Cameras() ([]Camera, error) {
	paths, err := filepath.Glob("/dev/video[0-9]*")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(paths, func(a, b string) int { // video2 before video10
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	var all []Camera
	denied := false
	for _, path := range paths {
		n, err := openNode(path)
		if err != nil {
			denied = denied || isDenied(err)
			continue
		}
		unix.Close(n.fd)
		all = append(all, Camera{path, n.card})
	}
	switch {
	case len(all) > 0:
		return all, nil
	case denied:
		return nil, errDenied
	}
	return nil, errNoCamera
}

func isDenied(err error) bool { return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) }

// OpenCamera opens a camera and starts it. The device is "/dev/video0",
// "video0" or "0"; "" is the only one, and an error that lists them if there
// are several. Of what the camera can do, a size between 1280 × 720 and
// 1920 × 1080 at 10 pictures a second or more is chosen if there is one.
// Pictures are dropped while Next is not called.
func OpenCamera(device string) (Source, error) {
	var path string
	if device == "" {
		all, err := Cameras()
		if err != nil {
			return nil, err
		}
		if path, err = onlyCamera(all); err != nil {
			return nil, err
		}
	} else {
		var err error
		if path, err = devicePath(device); err != nil {
			return nil, err
		}
	}
	c, err := startCamera(path, node.choose)
	if err != nil {
		return nil, cameraError(path, err)
	}
	return startBackground(NewestFrame, c.next, c.stop), nil
}

// cameraError adds what to do.
func cameraError(path string, err error) error {
	switch {
	case isDenied(err):
		err = errDenied
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		err = errors.New("it is not there: plug it in")
	case errors.Is(err, unix.EIO):
		err = errors.New("it failed: unplug it, plug it in again and repeat")
	case errors.Is(err, unix.ENOSPC):
		err = errors.New("its USB port has not enough bandwidth left: plug it into another one, away from other cameras")
	case errors.Is(err, unix.EBUSY):
		err = errors.New("another program is using it: close that one")
	}
	return fmt.Errorf("camera %s: %w", quote(path), err)
}

// startCamera sets a camera up in the mode that is chosen.
func startCamera(path string, choose func(node) (mode, error)) (*v4l2, error) {
	n, err := openNode(path)
	if err != nil {
		return nil, err
	}
	c := &v4l2{node: n, path: path, closing: make(chan struct{})}
	if err := c.setUp(choose); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *v4l2) setUp(choose func(node) (mode, error)) error {
	m, err := choose(c.node)
	if err != nil {
		return err
	}
	if c.layout, err = c.set(m); err != nil {
		return err
	}
	c.setRate(wantedRate)
	return c.start()
}

// choose takes the best of what a camera can do.
func (n node) choose() (mode, error) {
	var all []mode
	offered := n.formats()
	for _, format := range formats {
		if !slices.Contains(offered, format) {
			continue
		}
		for _, size := range n.sizes(format) {
			all = append(all, mode{format, size[0], size[1], n.rate(format, size[0], size[1])})
		}
	}
	if len(all) == 0 {
		var names []string
		for _, f := range offered {
			names = append(names, fourLetters(f))
		}
		slices.Sort(names)
		return mode{}, fmt.Errorf("it gives only the forms %s, which are not read: feed frames from a capture program through camera:-", strings.Join(slices.Compact(names), ", "))
	}
	return slices.MaxFunc(all, better), nil
}

// fourLetters is the name of a pixel format, which is the device's.
func fourLetters(f uint32) string {
	return quote(string([]byte{byte(f), byte(f >> 8), byte(f >> 16), byte(f >> 24)}))
}
