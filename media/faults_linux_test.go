package media

import (
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// faultData is written in three pieces of at most 128 KiB each.
var faultData = pattern(300_000)

// fail makes the n-th operation of a name fail.
func fail(op string, n int, e syscall.Errno) func(*plan) {
	return failIf(func(o string, i int) bool { return o == op && i == n }, e)
}

// failFrom makes the n-th and every later operation of a name fail.
func failFrom(op string, n int, e syscall.Errno) func(*plan) {
	return failIf(func(o string, i int) bool { return o == op && i >= n }, e)
}

func failIf(hit func(op string, n int) bool, e syscall.Errno) func(*plan) {
	return func(p *plan) {
		before := p.before
		p.before = func(o string, i int) syscall.Errno {
			if hit(o, i) {
				return e
			}
			if before != nil {
				return before(o, i)
			}
			return 0
		}
	}
}

func all(set ...func(*plan)) func(*plan) {
	return func(p *plan) {
		for _, s := range set {
			s(p)
		}
	}
}

// zeros stores zeros from a byte on and says that all is well.
func zeros(from int64) func(*plan) {
	return func(p *plan) {
		p.write = func(data []byte, off int64) ([]byte, int) {
			lie := slices.Clone(data)
			for i := range lie {
				if off+int64(i) >= from {
					lie[i] = 0
				}
			}
			return lie, len(data)
		}
	}
}

// appears lets another program make the file just before the rename.
func appears(data []byte) func(*plan) {
	return func(p *plan) {
		p.before = func(op string, n int) syscall.Errno {
			if op == "rename2" {
				if err := os.WriteFile(p.backing+"/sa.db/a.gfb", data, 0o644); err != nil {
					return syscall.EIO
				}
			}
			return 0
		}
	}
}

// Parts of the messages of faultCases. <path> is the carrier's root.
const (
	file   = " <path>/sa.db/a.gfb: "
	eio    = "input/output error: the medium is faulty: use another one"
	full   = "no space left on device: the medium is full: make room or use another one"
	ro     = "read-only file system: the medium is write-protected or mounted read-only: use its switch, mount it writable, or use another one"
	differ = "other bytes came back than were written"
	faulty = ": the medium is faulty: use another one"
	before = "sa.db/ | sa.db/old.gfb 3" // the state before the write, in cases without fresh and there
	whole  = "sa.db/ | sa.db/a.gfb 300000 | sa.db/old.gfb 3"
)

// faultCases are the ways a stick fails, what the operator is told, and what
// is left on the stick. In left, T stands for a temporary name.
var faultCases = []struct {
	name  string
	fault func(*plan)
	want  string // description of the result, or the error
	left  string
}{
	{"a good stick", all(), "written", whole},
	{"takes small pieces", func(p *plan) {
		p.write = func(data []byte, _ int64) ([]byte, int) { n := (len(data) + 1) / 2; return data[:n], n }
	}, "written", whole},
	{"takes nothing", func(p *plan) {
		p.write = func([]byte, int64) ([]byte, int) { return nil, 0 }
	}, "write" + file + eio, before},
	{"no room for the name", fail("create", 1, syscall.ENOSPC), "create" + file + full, before},
	{"write-protected", all(failFrom("create", 1, syscall.EROFS), failFrom("unlink", 1, syscall.EROFS)), "create" + file + ro, before},
	{"create fails", fail("create", 1, syscall.EIO), "create" + file + eio, before},
	{"not allowed", fail("create", 1, syscall.EACCES),
		"create" + file + "permission denied: this user may not do that: look at the owner and the mount", before},
	{"one write in three fails", failIf(func(op string, n int) bool { return op == "write" && n%3 == 2 }, syscall.EIO), "written", whole},
	{"full at the first piece", fail("write", 1, syscall.ENOSPC), "write" + file + full, before},
	{"full at the last piece", failFrom("write", 3, syscall.ENOSPC), "write" + file + full, before},
	{"over quota", failFrom("write", 2, syscall.EDQUOT),
		"write" + file + "disk quota exceeded: the medium is full: make room or use another one", before},
	{"write fails", failFrom("write", 2, syscall.EIO), "write" + file + eio, before},
	{"turns read-only", all(failFrom("write", 2, syscall.EROFS), failFrom("unlink", 1, syscall.EROFS)),
		"write" + file + ro + "; could not remove T: read-only file system", "sa.db/ | sa.db/T 131072 | sa.db/old.gfb 3"},
	{"first fsync fails", fail("fsync", 1, syscall.EIO), "fsync" + file + eio, before},
	{"first fsync finds no room", fail("fsync", 1, syscall.ENOSPC), "fsync" + file + full, before},
	{"second fsync fails", fail("fsync", 2, syscall.EIO), "fsync again" + file + eio, before},
	{"second fsync and removal fail", all(fail("fsync", 2, syscall.EIO), fail("unlink", 1, syscall.EIO)),
		"fsync again" + file + eio + "; could not remove a.gfb: input/output error", whole},
	{"root fsync fails", fail("fsync folder", 1, syscall.EIO), "fsync folder <path>: " + eio, before},
	{"folder fsync fails", fail("fsync folder", 2, syscall.EIO), "fsync folder" + file + eio, before},
	{"rename fails", fail("rename2", 1, syscall.EIO), "rename" + file + eio, before},
	{"rename happens and says it failed", func(p *plan) { p.renamed = syscall.EIO }, "rename" + file + eio, before},
	{"rename over nothing is unknown", fail("rename2", 1, syscall.EINVAL), "written", whole},
	{"neither rename works", all(failFrom("rename2", 1, syscall.EINVAL), failFrom("rename", 1, syscall.EPERM)),
		"rename" + file + "operation not permitted: this user may not do that: look at the owner and the mount", before},
	{"another makes the same file", appears(faultData), "already there", whole},
	{"another makes another file", appears([]byte("other")),
		"another file of that name with other bytes is there: a.gfb", "sa.db/ | sa.db/a.gfb 5 | sa.db/old.gfb 3"},
	{"another makes another file, rename over nothing is unknown",
		func(p *plan) {
			appears([]byte("other"))(p)
			make := p.before
			p.before = func(op string, n int) syscall.Errno {
				if e := make(op, n); e != 0 || op != "rename2" {
					return e
				}
				return syscall.EINVAL
			}
		},
		"another file of that name with other bytes is there: a.gfb", "sa.db/ | sa.db/a.gfb 5 | sa.db/old.gfb 3"},
	{"stores zeros", zeros(0), "read back" + file + differ + ", from byte 0 on" + faulty, before},
	{"stores zeros at the end", zeros(299_999), "read back" + file + differ + ", from byte 299999 on" + faulty, before},
	{"stores zeros, no O_DIRECT", all(zeros(200_000), func(p *plan) { p.noDirect = true }),
		"read back" + file + differ + ", from byte 200000 on" + faulty, before},
	{"no O_DIRECT", func(p *plan) { p.noDirect = true }, "written", whole},
	{"stores more", func(p *plan) {
		p.write = func(data []byte, _ int64) ([]byte, int) { return append(slices.Clone(data), 0), len(data) }
	}, "read back" + file + differ + ": 300001 bytes of 300000" + faulty, before},
	{"stores less", func(p *plan) {
		p.write = func(data []byte, off int64) ([]byte, int) {
			if off == 0 {
				return data, len(data)
			}
			return nil, len(data)
		}
	}, "read back" + file + differ + ": 131072 bytes of 300000" + faulty, before},
	{"flips a bit when read", func(p *plan) {
		p.read = func(data []byte, off int64) {
			if i := 150_000 - off; 0 <= i && i < int64(len(data)) {
				data[i] ^= 0x10
			}
		}
	}, "read back" + file + differ + ", from byte 150000 on" + faulty, before},
	{"cannot be read", fail("read", 1, syscall.EIO), "read back" + file + eio, before},
	{"cannot be opened for reading", fail("open", 1, syscall.EIO), "read back" + file + eio, before},
	{"close after reading fails", fail("close", 1, syscall.EIO), "read back" + file + eio, before},
	{"close fails", fail("close", 2, syscall.EIO), "close" + file + eio, before},
	{"close is interrupted", fail("close", 2, syscall.EINTR), "written", whole},
	{"lists another name", func(p *plan) {
		p.list = func(name string) string { return strings.TrimSuffix(name, "a.gfb") + "x" }
	}, "list" + file + "the folder does not list the file under the name it was given" + faulty, before},
	{"cannot be listed", fail("open folder", 3, syscall.EIO), "list <path>/sa.db: " + eio, before},
	{"does not say what is free", func(p *plan) {
		p.statfs = func(out *fuse.StatfsOut) { out.Blocks, out.Bavail = 0, 0 }
	}, "written", whole},
	{"has too little room", func(p *plan) {
		p.statfs = func(out *fuse.StatfsOut) { out.Blocks, out.Bavail, out.Frsize = 1000, 649, 1024 }
	}, "free space", before}, // replaced below: see wantFault
	{"space is not known", fail("statfs", 1, syscall.EIO), "free space" + file + eio, before},
	{"is gone", failFrom("look", 1, syscall.ENODEV), "open <path>/sa.db: no such device: the medium is gone: plug it in, mount it and repeat", before},
}
