package media

// Bounds of what is read and written. They leave ample room for a ceremony of
// 100 targets with 15 shares each: 101 folders, some 20 files per folder, a
// few KiB per file, 6 MiB in all; as many folders as may be have 30 MiB. What is
// read of a carrier is held while it is verified: a stick that somebody filled must
// not take the memory that the officers' programs need.
const (
	MaxFileSize    = 1 << 20  // bytes in one file; a bundle is never larger
	MaxFiles       = 4096     // entries in one folder
	MaxFolders     = 512      // *.db folders on one carrier
	MaxRootEntries = 4096     // entries beside the folders; an operator's own stick holds other files
	MaxFolderBytes = 16 << 20 // bytes read from one folder
	MaxTotalBytes  = 48 << 20 // bytes read from one carrier
)
