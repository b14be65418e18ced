package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// typedCodes are the codes of a frozen bundle as a typing scanner gives them.
func typedCodes(t testing.TB, stick, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(stick, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	set, err := frame.Split(data, frame.Base32, draw.Capacity(20, draw.M))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range set.Need() + 1 {
		texts = append(texts, set.Text(i, 0))
	}
	return texts
}

// shortIDOf is how a scan names the frozen bundle whose file matches.
func shortIDOf(t testing.TB, stick, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(stick, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	digest := coproc.DigestOf(must(os.ReadFile(found[0])))
	return hex.EncodeToString(digest[:4])
}

// A scanner types at the terminal: nothing of it is shown, noise is said once,
// and the scan ends by itself when everything is there.
func TestScannerThatTypes(t *testing.T) {
	t.Parallel()
	stick, to := frozenStick(t), t.TempDir()
	codes := typedCodes(t, stick, "sa.db/css-cert-*")
	s := sitDown(t, 80, 24, nil, call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "dir:" + to, "--expect", "1"}})
	s.sees("scan the codes (those made with --typed); press Enter when that was all")
	s.types("4006381333931\n") // a bar code of something else
	s.sees("not gapferry's")
	s.types("]Q1" + strings.ToLower(codes[1]) + "\t\n") // caps lock, and the scanner's own signs
	for _, c := range append([]string{codes[1]}, codes[2:]...) {
		s.types(c + "\n")
	}
	a := s.mustLeave(exitDone)
	sameFiles(t, stick, to, "css-cert", 1)
	if strings.Contains(a.out, codes[1][:20]) || strings.Contains(strings.ToUpper(a.out), codes[1][:20]) {
		t.Errorf("what was typed is on the terminal: %q", tail(a.out))
	}
	for _, words := range []string{"scanned sa.db/css-cert-sa-0002-", "wanted: one more bundle", "bundle " + shortIDOf(t, stick, "sa.db/css-cert-*") + ": "} {
		if !strings.Contains(unbroken(a.out), words) {
			t.Errorf("%q is not said: %q", words, tail(a.out))
		}
	}
}

// Enter ends a scan early; what is not there is said, and what was read is kept
// for the next time.
func TestScanStoppedAndResumed(t *testing.T) {
	t.Parallel()
	stick, to := frozenStick(t), t.TempDir()
	keep := filepath.Join(t.TempDir(), "codes")
	codes, id := typedCodes(t, stick, "sa.db/css-cert-*"), shortIDOf(t, stick, "sa.db/css-cert-*")
	if len(codes) < 3 {
		t.Fatal("one code is no test")
	}
	scan := call{args: []string{"qr", "scan", "--from", "wedge:", "--to", "dir:" + to, "--keep", keep}}
	s := sitDown(t, 80, 24, nil, scan)
	s.sees("press Enter when that was all")
	s.types(codes[0] + "\n")
	s.sees("1 of 2 codes")
	time.Sleep(2 * carrier.EnterBehind) // sooner it would belong to the code
	s.types("\n")
	a := s.mustLeave(exitNotYet)
	for _, words := range []string{"not complete: of bundle " + id + ", 1 of 2 codes were read", "one bundle is not complete"} {
		if !strings.Contains(unbroken(a.out), words) {
			t.Errorf("%q is not said: %q", words, tail(a.out))
		}
	}
	if found, _ := filepath.Glob(filepath.Join(to, "*", "*")); len(found) > 0 {
		t.Errorf("half a bundle was written: %v", found)
	}
	s = sitDown(t, 80, 24, nil, scan)
	s.sees("going on with bundle " + id + ": 1 of 2 codes are there")
	s.sees("press Enter when that was all") // sooner the echo may be on
	s.types(codes[2] + "\n")
	s.sees("scanned sa.db/css-cert-sa-0002-")
	time.Sleep(2 * carrier.EnterBehind)
	s.types("\n")
	s.mustLeave(exitDone)
	sameFiles(t, stick, to, "css-cert", 1)
	if _, err := os.Stat(keep); !os.IsNotExist(err) {
		t.Errorf("the codes are kept although nothing is missing: %v", err)
	}
}

// Photos arrive in a directory while a phase waits for them; the answer is
// shown on the screen of the same terminal.
func TestPhaseByPhotosAndScreen(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	photos := filepath.Join(r.dir, "photos")
	if err := os.Mkdir(photos, 0o700); err != nil {
		t.Fatal(err)
	}
	r.must(r.phaseCall("css", "2a", "--to", "qr:"+photos))
	made, _ := filepath.Glob(filepath.Join(photos, "sa.db", "*.png"))
	if len(made) != 1 {
		t.Fatalf("the request is on %v", made)
	}
	camera := filepath.Join(r.dir, "camera")
	if err := os.Mkdir(camera, 0o700); err != nil {
		t.Fatal(err)
	}

	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	s := sitDown(t, 100, 50, null, call{
		args: []string{"phase", "2b", "--store", r.store("sa"), "--from", "qr:" + camera, "--to", "screen:", "--passphrase-fd", "3", "--yes"},
		fds:  []string{officers(3)},
	})
	s.sees("put the pictures into ")
	s.sees("wanted: css-key")
	if err := os.WriteFile(filepath.Join(camera, "cat.jpg"), []byte("not a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.sees("cat.jpg")
	photo, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(camera, "IMG_0001.png"), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	s.sees("scanned sa.db/css-key-css-")
	s.sees("css-cert for css | code ")
	s.types("\n")
	a := s.mustLeave(exitDone)
	if !strings.Contains(unbroken(a.out), "on the screen; somebody said that it was read. Digest words: ") {
		t.Errorf("…%q", tail(a.out))
	}
	// The same again shows it again; somebody gives up, and nothing is lost.
	s = sitDown(t, 100, 50, null, call{
		args: []string{"phase", "2b", "--store", r.store("sa"), "--to", "screen:", "--passphrase-fd", "3", "--yes"},
		fds:  []string{officers(3)},
	})
	s.sees("s Enter: it was read before")
	s.types("q\n")
	s.mustLeave(exitMedium)
	r.must(call{args: []string{"resend", "--store", r.store("sa"), "--kind", "css-cert", "--to", r.stick("stick")}})
}

// The SA-key hash is read from cards by scanning; a card that is not one is said.
func TestCardScanned(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	r.loadKnownKey("css")
	r.phase1("sa")
	hash, err := coproc.ParseThumbprint(r.hash)
	if err != nil {
		t.Fatal(err)
	}
	card := frame.HashText(hash)

	// By a scanner that types, for each officer.
	c := r.phaseCall("css", "2a")
	c.args = append(without(c.args, "--sa-hash", "-"), "--sa-hash", "wedge:")
	s := sitDown(t, 80, 24, nil, c)
	s.sees("HASH: show your own SA-key hash card; Enter to stop")
	s.types("4006381333931\n")
	s.sees("that is not an SA-key hash card")
	s.types(card + "\n")
	s.sees("KEYREG: show your own SA-key hash card")
	s.types(strings.ToLower(card) + "\n")
	a := s.mustLeave(exitDone)
	if strings.Contains(strings.ToUpper(a.out), card) {
		t.Error("the card was shown on the terminal")
	}

	// On the pictures that bring the key, the card is not taken.
	photos := filepath.Join(r.dir, "photos")
	if err := os.Mkdir(photos, 0o700); err != nil {
		t.Fatal(err)
	}
	r.must(call{args: []string{"resend", "--store", r.store("sa"), "--to", "qr:" + photos}})
	onPhotos := filepath.Join(photos, "card.png")
	r.mustFail(call{args: []string{"qr", "card", "--store", r.store("css"), "--out", filepath.Join(r.dir, "card.png")}}, exitNotYet, "hash cards are made in the room of sa")
	r.must(call{args: []string{"qr", "card", "--store", r.store("sa"), "--out", onPhotos, "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	r.init("csr1", "csr1")
	args := []string{"phase", "3a", "--store", r.store("csr1"), "--from", "qr:" + photos, "--to", r.stick("stick"), "--passphrase-fd", "3", "--yes"}
	same := call{args: append(args, "--sa-hash", onPhotos), fds: []string{officers(3)}}
	r.mustFail(same, exitRefused, "the stick that carries the key")
	none := call{args: append(args, "--sa-hash", "-"), fds: []string{officers(3)}}
	a = r.mustFail(none, exitNotYet, "the SA-key hash was not entered")
	if !strings.Contains(a.out, "an SA-key hash card is not read here") {
		t.Errorf("the card among the pictures is not named:\n%s", a.out)
	}
	apart := filepath.Join(r.dir, "card.png")
	r.must(call{args: []string{"qr", "card", "--store", r.store("sa"), "--out", apart, "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	r.must(call{args: append(args, "--sa-hash", apart), fds: []string{officers(3)}})
}

// helloPNG is a picture of a code that says HELLO.
func helloPNG(t testing.TB) []byte {
	t.Helper()
	code, err := draw.Encode("HELLO", draw.M, 1)
	if err != nil {
		t.Fatal(err)
	}
	png, err := code.PNG(5)
	if err != nil {
		t.Fatal(err)
	}
	return png
}

// Every picture of a directory gives one line.
func TestDecode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	png := helloPNG(t)
	for name, data := range map[string][]byte{"a.png": png, "b.jpg": []byte("\xff\xd8\xff broken"), "notes.txt": []byte("x")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := call{args: []string{"qr", "decode", "--images", dir, "--json"}}.run(t)
	if a.code != exitMedium {
		t.Errorf("exit code %d\n%s", a.code, a.err)
	}
	lines := strings.Split(strings.TrimSpace(a.out), "\n")
	want := []string{`{"file":"a.png","codes":["HELLO"]}`, `{"file":"b.jpg","codes":[]`}
	if len(lines) != 3 || lines[0] != want[0] || !strings.HasPrefix(lines[1], want[1]) || !strings.HasPrefix(lines[2], `{"exit_code":5,`) {
		t.Errorf("got %q", lines)
	}
	for _, line := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "b.jpg")); err != nil {
		t.Fatal(err)
	}
	a = call{args: []string{"qr", "decode", "--images", dir}}.run(t)
	if a.code != exitDone || !strings.Contains(a.out, "pixels a module: HELLO") {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
}

// What QR commands are told wrong.
func TestQRUsage(t *testing.T) {
	t.Parallel()
	dir, stick := t.TempDir(), frozenStick(t)
	for _, c := range []struct {
		args  string
		code  int
		words string
	}{
		{"qr scan --from camera:", exitUsage, "qr scan reads --from camera:, wedge: or qr:DIR, and writes --to dir:PATH or usb:"},
		{"qr scan --from camera:- --to camera:", exitUsage, "camera: reads codes and shows none"},
		{"qr scan --from screen: --to dir:" + dir, exitUsage, "screen: shows codes and reads none"},
		{"qr scan --from wedge: --to dir:" + dir, exitNotYet, "no bundle was scanned"},
		{"qr scan --from qr:missing --to dir:" + dir, exitMedium, "there is no directory " + dir + "/missing: make it"},
		{"qr scan --from wedge: --to dir:missing", exitMedium, "there is no directory " + dir + "/missing: make it"},
		{"qr sheet --from dir:" + stick + " --kind css-key --out missing", exitMedium, "there is no directory missing: make it"},
		{"qr sheet --from dir:" + stick + " --target csr1", exitRefused, "more than one share for csr1 together"},
		{"verify --from qr:" + dir, exitNothing, "there is no bundle there"},
		{"qr scan --from camera:- --to dir:" + dir, exitMedium, "camera:-: "},
		{"qr scan --from camera:video99 --to dir:" + dir, exitMedium, "camera:video99: "},
		{"qr scan --from wedge: --to dir:" + dir + " --expect 0", exitUsage, "--expect takes a number from 1 on"},
		{"qr show --from dir:" + stick + " --rate 99", exitUsage, "--rate takes 0.5 to 15 codes a second"},
		{"qr show --from dir:" + stick + " --cells big", exitUsage, `--cells takes halves or spaces, not "big"`},
		{"qr sheet --from dir:" + stick + " --paper A5", exitUsage, `--paper takes A4 or Letter, not "A5"`},
		{"qr sheet --from dir:" + stick + " --kind letter", exitUsage, `no kind of bundle "letter"`},
		{"qr sheet --from dir:" + stick + " --target csr9", exitNotYet, "there is no such bundle there"},
		{"qr decode --images missing", exitMedium, "no such file or directory"},
		{"qr decode --images " + dir, exitMedium, "no PNG, JPEG or PNM picture is there"},
		{"verify --from camera:- --sa-hash camera:-", exitMedium, "camera:-: "},
	} {
		a := call{args: strings.Fields(c.args), dir: dir}.run(t)
		if a.code != c.code || !strings.Contains(a.err, c.words) || strings.Count(a.err, "\n") > 2 {
			t.Errorf("gapferry %s: exit code %d, want %d with %q\n%s", c.args, a.code, c.code, c.words, a.err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("wrong commands left %v", entries)
	}
}

// The printed page of each bundle: as many codes as needed and some more, and
// nothing of one page on another one.
func TestSheets(t *testing.T) {
	t.Parallel()
	skipShort(t)
	stick, out := frozenStick(t), t.TempDir()
	type page struct {
		File   string
		Codes  int `json:"codes_printed"`
		Needed int `json:"codes_needed"`
	}
	var pages []page
	sheet := func(out string, flags ...string) {
		t.Helper()
		a := call{args: append([]string{"qr", "sheet", "--from", "dir:" + stick, "--out", out, "--json"}, flags...)}.run(t)
		var result struct{ Pages []page }
		if err := json.Unmarshal([]byte(a.out), &result); err != nil || a.code != exitDone {
			t.Fatalf("exit code %d, %v\n%s", a.code, err, a.err)
		}
		pages = append(pages, result.Pages...)
	}
	for _, kind := range []string{"sa-key", "css-key", "css-cert", "csr-key", "csr-cert", "statement", "receipt"} {
		sheet(out, "--kind", kind)
	}
	for i := range 3 {
		sheet(t.TempDir(), "--kind", "share", "--share", fmt.Sprint(i+1))
	}
	gathered := call{args: []string{"qr", "sheet", "--from", "dir:" + stick, "--out", filepath.Dir(pages[len(pages)-1].File), "--kind", "share", "--share", "1"}}.run(t)
	if gathered.code != exitRefused || !strings.Contains(gathered.err, "holds share 3, so share 1 must not go there") {
		t.Errorf("pages of two shares in one folder: exit code %d\n%s", gathered.code, gathered.err)
	}
	bundles, _ := filepath.Glob(filepath.Join(stick, "*", "*.gfb"))
	if len(pages) != len(bundles) {
		t.Fatalf("%d pages for %d bundles", len(pages), len(bundles))
	}
	for _, p := range pages {
		text, err := os.ReadFile(p.File)
		if err != nil {
			t.Fatal(err)
		}
		if p.Codes < p.Needed || p.Needed > 1 && p.Codes == p.Needed {
			t.Errorf("%s has %d codes, %d are needed", p.File, p.Codes, p.Needed)
		}
		for i := range p.Codes {
			words := "the only code"
			if p.Needed > 1 {
				words = fmt.Sprintf("code %d of %d, any %d suffice", i+1, p.Codes, p.Needed)
			}
			if strings.Count(string(text), words) != 1 {
				t.Errorf("%s does not say %q once", p.File, words)
			}
		}
	}
	again := call{args: []string{"qr", "sheet", "--from", "dir:" + stick, "--kind", "sa-key", "--out", out, "--paper", "Letter"}}.run(t)
	if again.code != exitMedium {
		t.Errorf("another page under the same name: exit code %d\n%s", again.code, again.err)
	}
}
