// Package qrtest makes pictures of QR codes as cameras, scanners and screens
// see them, to find out how well a reader reads. Tests and benchmarks import
// it; the program does not.
//
//	for _, c := range qrtest.Cases(qrtest.Seed) {
//		img := c.Picture() // made on demand: all of them would be 480 MB
//		// … does the reader find c.Text in img?
//	}
//
// Everything is made by code from a seed. There is no camera in it: the
// families (Case) and severities are those under which readers were compared
// before the detector was written, and the constants of the optics are set so
// that other readers do about as well here as they did there.
//
// A picture goes the way of light: a symbol's modules on a page (payload.go),
// what printing does to them (print.go), page and surroundings through a
// perspective and a bend onto the sensor with 16 samples a pixel (warp.go),
// screen and light (screen.go, optics.go), blur (optics.go), sensor noise, and
// JPEG (noise.go).
//
// Frames (scene.go) are for speed: codes in front of a cluttered room, and the
// room alone. Blend and Torn (motion.go) mix two neighbouring frames of an
// animation.
//
// What it cannot say: how a reader does with a real lens, sensor, printer or
// screen. The noise is white, blur and moiré are the same all over a picture,
// and the page bends one way only. A reader that fails here fails on a desk;
// one that reads all this may still fail there.
//
// # The same on every machine
//
// Random numbers are math/rand/v2's PCG, one generator for each picture, and
// pictures are computed in float64 and rounded once, at the end. Go may fuse a
// multiplication with an addition on arm64, ppc64 and s390x, which changes the
// last bit of a float64. That can change a pixel only where a value lies within
// 1e-13 of a rounding border; no picture has an exact angle or an exact offset
// that would put whole rows there. TestPicturesAreFrozen compares the digests;
// it also passes with GOAMD64=v3, which fuses on amd64.
package qrtest
