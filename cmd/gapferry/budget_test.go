package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/testvectors"
)

// What a hostile file may cost whoever looks at it, whatever is in it.
const (
	fileMemory  = 64 << 20
	stickMemory = 128 << 20
	filePrinted = 4 << 10 // bytes, on both outputs together
	fileLooked  = 4       // signatures: of the file, twice, of a certificate in it, and of the sa-key
	fileHashed  = 12      // times its size
	fileTexts   = 512 << 10
)

// frozenCeremony is the frozen ceremony on disk: stick, plan and card.
type frozenCeremony struct{ dir, stick, plan, card string }

func thawed(t *testing.T) frozenCeremony {
	t.Helper()
	skipUnderRace(t)
	f := frozenCeremony{dir: t.TempDir()}
	if err := os.CopyFS(f.dir, testvectors.Ceremony()); err != nil {
		t.Fatal(err)
	}
	f.stick, f.plan, f.card = filepath.Join(f.dir, "stick"), filepath.Join(f.dir, "plan.toml"), filepath.Join(f.dir, "hash.txt")
	return f
}

// file puts a file on the stick and gives its path.
func (f frozenCeremony) file(t *testing.T, folder, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(f.stick, folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// transcript is a file of these bundles and the good sa-key, by hand: merge
// would leave most of them out.
func (f frozenCeremony) transcript(t *testing.T, bundles ...[]byte) string {
	t.Helper()
	id, err := hex.DecodeString(testvectors.Known().Ceremony)
	if err != nil {
		t.Fatal(err)
	}
	byDigest := map[coproc.Digest][]byte{}
	for _, b := range append(bundles, frozenFile(t, "sa.db/sa-key-")) {
		byDigest[coproc.DigestOf(b)] = b
	}
	const magic = "gapferry transcript"
	out := slices.Concat([]byte{0xa4, 1}, cborText(magic), []byte{2, 1, 3}, cborBytes(id), []byte{4}, cborHead(0, len(byDigest)))
	for _, d := range slices.SortedFunc(maps.Keys(byDigest), func(a, b coproc.Digest) int { return slices.Compare(a[:], b[:]) }) {
		out = append(out, cborBytes(byDigest[d])...)
	}
	path := filepath.Join(t.TempDir(), "made.gft")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// looks are the commands that look at what somebody brings.
func (f frozenCeremony) looks(transcript string) map[string]call {
	return map[string]call{
		"verify":            {args: []string{"verify", "--from", "dir:" + f.stick, "--sa-hash", f.card}},
		"media check":       {args: []string{"media", "check", "--stick", "dir:" + f.stick, "--plan", f.plan, "--sa-hash", f.card}},
		"transcript verify": {args: []string{"transcript", "verify", "--transcript", transcript, "--sa-hash", f.card}},
	}
}

// held compares what a process cost with what n files of all these bytes may.
func held(t *testing.T, what string, a answer, used cost, n int, bytes, memory int64) {
	t.Helper()
	printed := len(a.out) + len(a.err)
	t.Logf("%s: exit %d, %d MiB, %d signatures, %d kB hashed, %d bytes of foreign text, %d files opened, %d bytes printed",
		what, a.code, used.Memory>>20, used.Signatures, used.Hashed>>10, used.Formatted, used.Decrypted, printed)
	if a.code != exitRefused && a.code != exitNotYet && a.code != exitDone {
		t.Errorf("%s: exit %d: %s", what, a.code, a.err)
	}
	for _, b := range []struct {
		what      string
		got, most int64
	}{
		{"bytes of memory", used.Memory, memory},
		{"bytes printed", int64(printed), int64(n) * filePrinted},
		{"signatures", used.Signatures, int64(n) * fileLooked},
		{"bytes hashed", used.Hashed, fileHashed * bytes},
		{"bytes of foreign text", used.Formatted, int64(n) * fileTexts},
		{"files opened", used.Decrypted, int64(n) * fileLooked},
	} {
		if b.got > b.most {
			t.Errorf("%s: %d %s, at most %d", what, b.got, b.what, b.most)
		}
	}
}

// TestBudgetOfFile lets each command that looks at strange files meet each kind
// of them, of the size that a bundle may have, in a process of its own.
func TestBudgetOfFile(t *testing.T) {
	skipShort(t)
	t.Parallel()
	sampled(t)
	f := thawed(t)
	if err := os.RemoveAll(f.stick); err != nil {
		t.Fatal(err)
	}
	f.file(t, "sa.db", "sa-key-sa-0001-00000000.gfb", frozenFile(t, "sa.db/sa-key-"))
	hostile := hostileFiles(t)
	for i, name := range slices.Sorted(maps.Keys(hostile)) {
		data := hostile[name]
		path := f.file(t, "csr1.db", "csr-key-csr1-0001-00000000.gfb", data)
		looks := f.looks(f.transcript(t, data))
		looks["verify --file"] = call{args: []string{"verify", "--file", path, "--sa-hash", f.card}}
		for k, command := range slices.Sorted(maps.Keys(looks)) {
			if !long && i%len(looks) != k {
				continue
			}
			c := looks[command]
			a, used := measured(t, c)
			held(t, command+", "+name, a, used, 2, 2*bundle.MaxSize, fileMemory)
		}
	}
}

// TestBudgetOfStick: likewise a stick that is full of them, as full as is read,
// and the same files in a transcript. Once there are all kinds, once only those
// that are well formed.
func TestBudgetOfStick(t *testing.T) {
	skipShort(t)
	t.Parallel()
	sampled(t)
	hostile := hostileFiles(t)
	formed := map[string][]byte{}
	for name, data := range hostile {
		if _, err := bundle.Parse(data); err == nil {
			formed[name] = data
		}
	}
	if len(formed) < 4 {
		t.Fatalf("only %d of the files are well formed", len(formed))
	}
	for what, kinds := range map[string]map[string][]byte{"all kinds": hostile, "well formed": formed} {
		if !long && what == "all kinds" {
			continue
		}
		f := thawed(t)
		const folder = media.MaxFolderBytes/bundle.MaxSize - 1 // the good files need room, too
		names := slices.Sorted(maps.Keys(kinds))
		total := media.MaxTotalBytes/bundle.MaxSize - 3
		var all [][]byte
		for i := range total {
			data := slices.Clone(kinds[names[i%len(names)]])
			data[len(data)-1] ^= byte(i / len(names)) // no two are the same
			all = append(all, data)
			db := []string{"sa.db", "csr1.db", "csr2.db"}[i/folder]
			f.file(t, db, fmt.Sprintf("csr-key-csr1-%04d-00000000.gfb", i), data)
		}
		count := total
		for _, p := range goodFiles(t) {
			all = append(all, p)
			count++
		}
		for command, c := range f.looks(f.transcript(t, all...)) {
			a, used := measured(t, c)
			held(t, what+", "+command, a, used, count, int64(total)*bundle.MaxSize, stickMemory)
			if command != "transcript verify" && !strings.Contains(a.out, "good     ") {
				t.Errorf("%s, %s: the good ones are not seen:\n%s", what, command, a.out)
			}
		}
	}
}

// goodFiles are the frozen bundles that may be in a transcript.
func goodFiles(t *testing.T) (all [][]byte) {
	t.Helper()
	err := fs.WalkDir(testvectors.Ceremony(), "stick", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "share-") {
			return err
		}
		b, err := fs.ReadFile(testvectors.Ceremony(), p)
		all = append(all, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBudgetOfPicture: a picture costs more than a bundle, and has a bound of its
// own: the largest that is read, in the form that takes most.
func TestBudgetOfPicture(t *testing.T) {
	skipShort(t)
	skipUnderRace(t)
	if !long {
		t.Skip("64 million pixels: set GAPFERRY_LONG=1")
	}
	const pictureMemory = 512 << 20
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "large.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, fog{8000}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	a, used := measured(t, call{args: []string{"qr", "decode", "--images", dir}})
	t.Logf("exit %d, %d MiB, %s", a.code, used.Memory>>20, a.out)
	if used.Memory > pictureMemory || len(a.out)+len(a.err) > filePrinted {
		t.Errorf("%d MiB, %d bytes printed: %.300s", used.Memory>>20, len(a.out)+len(a.err), a.err)
	}
}

// fog is a square picture of one half transparent colour.
type fog struct{ side int }

func (f fog) ColorModel() color.Model { return color.NRGBAModel }

func (f fog) Bounds() image.Rectangle { return image.Rect(0, 0, f.side, f.side) }

func (f fog) At(int, int) color.Color { return color.NRGBA{200, 200, 200, 128} }

// BenchmarkHostile tells how much longer a hostile file takes than its SHA-256.
func BenchmarkHostile(b *testing.B) {
	for name, data := range hostileFiles(b) {
		b.Run(name, func(b *testing.B) {
			began := time.Now()
			for range 8 {
				sha256.Sum256(data)
			}
			digest := time.Since(began) / 8
			for b.Loop() {
				if s, err := bundle.Parse(data); err == nil {
					_, _ = s.Verify(bundle.Anchors{Now: time.Now()})
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(digest), "times-sha256")
		})
	}
}
