package engine

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
)

// The refusals here are the second lock on a door: set-up, or another act,
// keeps what they refuse from coming up at all.

// permit gives a profile's role more permissions than set-up would let it have.
func permit(d testDevice, profile string, perms ...coproc.Permission) {
	d.t.Helper()
	d.tamper(func(st *state) {
		name := st.profile(profile).Role
		for i := range st.Roles {
			if st.Roles[i].Name == name {
				st.Roles[i].Permissions = append(st.Roles[i].Permissions, perms...)
			}
		}
		noError(d.t, st.makeGroups())
	})
}

func TestSameProfileRegisters(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	permit(d, coproctest.Hasher, coproc.PermRegisterKey)
	sa := newTestSA(t)
	s := d.logOn(coproctest.Hasher)
	noError(t, s.RegisterHash(sa.keys.Sign.Thumbprint()))
	if err := s.RegisterKey(sa.keys.Sign); !errors.Is(err, coproc.ErrSameProfile) {
		t.Errorf("error is %v, want %v", err, coproc.ErrSameProfile)
	}
	noError(t, d.logOn(coproctest.Keyer).RegisterKey(sa.keys.Sign))
}

func TestSameProfileUnregisters(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	permit(d, coproctest.Keyer, coproc.PermAskUnregister)
	wrong := coproc.Thumbprint{1}
	noError(t, d.logOn(coproctest.Hasher).RegisterHash(wrong))
	k := d.logOn(coproctest.Keyer)
	noError(t, k.AskUnregister(wrong))
	if err := k.UnregisterHash(wrong); !errors.Is(err, coproc.ErrSameProfile) {
		t.Errorf("error is %v, want %v", err, coproc.ErrSameProfile)
	}
	noError(t, k.WithdrawUnregister())
	noError(t, d.logOn(coproctest.Hasher).AskUnregister(wrong))
	noError(t, k.UnregisterHash(wrong))

	// Nor does who registered it confirm, whoever asked.
	permit(d, coproctest.Keyer, coproc.PermRegisterHash)
	noError(t, k.RegisterHash(wrong))
	noError(t, d.logOn(coproctest.Hasher).AskUnregister(wrong))
	if err := k.UnregisterHash(wrong); !errors.Is(err, coproc.ErrSameProfile) {
		t.Errorf("error is %v, want %v", err, coproc.ErrSameProfile)
	}
}

func TestSameProfileLoads(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	permit(d, coproctest.Part1, coproc.PermCombinePart)
	const c = coproc.SymMK
	one := d.logOn(coproctest.Part1)
	_, err := one.LoadPart(c, coproc.First, coproctest.KnownKey(c))
	noError(t, err)
	_, err = d.logOn(coproctest.Part2).LoadPart(c, coproc.Middle, coproctest.KnownKey(c))
	noError(t, err)
	for _, p := range []coproc.Part{coproc.Middle, coproc.Last} {
		if _, err := one.LoadPart(c, p, coproctest.KnownKey(c)); !errors.Is(err, coproc.ErrSameProfile) {
			t.Errorf("%s: error is %v, want %v", p, err, coproc.ErrSameProfile)
		}
	}
}

// TestMasterKeyChangedSinceSplit changes the current register behind the
// share set's back: SetMasterKey would have dropped the set.
func TestMasterKeyChangedSinceSplit(t *testing.T) {
	t.Parallel()
	const c = coproc.SymMK
	d := newTestDevice(t, "CSS", 1, 2)
	sa := newTestSA(t)
	sa.trust(d)
	o := d.logOn(coproctest.Officer)
	_, err := o.GenerateKey("css", coproc.CSS)
	noError(t, err)
	_, err = o.GenerateMasterKey(c)
	noError(t, err)
	_, err = d.logOn(coproctest.Setter).SetMasterKey(c)
	noError(t, err)
	target := newNode(t, coproc.CSR)
	id := coproc.NodeID{Name: "csr1", Serial: coproc.Serial{'T'}, EID: coproc.EID{'T'}}
	request := coproc.ObtainRequest{
		Source: "css", Target: sa.certify(id, coproc.CSR, target.keys), Class: c, Index: 1, Now: testNow,
	}
	one, two := d.logOn(coproctest.ShareOfficer(1)), d.logOn(coproctest.ShareOfficer(2))
	_, err = one.Obtain(request)
	noError(t, err)
	noError(t, one.MarkDistributed("csr1", 1))
	request.Index = 2
	_, err = two.Obtain(request)
	noError(t, err)

	d.tamper(func(st *state) { st.Registers[0].Current.Pattern[0] ^= 2 })
	if _, err := two.BeginShareSet(request); !errors.Is(err, coproc.ErrOtherMasterKey) {
		t.Errorf("begin: error is %v, want %v", err, coproc.ErrOtherMasterKey)
	}
	if _, err := two.Obtain(request); !errors.Is(err, coproc.ErrOtherMasterKey) {
		t.Errorf("obtain: error is %v, want %v", err, coproc.ErrOtherMasterKey)
	}
	noError(t, two.GiveUp("csr1", 2))
	if _, err := two.SignStatement("css", "csr1"); !errors.Is(err, coproc.ErrOtherMasterKey) {
		t.Errorf("state: error is %v, want %v", err, coproc.ErrOtherMasterKey)
	}

	// What was signed stays signed.
	d.tamper(func(st *state) { st.Registers[0].Current.Pattern[0] ^= 2 })
	statement, err := two.SignStatement("css", "csr1")
	noError(t, err)
	d.tamper(func(st *state) { st.Registers[0].Current.Pattern[0] ^= 2 })
	again, err := two.SignStatement("css", "csr1")
	if err != nil || !bytes.Equal(again, statement) {
		t.Errorf("the statement again: %x, error %v", again, err)
	}
}

// TestCheckCeremony includes the live coprocessor, which is too slow for the
// suite's set-ups.
func TestCheckCeremony(t *testing.T) {
	t.Parallel()
	own := coproc.CeremonyID{1}
	for _, test := range []struct {
		here, there bool // a rehearsal
		ceremony    coproc.CeremonyID
		want        string
	}{
		{false, false, own, ""},
		{true, true, own, ""},
		{false, true, own, "certificate is not good: it is for a rehearsal, this coprocessor is live"},
		{true, false, own, "certificate is not good: it is live, this coprocessor is for a rehearsal"},
		{false, false, coproc.CeremonyID{2}, "certificate is not good: it is for ceremony 02000000000000000000000000000000, this coprocessor is set up for 01000000000000000000000000000000"},
	} {
		st := &settings{Ceremony: own, Rehearsal: test.here}
		err := st.checkCeremony(coproc.Claims{Ceremony: test.ceremony, Rehearsal: test.there})
		if got := words(err); got != test.want {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
}

// TestSharesErased looks for shares where they are of no more use.
func TestSharesErased(t *testing.T) {
	t.Parallel()
	r := newRogue(t)
	var sealed [][]byte
	for i := 1; i <= 3; i++ {
		sealed = append(sealed, r.seal(r.info(i)))
	}
	r.accept(r.good.Pattern, sealed...)
	kept := func(want ...bool) {
		t.Helper()
		for i, sh := range r.target.state.Receiving[0].Shares {
			if got := len(sh.Value) > 0; got != want[i] {
				t.Errorf("share %d is kept: %v, want %v", i+1, got, want[i])
			}
		}
	}
	kept(false, false, false)
	_, err := r.install(3, sealed[2])
	noError(t, err)
	kept(false, false, true)
	_, err = r.install(1, sealed[0])
	noError(t, err)
	kept(false, false, false)

	// At a source they go with the act that needs them last.
	source := newTestDevice(t, "CSS", 1, 3)
	source.tamper(func(st *state) {
		st.Sending = []outgoingSet{{Target: coproc.NodeID{Name: "csr1"}, Source: "css", Shares: []share{
			{State: coproc.ShareGenerated, Value: []byte{1}}, {State: coproc.SharePossible, Value: []byte{2}}, {State: coproc.SharePossible, Value: []byte{3}},
		}}}
	})
	noError(t, source.logOn(coproctest.ShareOfficer(1)).MarkDistributed("csr1", 1))
	noError(t, source.logOn(coproctest.ShareOfficer(2)).GiveUp("csr1", 2))
	shares := source.state.Sending[0].Shares
	if shares[0].Value != nil || shares[1].Value != nil || shares[2].Value == nil {
		t.Errorf("shares at the source: %+v", shares)
	}
}

// TestForgotten checks that nothing secret stays when nobody is logged on.
func TestForgotten(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	s := d.logOn(coproctest.Officer)
	_, err := s.GenerateMasterKey(coproc.SymMK)
	noError(t, err)
	other := d.logOn(coproctest.Auditor)
	ring, mac, identity := d.ring.key, d.mac, d.identities[coproctest.Officer]
	if allZero(ring) || allZero(mac) || allZero(identity) {
		t.Fatal("the second log-on lost the keys")
	}
	_, err = s.GenerateMasterKey(coproc.AsymMK)
	noError(t, err)
	if allZero(ring) || d.state.as.profile != "" || d.state.as.identity != nil {
		t.Errorf("after a change: keyring %x, %+v", ring, d.state.as)
	}
	// What a change of a passphrase leaves behind is overwritten.
	noError(t, s.ChangePassphrase(coproctest.Passphrase(coproctest.Officer), changedPassphrase))
	if !allZero(ring) || !allZero(identity) {
		t.Errorf("left by a change of a passphrase: keyring %x, identity %q", ring, identity)
	}
	ring, identity = d.ring.key, d.identities[coproctest.Officer]
	noError(t, s.Close())
	if d.state == nil || !allZero(identity) {
		t.Fatalf("while another officer is logged on: state %v, identity %q", d.state, identity)
	}
	identity = d.identities[coproctest.Auditor]
	noError(t, other.Close())
	if d.state != nil || d.mac != nil || !allZero(ring) || !allZero(mac) || !allZero(identity) {
		t.Errorf("left: state %v, keyring %x, MAC key %x, identity %q", d.state, ring, mac, identity)
	}
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func TestSameProfileRestarts(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	permit(d, coproctest.Keyer, coproc.PermAskUnregister)
	sa := newTestSA(t)
	hash := sa.keys.Sign.Thumbprint()
	noError(t, d.logOn(coproctest.Hasher).RegisterHash(hash))
	k := d.logOn(coproctest.Keyer)
	noError(t, k.RegisterKey(sa.keys.Sign))
	noError(t, k.AskRestart(hash))
	if err := k.Restart(hash); !errors.Is(err, coproc.ErrSameProfile) {
		t.Errorf("error is %v, want %v", err, coproc.ErrSameProfile)
	}
	// Nor does who registered the hash confirm, whoever asked.
	permit(d, coproctest.Hasher, coproc.PermUnregisterHash)
	if err := d.logOn(coproctest.Hasher).Restart(hash); !errors.Is(err, coproc.ErrSameProfile) {
		t.Errorf("error is %v, want %v", err, coproc.ErrSameProfile)
	}
}
