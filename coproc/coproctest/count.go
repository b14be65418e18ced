package coproctest

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// testCount holds every act to what Info.Acts promises: it counts what was
// done, nothing else, and what it counted outlives the process. An act that
// was forgotten is one behind which an old state could be put back unseen.
func testCount(t *testing.T, f Family) {
	r := newRig(t, f, coproc.SymMK, 2, 3, nothing)
	sa := try(r.sa.session.Info()).must(t).Key("sa").Keys
	counted := func(d *device, what, profile string, act func(coproc.Session) error) {
		t.Helper()
		s := as[coproc.Session](d, profile)
		before := try(s.Info()).must(t).Acts
		ok(t, act(s))
		after := try(s.Info()).must(t).Acts
		if after <= before {
			t.Errorf("%s: the count is %d, it was %d", what, after, before)
		}
		d.logOff()
		d.close()
		d.openAgain()
		equal(t, what+", opened again", d.info().Acts, after)
	}
	uncounted := func(d *device, what, profile string, act func(coproc.Session) error) {
		t.Helper()
		s := as[coproc.Session](d, profile)
		before := try(s.Info()).must(t).Acts
		ok(t, act(s))
		equal(t, what+" changes nothing", try(s.Info()).must(t).Acts, before)
	}
	masterKeys := func(s coproc.Session) coproc.MasterKeys { return on[coproc.MasterKeys](t, s) }
	source := func(s coproc.Session) coproc.Source { return on[coproc.Source](t, s) }
	target := func(s coproc.Session) coproc.Target { return on[coproc.Target](t, s) }

	c := claims(r.csr.id("csr1"), coproc.CSR, r.csr.info().Key("csr1").Keys)
	counted(r.sa, "certify", Grantor, func(s coproc.Session) error {
		return try(on[coproc.Certifier](t, s).Certify("sa", c)).err
	})
	counted(r.sa, "unlock", Admin, func(s coproc.Session) error { return on[coproc.AccessManager](t, s).Unlock(Hasher) })
	counted(r.sa, "register hash", Hasher, func(s coproc.Session) error {
		return on[coproc.Registrar](t, s).RegisterHash(sa.Sign.Thumbprint())
	})
	uncounted(r.sa, "the same hash again", Hasher, func(s coproc.Session) error {
		return on[coproc.Registrar](t, s).RegisterHash(sa.Sign.Thumbprint())
	})
	counted(r.sa, "register key", Keyer, func(s coproc.Session) error { return on[coproc.Registrar](t, s).RegisterKey(sa.Sign) })
	counted(r.sa, "generate key", Officer, func(s coproc.Session) error {
		return try(on[coproc.KeyOwner](t, s).GenerateKey("css", coproc.CSS)).err
	})
	counted(r.sa, "sign journal", Auditor, func(s coproc.Session) error { return signJournal(s, 1, coproc.Digest{1}) })
	auditor := as[coproc.Session](r.sa, Auditor)
	ok(t, signJournal(auditor, 1, coproc.Digest{2}))
	uncounted(r.sa, "keep journal", Auditor, func(s coproc.Session) error { return s.CommitJournal(1, coproc.Digest{2}) })

	for _, part := range []struct {
		part coproc.Part
		by   string
	}{{coproc.First, Part1}, {coproc.Last, Part2}} {
		counted(r.css, "load "+string(part.part), part.by, func(s coproc.Session) error {
			return try(masterKeys(s).LoadPart(r.class, part.part, make([]byte, r.class.Size()))).err
		})
	}
	counted(r.css, "clear new", Officer, func(s coproc.Session) error { return try(masterKeys(s).ClearNew(r.class)).err })
	counted(r.css, "generate master key", Officer, func(s coproc.Session) error {
		return try(masterKeys(s).GenerateMasterKey(r.class)).err
	})
	counted(r.css, "set master key", Setter, func(s coproc.Session) error { return try(masterKeys(s).SetMasterKey(r.class)).err })

	var shares [][]byte
	for i := range 2 {
		counted(r.css, "obtain", ShareOfficer(i+1), func(s coproc.Session) error {
			request := r.request(i + 1)
			request.Context = context(i + 1)
			sealed, err := source(s).Obtain(request)
			shares = append(shares, sealed)
			return err
		})
		counted(r.css, "distributed", ShareOfficer(i+1), func(s coproc.Session) error { return source(s).MarkDistributed("csr1", i+1) })
	}
	counted(r.css, "give up", ShareOfficer(3), func(s coproc.Session) error { return source(s).GiveUp("csr1", 3) })
	var statement []byte
	state := func(s coproc.Session) (err error) {
		statement, err = source(s).SignStatement("css", "csr1")
		return err
	}
	counted(r.css, "state", ShareOfficer(1), state)
	uncounted(r.css, "the same statement again", ShareOfficer(1), state)

	accept := func(s coproc.Session) error { return target(s).AcceptStatement(r.acceptance(statement)) }
	counted(r.csr, "accept statement", ShareOfficer(1), accept)
	uncounted(r.csr, "the same statement again", ShareOfficer(1), accept)
	for i := range 2 {
		counted(r.csr, "install", ShareOfficer(i+1), func(s coproc.Session) error {
			return try(target(s).Install("csr1", i+1, shares[i], context(i+1))).err
		})
	}
	verify := func(s coproc.Session) error { return try(masterKeys(s).VerifyNew(r.class)).err }
	counted(r.csr, "verify new", Officer, verify)
	uncounted(r.csr, "verify new again", Officer, verify)
	counted(r.csr, "void", Officer, func(s coproc.Session) error {
		return target(s).Void("csr1", try(s.Info()).must(t).Receiving[0].ShareSet)
	})
	counted(r.css, "cancel", Officer, func(s coproc.Session) error { return on[coproc.Canceller](t, s).Cancel("csr1") })
	uncounted(r.css, "cancel again", Officer, func(s coproc.Session) error { return on[coproc.Canceller](t, s).Cancel("csr1") })
	changed := []byte("another passphrase")
	s := as[coproc.PassphraseChanger](r.css, Hasher)
	before := r.css.info().Acts
	ok(t, s.ChangePassphrase(Passphrase(Hasher), changed))
	if after := r.css.info().Acts; after <= before {
		t.Errorf("change passphrase: the count is %d, it was %d", after, before)
	}
}
