package media

// File is one file that a carrier holds. Nothing in it has been verified.
type File struct {
	Name   string // base name, matching the rule for names: see CheckName
	Folder string // database it lies in, like "csr1.db"
	Data   []byte // 1 to MaxFileSize bytes
}

// Skipped is something that lies where our files are and was not read.
type Skipped struct {
	Name   string // "folder/name" as found: may hold hostile characters, print it with Escape
	Reason string // why, safe to print
}

// WriteResult says what a Write did. After an error it is not to be used,
// save for Cleaned.
type WriteResult struct {
	Written      bool // the file is new; else AlreadyThere
	AlreadyThere bool // a file of that name with the same bytes was there; it was read back too

	// ReadBack says how the bytes were compared with those on the medium.
	ReadBack ReadBack
	// Cleaned names the temporary files that an earlier, interrupted Write
	// left in the folder and this one removed.
	Cleaned []string
}

// ReadBack is a way to read a file that was just written.
type ReadBack string

// The ways to read back, best first.
const (
	// Direct went around the page cache (O_DIRECT).
	Direct ReadBack = "direct"
	// Dropped asked the kernel to drop the file's pages from the cache first
	// (POSIX_FADV_DONTNEED), which it does for a file that is not dirty.
	Dropped ReadBack = "dropped"
	// Cached may have come from the page cache and so proves nothing about
	// the medium. It is the only way where this package has no better one.
	Cached ReadBack = "cached"
)
