package media

// Bounds of what is read and written. They leave ample room for a ceremony of
// 100 targets with 15 shares each: 101 folders, some 20 files per folder, a
// few KiB per file.
const (
	MaxFileSize    = 1 << 20   // bytes in one file; a bundle is never larger
	MaxFiles       = 4096      // entries in one folder
	MaxFolders     = 512       // *.db folders on one carrier
	MaxRootEntries = 4096      // entries beside the folders; an operator's own stick holds other files
	MaxFolderBytes = 32 << 20  // bytes read from one folder
	MaxTotalBytes  = 128 << 20 // bytes read from one carrier

)
