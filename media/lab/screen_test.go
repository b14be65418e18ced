//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/qr/detect"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// TestLabScreen has two machines hand bundles to each other with nothing but
// their screens: what one shows on its console is filmed, and the film is what
// the other one's camera gives. The keys that people press are pressed on the
// machine's own keyboard.
func TestLabScreen(t *testing.T) {
	if !*labFlag && os.Getenv(labEnv) != "1" {
		t.Skip("boots machines in QEMU: set " + labEnv + "=1 or give -lab")
	}
	h := newHost(t)
	h.devices = []string{"-device", "VGA"}
	// Its own setup code asks the BIOS for the text mode, which the unpacked
	// kernel has to be told.
	h.kernel = one(t, kernelTree(t), "boot/vmlinuz-*")
	rooms := h.boot(t, "sa", "css")
	sa, css := rooms[0], rooms[1]
	t.Logf("two machines are up after %.1f s", time.Since(h.start).Seconds())
	c := &ceremony{t: t, rooms: map[string]*machine{"sa": sa, "css": css}, fs: exfat, dir: h.dir}
	for _, m := range rooms {
		_, err := m.run(c.request("init", "--plan", "/"+c.fs.mount+".toml", "--node", m.name))
		must(t, err)
	}
	c.loadMasterKey()

	first := c.request("phase", "1", "--yes", "--card", "/store/card", "--to", "screen:")
	film := c.film(sa, first, 4) // the card must still be read
	words, err := sa.run(wire.Request{Args: []string{"/init", "show", "/store/card"}})
	must(t, err)
	for _, line := range words {
		if line == "" {
			break
		}
		c.card = append(c.card, line+"\n"...)
	}
	finish := c.request("phase", "1", "--yes", "--sa-hash", "-", "--to", "dir:/store")
	_, err = sa.run(finish)
	must(t, err)

	// The source's officers have the card in a file: standard input is the film.
	establish := c.request("phase", "2a", "--yes", "--sa-hash", "/store/card", "--from", "camera:-", "--to", "screen:")
	establish.Stdin = film
	putCard := wire.Request{Args: []string{"/init", "put", "/store/card"}, Stdin: c.card}
	_, err = css.run(putCard)
	must(t, err)
	certify := c.request("phase", "2b", "--yes", "--from", "camera:-", "--to", "screen:")
	certify.Stdin = c.film(css, establish, 0)
	last := c.film(sa, certify, 0)

	scan := wire.Request{Args: []string{"/gapferry", "qr", "scan", "--from", "camera:-", "--to", "dir:/store", "--expect", "1"}, Stdin: last}
	lines, err := css.run(scan)
	must(t, err)
	t.Logf("css: %q", lines)
	for _, m := range rooms {
		m.powerOff(t)
	}
	t.Logf("the screens took %.0f s", time.Since(h.start).Seconds())
}

// filmWait bounds the showing of one bundle.
const filmWait = 2 * time.Minute

// film runs a command that shows one bundle on the machine's screen, films it
// until a reader has all of it, presses Enter, and gives the film: pictures in
// PNG, one behind the other. The command must end with a code.
func (c *ceremony) film(m *machine, r wire.Request, code int) []byte {
	c.t.Helper()
	r.Op, r.Screen = wire.Exec, true
	_, answers, err := m.start(r)
	must(c.t, err)
	var film bytes.Buffer
	pictures, reader := 0, frame.NewCollector()
	for end := time.Now().Add(filmWait); ; {
		if time.Now().After(end) {
			c.t.Fatalf("%s: %q: %d pictures, and no bundle on them: %v", m.name, r.Args, pictures, reader.Progress())
		}
		select {
		case msg := <-answers:
			if msg.Exit != nil {
				c.t.Fatalf("%s: %q: ended before anything was shown: exit %d\n%s", m.name, r.Args, msg.Exit.Code, msg.Exit.Stderr)
			}
			continue
		default:
		}
		data, texts := c.photograph(m)
		complete := false
		for _, text := range texts {
			e := reader.Add(text)
			if e.State == frame.New || e.State == frame.Complete {
				pictures++
				film.Write(data)
			}
			complete = complete || e.State == frame.Complete
		}
		if complete {
			break
		}
	}
	_, err = m.qmp.do("send-key", args{"keys": []args{{"type": "qcode", "data": "ret"}}})
	must(c.t, err)
	for timeout := time.After(callWait); ; {
		select {
		case msg := <-answers:
			if msg.Exit == nil {
				continue
			}
			if msg.Exit.Code != code {
				c.t.Fatalf("%s: %q: exit %d, want %d\n%s", m.name, r.Args, msg.Exit.Code, code, msg.Exit.Stderr)
			}
			c.t.Logf("%s: %s %s: %d pictures, %d bytes as PNG", m.name, r.Args[1], r.Args[2], pictures, film.Len())
			return film.Bytes()
		case <-timeout:
			c.t.Fatalf("%s: %q: Enter was pressed, and it does not end", m.name, r.Args)
		}
	}
}

// photograph takes a picture of a machine's screen and reads it.
func (c *ceremony) photograph(m *machine) (picture []byte, texts []string) {
	c.t.Helper()
	path := filepath.Join(m.dir, "screen.ppm")
	_, err := m.qmp.do("screendump", args{"filename": path})
	must(c.t, err)
	gray, err := capture.Load(path)
	must(c.t, err)
	for _, code := range detect.Decode(gray, detect.Options{Fast: true}).Codes {
		texts = append(texts, code.Text)
	}
	var b bytes.Buffer
	must(c.t, png.Encode(&b, gray))
	if len(texts) == 0 && os.Getenv("GAPFERRY_LAB_KEEP") != "" {
		must(c.t, os.WriteFile(filepath.Join(os.Getenv("GAPFERRY_LAB_KEEP"), fmt.Sprintf("%s-%d.png", m.name, time.Now().UnixNano())), b.Bytes(), 0o600))
	}
	return b.Bytes(), texts
}
