// Package wire is what the lab's host and the agent in a lab machine say to
// each other over the machine's second serial line: one JSON object a line.
package wire

// Operations of a Request.
const (
	Exec     = "exec"     // run a program; its lines, then its exit, come as Messages
	Kill     = "kill"     // kill the program that the request Target started
	Plugged  = "plugged"  // wait for the first partition of the stick with Serial; answers with the Device
	Mount    = "mount"    // mount Device at /mnt as FS
	Unmount  = "unmount"  // unmount /mnt
	Detach   = "detach"   // unmount /mnt whoever uses it: its stick was pulled out
	PowerOff = "poweroff" // no answer
)

// Request is what the host wants. Each is answered by one Message with the
// same ID that has Exit or Error set, or neither for an operation without result.
type Request struct {
	ID     int
	Op     string
	Args   []string `json:",omitempty"` // Exec: the program and its arguments
	Stdin  []byte   `json:",omitempty"` // Exec
	FDs    [][]byte `json:",omitempty"` // Exec: what can be read from descriptors 3, 4, …
	Target int      `json:",omitempty"` // Kill
	Serial string   `json:",omitempty"` // Plugged
	Device string   `json:",omitempty"` // Mount: "/dev/sda1"
	FS     string   `json:",omitempty"` // Mount: "vfat"
}

// Message is what the agent answers, or says by itself.
type Message struct {
	ID     int     // of the Request; 0 for the first message of a machine
	Hello  *Hello  `json:",omitempty"` // the first message
	Line   *string `json:",omitempty"` // Exec: one line of standard output, as it comes
	Exit   *Exit   `json:",omitempty"` // Exec: the end of the program
	Device string  `json:",omitempty"` // Plugged: "/dev/sda1"
	Error  string  `json:",omitempty"` // the operation failed
}

// Hello says what a machine is.
type Hello struct {
	Interfaces []string // network interfaces
	Kernel     string   // its release
}

// Exit is how a program ended.
type Exit struct {
	Code   int    // -1: killed by a signal
	Stderr string // at most MaxStderr bytes of it
}

// MaxStderr is how much of a program's standard error is kept.
const MaxStderr = 32 << 10
