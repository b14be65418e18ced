package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gapferry/gapferry/cmd/internal/access"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// A room where an officer is locked out, unlocked, and takes another passphrase.
func TestLockedOut(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal", "--lock-after", "2", "--active", "2020-01-01..")
	r.init("css", "css")
	in := func(secrets string, args ...string) call {
		return call{args: append(args, "--store", r.store("css"), "--passphrase-fd", "3"), fds: []string{secrets}}
	}
	note := func(secrets string) call {
		return in(secrets, "journal", "note", "--profile", "SHARE1", "--text", "x", "--yes")
	}
	wrong := strings.ReplaceAll(officers(3), "Korrekt Hors SHARE1\n", "Falsch Hors 1\n")
	r.mustFail(note(wrong), exitDenied, "SHARE1 did not log on: wrong passphrase")
	r.mustFail(note(wrong), exitDenied, "the 2nd since its last log-on: it is locked now; ADMIN (to be named) unlocks it")
	r.mustFail(note(officers(3)), exitDenied, "profile SHARE1 at css is locked after 2 wrong passphrases")

	a := r.must(in(officers(3), "audit", "access-controls"))
	for _, words := range []string{
		"a profile is locked after 2 wrong passphrases, but for one that manages access\n",
		"2 failed log-ons, LOCKED\n", "\nATTENTION: SHARE1 is locked, and nobody else could obtain share 1\n", "\nthe access controls are as planned\n",
	} {
		if !strings.Contains(a.out, words) {
			t.Errorf("no %q in\n%s", words, a.out)
		}
	}
	a = r.must(in(officers(3), "coprocessor", "profiles", "--json"))
	var all struct {
		LockAfter int `json:"lock_after"`
		Profiles  []struct {
			Name           string `json:"profile"`
			From           string `json:"active_from"`
			Until          string `json:"active_until"`
			Failures       int
			Locked, Active bool
		}
	}
	if err := json.Unmarshal([]byte(a.out), &all); err != nil || all.LockAfter != 2 {
		t.Fatalf("%v\n%s", err, a.out)
	}
	for _, p := range all.Profiles {
		if locked := p.Name == "SHARE1"; p.Locked != locked || p.Failures == 2 != locked || !p.Active || p.From != "2020-01-01T00:00:00Z" || p.Until != "" {
			t.Errorf("%+v", p)
		}
	}

	unlock := in(officers(3), "coprocessor", "unlock", "--profile", "SHARE1", "--yes")
	a = r.must(unlock)
	want := "  > unlock SHARE1: ADMIN (to be named)\n" +
		"    about to unlock SHARE1, who can log on again then:\n      officer           SHARE1 (to be named)\n      wrong passphrases 2\n      is locked         yes\n    yes (--yes)\n" +
		"the count of wrong passphrases of SHARE1 was 2 and is 0: it is not locked any more\n"
	if a.out != want {
		t.Errorf("%q, want %q", a.out, want)
	}
	if a = r.must(unlock); !strings.HasSuffix(a.out, "was 0 and is 0: it was not locked\n") {
		t.Errorf("%q", a.out)
	}
	change := func(secrets string) call {
		return in(secrets, "coprocessor", "passphrase", "--profile", "SHARE1")
	}
	r.mustFail(change(officers(3)), exitUsage, "the passphrase descriptor has no line new:PASSPHRASE")
	r.mustFail(change(officers(3)+"new:short\n"), exitRefused, "the new passphrase is not good: passphrases have at least 8 characters")
	r.mustFail(change(wrong+"new:Neuer Hors\n"), exitDenied, "SHARE1 did not log on: wrong passphrase")
	a = r.must(change(officers(3) + "new:Neuer Hors\n"))
	if want := "  > change the passphrase of SHARE1: SHARE1 (to be named)\nSHARE1 has a new passphrase at this coprocessor, and the old one opens nothing any more\n"; a.out != want {
		t.Errorf("%q, want %q", a.out, want)
	}
	r.mustFail(note(officers(3)), exitDenied, "wrong passphrase")
	r.must(note("SHARE1:Neuer Hors\n"))
	r.mustFail(in(officers(3), "coprocessor", "unlock", "--profile", "SHARE9"), exitDenied, `the plan has no profile "SHARE9" at coprocessor css`)
	for _, text := range r.words {
		if strings.Contains(text, " Hors") {
			t.Errorf("a passphrase was printed: %q", text)
		}
	}
	journal := r.must(call{args: []string{"audit", "journal", "--look", "--store", r.store("css")}}).out
	for _, words := range []string{
		"refused  css SHARE1 [locked] ", "act      css ADMIN unlock profile SHARE1, locked after 2 wrong passphrases, can log on again",
		"officer-key css SHARE1 SHARE1 has a new passphrase, and signs with a new key",
	} {
		if !strings.Contains(journal, words) {
			t.Errorf("no %q in\n%s", words, journal)
		}
	}
}

func TestAccessUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args  string
		code  int
		words string
	}{
		{"coprocessor unlock", exitUsage, "unlock needs --profile"},
		{"coprocessor passphrase", exitUsage, "passphrase needs --profile"},
		{"coprocessor unlock --profile SHARE1 --store none", exitNotYet, "there is no store in"},
		{"plan new --active today", exitUsage, "--active takes FROM..UNTIL"},
		{"plan new --active ..", exitUsage, "--active takes FROM..UNTIL"},
		{"plan new --active 2026-11-24..2026-11-23", exitRefused, "until 2026-11-23 is before from 2026-11-24"},
		{"plan new --active 2026-11-24..soon", exitRefused, `until "soon" is not a day like "2026-11-24"`},
		{"plan new --lock-after 100", exitRefused, "1 to 99 wrong passphrases lock a profile, 0 is never"},
	} {
		a := call{args: strings.Fields(c.args), dir: dir}.run(t)
		if a.code != c.code || !strings.Contains(a.err, c.words) {
			t.Errorf("gapferry %s: exit code %d, want %d with %q\n%s", c.args, a.code, c.code, c.words, a.err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("wrong commands left %v", entries)
	}
	call{args: []string{"plan", "new"}, dir: dir}.run(t)
	text, err := os.ReadFile(filepath.Join(dir, "plan.toml"))
	if err != nil || !strings.Contains(string(text), "\nlock_after = 5\n") || strings.Contains(string(text), "until") {
		t.Errorf("a new plan, error %v:\n%s", err, text)
	}
}

// sourceReport is an audit with something of everything in it.
func sourceReport() *access.Report {
	sign, err := cosesig.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	days := now.Add(-24 * time.Hour).Truncate(24 * time.Hour).Unix()
	profiles := []coproc.Profile{
		{Name: "ADMIN", Role: "ADMINISTRATOR", Person: "Ada Adams", NotBefore: days, Failures: 7},
		{Name: "SHARE1", Role: "SHARE-1", Person: "Kim\x1b[2J King", NotBefore: days, Failures: 5, Locked: true},
		{Name: "SHARE2", Role: "SHARE-2", Person: "SHARE2 (to be named)", NotBefore: days},
		{Name: "SETTER", Role: "SETTER", Person: "Hal Hill", NotBefore: days + 5*24*60*60, NotAfter: days + 6*24*60*60},
	}
	pattern := coproc.Pattern{8, 0x3b}
	full := coproc.Register{State: coproc.Full, Pattern: pattern}
	return &access.Report{
		Coprocessor: "css", Time: now, MaxFailures: 5, Profiles: profiles,
		Roles: []coproc.Role{
			{Name: "DEFAULT"}, {Name: "ADMINISTRATOR", Permissions: []coproc.Permission{coproc.PermManageAccess}},
			{Name: "SETTER", Permissions: []coproc.Permission{coproc.PermSetMasterKey, coproc.PermVerifyPattern, coproc.PermRandomMasterKey}}, {Name: "IDLE"},
		},
		Could: []access.Could{{Act: coproc.PermSetMasterKey, Planned: true, Profiles: profiles[3:]}, {Act: coproc.ObtainShare(1), Planned: true, Profiles: profiles[1:3]}, {Act: coproc.PermCancel}},
		Info: coproc.Info{
			Backend: "soft", Guards: coproc.GuardsOf(nil), Serial: coproc.Serial{'S', 'O', 'F', 'T', '0', '0', '0', '2'}, M: 2, N: 3,
			EID:       coproc.EID([]byte("CSS NODE        ")),
			Registers: []coproc.Registers{{Class: coproc.SymMK, New: full, Current: full, Old: full}, {Class: coproc.AesMK}},
			Retained:  []coproc.RetainedKey{{Node: "css", Role: coproc.CSS, Keys: coproc.Keys{Sign: sign}, By: "KEYGEN"}},
			SAHash:    &coproc.Thumbprint{0xab, 0xcd}, SAHashBy: "HASH",
			Shares: []coproc.ShareTable{{
				Peer: "csr1", M: 2, N: 3, Pattern: pattern, By: []string{"SHARE1", "", "SHARE3"},
				States: []coproc.ShareState{coproc.ShareDone, coproc.SharePossible, coproc.ShareGenerated},
			}},
			Receiving: []coproc.ShareTable{{
				Peer: "css", M: 2, N: 3, Pattern: pattern, By: []string{"SHARE1", "", ""},
				States: []coproc.ShareState{coproc.ShareDone, coproc.SharePossible, coproc.ShareNone},
			}},
		},
		Differences: []string{"role IDLE is not planned"}, Dangers: []string{"nobody could cancel a share set, which the plan needs"},
		Attention: []string{"SHARE1 is locked, and nobody else could obtain share 1"},
	}
}

const sourceAudit = `coprocessor css (soft), 2026-11-24 03:00:00Z
  serial SOFT0002, EID "CSS NODE", m = 2, n = 3
  a profile is locked after 5 wrong passphrases, but for one that manages access

profiles: active from 2026-11-23; no failed log-on, unless it is said
  ADMIN   ADMINISTRATOR  Ada Adams
            7 failed log-ons
  SHARE1  SHARE-1        Kim\x1b[2J King
            5 failed log-ons, LOCKED
  SHARE2  SHARE-2        SHARE2 (to be named)
  SETTER  SETTER         Hal Hill
            active from 2026-11-28 until 2026-11-29, NOT YET ACTIVE

roles: what each may do
  DEFAULT           nothing; it is the role of nobody, without a log-on
  ADMINISTRATOR     manage roles and profiles
  SETTER            set master key, verify master key, generate random master
                    key
  IDLE              nothing

who could do what
  set master key                  SETTER (Hal Hill)
  obtain share 1                  SHARE1 (Kim\x1b[2J King), SHARE2 (to be
                                  named)
  cancel a share set              nobody

who sees to what
  by the host          everything

master-key registers
  SYM-MK    new full 083b000000000000, current full 083b000000000000, old full
            083b000000000000
  AES-MK    new empty, current empty, old empty

keys: who generated or registered them, and how their hash begins
  css (CSS)           6f7deef6 5d54a699 05d309a5 3cb13fc7  by KEYGEN
  SA-key hash         abcd0000 00000000 00000000 00000000  by HASH

shares to csr1: set 00000000, 2 of 3, pattern 083b000000000000
   1  obtained and given out by SHARE1
   2  not obtained yet
   3  obtained, not given out by SHARE3

shares from css: set 00000000, 2 of 3, pattern 083b000000000000
   1  installed by SHARE1
   2  not installed
   3  never given out

DIFFERS: role IDLE is not planned
DANGER: nobody could cancel a share set, which the plan needs
ATTENTION: SHARE1 is locked, and nobody else could obtain share 1
`

func TestAccessPrinted(t *testing.T) {
	var b bytes.Buffer
	printAccess(&b, sourceReport())
	if b.String() != sourceAudit {
		t.Errorf("it prints\n%s", b.String())
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("more than 80 columns: %s", line)
		}
	}
	js, err := json.Marshal(accessJSON(sourceReport()))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(js, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"coprocessor", "time", "family", "guards", "serial", "eid", "m", "n", "lock_after", "roles", "profiles", "could", "registers", "retained",
		"given_out", "received", "registered_hash", "differences", "dangers", "attention"} {
		if m[key] == nil {
			t.Errorf("no %q in %s", key, js)
		}
	}
}

// A chip is told by its name, and what it sees to itself is told apart from what
// the host does.
func TestAccessOfChip(t *testing.T) {
	r := sourceReport()
	r.Info.Backend, r.Info.Device = "tpm", "name\x1b[2J of its key"
	r.Info.Guards = coproc.GuardsOf([]coproc.Guard{
		{Act: coproc.GuardedSign, By: coproc.GuardChip}, {Act: coproc.GuardedKeep, By: coproc.GuardChip}, {Act: coproc.GuardedRelease, By: coproc.GuardWrapped},
	})
	var b bytes.Buffer
	printAccess(&b, r)
	for _, want := range []string{
		"coprocessor css (tpm), ", "\n  device name\\x1b[2J of its key\n", `
who sees to what
  in the chip          what signs stays inside; a master key stays inside
  wrapped by the chip  it goes to a certified target alone
  by the host          passphrases and lock-out; roles, and acts of two
                       officers; what opens stays inside; a master key is made
                       inside; its pattern is computed inside; a target takes
                       it in unseen; m of n shares; registers: set, clear,
                       cancel; journal and counts do not go back

`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not print\n%s\nbut\n%s", want, b.String())
		}
	}
	js := accessJSON(r)
	if js.Family != "tpm" || js.Device != r.Info.Device || len(js.Guards) != len(coproc.AllGuarded) || js.Guards[2].By != "chip" || js.Guards[7].By != "wrapped" || js.Guards[0].By != "host" {
		t.Errorf("JSON says %+v", js)
	}
}

// What differs from the plan is exit code 3, and is said line by line.
func TestAuditDiffers(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	text, err := os.ReadFile(r.plan)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := plan.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	other := backend(t.Context(), chip.Selection{})
	other.Create = func(dir string, s coproc.Setup) error {
		s.MaxFailures = 0
		s.Profiles[3].Person, s.Profiles[4].Person = "Eve East", "EAST, Eve"
		return backend(t.Context(), chip.Selection{}).Create(dir, s)
	}
	pass := terminal.Secrets{}
	for _, line := range strings.Split(strings.TrimSpace(officers(3)), "\n") {
		name, passphrase, _ := strings.Cut(line, ":")
		pass[name] = []byte(passphrase)
	}
	if err := ceremony.Init(r.store("css"), plan, "css", other, &console.Desk{Secrets: pass}, time.Now); err != nil {
		t.Fatal(err)
	}
	// Nobody else is let in, and hears who sees more.
	refused := r.mustFail(call{args: []string{"coprocessor", "generate", "--store", r.store("css"), "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)}},
		exitRefused, "the coprocessor lets its profiles do other things than the plan says")
	if want := "audit access-controls --store " + r.store("css"); !strings.Contains(refused.err, want) {
		t.Errorf("no %q in %s", want, refused.err)
	}
	a := r.mustFail(call{args: []string{"audit", "access-controls", "--store", r.store("css"), "--passphrase-fd", "3"}, fds: []string{officers(3)}},
		exitRefused, "the access controls of css: 3 differ from the plan, 1 are dangerous")
	for _, words := range []string{
		"\nDIFFERS: a profile is locked never, planned is after 5 wrong passphrases\n",
		"\nDIFFERS: profile HASH is of \"Eve East\", planned is \"HASH (to be named)\"\n",
		"\nDANGER: \"Eve East\", \"EAST, Eve\", under the profiles HASH, KEYREG, could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA\n",
	} {
		if !strings.Contains(a.out, words) {
			t.Errorf("no %q in\n%s", words, a.out)
		}
	}
	if strings.Contains(a.out, "as planned") {
		t.Errorf("it is as planned:\n%s", a.out)
	}
}
