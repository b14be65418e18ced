package ceremony

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// The sa-key of somebody who has the plan and made an SA of their own.
func TestWrongSAKey(t *testing.T) {
	w := after(t, small, "1")
	rogue := w.twin("sa")
	rogue.phase("sa", "1")
	path, data := rogue.one("sa.db/sa-key-sa")

	// In the place of the real one.
	w.stick = stick{path: data}
	_, err := w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "the hash that was entered is not the hash of the SA key in sa.db")
	if w.info("css").SAHash != nil {
		t.Fatal("a hash that fits no sa-key was registered: that can be done only once")
	}
	// After the hash was registered from the card.
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskRegisterHash, Incoming: []bundle.Incoming{}}); err != nil {
		t.Fatalf("the hash, before the stick is there: %v", err)
	}
	_, err = w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "it brings another SA key than the one whose hash is registered")
	if !w.info("css").SAKey.IsZero() {
		t.Fatal("the wrong SA key was registered")
	}
	// Beside the real one it is set aside.
	w.stick = after(t, small, "1").stick
	w.stick[path] = data
	r, err := w.try("css", "2a", Options{})
	if err != nil || !r.Complete {
		t.Fatalf("with both: %+v, %v", r, err)
	}
	if len(r.Refused) != 1 || !strings.Contains(r.Refused[0], "another SA key") {
		t.Errorf("set aside is %q", r.Refused)
	}
}

// A hash that was mistyped into another good one.
func TestWrongHash(t *testing.T) {
	w := after(t, small, "1")
	right := w.people.hash
	w.people.hash[31] ^= 1
	_, err := w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "the card or the stick is wrong")
	_, err = w.try("csr1", "3a", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "the card or the stick is wrong")
	if w.info("css").SAHash != nil {
		t.Error("the wrong hash was registered")
	}
	w.people.noHash = true
	_, err = w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeNoHash, "the SA-key hash was not entered")
	w.people.noHash, w.people.hash = false, right
	w.phase("css", "2a")

	// In the SA's own room the card is proved before it leaves.
	w = after(t, small, "")
	desk := &wrongCard{w.people}
	n := w.open("sa")
	defer n.Close()
	_, err = n.RunPhase("1", Options{Deliver: w.stick.deliver}, desk)
	mustRefuse(t, err, refusal.CodeHashDiffers, "the hash on the card is not the hash of the SA key: write the card anew")
}

// wrongCard is a desk where the card was written wrong.
type wrongCard struct{ *people }

func (d *wrongCard) ShowSAKeyHash(h coproc.Thumbprint) error {
	h[0] ^= 0x80
	return d.people.ShowSAKeyHash(h)
}

// A wrong hash that got into the coprocessor keeps every SA key out.
func TestWrongHashRegistered(t *testing.T) {
	w := after(t, small, "1")
	for _, task := range []procedure.TaskID{procedure.TaskAudit, procedure.TaskRegisterHash} {
		if task == procedure.TaskRegisterHash {
			w.people.hash[5] ^= 0x10
		}
		if _, err := w.try("css", "2a", Options{Task: task, Incoming: []bundle.Incoming{}}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeUnknownKey, "another SA key than the one whose hash is registered")
}

// The coprocessor keeps the two acts apart, whatever the ceremony asks for.
func TestHashAndKeyApart(t *testing.T) {
	w := after(t, small, "1")
	sa := w.keys("sa").Sign
	w.as("css", "KEYREG", func(s insider) error {
		mustRefuse(t, refusal.Wrap(s.RegisterKey(sa), "register"), refusal.CodeHashFirst, "the SA-key hash is not registered")
		mustRefuse(t, refusal.Wrap(s.RegisterHash(sa.Thumbprint()), "register"), refusal.CodeAccess, "KEYREG may not register SA-key hash")
		return nil
	})
	w.as("css", "HASH", func(s insider) error {
		mustRefuse(t, refusal.Wrap(s.RegisterKey(sa), "register"), refusal.CodeAccess, "HASH may not register SA key")
		return s.RegisterHash(sa.Thumbprint())
	})
	rogue := w.twin("sa")
	rogue.phase("sa", "1")
	w.as("css", "KEYREG", func(s insider) error {
		mustRefuse(t, refusal.Wrap(s.RegisterKey(rogue.keys("sa").Sign), "register"), refusal.CodeHashDiffers, "does not have the registered hash")
		return s.RegisterKey(sa)
	})

	// A role that could do both is no set-up.
	setup := w.plan.Setup(w.plan.Coprocessor("csr1"))
	for i := range setup.Profiles {
		setup.Profiles[i].Passphrase = passphraseOf(setup.Profiles[i].Name)
	}
	for i, r := range setup.Roles {
		if r.Name == "HASH-REGISTRAR" {
			setup.Roles[i].Permissions = append(setup.Roles[i].Permissions, coproc.PermRegisterKey)
		}
	}
	err := softBackend.Create(fastDir(t)+"/c", setup)
	mustRefuse(t, refusal.Wrap(err, "set up"), refusal.CodeCoprocessor, "could do both halves of a dual act")
}

// One line of the plan is another one in this room.
func TestPlanDiffers(t *testing.T) {
	w := after(t, small, "1")
	text := strings.Replace(string(w.plan.Canonical()), `person = "VERIFIER (to be named)"`, `person = "Eve"`, 1)
	plan, err := plan.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	other := &world{t: t, plan: plan, dir: fastDir(t), people: w.people, stick: w.stick, now: w.now}
	other.init("css")
	other.masterKey("css")
	_, err = other.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodePlanDiffers, `here line `)
	mustRefuse(t, err, refusal.CodePlanDiffers, `is "person = \"Eve\"", at the SA it is "person = \"VERIFIER (to be named)\""`)
	if !other.info("css").SAKey.IsZero() {
		t.Error("the SA key was registered under another plan")
	}
	// A plan that ends earlier.
	cut, _, _ := bytes.Cut(w.plan.Canonical(), []byte("\n[[officer]]"))
	mustRefuse(t, samePlan(w.plan, cut), refusal.CodePlanDiffers, `at the SA it is "(nothing)"`)
}

// Whatever stands in a header that is not of this ceremony is refused for
// that, before any signature is looked at, and in the words of that reason.
func TestStrangeBundles(t *testing.T) {
	w := after(t, small, "1")
	path, good := w.one("sa.db/sa-key-sa")
	folder, name, _ := strings.Cut(path, "/")
	change := func(key int, value any) []byte {
		return rewrite(t, good, func(h map[any]any) {
			if value == nil {
				delete(h, uint64(key))
			} else {
				h[uint64(key)] = value
			}
		})
	}
	from := func(of *plan.Node, name, serial string) map[int]any {
		id := w.plan.ID(of)
		if serial != "" {
			copy(id.Serial[:], serial)
		}
		return map[int]any{1: name, 2: id.Serial[:], 3: id.EID[:]}
	}
	for _, c := range []struct {
		name string
		data []byte
		code refusal.Code
		want string
	}{
		{"another level", change(1, 2), refusal.CodeLevel, "written by level 2, this node is level 1: bring both to one level"},
		{"another ceremony", change(2, bytes.Repeat([]byte{7}, 16)), refusal.CodeWrongCeremony, "it is of ceremony 07070707070707070707070707070707, this is ceremony " + w.plan.Ceremony},
		{"live", change(9, nil), refusal.CodeRehearsal, "it is of a live ceremony, and this is a rehearsal"},
		{"another node", change(5, from(w.plan.SA(), "eve", "")), refusal.CodeWrongSender, `it is from node "eve", which the plan does not have`},
		{"another serial", change(5, from(w.plan.SA(), "sa", "SOFT0666")), refusal.CodeWrongSender, "the plan has sa (serial SOFT0001"},
		{"another role", change(5, from(w.plan.Source(), "css", "")), refusal.CodeWrongSender, "it is a sa-key from css, which is a CSS node; a sa-key comes from a SA node"},
		{"unknown kind", change(3, "ca-key"), refusal.CodeFormat, `unknown kind "ca-key"`},
		{"no bundle", []byte("%PDF-1.7"), refusal.CodeFormat, "not a bundle in the one accepted form"},
		{"empty", nil, refusal.CodeFormat, "not a bundle in the one accepted form"},
		{"cut", good[:len(good)-1], refusal.CodeFormat, "not a bundle in the one accepted form"},
		{"too large", make([]byte, bundle.MaxSize+1), refusal.CodeFormat, "too large for a bundle: 1048577 bytes, at most 1048576"},
		{"changed header", change(10, 5), refusal.CodeInside, "it was sealed under another header"},
		{"changed signature", append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), refusal.CodeSignature, "the signature of the bundle is not good"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "1")
			in := []bundle.Incoming{{Folder: folder, Name: name, Data: c.data}}
			_, err := w.try("css", "2a", Options{Incoming: in})
			mustRefuse(t, err, c.code, c.want)
			if w.info("css").SAHash != nil {
				t.Error("the hash was registered although no sa-key belongs to it")
			}
			// Beside the real one it does no harm.
			in = append(in, bundle.Incoming{Folder: folder, Name: "copy-" + name, Data: good})
			r, err := w.try("css", "2a", Options{Incoming: in})
			if err != nil || !r.Complete || len(r.Refused) != 1 {
				t.Errorf("beside the real one: %+v, %v", r, err)
			}
		})
	}
}
