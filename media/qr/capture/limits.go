package capture

import "time"

// Bounds of what is read. What a picture says about itself is compared with
// them before anything is allocated for it.
const (
	// MaxFileBytes bounds one encoded picture, a file or a frame of a stream:
	// three times the largest JPEG of a 48 Mpixel phone (about 20 MB).
	MaxFileBytes = 64 << 20

	// MaxPixels bounds a picture's width × height. The largest photos in use
	// (8064 × 6048 = 48.8 million) pass.
	MaxPixels = 64_000_000

	// MaxSide bounds width and height alone: a picture of 64 million × 1 pixels
	// holds no code. JPEG has no larger one.
	MaxSide = 65535

	// maxDecoded bounds the bytes that a standard decoder takes for one
	// picture: 64 Mpixel of 8-bit colour with transparency (256 MiB) pass, and
	// progressive JPEG, which takes 7.5 to 15 bytes a pixel, up to 26 Mpixel at least.
	maxDecoded = 384 << 20

	// maxScans bounds the passes of a JPEG over the whole picture. Encoders
	// make about 10; each costs time that no other bound limits.
	maxScans = 100

	// MaxEntries bounds one folder, and all the pictures of a Source's folders together.
	MaxEntries = 4096

	// MaxFolders bounds the *.db folders of one folder.
	MaxFolders = 512
)

// pollInterval is how often a watched folder is looked at. A file is read when
// two looks in a row found it as it was, so at most 0.9 s after its last byte.
const pollInterval = 300 * time.Millisecond
