package qrtest

import "image"

// takeCamera holds a code before a webcam with a fixed frame: it fills 86 to
// 88 % of the frame's height, so the larger the version, the smaller the
// modules.
func takeCamera(frame image.Point) func(*shot, float64) {
	return func(s *shot, _ float64) {
		s.frame = frame
		s.pose.px = between(s.rng, 0.86, 0.88) * float64(frame.Y) / float64(s.code.size+2*quiet)
		s.pose.tilt, s.pose.axis = degrees(10), direction(s.rng)
		s.behind = newPlane(frame.X, frame.Y)
		s.behind.fill(110)
		s.blur, s.grain, s.quality = 1.2, 8, 50
	}
}
