//go:build linux

package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

const (
	bootWait = time.Minute     // for a machine to say hello
	callWait = 2 * time.Minute // for one operation in it
	lifetime = 5 * time.Minute // after which a machine is killed, whatever it does
)

// machine is a room: a computer without a network card.
type machine struct {
	name string
	dir  string // its console and socket
	qemu *exec.Cmd
	in   io.WriteCloser
	qmp  *qmp

	last  atomic.Int64 // request
	hello chan wire.Message
	gone  chan struct{} // closed when QEMU has ended

	mu      sync.Mutex
	waiting map[int]chan wire.Message
}

// boot starts machines, all at once.
func (h *host) boot(t testing.TB, names ...string) []*machine {
	t.Helper()
	var rooms []*machine
	for _, name := range names {
		m, err := h.startMachine(name)
		if err != nil {
			t.Fatalf("start %s: %v", name, err)
		}
		t.Cleanup(m.kill)
		rooms = append(rooms, m)
	}
	for _, m := range rooms {
		select {
		case msg := <-m.hello:
			// The claim of the whole project, as the machine sees it.
			if want := []string{"lo"}; !slices.Equal(msg.Hello.Interfaces, want) {
				t.Fatalf("%s has the network interfaces %q, want %q", m.name, msg.Hello.Interfaces, want)
			}
		case <-m.gone:
			t.Fatalf("%s ended while booting:\n%s", m.name, m.console())
		case <-time.After(bootWait):
			t.Fatalf("%s did not boot in %v:\n%s", m.name, bootWait, m.console())
		}
	}
	return rooms
}

func (h *host) startMachine(name string) (*machine, error) {
	m := &machine{
		name: name, dir: filepath.Join(h.dir, name),
		hello: make(chan wire.Message, 1), gone: make(chan struct{}), waiting: map[int]chan wire.Message{},
	}
	if err := os.Mkdir(m.dir, 0o700); err != nil {
		return nil, err
	}
	socket := filepath.Join(m.dir, "qmp")
	m.qemu = exec.Command("qemu-system-x86_64", append([]string{
		// Never KVM: that /dev/kvm is there does not say that it works.
		"-accel", "tcg,thread=multi", "-M", "q35", "-cpu", "max", "-m", "256",
		"-nodefaults", "-no-user-config", "-no-reboot", "-nic", "none", "-display", "none",
		"-kernel", h.kernel, "-initrd", h.initrd,
		"-append", "console=ttyS0 quiet panic=-1 edd=off tsc=unstable no_timer_check usb-storage.delay_use=0",
		"-serial", "file:" + filepath.Join(m.dir, "console"), "-serial", "stdio",
		"-qmp", "unix:" + socket + ",server=on,wait=off",
		"-device", "qemu-xhci,id=xhci",
		// A cheap stick: what is in the host's cache counts as on the stick.
		"-object", "throttle-group,id=slow,x-bps-write=400000",
	}, h.devices...)...)
	var err error
	if m.in, err = m.qemu.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := m.qemu.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaints bytes.Buffer
	m.qemu.Stderr = &complaints
	if err := m.qemu.Start(); err != nil {
		return nil, err
	}
	time.AfterFunc(lifetime, m.kill)
	go func() {
		m.listen(out)
		m.qemu.Wait()
		close(m.gone)
	}()
	m.qmp, err = dialQMP(socket)
	if err != nil {
		m.kill()
		return nil, fmt.Errorf("%w\n%s", err, complaints.Bytes())
	}
	return m, nil
}

// kill ends a machine, by its process and no other.
func (m *machine) kill() {
	m.qemu.Process.Kill()
	<-m.gone
}

// console is what the kernel said.
func (m *machine) console() string {
	text, _ := os.ReadFile(filepath.Join(m.dir, "console"))
	return string(text[max(0, len(text)-4000):])
}

// listen hands messages to those who wait for them.
func (m *machine) listen(out io.Reader) {
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var msg wire.Message
		if json.Unmarshal(line, &msg) != nil {
			continue // noise of the line before the agent took it
		}
		msg.At = time.Now()
		if msg.Hello != nil {
			m.hello <- msg
			continue
		}
		m.mu.Lock()
		to := m.waiting[msg.ID]
		if !msg.Partial() {
			delete(m.waiting, msg.ID)
		}
		m.mu.Unlock()
		if to != nil {
			to <- msg
			if !msg.Partial() {
				close(to)
			}
		}
	}
}

// start sends a request; its messages come through the channel.
func (m *machine) start(r wire.Request) (int, <-chan wire.Message, error) {
	r.ID = int(m.last.Add(1))
	// Room for all lines of a burst: listen must never wait for a reader.
	answers := make(chan wire.Message, 4096)
	m.mu.Lock()
	m.waiting[r.ID] = answers
	m.mu.Unlock()
	text, err := json.Marshal(r)
	if err == nil {
		_, err = m.in.Write(append(text, '\n'))
	}
	return r.ID, answers, err
}

// call does an operation and waits for its end.
func (m *machine) call(r wire.Request) (lines []string, end wire.Message, err error) {
	_, answers, err := m.start(r)
	if err != nil {
		return nil, end, fmt.Errorf("%s: %s: %w", m.name, r.Op, err)
	}
	timeout := time.After(callWait)
	for {
		select {
		case msg := <-answers:
			switch {
			case msg.Line != nil:
				lines = append(lines, *msg.Line)
				continue
			case msg.Error != "":
				err = errors.New(msg.Error)
			}
			if err != nil {
				err = fmt.Errorf("%s: %s: %w", m.name, r.Op, err)
			}
			return lines, msg, err
		case <-m.gone:
			return lines, end, fmt.Errorf("%s: %s %q: the machine is gone:\n%s", m.name, r.Op, r.Args, m.console())
		case <-timeout:
			return lines, end, fmt.Errorf("%s: %s %q: no end in %v:\n%s", m.name, r.Op, r.Args, callWait, m.console())
		}
	}
}

// run runs a program in a machine; one that fails is an error.
func (m *machine) run(r wire.Request) ([]string, error) {
	r.Op = wire.Exec
	lines, end, err := m.call(r)
	if err == nil && end.Exit.Code != 0 {
		err = fmt.Errorf("%s: %q: exit %d\n%s", m.name, r.Args, end.Exit.Code, end.Exit.Stderr)
	}
	return lines, err
}

// powerOff ends a machine as its people would.
func (m *machine) powerOff(t testing.TB) {
	t.Helper()
	if _, _, err := m.start(wire.Request{Op: wire.PowerOff}); err != nil {
		t.Error(err)
		return
	}
	select {
	case <-m.gone:
	case <-time.After(callWait):
		t.Errorf("%s does not power off:\n%s", m.name, m.console())
	}
}
