package media

import (
	"context"
	"io"
	"log"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// faults is a file system that does what a bad stick does. It passes every
// operation on to a directory of the host, unless its plan says otherwise.
type faults struct {
	mount   string // where the code under test looks
	backing string // what is really there

	mu    sync.Mutex
	plan  plan
	seen  map[string]int // how often an operation came, by name
	total int
}

// plan is what goes wrong. The zero plan is a good stick.
type plan struct {
	backing string // that of the faults
	// before is asked before the n-th operation of a name, and may fail it.
	before func(op string, n int) syscall.Errno
	// yankAfter is the number of operations after which the stick is gone, if not 0.
	yankAfter int
	// write changes what is stored of a piece, and what is said of it.
	write func(data []byte, off int64) (store []byte, says int)
	// read changes what is given back.
	read func(data []byte, off int64)
	// list changes the name that a folder shows.
	list func(name string) string
	// statfs changes what is said of the space.
	statfs func(*fuse.StatfsOut)
	// renamed is what a rename that happened answers.
	renamed syscall.Errno
	// noDirect refuses O_DIRECT.
	noDirect bool
}

// start gives the stick a plan, made by the functions, and counts anew.
func (f *faults) start(make ...func(*plan)) {
	p := plan{backing: f.backing}
	for _, m := range make {
		m(&p)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan, f.seen, f.total = p, map[string]int{}, 0
}

// now is the plan.
func (f *faults) now() plan {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plan
}

// newFaults mounts one. Nothing is cached but the pages of a file, and those
// also from one open to the next, as in a file system of the kernel.
func newFaults(t *testing.T) *faults {
	t.Helper()
	skipUnlessRoot(t)
	if _, err := os.Stat("/dev/fuse"); err != nil {
		missing(t, "FUSE: %v", err)
	}
	f := &faults{mount: t.TempDir(), backing: t.TempDir()}
	f.start()
	var never time.Duration
	root := &faultNode{LoopbackNode: fs.LoopbackNode{RootData: &fs.LoopbackRoot{Path: f.backing}}, f: f}
	server, err := fs.Mount(f.mount, root, &fs.Options{
		MountOptions: fuse.MountOptions{
			DirectMount: true, FsName: "faults", MaxWrite: 128 << 10,
			DisableReadDirPlus: true, ExplicitDataCacheControl: true,
			Logger: log.New(io.Discard, "", 0),
		},
		EntryTimeout: &never, AttrTimeout: &never, NegativeTimeout: &never,
	})
	if err != nil {
		missing(t, "to mount FUSE: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			t.Error("a descriptor was left open: unmount:", err)
		}
	})
	return f
}

// op counts an operation and says whether it fails.
func (f *faults) op(name string) syscall.Errno {
	f.mu.Lock()
	f.seen[name]++
	f.total++
	n, total, p := f.seen[name], f.total, f.plan
	f.mu.Unlock()
	if p.yankAfter > 0 && total > p.yankAfter {
		return syscall.ENODEV
	}
	if p.before != nil {
		return p.before(name, n)
	}
	return 0
}

// faultNode is a file or folder of a faults.
type faultNode struct {
	fs.LoopbackNode
	f *faults
}

func (n *faultNode) WrapChild(_ context.Context, ops fs.InodeEmbedder) fs.InodeEmbedder {
	return &faultNode{LoopbackNode: fs.LoopbackNode{RootData: ops.(*fs.LoopbackNode).RootData}, f: n.f}
}

func (n *faultNode) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if e := n.f.op("look"); e != 0 {
		return nil, e
	}
	return n.LoopbackNode.Lookup(ctx, name, out)
}

func (n *faultNode) Getattr(ctx context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	if e := n.f.op("stat"); e != 0 {
		return e
	}
	return n.LoopbackNode.Getattr(ctx, nil, out)
}

func (n *faultNode) Statfs(ctx context.Context, out *fuse.StatfsOut) syscall.Errno {
	if e := n.f.op("statfs"); e != 0 {
		return e
	}
	e := n.LoopbackNode.Statfs(ctx, out)
	if p := n.f.now(); p.statfs != nil {
		p.statfs(out)
	}
	return e
}

func (n *faultNode) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if e := n.f.op("mkdir"); e != 0 {
		return nil, e
	}
	return n.LoopbackNode.Mkdir(ctx, name, mode, out)
}

func (n *faultNode) Unlink(ctx context.Context, name string) syscall.Errno {
	if e := n.f.op("unlink"); e != 0 {
		return e
	}
	return n.LoopbackNode.Unlink(ctx, name)
}

func (n *faultNode) Rename(ctx context.Context, name string, to fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	op := "rename"
	if flags != 0 {
		op = "rename2"
	}
	if e := n.f.op(op); e != 0 {
		return e
	}
	if e := n.LoopbackNode.Rename(ctx, name, to, newName, flags); e != 0 {
		return e
	}
	return n.f.now().renamed
}

// faultFile is an open file. It has no methods, so that the node is asked.
type faultFile struct{ file *fs.LoopbackFile }

func (n *faultNode) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	if e := n.f.op("create"); e != 0 {
		return nil, nil, 0, e
	}
	inode, h, _, e := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	if e != 0 {
		return nil, nil, 0, e
	}
	return inode, &faultFile{h.(*fs.LoopbackFile)}, fuse.FOPEN_KEEP_CACHE, 0
}

func (n *faultNode) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if e := n.f.op("open"); e != 0 {
		return nil, 0, e
	}
	if flags&syscall.O_DIRECT != 0 && n.f.now().noDirect {
		return nil, 0, syscall.EINVAL
	}
	// The host's own O_DIRECT would ask for an alignment that go-fuse does not keep.
	h, _, e := n.LoopbackNode.Open(ctx, flags&^syscall.O_DIRECT)
	if e != 0 {
		return nil, 0, e
	}
	return &faultFile{h.(*fs.LoopbackFile)}, fuse.FOPEN_KEEP_CACHE, 0
}

func (n *faultNode) Write(ctx context.Context, h fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	if e := n.f.op("write"); e != 0 {
		return 0, e
	}
	says := len(data)
	if p := n.f.now(); p.write != nil {
		data, says = p.write(data, off)
	}
	if _, e := h.(*faultFile).file.Write(ctx, data, off); e != 0 {
		return 0, e
	}
	return uint32(says), 0
}

func (n *faultNode) Read(_ context.Context, h fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	if e := n.f.op("read"); e != 0 {
		return nil, e
	}
	got, e := h.(*faultFile).file.Read(context.Background(), dest, off)
	if e != 0 {
		return nil, e
	}
	data, status := got.Bytes(dest)
	if p := n.f.now(); p.read != nil {
		p.read(data, off)
	}
	return fuse.ReadResultData(data), syscall.Errno(status)
}

func (n *faultNode) Fsync(ctx context.Context, h fs.FileHandle, flags uint32) syscall.Errno {
	return n.f.op("fsync")
}

func (n *faultNode) Flush(context.Context, fs.FileHandle) syscall.Errno { return n.f.op("close") }

func (n *faultNode) Release(ctx context.Context, h fs.FileHandle) syscall.Errno {
	return h.(*faultFile).file.Release(ctx)
}

func (n *faultNode) OpendirHandle(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if e := n.f.op("open folder"); e != 0 {
		return nil, 0, e
	}
	h, flags, e := n.LoopbackNode.OpendirHandle(ctx, flags)
	return &faultDir{stream: h, f: n.f}, flags, e
}

// faultDir is an open folder.
type faultDir struct {
	stream fs.FileHandle
	f      *faults
}

func (d *faultDir) Readdirent(ctx context.Context) (*fuse.DirEntry, syscall.Errno) {
	if e := d.f.op("list"); e != 0 {
		return nil, e
	}
	entry, e := d.stream.(fs.FileReaddirenter).Readdirent(ctx)
	if p := d.f.now(); entry != nil && p.list != nil {
		entry.Name = p.list(entry.Name)
	}
	return entry, e
}

func (d *faultDir) Seekdir(ctx context.Context, off uint64) syscall.Errno {
	return d.stream.(fs.FileSeekdirer).Seekdir(ctx, off)
}

func (d *faultDir) Fsyncdir(context.Context, uint32) syscall.Errno { return d.f.op("fsync folder") }

func (d *faultDir) Releasedir(ctx context.Context, flags uint32) {
	d.stream.(fs.FileReleasedirer).Releasedir(ctx, flags)
}
