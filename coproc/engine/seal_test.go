package engine

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/soft"
)

func logOnError(d testDevice, profile string) error {
	d.t.Helper()
	s, err := d.LogOn(profile, coproctest.Passphrase(profile), testNow)
	if err == nil {
		noError(d.t, s.Close())
	}
	return err
}

// TestWrongPassphrase changes one counter and no other byte of the directory.
func TestWrongPassphrase(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	want := files(t, d.dir)
	for _, pass := range []string{"passphrase of audit", "Passphrase of AUDIT", "passphrase of AUDIT ", "passphrase of ADMIN"} {
		if _, err := d.LogOn(coproctest.Auditor, []byte(pass), testNow); err != coproc.ErrPassphrase {
			t.Errorf("error is %#v, want always the same, %#v", err, coproc.ErrPassphrase)
		}
	}
	want["profiles/AUDIT.failures"] = []byte("4\n")
	if got := files(t, d.dir); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("files %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	noError(t, logOnError(d, coproctest.Auditor))
	want["profiles/AUDIT.failures"] = []byte("0\n")
	if got := files(t, d.dir); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Error("logging on changed something besides the counter")
	}

	writeFile(t, d.profilePath(coproctest.Auditor, countSuffix), []byte("-1\n"))
	if _, err := d.Failures(coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("error is %v, want %v", err, coproc.ErrDamaged)
	}
}

// long is whether the long loops try every case, as CI does; without it each
// takes a sample. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""

// TestDamagedState flips bits of state.age, cuts it, and adds to it.
func TestDamagedState(t *testing.T) {
	if !long {
		t.Log("a sample; GAPFERRY_LONG=1 tries 15 times as many bits")
	}
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	path := filepath.Join(d.dir, stateFile)
	good := files(t, d.dir)[stateFile]
	damaged := func(what string, b []byte) {
		t.Helper()
		writeFile(t, path, b)
		if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) {
			t.Errorf("%s: error is %v, want %v", what, err, coproc.ErrDamaged)
		}
	}
	// A prime step visits header, other profiles' stanzas and payload; the
	// first and last bytes are where framing is.
	sample := []int{0, 1, len(good) - 2, len(good) - 1}
	points := 40
	if long {
		points = 600
	}
	for at := 2; at < len(good); at += len(good)/points | 1 {
		sample = append(sample, at)
	}
	for _, at := range sample {
		b := bytes.Clone(good)
		b[at] ^= 1 << (at % 8)
		damaged("byte "+hex.EncodeToString([]byte{byte(at >> 16), byte(at >> 8), byte(at)}), b)
	}
	for _, n := range []int{0, 1, len(good) / 2, len(good) - 1} {
		damaged("cut", good[:n])
	}
	damaged("added to", append(bytes.Clone(good), 0))
	noError(t, os.Remove(path))
	if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("removed: error is %v, want %v", err, coproc.ErrDamaged)
	}
	if n, err := d.Failures(coproctest.Auditor); n != 0 || err != nil {
		t.Errorf("damage was counted as a wrong passphrase: %d, error %v", n, err)
	}
	writeFile(t, path, good)
	noError(t, logOnError(d, coproctest.Auditor))
}

// TestForgedState is a state that age opens and that this coprocessor did not
// write: by somebody who knows the recipients and the state, not the HMAC key.
func TestForgedState(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	d.logOn(coproctest.Auditor)
	st, err := d.state.clone()
	noError(t, err)
	mac, ring := bytes.Clone(d.mac), d.ring
	path := filepath.Join(d.dir, stateFile)
	good := files(t, d.dir)[stateFile]
	for _, test := range []struct {
		name string
		make func() ([]byte, error)
	}{
		{"another MAC key", func() ([]byte, error) { return st.seal(ring, newMACKey()) }},
		{"another MAC key and keyring", func() ([]byte, error) {
			own, err := st.keyringFor(keyring{})
			noError(t, err)
			return st.seal(own, newMACKey())
		}},
		{"another keyring around what is sealed", func() ([]byte, error) {
			var form stateForm
			noError(t, detcbor.Unmarshal(good, &form))
			own, err := st.keyringFor(keyring{})
			noError(t, err)
			form.Keyring = own.sealed
			return detcbor.Marshal(form)
		}},
		{"a key that is short", func() ([]byte, error) {
			sealed, err := sealTo(st.recipients(), []byte("short"))
			noError(t, err)
			return st.seal(keyring{key: ring.key, sealed: sealed}, mac)
		}},
		{"without the profile", func() ([]byte, error) {
			other, err := st.clone()
			noError(t, err)
			other.profile(coproctest.Auditor).Name = "OTHER"
			return other.seal(ring, mac)
		}},
		{"of another coprocessor", func() ([]byte, error) {
			return files(t, newTestDevice(t, "TWO", 2, 2).dir)[stateFile], nil
		}},
	} {
		forged, err := test.make()
		noError(t, err)
		writeFile(t, path, forged)
		if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) {
			t.Errorf("%s: error is %v, want %v", test.name, err, coproc.ErrDamaged)
		}
	}
	// A state of another build is told as that, not as damage.
	for _, test := range []struct {
		version uint
		want    string
	}{
		{stateVersion - 1, "it was made by another build of this program: begin anew: the coprocessor's state is of version 3, which an older build of this program writes; this one writes 4"},
		{stateVersion + 1, "it was made by another build of this program: begin anew: the coprocessor's state is of version 5, which a newer build of this program writes; this one writes 4"},
	} {
		other, err := st.clone()
		noError(t, err)
		other.Version = test.version
		sealed, err := other.seal(ring, mac)
		noError(t, err)
		writeFile(t, path, sealed)
		if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrBuild) || err.Error() != test.want {
			t.Errorf("version %d: error is %v", test.version, err)
		}
	}
	// Builds before there was a keyring wrote an age file.
	old, err := sealTo(st.recipients(), []byte("a state"))
	noError(t, err)
	writeFile(t, path, old)
	const before = "it was made by another build of this program: begin anew: the coprocessor's state is of version 3 or before, which an older build of this program writes; this one writes 4"
	if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrBuild) || err.Error() != before {
		t.Errorf("an age file: error is %v", err)
	}
	writeFile(t, path, good)
	noError(t, logOnError(d, coproctest.Auditor))
}

// TestSwappedProfile gives the auditor's file the officer's name, so that the
// auditor's passphrase opens it.
func TestSwappedProfile(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	own := files(t, d.dir)["profiles/AUDIT.age"]
	writeFile(t, d.profilePath(coproctest.Officer, keySuffix), own)
	_, err := d.LogOn(coproctest.Officer, coproctest.Passphrase(coproctest.Auditor), testNow)
	if !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("error is %v, want %v", err, coproc.ErrDamaged)
	}
	// Under a name that is no profile's it is of no use either.
	writeFile(t, d.profilePath("NEW", keySuffix), own)
	if _, err := d.LogOn("NEW", coproctest.Passphrase(coproctest.Auditor), testNow); !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("error is %v, want %v", err, coproc.ErrDamaged)
	}
}

// TestDamagedProfile wants the file refused. Where only what the passphrase
// decrypts was changed, that cannot be told from a wrong passphrase.
func TestDamagedProfile(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	good := files(t, d.dir)["profiles/AUDIT.age"]
	for at := 0; at < len(good); at += 23 {
		b := bytes.Clone(good)
		b[at] ^= 1 << (at % 8)
		writeFile(t, d.profilePath(coproctest.Auditor, keySuffix), b)
		err := logOnError(d, coproctest.Auditor)
		if !errors.Is(err, coproc.ErrDamaged) && err != coproc.ErrPassphrase {
			t.Errorf("byte %d: error is %v", at, err)
		}
	}
	// A work factor above the live one would keep the machine busy.
	slow := bytes.Replace(good, []byte(" 10\n"), []byte(" 19\n"), 1)
	writeFile(t, d.profilePath(coproctest.Auditor, keySuffix), slow)
	if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("a higher work factor: error is %v, want %v", err, coproc.ErrDamaged)
	}
}

// TestNoSecretInTheDirectory looks for a known master key, its halves and the
// passphrases, raw, in hex and in base64.
func TestNoSecretInTheDirectory(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	const c = coproc.SymMK
	key := coproctest.KnownKey(c)
	first := bytes.Repeat([]byte{0xa7}, len(key))
	last := make([]byte, len(key))
	for i := range key {
		last[i] = key[i] ^ first[i]
	}
	scan := func() {
		t.Helper()
		for name, content := range files(t, d.dir) {
			for what, secret := range map[string][]byte{
				"key": key, "half": key[:12], "first part": first, "last part": last,
				"passphrase": coproctest.Passphrase(coproctest.Part1), "identity": []byte("AGE-SECRET-KEY"),
			} {
				for _, form := range [][]byte{
					secret, []byte(hex.EncodeToString(secret)), bytes.ToUpper([]byte(hex.EncodeToString(secret))),
					[]byte(base64.RawStdEncoding.EncodeToString(secret)),
				} {
					if bytes.Contains(content, form) {
						t.Errorf("%s: the %s as %q", name, what, form)
					}
				}
			}
		}
	}
	_, err := d.logOn(coproctest.Part1).LoadPart(c, coproc.First, first)
	noError(t, err)
	scan()
	_, err = d.logOn(coproctest.Part2).LoadPart(c, coproc.Last, last)
	noError(t, err)
	scan()
	_, err = d.logOn(coproctest.Setter).SetMasterKey(c)
	noError(t, err)
	scan()
	// The scan finds what there is to find.
	var points []point
	for i := 1; i <= 2; i++ {
		s := d.logOn(coproctest.ShareOfficer(i))
		noError(t, s.view(anyProfile, func(st *state) error {
			y, err := st.open(readPiece, i, st.Registers[0].Current.Pieces[i-1])
			points = append(points, point{byte(i), y})
			return err
		}))
	}
	if whole, err := combine(2, points); err != nil || !bytes.Equal(whole, key) {
		t.Errorf("the key is not in the state: %v", err)
	}
}

// TestLiveWorkFactor is the one test that spends a live log-on's second.
func TestLiveWorkFactor(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("seconds of scrypt")
	}
	dir := filepath.Join(t.TempDir(), "live")
	s := coproctest.Setup("LIVE", 2, 2)
	s.Rehearsal, s.Profiles = false, s.Profiles[:1]
	noError(t, Create(context.Background(), dir, s, soft.Chip{}))
	d := openTestDevice(t, dir)
	noError(t, logOnError(d, coproctest.Admin))
	if header := files(t, dir)["profiles/ADMIN.age"]; !bytes.Contains(header[:100], []byte(" 18\n")) {
		t.Errorf("not scrypt of work factor 18: %q", header[:100])
	}
	rehearsal := newTestDevice(t, "ONE", 2, 2)
	if header := files(t, rehearsal.dir)["profiles/ADMIN.age"]; !bytes.Contains(header[:100], []byte(" 10\n")) {
		t.Errorf("not scrypt of work factor 10: %q", header[:100])
	}
}
