package usb

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel is the computer itself.
type kernel struct{}

func (kernel) syncfs(point string) error {
	f, err := os.OpenFile(point, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return retry(func() error { return unix.Syncfs(int(f.Fd())) })
}

func (kernel) unmount(point string) error {
	// Never MNT_FORCE or MNT_DETACH: they would say "done" before it is.
	return retry(func() error { return unix.Unmount(point, unix.UMOUNT_NOFOLLOW) })
}

func (kernel) openDisk(path string) (disk, error) {
	f, err := os.OpenFile(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_EXCL|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// diskFile is an open block device.
type diskFile struct{ *os.File }

func (d diskFile) flush() error { return d.Sync() }
func (d diskFile) close() error { return d.Close() }

// sgHeader is struct sg_io_hdr of <scsi/sg.h>.
type sgHeader struct {
	interfaceID    int32
	dxferDirection int32
	cmdLen         uint8
	maxSenseLen    uint8
	iovecCount     uint16
	dxferLen       uint32
	dxfer          *byte
	cmd            *byte
	sense          *byte
	timeout        uint32 // milliseconds
	flags          uint32
	packID         int32
	usr            *byte
	status         uint8 // of SCSI: 0 good, 2 look at the sense data
	maskedStatus   uint8
	msgStatus      uint8
	senseLen       uint8 // bytes written to sense
	hostStatus     uint16
	driverStatus   uint16
	resid          int32
	duration       uint32
	info           uint32
}

// Constants of <scsi/sg.h>.
const (
	sgIO            = 0x2285
	sgInterface     = 'S'
	sgNoData        = -1    // SG_DXFER_NONE
	sgTimeout       = 30000 // milliseconds: a stick may have much to store
	sgDriverSense   = 0x08  // DRIVER_SENSE: sense data are there, no failure of the driver
	sgSenseCapacity = 32
)

// scsi sends one command without data and waits for its end. The errors are
// *scsiError, errNoSCSI, and those of the kernel.
func (d diskFile) scsi(command []byte) error {
	cmd, sense := append([]byte(nil), command...), make([]byte, sgSenseCapacity)
	h := &sgHeader{
		interfaceID: sgInterface, dxferDirection: sgNoData, timeout: sgTimeout,
		cmd: &cmd[0], cmdLen: uint8(len(cmd)), sense: &sense[0], maxSenseLen: sgSenseCapacity,
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, d.Fd(), sgIO, uintptr(unsafe.Pointer(h)))
	runtime.KeepAlive(h)
	switch errno {
	case 0:
	case unix.ENOTTY, unix.EINVAL, unix.ENOSYS:
		return errNoSCSI
	default:
		return errno
	}
	if h.status == 0 && h.hostStatus == 0 && h.driverStatus&^sgDriverSense == 0 {
		return nil
	}
	if h.status == 2 && h.senseLen > 0 {
		return parseSense(sense[:min(int(h.senseLen), len(sense))])
	}
	return unix.EIO
}

// parseSense reads the two forms of sense data (SPC-4, section 4.5).
func parseSense(b []byte) error {
	var e scsiError
	switch {
	case len(b) >= 14 && (b[0]&0x7f == 0x70 || b[0]&0x7f == 0x71): // fixed
		e = scsiError{b[2] & 0x0f, b[12], b[13]}
	case len(b) >= 4 && (b[0]&0x7f == 0x72 || b[0]&0x7f == 0x73): // descriptors
		e = scsiError{b[1] & 0x0f, b[2], b[3]}
	default:
		return unix.EIO
	}
	if e.key <= recoveredError {
		return nil
	}
	return &e
}

// scsiError is a SCSI command that a stick refused: the sense key and
// additional codes of SPC-4, section 4.5.
type scsiError struct{ key, asc, ascq byte }

func (e *scsiError) Error() string {
	return fmt.Sprintf("the stick answers with sense %x/%02x/%02x", e.key, e.asc, e.ascq)
}

// Sense keys (SPC-4, table 48).
const (
	recoveredError = 1 // and 0: the command was carried out
	illegalRequest = 5 // a command that a stick does not know
	unitAttention  = 6 // news first, as after a reset: ask again
)

// errNoSCSI is a device that takes no SCSI commands.
var errNoSCSI = errors.New("it takes no SCSI commands")

// unknownCommand reports whether a device has no such command, which is no
// failure of the device.
func unknownCommand(err error) bool {
	var sense *scsiError
	return errors.Is(err, errNoSCSI) || errors.As(err, &sense) && sense.key == illegalRequest
}
