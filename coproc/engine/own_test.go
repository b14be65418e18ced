package engine

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/thief"
)

// own is a ceremony of 3 of 4 shares, of which somebody takes copies: of the
// directories of source and target, and of all shares on their way.
type own struct {
	t              *testing.T
	source, target testDevice
	key            []byte
	shares         [][]byte // sealed
}

const ownM, ownN = 3, 4

// ownPoint is a moment at which copies are taken.
type ownPoint struct {
	name        string
	source, csr string
	shares      [][]byte
	in          []int // shares that were put in and are kept
}

// play goes through the ceremony. The target's key is never set: it is in its
// pieces as soon as the last share is in.
func (o *own) play() (points []ownPoint) {
	t := o.t
	sa := newTestSA(t)
	sa.trust(o.source)
	sa.trust(o.target)
	snap := func(name string, in ...int) {
		o.t.Helper()
		p := ownPoint{name: name, source: filepath.Join(t.TempDir(), "s"), csr: filepath.Join(t.TempDir(), "t"), shares: slices.Clone(o.shares), in: in}
		noError(t, os.CopyFS(p.source, os.DirFS(o.source.dir)))
		noError(t, os.CopyFS(p.csr, os.DirFS(o.target.dir)))
		points = append(points, p)
	}
	const c = coproc.SymMK
	csr, err := o.target.logOn(coproctest.Officer).GenerateKey("csr1", coproc.CSR)
	noError(t, err)
	css, err := o.source.logOn(coproctest.Officer).GenerateKey("css", coproc.CSS)
	noError(t, err)
	id := func(name, device string) coproc.NodeID {
		s := coproctest.Setup(device, ownM, ownN)
		return coproc.NodeID{Name: name, Serial: s.Serial, EID: s.EID}
	}
	first := bytes.Repeat([]byte{0xa7}, len(o.key))
	last := make([]byte, len(o.key))
	for i := range last {
		last[i] = o.key[i] ^ first[i]
	}
	noError(t, errorOf(o.source.logOn(coproctest.Part1).LoadPart(c, coproc.First, first)))
	snap("a part is loaded")
	noError(t, errorOf(o.source.logOn(coproctest.Part2).LoadPart(c, coproc.Last, last)))
	if long {
		snap("the new register is full")
	}
	noError(t, errorOf(o.source.logOn(coproctest.Setter).SetMasterKey(c)))
	snap("the key is set")
	cert := sa.certify(id("csr1", "CSR1"), coproc.CSR, csr)
	for i := 1; i <= ownN; i++ {
		s := o.source.logOn(coproctest.ShareOfficer(i))
		sealed, err := s.Obtain(coproc.ObtainRequest{Source: "css", Target: cert, Class: c, Index: i, Context: rogueContext, Now: testNow})
		noError(t, err)
		o.shares = append(o.shares, sealed)
		if i == 2 {
			if long {
				snap("two shares are obtained")
			}
		}
		noError(t, s.MarkDistributed("csr1", i))
	}
	snap("all shares are out")
	statement, err := o.source.logOn(coproctest.ShareOfficer(1)).SignStatement("css", "csr1")
	noError(t, err)
	noError(t, o.target.logOn(coproctest.ShareOfficer(1)).AcceptStatement(coproc.StatementAccept{
		Node: "csr1", Certificate: sa.certify(id("css", "CSS"), coproc.CSS, css), Statement: statement, Now: testNow,
	}))
	for i := 1; i <= ownM; i++ {
		done, err := o.target.logOn(coproctest.ShareOfficer(i)).Install("csr1", i, o.shares[i-1], rogueContext)
		noError(t, err)
		switch i {
		case 1:
			snap("one share is put in", 1)
		case 2:
			snap("two shares are put in", 1, 2)
		case ownM:
			if !done {
				t.Fatal("the key is not whole")
			}
			snap("the target's new register is full")
		}
	}
	return points
}

// loot is what some profiles read, of all copies.
type ownLoot struct {
	source, target *thief.Loot
	shares         map[int][]byte // of the set, from the sticks
}

func (p ownPoint) open(t *testing.T, who []string) ownLoot {
	t.Helper()
	words := map[string][]byte{}
	for _, w := range who {
		words[w] = coproctest.Passphrase(w)
	}
	var l ownLoot
	var err error
	l.source, err = thief.Open(p.source, words)
	noError(t, err)
	l.target, err = thief.Open(p.csr, words)
	noError(t, err)
	l.shares = map[int][]byte{}
	for _, sealed := range p.shares {
		ids := append(slices.Clone(l.source.Keys), l.target.Keys...)
		for _, id := range ids {
			if i, share := openStolen(sealed, id, l.target); share != nil {
				l.shares[i] = share
			}
		}
	}
	return l
}

// openStolen opens a share with a key around it and all that could be its key inside.
func openStolen(sealed []byte, id age.Identity, l *thief.Loot) (int, []byte) {
	signed, err := decrypt(sealed, id)
	if err != nil {
		return 0, nil
	}
	m, err := cosesig.Parse(signed)
	if err != nil {
		return 0, nil
	}
	var ci cloneInfo
	if detcbor.Unmarshal(m.Payload, &ci) != nil {
		return 0, nil
	}
	for _, private := range l.Opened {
		if len(private) != coproc.ShareKeySize {
			continue
		}
		if share, err := coproc.OpenShare(private, ci.Context, ci.Share); err == nil {
			return int(ci.Index), share
		}
	}
	return int(ci.Index), nil
}

// reads reports whether the loot is the key: as it is, or put together of what
// fits together.
func (l ownLoot) reads(key []byte) bool {
	pieces, deltas := map[int][]byte{}, map[int][]byte{}
	made := map[int][]byte{}
	for _, one := range []*thief.Loot{l.source, l.target} {
		for place, value := range one.Opened {
			if bytes.Contains(value, key) {
				return true
			}
			at := 0
			switch {
			case seen(place, "19/0/7/%d/4", &at):
				deltas[at+1] = value
			case seen(place, "20/0/5/%d/4", &at):
				l.shares[at+1] = value
			case seen(place, "13/0/2/6/%d", &at), seen(place, "13/0/3/6/%d", &at):
				if one == l.target {
					made[at+1] = value
				} else {
					pieces[at+1] = value
				}
			}
		}
	}
	// A share is a piece and what makes a share of it.
	for range 2 {
		derive(l.shares, pieces, deltas)
		derive(pieces, l.shares, deltas)
		derive(deltas, pieces, l.shares)
	}
	for _, all := range []map[int][]byte{pieces, l.shares, made} {
		if len(all) < ownM {
			continue
		}
		var points []point
		for _, i := range slices.Sorted(maps.Keys(all))[:ownM] {
			points = append(points, point{byte(i), all[i]})
		}
		if whole, err := combine(ownM, points); err == nil && bytes.Equal(whole, key) {
			return true
		}
	}
	return false
}

func seen(place, form string, at *int) bool {
	n, err := fmt.Sscanf(place, form, at)
	return n == 1 && err == nil && place == fmt.Sprintf(form, *at)
}

func derive(to, a, b map[int][]byte) {
	for i, x := range a {
		if y, ok := b[i]; ok && to[i] == nil {
			z := bytes.Clone(x)
			for k := range z {
				z[k] ^= y[k]
			}
			to[i] = z
		}
	}
}

// coalitions are every profile alone, every m-1 share officers, and all who are none.
func coalitions() (all [][]string) {
	var others, officers []string
	for _, p := range coproctest.Setup("CSS", ownM, ownN).Profiles {
		all = append(all, []string{p.Name})
		if strings.HasPrefix(p.Name, "SHARE-") {
			officers = append(officers, p.Name)
		} else {
			others = append(others, p.Name)
		}
	}
	for i, a := range officers {
		for _, b := range officers[i+1:] {
			all = append(all, []string{a, b})
		}
	}
	return append(all, others)
}

// TestOwnSoftware is own software over copies of everything: it opens whatever it
// can. Nobody reads the master key but at the moments that SECURITY.md names: who
// combines parts has those that were loaded, and from the first share put in to
// the last those officers who have not come read what is in.
func TestOwnSoftware(t *testing.T) {
	t.Parallel()
	o := &own{t: t, source: newTestDevice(t, "CSS", ownM, ownN), target: newTestDevice(t, "CSR1", ownM, ownN), key: coproctest.KnownKey(coproc.SymMK)}
	var table strings.Builder
	points := o.play()
	for _, p := range points {
		var who []string
		tried := 0
		for _, c := range coalitions() {
			tried++
			reads := p.open(t, c).reads(o.key)
			if reads {
				who = append(who, strings.Join(c, "+"))
			}
			if want := p.named(c); reads != want {
				t.Errorf("%s: %s read the master key: %v, want %v", p.name, strings.Join(c, "+"), reads, want)
			}
		}
		fmt.Fprintf(&table, "%-34s %3d tried, read by %s\n", p.name, tried, strings.Join(append(who, "nobody")[:max(1, len(who))], ", "))
	}
	t.Logf("\n%s", table.String())
	o.inReadme(points)
	// With m officers it is read, so that the thief can do what it is asked to.
	all := o.now()
	if !all.open(t, []string{"SHARE-1", "SHARE-3", "SHARE-4"}).reads(o.key) {
		t.Error("three share officers do not read the key: the thief misses something")
	}
}

// inReadme looks for the table in the README: what it says of each point is what
// named says, which the thief was held to.
func (o *own) inReadme(points []ownPoint) {
	text, err := os.ReadFile("../../README.md")
	noError(o.t, err)
	for _, p := range points {
		who := "nobody"
		switch len(p.in) {
		case ownM - 2:
			who = "two share officers who have not come"
		case ownM - 1:
			who = "each share officer who has not come"
		}
		if row := fmt.Sprintf("  | %s | %s |\n", p.name, who); !long && !strings.Contains(string(text), row) {
			o.t.Errorf("README.md has no row\n%s", row)
		}
	}
}

// now is how things lie now.
func (o *own) now() ownPoint {
	return ownPoint{source: o.source.dir, csr: o.target.dir, shares: o.shares}
}

// named are the moments that cannot be closed.
func (p ownPoint) named(who []string) bool {
	count := len(p.in)
	for _, w := range who {
		var i int
		if _, err := fmt.Sscanf(w, "SHARE-%d", &i); err != nil {
			continue
		}
		if !slices.Contains(p.in, i) {
			count++ // their own share, and what is in
		}
	}
	come := !slices.ContainsFunc(who, func(w string) bool { return strings.HasPrefix(w, "SHARE-") })
	return len(p.in) > 0 && !come && count >= ownM
}

// TestKeysOfTheTable: of a node's keys each profile opens those of its rows, and
// no other.
func TestKeysOfTheTable(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "CSR1", 2, 3)
	s := d.logOn(coproctest.Officer)
	for name, role := range map[string]coproc.NodeRole{"sa": coproc.SA, "css": coproc.CSS, "csr1": coproc.CSR} {
		noError(t, errorOf(s.GenerateKey(name, role)))
	}
	noError(t, errorOf(s.GenerateMasterKey(coproc.SymMK)))
	want := map[string]map[string]bool{} // who → sealed text → may
	err := d.state.eachSecret(func(r *readers, i int, sec *secret) error {
		for _, name := range d.state.readersOf(r, i) {
			if want[name] == nil {
				want[name] = map[string]bool{}
			}
			want[name][string(*sec)] = true
		}
		return nil
	})
	noError(t, err)
	total := 0
	noError(t, d.state.eachSecret(func(*readers, int, *secret) error { total++; return nil }))
	for _, p := range coproctest.Setup("CSR1", 2, 3).Profiles {
		l, err := thief.Open(d.dir, map[string][]byte{p.Name: coproctest.Passphrase(p.Name)})
		noError(t, err)
		got := 0
		for place := range l.Opened {
			if !strings.HasPrefix(place, "32/") { // the keys of their groups
				got++
			}
		}
		if got != len(want[p.Name]) {
			t.Errorf("%s opens %d secrets of %d, the table has %d", p.Name, got, total, len(want[p.Name]))
		}
	}
}
