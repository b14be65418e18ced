package usb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// without a / on a disk: what newFakeSystem runs from is taken away.
func (f *fakeSystem) rootless(line string) {
	f.unmount("/dev/sda")
	f.mountLine(line)
}

// What this computer runs from is never a stick, whatever it is made of and
// wherever it is mounted. In each case one stick is there that a wrong program
// would take.
func TestSystemIsNoStick(t *testing.T) {
	const tmpfs = "22 1 0:20 / / rw - tmpfs tmpfs rw"
	for _, c := range []struct {
		name string
		make func(f *fakeSystem)
		want string // why the stick is refused; empty if it may be used
	}{
		{"btrfs as /dev/root, which is no node", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			disk := "sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb"
			f.link(f.partition(disk, "sdb2", "8:18", 5e9), "sys/fs/btrfs/0000-11/devices/sdb2")
			f.rootless("22 1 0:18 /@ / rw - btrfs /dev/root rw,subvol=/@")
		}, "carries / of this computer"},
		{"btrfs over two disks, named by the other one", func(f *fakeSystem) {
			disk := f.stick("2-1", "sdb", 16, "X")
			f.file("dev/sda2", "")
			f.link(f.partition(disk, "sdb2", "8:18", 5e9), "sys/fs/btrfs/0000-11/devices/sdb2")
			f.link("sys/devices/pci0000:00/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda2", "sys/fs/btrfs/0000-11/devices/sda2")
			f.rootless("22 1 0:18 / / rw - btrfs /dev/sda2 rw")
		}, "carries / of this computer"},
		{"ZFS", func(f *fakeSystem) {
			disk := f.stick("2-1", "sdb", 16, "X")
			f.partition(disk, "sdb2", "8:18", 5e9)
			f.file("run/udev/data/b8:18", "E:ID_FS_TYPE=zfs_member")
			f.rootless("22 1 0:25 / / rw - zfs rpool/ROOT/debian rw")
		}, "carries / of this computer"},
		{"ZFS, without udev", func(f *fakeSystem) {
			f.partition(f.stick("2-1", "sdb", 16, "X"), "sdb2", "8:18", 5e9)
			f.rootless("22 1 0:25 / / rw - zfs rpool/ROOT/debian rw")
		}, "has another partition, /dev/sdb2, and what this computer runs from is not known: it could be that. If it is not, name its folder with dir:PATH"},
		{"ZFS, without udev, and a stick that can hold none", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.rootless("22 1 0:25 / / rw - zfs rpool/ROOT/debian rw")
		}, ""},
		{"bcachefs over two devices", func(f *fakeSystem) {
			f.partition(f.stick("2-1", "sdb", 16, "X"), "sdb2", "8:18", 5e9)
			f.rootless("22 1 0:25 / / rw - bcachefs /dev/sda2:/dev/sdb2 rw")
		}, "carries / of this computer"},
		{"bcachefs, as the kernel names it", func(f *fakeSystem) {
			f.partition(f.stick("2-1", "sdb", 16, "X"), "sdb2", "8:18", 5e9)
			f.rootless("22 1 0:25 / / rw - bcachefs sdb2:sdb3 rw")
		}, "carries / of this computer"},
		{"dm-verity over a loop over an image on it", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			loop := f.disk("virtual", "loop0", "7:0", 1e9)
			f.file(loop+"/loop/backing_file", "/media/op/X/system.img")
			f.lies(f.disk("virtual", "dm-0", "253:0", 1e9), loop)
			f.rootless("22 1 253:0 / / ro - squashfs /dev/mapper/root ro")
		}, "carries / of this computer"},
		{"a partition of an image on it, at /home", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			loop := f.disk("virtual", "loop0", "7:0", 1e9)
			f.file(loop+"/loop/backing_file", "/media/op/X/home.img")
			f.partition(loop, "loop0p1", "259:1", 9e8)
			f.mountLine("60 22 259:1 / /home rw - ext4 /dev/loop0p1 rw")
		}, "carries /home of this computer"},
		{"a LUKS file on it that is open and not mounted", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			loop := f.disk("virtual", "loop0", "7:0", 1e9)
			f.file(loop+"/loop/backing_file", "/media/op/X/vault.luks")
			f.lies(f.disk("virtual", "dm-0", "253:0", 1e9), loop)
		}, "carries an image in use, /media/op/X/vault.luks"},
		{"/boot/firmware", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.mountLine("60 22 8:17 / /boot/firmware rw - vfat /dev/sdb1 rw")
		}, "carries /boot/firmware of this computer"},
		{"/home/op", func(f *fakeSystem) { f.also("/home/op") }, "carries /home/op of this computer"},
		{"/var/lib", func(f *fakeSystem) { f.also("/var/lib") }, "carries /var/lib of this computer"},
		{"/root", func(f *fakeSystem) { f.also("/root") }, "carries /root of this computer"},
		{"/nix", func(f *fakeSystem) { f.also("/nix") }, "carries /nix of this computer"},
		{"/iso", func(f *fakeSystem) { f.also("/iso") }, "carries the live system of this computer"},
		{"swap partition", func(f *fakeSystem) {
			f.partition(f.stick("2-1", "sdb", 16, "X"), "sdb2", "8:18", 1e9)
			f.file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/sdb2                               partition\t1048572\t0\t-2")
		}, "carries swap space of this computer"},
		{"swap file", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/media/op/X/swap\\040file file\t1048572\t0\t-2")
		}, "carries swap space of this computer"},
		{"in memory, started from a stick", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			dir := f.t.TempDir()
			for _, name := range []string{"apks", "readme"} {
				if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
					f.t.Fatal(err)
				}
			}
			f.unmount("sdb1")
			f.Carried = []string{dir}
			f.mountLine("60 22 8:17 / " + dir + " rw - vfat /dev/sdb1 rw")
			f.rootless(tmpfs)
		}, "has apks, as a disk has from which a computer is started, and what this computer runs from is not known"},
		{"in memory, and a stick with bundles alone", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.rootless(tmpfs)
		}, ""},
		{"the store", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.Store = "/media/op/X/room-sa/store"
		}, "carries the store /media/op/X/room-sa/store"},
		{"the store, elsewhere", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "X")
			f.Store = "/srv/store"
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeSystem(t)
			c.make(f)
			volumes, err := f.Volumes()
			if err != nil {
				t.Fatal(err)
			}
			usable, told := 0, ""
			for _, v := range volumes {
				if v.Usable {
					usable++
				}
				told += v.Mount + " " + v.Why + "\n"
			}
			if wanted := map[bool]int{true: 1, false: 0}[c.want == ""]; usable != wanted || !strings.Contains(told, c.want) {
				t.Errorf("%d can be used, want %d and %q:\n%s", usable, wanted, c.want, told)
			}
		})
	}
}

// also mounts a second partition of a stick somewhere in this computer.
func (f *fakeSystem) also(point string) {
	f.partition(f.stick("2-1", "sdb", 16, "X"), "sdb2", "8:18", 1e9)
	f.mountLine("60 22 8:18 / " + point + " rw - ext4 /dev/sdb2 rw")
}

// Sticks that are some, and say so in another way.
func TestOtherSticks(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(f *fakeSystem)
		want string // mount, and why
	}{
		{"SD card in a built-in reader", func(f *fakeSystem) {
			f.file(f.disk("pci0000:00/0000:00:1e.0/mmc_host/mmc0/mmc0:aaaa", "mmcblk0", "179:0", 31e9)+"/device/type", "SD")
			f.partition("sys/devices/pci0000:00/0000:00:1e.0/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", "mmcblk0p1", "179:1", 30e9)
			f.mountLine("60 22 179:1 / /media/op/CARD rw - vfat /dev/mmcblk0p1 rw")
		}, "/media/op/CARD is a memory card"},
		{"eMMC", func(f *fakeSystem) {
			f.file(f.disk("pci0000:00/0000:00:1e.0/mmc_host/mmc0/mmc0:0001", "mmcblk0", "179:0", 31e9)+"/device/type", "MMC")
			f.mountLine("60 22 179:0 / /media/op/DISK rw - vfat /dev/mmcblk0 rw")
		}, "/media/op/DISK is neither removable nor on USB"},
		{"fuseblk", func(f *fakeSystem) { f.as("fuseblk", "rw") }, "/media/op/X is mounted by a program (FUSE), which hides what file system it has: mount it with the kernel's own vfat, exfat or ext4"},
		{"msdos", func(f *fakeSystem) { f.as("msdos", "rw") }, "/media/op/X is mounted as msdos, which has short names only: mount it as vfat"},
		{"after an error", func(f *fakeSystem) { f.as("ext4", "rw,emergency_ro") }, "/media/op/X had an error, and the kernel has stopped using its file system (emergency_ro): take it out and have it checked"},
		{"shut down after an error", func(f *fakeSystem) { f.as("ext4", "rw,shutdown") }, "/media/op/X had an error, and the kernel has stopped using its file system (shutdown): take it out and have it checked"},
		{"remounted after an error", func(f *fakeSystem) { f.as("vfat", "ro,errors=remount-ro") }, "/media/op/X is on USB, for reading only: it is write-protected or mounted read-only"},
		{"nothing is wrong yet", func(f *fakeSystem) { f.as("vfat", "rw,errors=remount-ro") }, "/media/op/X is on USB"},
		{"no-break space", func(f *fakeSystem) { f.at("CLE\u00a0SA\u3000ro") }, "/media/op/CLE\u00a0SA\u3000ro is on USB"},
		{"carriage return and form feed", func(f *fakeSystem) { f.at("a\rb\fc\vd\r") }, "/media/op/a\rb\fc\vd\r is on USB"},
		{"a dash alone", func(f *fakeSystem) { f.at(`a\040-\040b`) }, "/media/op/a - b is on USB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeSystem(t)
			c.make(f)
			volumes, err := f.Volumes()
			if err != nil {
				t.Fatal(err)
			}
			if v := volumes[len(volumes)-1]; v.Mount+" "+v.Why != c.want {
				t.Errorf("%q\nwant %q", v.Mount+" "+v.Why, c.want)
			}
		})
	}
	f := newFakeSystem(t)
	f.file(f.disk("pci0000:00/0000:00:1e.0/mmc_host/mmc0/mmc0:aaaa", "mmcblk0", "179:0", 31e9)+"/device/type", "SD")
	if _, err := f.OpenStick(""); err == nil || !strings.Contains(err.Error(), "/dev/mmcblk0 is plugged in but not mounted") {
		t.Error(err)
	}
}

// as mounts a stick with a file system and options.
func (f *fakeSystem) as(fs, options string) {
	f.stick("2-1", "sdb", 16, "X")
	f.unmount("sdb1")
	f.mountLine("60 22 8:17 / /media/op/X rw - " + fs + " /dev/sdb1 " + options)
}

// at mounts a stick at a folder of a name.
func (f *fakeSystem) at(name string) {
	f.stick("2-1", "sdb", 16, "X")
	f.unmount("sdb1")
	f.mountLine("60 22 8:17 / /media/op/" + name + " rw - vfat /dev/sdb1 rw")
}

// A label is the same however its accents are written.
func TestLabelNormalForm(t *testing.T) {
	f := newFakeSystem(t)
	f.stick("2-1", "sdb", 16, "x")
	f.udev("8:17", "Schlu\u0308ssel", "1234")
	f.stick("2-2", "sdc", 32, "other")
	for _, label := range []string{"Schl\u00fcssel", "Schlu\u0308ssel", "SCHL\u00dcSSEL"} {
		if stick, err := f.OpenStick(label); err != nil || stick.Volume().Device != "/dev/sdb1" {
			t.Error(label, err)
		}
	}
}
