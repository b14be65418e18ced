package ceremony

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

func TestWrongPassphrase(t *testing.T) {
	w := after(t, small, "3c")
	state := filepath.Join(w.store("csr1"), store.DeviceDir, "state.age")
	before := readFile(t, state)
	w.people.wrong = map[string]bool{"SHARE1": true}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodePassphrase, "SHARE1 did not log on: wrong passphrase")
	if !bytes.Equal(readFile(t, state), before) {
		t.Error("the coprocessor's state was changed")
	}
	n := w.open("csr1")
	records := n.Records()
	last := records[len(records)-1]
	if failures, err := n.Coprocessor().Failures("SHARE1"); err != nil || failures != 1 {
		t.Errorf("%d wrong passphrases are counted, error %v", failures, err)
	}
	n.Close()
	if last.Event != journal.EventRefused || last.Code != refusal.CodePassphrase || last.Text != "wrong passphrase for profile SHARE1 at csr1 (1 since its last log-on); nothing was changed" {
		t.Errorf("the journal ends with %+v", last)
	}
	w.people.wrong = nil
	w.phase("csr1", "3d")

	// Three in one run end it.
	w = after(t, small, "3c")
	n = w.open("csr1")
	defer n.Close()
	_, err = n.RunPhase("3d", Options{Incoming: read(n.Folders("3d"), w.stick)}, stubborn{w.people})
	mustRefuse(t, err, refusal.CodePassphrase, "(3 since its last log-on); nothing was changed")
	if errors.Is(err, ErrNoAnswer) {
		t.Error("an answer was given, three times")
	}
}

// stubborn gives the wrong passphrase again and again.
type stubborn struct{ *people }

func (stubborn) Passphrase(PassphraseQuestion) ([]byte, journal.Means, error) {
	return []byte("wrong, again"), 0, nil
}

// A store is made once, and only where nothing is.
func TestInitAgain(t *testing.T) {
	w := after(t, small, "1")
	before := tree(t, w.store("sa"))
	err := Init(w.store("sa"), w.plan, "sa", softBackend, w.people, w.clock)
	mustRefuse(t, err, refusal.CodeExists, "there is a store in "+w.store("sa")+" already; a store is made once")
	full := fastDir(t)
	writeFile(t, filepath.Join(full, "holiday.jpg"), []byte("x"))
	err = Init(full, w.plan, "sa", softBackend, w.people, w.clock)
	mustRefuse(t, err, refusal.CodeExists, "is not empty and is no store")
	err = Init(filepath.Join(full, "new"), w.plan, "csr9", softBackend, w.people, w.clock)
	mustRefuse(t, err, refusal.CodeNotHere, `coprocessor "csr9" is not in the plan`)
	if entries, err := os.ReadDir(full); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	after := tree(t, w.store("sa"))
	for path, data := range before {
		if !bytes.Equal(after[path], data) {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, there were %d", len(after), len(before))
	}
	empty := filepath.Join(full, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Init(empty, w.plan, "csr1", softBackend, w.people, w.clock); err != nil {
		t.Errorf("into an empty directory: %v", err)
	}
	_, err = Open(full, softBackend, w.clock)
	mustRefuse(t, err, refusal.CodeNotHere, "there is no store in")
}

// One process at a time; and a store that was refused is free again.
func TestStoreBusy(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("sa")
	_, err := Open(w.store("sa"), softBackend, w.clock)
	mustRefuse(t, err, refusal.CodeBusy, "is at work in this store")
	n.Close()
	w.open("sa").Close()

	whole := readFile(t, w.journalPath("sa"))
	writeFile(t, w.journalPath("sa"), whole[1:])
	_, err = Open(w.store("sa"), softBackend, w.clock)
	mustRefuse(t, err, refusal.CodeJournal, "")
	writeFile(t, w.journalPath("sa"), whole)
	w.open("sa").Close()
}

// A store of a build that did not count acts cannot say whether it is old, and of
// one whose officers did not sign, who did what. It is refused for what it is,
// with nothing that sounds like an accusation.
func TestStoreOfAnOlderBuild(t *testing.T) {
	w := after(t, small, "1")
	now := readFile(t, w.journalPath("sa"))
	for _, form := range []func(journal.Entry) any{
		func(e journal.Entry) any { return [][]byte{e.Body, e.Signature} },
		func(e journal.Entry) any { return []any{e.Body, e.Acts, e.Signature} },
	} {
		var old []byte
		for _, part := range entries(t, now) {
			var e journal.Entry
			if err := detcbor.Unmarshal(part, &e); err != nil {
				t.Fatal(err)
			}
			old = append(old, must(detcbor.Marshal(form(e)))...)
		}
		writeFile(t, w.journalPath("sa"), old)
		_, err := Open(w.store("sa"), softBackend, w.clock)
		mustRefuse(t, err, refusal.CodeStore, "it was made by another build of this program: begin anew: the journal is of an older build")
		_, err = Look(w.store("sa"), w.clock)
		mustRefuse(t, err, refusal.CodeStore, "begin anew")
	}
}

// The plan in a store is the one it was made with.
func TestStorePlanEdited(t *testing.T) {
	w := after(t, small, "1")
	path := filepath.Join(w.store("sa"), store.PlanFile)
	text := readFile(t, path)
	writeFile(t, path, bytes.Replace(text, []byte("m = 2"), []byte("m = 1"), 1))
	_, err := w.visit("sa")
	mustRefuse(t, err, refusal.CodeStore, "the store's own plan: plan, line 5: m = 1")
	writeFile(t, path, bytes.Replace(text, []byte("certificate_days = 30"), []byte("certificate_days = 31"), 1))
	_, err = w.visit("sa")
	mustRefuse(t, err, refusal.CodeStore, "the store's plan is not the one it was made with: plan.toml was changed")
	writeFile(t, path, append([]byte("# our plan\n"), text...))
	if _, err := w.visit("sa"); err != nil {
		t.Errorf("a comment in the plan: %v", err)
	}
}

// What was made once is handed out again as it was, or not at all.
func TestOutboxChanged(t *testing.T) {
	w := after(t, small, "3c")
	path, good := w.one("csr1.db/share-01")
	kept := filepath.Join(w.store("css"), store.OutboxDir, path)
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	writeFile(t, kept, bad)
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeStore, "is not what was written: it was changed")
	n := w.open("css")
	_, err = n.Resend(Resend{Kind: bundle.KindShare, Share: 1}, w.stick.deliver)
	mustRefuse(t, err, refusal.CodeStore, "is not what was written: it was changed")
	n.Close()
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeStore, "the outbox has lost "+path)
	writeFile(t, kept, good)
	w.phase("css", "3c")
	n = w.open("css")
	defer n.Close()
	_, err = n.Resend(Resend{Kind: bundle.KindCancel}, w.stick.deliver)
	mustRefuse(t, err, refusal.CodeMissing, "this node has made no such bundle yet")
}

// A coprocessor that was not set up as the plan says.
func TestSetupDiffers(t *testing.T) {
	role := func(s *coproc.Setup, name string) *coproc.Role {
		return &s.Roles[slices.IndexFunc(s.Roles, func(r coproc.Role) bool { return r.Name == name })]
	}
	for _, c := range []struct {
		name   string
		change func(*coproc.Setup)
		code   refusal.Code
		want   string
	}{
		{"more rights", func(s *coproc.Setup) {
			r := role(s, "CERTIFIER")
			r.Permissions = append(r.Permissions, coproc.PermRegisterKey)
		}, refusal.CodeAccessDiffers, "role CERTIFIER may register SA key, which is not planned"},
		{"fewer rights", func(s *coproc.Setup) { role(s, "CERTIFIER").Permissions = nil }, refusal.CodeAccessDiffers, "role CERTIFIER may not certify a node's key"},
		{"one more role and profile", func(s *coproc.Setup) {
			s.Roles = append(s.Roles, coproc.Role{Name: "GHOST", Permissions: []coproc.Permission{coproc.PermCertify}})
			s.Profiles = append(s.Profiles, coproc.ProfileSetup{Profile: coproc.Profile{Name: "GHOST", Role: "GHOST", Person: "?"}, Passphrase: []byte("boo boo boo")})
		}, refusal.CodeAccessDiffers, "role GHOST is not planned; profile GHOST is not planned"},
		{"another person", func(s *coproc.Setup) { s.Profiles[2].Person = "Eve" }, refusal.CodeAccessDiffers, `is of "Eve", planned is`},
		{"AES", func(s *coproc.Setup) { s.AllowAES = true }, refusal.CodeAccessDiffers, "cloning of AES and APKA master keys is allowed: true, planned: false"},
		{"m", func(s *coproc.Setup) { s.M = 1 }, refusal.CodeStore, "the coprocessor was set up with m = 1, n = 2, the plan says 2 and 2"},
		{"serial", func(s *coproc.Setup) { s.Serial[7]++ }, refusal.CodeStore, "the plan says SOFT0001"},
		{"ceremony", func(s *coproc.Setup) { s.Ceremony[0]++ }, refusal.CodeStore, "the coprocessor was set up for ceremony"},
		{"live", func(s *coproc.Setup) { s.Rehearsal = false; cheap(s) }, refusal.CodeStore, "the coprocessor is set up for a live ceremony, the plan is of a rehearsal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "live" && !long {
				t.Skip("seconds of scrypt")
			}
			w := after(t, small, "")
			w.removeStore("sa")
			backend := softBackend
			backend.Create = func(dir string, s coproc.Setup) error {
				c.change(&s)
				return softBackend.Create(dir, s)
			}
			if err := Init(w.store("sa"), w.plan, "sa", backend, w.people, w.clock); err != nil {
				t.Fatal(err)
			}
			_, err := w.try("sa", "1", Options{})
			mustRefuse(t, err, c.code, c.want)
			if w.info("sa").Key("sa") != nil {
				t.Error("the SA key was generated all the same")
			}
		})
	}
}

// cheap keeps a live set-up to the two profiles that are logged on here: each
// passphrase takes a second to check.
func cheap(s *coproc.Setup) {
	s.Profiles = slices.DeleteFunc(s.Profiles, func(p coproc.ProfileSetup) bool { return p.Name != "ADMIN" && p.Name != "AUDITOR" })
}

// Whatever the state says that profiles may do must be what the plan says,
// whoever logs on; an auditor is let in, and told what differs.
func TestRolesFitThePlan(t *testing.T) {
	w := after(t, small, "")
	w.removeStore("sa")
	backend := softBackend
	backend.Create = func(dir string, s coproc.Setup) error {
		i := slices.IndexFunc(s.Roles, func(r coproc.Role) bool { return r.Name == "CERTIFIER" })
		s.Roles[i].Permissions = append(s.Roles[i].Permissions, coproc.PermRegisterKey)
		return softBackend.Create(dir, s)
	}
	w.noError(Init(w.store("sa"), w.plan, "sa", backend, w.people, w.clock))
	n, err := Open(w.store("sa"), softBackend, w.clock)
	w.noError(err)
	defer n.Close()
	for profile, refused := range map[string]bool{"KEYGEN": true, "CERTIFIER": true, "AUDITOR": false} {
		err := n.Note(Remark{Profile: profile, Text: "the lamp went out"}, w.people)
		if !refused {
			w.noError(err)
			continue
		}
		mustRefuse(t, err, refusal.CodeAccessDiffers, "the coprocessor lets its profiles do other things than the plan says")
	}
}
