package paper

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/coproc"
)

var carriedPlans = []func(*draft.Options){
	func(o *draft.Options) { o.Targets = 1 },
	func(o *draft.Options) { o.Targets, o.SAWith = 3, "css" },
	func(o *draft.Options) { o.Targets, o.SAWith = 2, "csr1" },
	func(o *draft.Options) { o.Targets, o.Carrier = 12, "usb" },
	func(o *draft.Options) { o.Targets, o.Carrier, o.SharesTogether = 2, "usb", true },
	func(o *draft.Options) { o.Targets, o.SharesTogether = 2, true },
}

// Whoever carries what each walk says has, in each room, all that its steps
// use; and carries nothing that no later room uses.
func TestNothingIsLostOnTheWalk(t *testing.T) {
	for k, change := range carriedPlans {
		p := samplePlan(t, change)
		rooms := newVisitWriter(p, Durations{}).roomVisits()
		later := func(i int, th item) bool {
			return slices.ContainsFunc(rooms[i:], func(v *roomVisit) bool { return slices.Contains(v.bring, th) })
		}
		made := map[item]bool{}
		for i, v := range rooms {
			here := map[item]bool{}
			for _, s := range v.steps {
				for _, th := range s.uses {
					if !here[th] && !slices.Contains(v.bring, th) {
						t.Errorf("plan %d, visit %d: step %d uses %v, which is not brought in", k, i+1, s.Number, th)
					}
				}
				for _, th := range s.makes {
					here[th], made[th] = true, true
				}
			}
			for _, th := range v.bring {
				if i > 0 && !slices.Contains(rooms[i-1].walk, th) {
					t.Errorf("plan %d, visit %d: %v is brought in, and is not on the walk", k, i+1, th)
				}
				if th.kept && !slices.Contains(v.take, th) {
					t.Errorf("plan %d, visit %d: %v stays in the room", k, i+1, th)
				}
			}
			for _, th := range v.walk {
				if !later(i+1, th) && i+1 < len(rooms) && !slices.Contains([]item{form1, form2Filled}, th) {
					t.Errorf("plan %d, visit %d: %v is carried on for nothing", k, i+1, th)
				}
				if !th.kept && !slices.Contains(v.take, th) {
					t.Errorf("plan %d, visit %d: %v is on the walk, and not taken out", k, i+1, th)
				}
			}
		}
		if last := rooms[len(rooms)-1].take; !slices.Contains(last, form2Filled) || !slices.Contains(last, evidenced) {
			t.Errorf("plan %d: the last room lets out %v", k, last)
		}
	}
}

// What was forgotten on the walk once.
func TestCarriedOnWalks(t *testing.T) {
	r := NewRoute(samplePlan(t, nil), Durations{})
	for _, c := range []struct {
		walk int
		what string
		is   bool
	}{
		{1, "both hash cards", true}, {1, "form 2;", true}, {1, "pattern", false}, {1, "key card of", false}, {3, "two blank key cards for csr2;", true}, {3, "two blank key cards for each", false},
		{4, "hash card", false}, {4, "the key cards of css, csr1 and csr2 for the SA", true},
		{5, "the key cards of csr1 and csr2 for the source", true}, {5, "for the SA", false}, {5, "share officer's stick", true},
		{6, "form 2 with the source's pattern", true}, {7, "form 2 with the source's pattern", true}, {7, "key cards", false},
		{2, "for the targets", false}, {4, "for the targets", false}, {6, "the key card of css for the targets", true}, {7, "the key card of css for the targets", true},
	} {
		carries := strings.Join(r.Walks[c.walk].Carries, "; ") + ";"
		if strings.Contains(carries, c.what) != c.is {
			t.Errorf("walk %d carries %q; of %q that is not %t", c.walk, carries, c.what, c.is)
		}
	}
	rooms := newVisitWriter(samplePlan(t, nil), Durations{}).roomVisits()
	if got := itemWords(rooms[4].bring); !slices.Contains(got, form2Filled.name) {
		t.Errorf("visit 5 brings in %v", got)
	}
}

// What people compare with what comes on the stick is not on the sheets that
// travel beside it.
func TestHashStaysInItsRoom(t *testing.T) {
	p := samplePlan(t, nil)
	k := samplePrefill(p)
	k.Keys["css"] = "main occur pistol 86531a95"
	travels, stays, found := strings.Cut(Forms(p, k).Text(), "SA-key hash and keys\n===")
	if !found {
		t.Fatal("there is no sheet for what stays")
	}
	for _, secret := range append(coproc.HexGroups(*k.Hash), "main occur pistol") {
		if strings.Contains(travels, secret) || !strings.Contains(stays, secret) {
			t.Errorf("%q travels beside the stick, or is nowhere", secret)
		}
	}
	if strings.Contains(Script(p, Durations{}).Text(), "hash on form 2") {
		t.Error("the script sends the hash with the stick")
	}
}
