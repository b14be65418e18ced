//go:build linux

// Command agent is the init process of a lab machine: it sets the machine up,
// then does what the host says over the second serial line. As "agent burst …"
// it is the writer that is being tested.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// lifetime is when a machine powers off by itself, so that none outlives a
// test that was killed.
const lifetime = 6 * time.Minute

func main() {
	if os.Getpid() != 1 {
		switch {
		case len(os.Args) > 1 && os.Args[1] == "burst":
			os.Exit(burst(os.Args[2:]))
		case len(os.Args) == 3 && os.Args[1] == "show": // what a person reads from a card
			os.Exit(status(show(os.Args[2])))
		case len(os.Args) == 3 && os.Args[1] == "put": // what a person writes down
			os.Exit(status(put(os.Args[2])))
		}
		fmt.Fprintln(os.Stderr, "agent: this is the init process of a lab machine, and otherwise only: agent burst, agent show PATTERN, agent put FILE")
		os.Exit(2)
	}
	time.AfterFunc(lifetime, powerOff)
	// An init process that ends is a panic of the kernel, which ends the
	// machine too; the reason is on the console.
	fmt.Println("agent:", serve())
	powerOff()
}

// show prints the files that match a pattern.
func show(pattern string) error {
	files, err := filepath.Glob(pattern)
	for _, path := range files {
		text, read := os.ReadFile(path)
		fmt.Printf("%s", text)
		err = errors.Join(err, read)
	}
	return err
}

// put writes standard input to a file.
func put(path string) error {
	text, err := io.ReadAll(os.Stdin)
	return errors.Join(err, os.WriteFile(path, text, 0o600))
}

func powerOff() { unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF) }

// serve sets the machine up and answers until the line breaks, and says why.
func serve() error {
	if err := setUp(); err != nil {
		return err
	}
	line, err := openLine("/dev/ttyS1")
	if err != nil {
		return err
	}
	a := &agent{line: line, running: map[int]*os.Process{}, terminals: map[int]*os.File{}}
	hello, err := look()
	if err != nil {
		return err
	}
	a.send(wire.Message{Hello: hello})
	in := bufio.NewReader(line)
	for {
		text, err := in.ReadBytes('\n')
		if err != nil {
			return err
		}
		var r wire.Request
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("request %q: %w", text, err)
		}
		// Each by itself: a write to a stick that is gone may hang.
		go a.do(r)
	}
}

// look says what this machine is.
func look() (*wire.Hello, error) {
	interfaces, err := filepath.Glob("/sys/class/net/*")
	if err != nil {
		return nil, err
	}
	for i, path := range interfaces {
		interfaces[i] = filepath.Base(path)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return &wire.Hello{Interfaces: interfaces, Kernel: strings.TrimSpace(string(release))}, err
}

type agent struct {
	line *os.File

	mu        sync.Mutex
	running   map[int]*os.Process // by request
	terminals map[int]*os.File    // the keyboard's end of each
}

func (a *agent) send(m wire.Message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // it holds nothing that JSON cannot
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.line.Write(append(text, '\n'))
}

func (a *agent) do(r wire.Request) {
	m := wire.Message{}
	var err error
	switch r.Op {
	case wire.Exec:
		m.Exit, err = a.exec(r)
	case wire.Kill:
		err = a.kill(r.Target)
	case wire.Type:
		err = a.typeIn(r.Target, r.Text)
	case wire.Mount:
		err = mountStick(r.Serial, r.FS, r.Point)
	case wire.Unmount:
		err = unix.Unmount(r.Point, 0)
	case wire.Detach:
		err = unix.Unmount(r.Point, unix.MNT_DETACH)
	case wire.PowerOff:
		powerOff()
	default:
		err = fmt.Errorf("no such operation: %q", r.Op)
	}
	m.ID = r.ID
	if err != nil {
		m.Error = err.Error()
	}
	a.send(m)
}
