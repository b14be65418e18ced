// Package wire is what the lab's host and the agent in a lab machine say to
// each other over the machine's second serial line: one JSON object a line.
package wire

import "time"

// Operations of a Request.
const (
	Exec     = "exec"     // run a program; its lines, then its exit, come as Messages
	Kill     = "kill"     // kill the program that the request Target started
	Type     = "type"     // type Text and Enter at the terminal of the program that the request Target started
	Mount    = "mount"    // wait for the stick with Serial, and mount its first partition at Point as FS
	Unmount  = "unmount"  // unmount Point
	Detach   = "detach"   // unmount Point whoever uses it: its stick was pulled out
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
	Talk   bool     `json:",omitempty"` // Exec: with a terminal; what it says there and on standard error is sent as it comes
	Screen bool     `json:",omitempty"` // Exec: the terminal is the machine's own screen and keyboard
	Target int      `json:",omitempty"` // Kill, Type
	Text   string   `json:",omitempty"` // Type
	Serial string   `json:",omitempty"` // Mount
	FS     string   `json:",omitempty"` // Mount: "vfat"
	Point  string   `json:",omitempty"` // Mount, Unmount, Detach: "/mnt"
}

// Partial reports whether more answers to the same Request follow.
func (m Message) Partial() bool { return m.Line != nil || m.Said != nil || m.Asked != nil }

// Message is what the agent answers, or says by itself.
type Message struct {
	ID    int     // of the Request; 0 for the first message of a machine
	Hello *Hello  `json:",omitempty"` // the first message
	Line  *string `json:",omitempty"` // Exec: one line of standard output, as it comes
	Exit  *Exit   `json:",omitempty"` // Exec: the end of the program
	Said  *string `json:",omitempty"` // Exec: one line of standard error, as it comes
	Asked *string `json:",omitempty"` // Exec: what appears on the terminal, as it comes
	Error string  `json:",omitempty"` // the operation failed

	At time.Time `json:"-"` // when the host got it
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
