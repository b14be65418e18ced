package frame

// Bounds of what a Collector keeps and does, so that whoever holds codes into
// the camera can neither fill the memory nor stop the clock.
const (
	// MaxSets is how many unfinished sets are open at once: a ceremony shows one
	// or two, a pile of sheets in any order some dozens.
	MaxSets = 256

	// MaxDone is how many completed sets are remembered, by their name only: the
	// sheets of 15 shares for some dozens of targets.
	MaxDone = 1024

	// MaxRivals is how many different shards are kept of one index of one set.
	// One of them is genuine; the bound is for those who make many false ones.
	MaxRivals = 4

	// MaxBytes is the size of all shards that are kept, in bytes. One set of the
	// largest codes (shards of 2,839 bytes) has 256 × MaxRivals of them, 2.8 MiB, so there
	// is always another set to drop before this one.
	MaxBytes = 8 << 20

	// maxTries is how many ways to rebuild a set one Add tries when its codes
	// contradict each other.
	maxTries = 64

	// maxWork bounds the tries where each takes long, in multiplications of
	// GF(2^8): some 20 ms.
	maxWork = 1 << 24
)
