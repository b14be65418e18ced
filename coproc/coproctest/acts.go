package coproctest

import (
	"errors"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// act is one act as it would be tried by somebody who is not let do it, so
// that what it is about need not exist.
type act struct {
	name string
	// may is a profile that is let do it, alone of all.
	may string
	do  func(t *testing.T, s coproc.Session) error
}

// on asserts a capability.
func on[T any](t *testing.T, s coproc.Session) T {
	t.Helper()
	c, ok := s.(T)
	if !ok {
		t.Skipf("the sessions of this backend are not all that the act needs")
	}
	return c
}

// acts are all that need a permission, but for Access.
func acts(f Family) []act {
	masterKey := func(f func(coproc.MasterKeys) error) func(*testing.T, coproc.Session) error {
		return func(t *testing.T, s coproc.Session) error { return f(on[coproc.MasterKeys](t, s)) }
	}
	part := make([]byte, coproc.SymMK.Size())
	return []act{
		{"generate key", Officer, func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.KeyOwner](t, s).GenerateKey("css", coproc.CSS)).err
		}},
		{"register hash", Hasher, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Registrar](t, s).RegisterHash(coproc.Thumbprint{1})
		}},
		{"register key", Keyer, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Registrar](t, s).RegisterKey(f.newSigner(t).public)
		}},
		{"ask to unregister the hash", Hasher, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Unregistrar](t, s).AskUnregister(coproc.Thumbprint{1})
		}},
		{"withdraw unregistering", Hasher, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Unregistrar](t, s).WithdrawUnregister()
		}},
		{"unregister the hash", Keyer, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Unregistrar](t, s).UnregisterHash(coproc.Thumbprint{1})
		}},
		{"ask to restart", Hasher, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Restarter](t, s).AskRestart(coproc.Thumbprint{1})
		}},
		{"withdraw restarting", Hasher, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Restarter](t, s).WithdrawRestart()
		}},
		{"restart", Keyer, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Restarter](t, s).Restart(coproc.Thumbprint{1})
		}},
		{"certify", Grantor, func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.Certifier](t, s).Certify("sa", coproc.Claims{})).err
		}},
		{"load first part", Part1, masterKey(func(k coproc.MasterKeys) error {
			return try(k.LoadPart(coproc.SymMK, coproc.First, part)).err
		})},
		{"load middle part", Part2, masterKey(func(k coproc.MasterKeys) error {
			return try(k.LoadPart(coproc.SymMK, coproc.Middle, part)).err
		})},
		{"load last part", Part2, masterKey(func(k coproc.MasterKeys) error {
			return try(k.LoadPart(coproc.SymMK, coproc.Last, part)).err
		})},
		{"generate master key", Officer, masterKey(func(k coproc.MasterKeys) error {
			return try(k.GenerateMasterKey(coproc.SymMK)).err
		})},
		{"clear new", Officer, masterKey(func(k coproc.MasterKeys) error {
			return try(k.ClearNew(coproc.SymMK)).err
		})},
		{"verify new", Officer, masterKey(func(k coproc.MasterKeys) error {
			return try(k.VerifyNew(coproc.SymMK)).err
		})},
		{"set", Setter, masterKey(func(k coproc.MasterKeys) error {
			return try(k.SetMasterKey(coproc.SymMK)).err
		})},
		{"begin", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.Source](t, s).BeginShareSet(coproc.ObtainRequest{Source: "css", Class: coproc.SymMK, Index: 1})).err
		}},
		{"obtain", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.Source](t, s).Obtain(coproc.ObtainRequest{Source: "css", Class: coproc.SymMK, Index: 1})).err
		}},
		{"distributed", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return on[coproc.Source](t, s).MarkDistributed("csr1", 1)
		}},
		{"give up", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return on[coproc.Source](t, s).GiveUp("csr1", 1)
		}},
		{"state", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.Source](t, s).SignStatement("css", "csr1")).err
		}},
		{"cancel", Officer, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Canceller](t, s).Cancel("csr1")
		}},
		{"unlock", Admin, func(t *testing.T, s coproc.Session) error {
			return on[coproc.AccessManager](t, s).Unlock(Auditor)
		}},
		{"accept statement", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return on[coproc.Target](t, s).AcceptStatement(coproc.StatementAccept{Node: "csr1"})
		}},
		{"install", ShareOfficer(1), func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.Target](t, s).Install("csr1", 1, nil, coproc.Digest{})).err
		}},
		{"void", Officer, func(t *testing.T, s coproc.Session) error {
			return on[coproc.Target](t, s).Void("csr1", coproc.ShareSetID{1})
		}},
		{"sign export", Auditor, func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.JournalExporter](t, s).SignExport([]byte{0xa0}, nil)).err
		}},
	}
}

// everyonesActs are those that need to be logged on, and Access.
func everyonesActs() []act {
	return []act{
		{"info", Auditor, func(_ *testing.T, s coproc.Session) error { return try(s.Info()).err }},
		{"access", Auditor, func(_ *testing.T, s coproc.Session) error { return try(s.Access()).err }},
		{"sign journal", Auditor, func(_ *testing.T, s coproc.Session) error {
			return signJournal(s, 1, coproc.Digest{1})
		}},
		{"keep journal", Auditor, func(_ *testing.T, s coproc.Session) error {
			return s.CommitJournal(1, coproc.Digest{1})
		}},
		{"sign bundle", Auditor, func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.KeyOwner](t, s).SignBundle("csr1", []byte{0xa0}, nil)).err
		}},
		{"identity", Auditor, func(t *testing.T, s coproc.Session) error {
			return try(on[coproc.KeyOwner](t, s).Identity("csr1")).err
		}},
		{"change passphrase", Auditor, func(t *testing.T, s coproc.Session) error {
			return on[coproc.PassphraseChanger](t, s).ChangePassphrase(Passphrase(Auditor), []byte("another passphrase"))
		}},
	}
}

// testAccessDenied tries every act as every profile that must not do it. As
// the one that may, the act gets as far as another error, or is done.
func testAccessDenied(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 2))
	for _, p := range d.setup.Profiles {
		t.Run(p.Name, func(t *testing.T) {
			for _, a := range acts(f) {
				s := as[coproc.Session](d, p.Name)
				shareAct := a.may == ShareOfficer(1) && (a.name == "state" || a.name == "accept statement")
				if p.Name == a.may || shareAct && p.Name == ShareOfficer(2) {
					continue
				}
				d.refused(coproc.ErrAccess, func() error { return a.do(t, s) })
			}
			s := as[coproc.Session](d, p.Name)
			_, err := s.Access()
			if denied := errors.Is(err, coproc.ErrAccess); denied == (p.Name == Admin || p.Name == Auditor) {
				t.Errorf("access: error is %v", err)
			}
			// Whoever manages access has no part in what a node says and hears.
			for _, a := range everyonesActs() {
				if a.name != "sign bundle" && a.name != "identity" {
					continue
				}
				if err := a.do(t, s); errors.Is(err, coproc.ErrAccess) != (p.Name == Admin) {
					t.Errorf("%s: error is %v", a.name, err)
				}
			}
		})
	}
	for _, a := range acts(f) {
		if err := a.do(t, as[coproc.Session](d, a.may)); errors.Is(err, coproc.ErrAccess) {
			t.Errorf("%s as %s: %v", a.name, a.may, err)
		}
	}
}
