//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// qmp is QEMU's control connection (docs/interop/qmp-spec).
type qmp struct {
	conn    net.Conn
	encoder *json.Encoder

	call    sync.Mutex // one command at a time
	answers chan qmpMessage
	events  chan qmpMessage

	mu    sync.Mutex
	trays map[string][]time.Time // when a device, as QEMU calls it, let its medium go
}

type qmpMessage struct {
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
	Event     string         `json:"event"`
	Data      map[string]any `json:"data"`
	Timestamp struct{ Seconds, Microseconds int64 }
}

// qmpWait bounds one command.
const qmpWait = 20 * time.Second

// dialQMP connects as soon as QEMU listens.
func dialQMP(socket string) (*qmp, error) {
	var conn net.Conn
	var err error
	for end := time.Now().Add(qmpWait); ; time.Sleep(10 * time.Millisecond) {
		if conn, err = net.Dial("unix", socket); err == nil {
			break
		}
		if time.Now().After(end) {
			return nil, err
		}
	}
	q := &qmp{
		conn: conn, encoder: json.NewEncoder(conn),
		answers: make(chan qmpMessage, 1), events: make(chan qmpMessage, 64), trays: map[string][]time.Time{},
	}
	go q.listen()
	_, err = q.do("qmp_capabilities", nil)
	return q, err
}

func (q *qmp) listen() {
	defer close(q.answers)
	d := json.NewDecoder(q.conn)
	for {
		var m qmpMessage
		if err := d.Decode(&m); err != nil {
			return
		}
		switch {
		case m.Event == "DEVICE_TRAY_MOVED":
			id, _ := m.Data["id"].(string)
			if m.Data["tray-open"] == true {
				q.mu.Lock()
				q.trays[id] = append(q.trays[id], time.Unix(m.Timestamp.Seconds, 1000*m.Timestamp.Microseconds))
				q.mu.Unlock()
			}
		case m.Event != "":
			select {
			case q.events <- m:
			default: // nobody waits for those
			}
		case m.Return != nil || m.Error != nil:
			q.answers <- m
		}
	}
}

type args map[string]any

// do does a command.
func (q *qmp) do(command string, a args) (json.RawMessage, error) {
	q.call.Lock()
	defer q.call.Unlock()
	request := args{"execute": command}
	if a != nil {
		request["arguments"] = a
	}
	if err := q.encoder.Encode(request); err != nil {
		return nil, fmt.Errorf("qmp %s: %w", command, err)
	}
	select {
	case m, ok := <-q.answers:
		if !ok {
			return nil, fmt.Errorf("qmp %s: QEMU is gone", command)
		}
		if m.Error != nil {
			return nil, fmt.Errorf("qmp %s: %s", command, m.Error.Desc)
		}
		return m.Return, nil
	case <-time.After(qmpWait):
		return nil, fmt.Errorf("qmp %s: no answer in %v", command, qmpWait)
	}
}

// deleted waits until a device is gone.
func (q *qmp) deleted(device string) error {
	timeout := time.After(qmpWait)
	for {
		select {
		case m := <-q.events:
			if m.Event == "DEVICE_DELETED" && m.Data["device"] == device {
				return nil
			}
		case <-timeout:
			return fmt.Errorf("qmp: device %s was not deleted in %v", device, qmpWait)
		}
	}
}

// opened tells when a stick was told to let its medium go: nothing, if it was
// not. The device of QEMU is a part of the stick.
func (q *qmp) opened(stick string) []time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, at := range q.trays {
		if strings.Contains(id+"/", "/"+stick+"/") || id == stick {
			return at
		}
	}
	return nil
}
