package ceremonytest

import (
	"context"
	"errors"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// ErrKilled is what every call gets in a process that was killed.
var ErrKilled = errors.New("the process was killed here")

// Kill says where a process ends.
type Kill struct {
	At     int  // at which call of the coprocessor or of a carrier, from 1; 0 for never
	Before bool // the call does nothing any more; else it does all, and nobody hears of it
}

// killer counts calls and kills a process at one of them.
type killer struct {
	Kill
	calls int
	dead  bool
	last  string // the call that was killed
}

func (k *killer) step(what string, call func() error) error {
	if k.dead {
		return ErrKilled
	}
	k.calls++
	if k.calls != k.At {
		return call()
	}
	k.dead, k.last = true, what
	if k.Before {
		k.last = "before " + what
		return ErrKilled
	}
	_ = call() // whatever it says, nobody hears it
	return ErrKilled
}

// watcher hears what a coprocessor truly holds, which no journal may
// contradict.
type watcher interface {
	sees(coproc.Info)      // after each act
	loads(coproc.Register) // a master key was put into the new register by hand
	states(target string)  // shares or a statement of the current master key were made
	certified(coproc.Keys) // the SA vouched for them
}

// backend gives coprocessors that are watched, and die as k says.
func backend(k *killer, w watcher) store.Backend {
	create := func(dir string, s coproc.Setup) error {
		return engine.Create(context.Background(), dir, s, soft.Chip{})
	}
	return store.Backend{Create: create, Open: func(dir string, _ chip.Selection) (coproc.Coprocessor, error) {
		c, err := engine.Open(context.Background(), dir, soft.Chip{})
		if err != nil {
			return nil, err
		}
		return device{c, k, w}, nil
	}}
}

type device struct {
	coproc.Coprocessor
	k *killer
	w watcher
}

func (d device) LogOn(profile string, passphrase []byte, now time.Time) (s coproc.Session, err error) {
	err = d.k.step("log on", func() error {
		inner, err := d.Coprocessor.LogOn(profile, passphrase, now)
		if err == nil {
			s = session{inner.(capabilities), d.k, d.w}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close does nothing in a dead process: what was only remembered is lost.
func (d device) Close() error {
	if d.k.dead {
		return nil
	}
	return d.Coprocessor.Close()
}

// capabilities are all that a session of the software coprocessor has. One that
// is not here cannot be used in a World.
type capabilities interface {
	coproc.Session
	coproc.KeyOwner
	coproc.Registrar
	coproc.Unregistrar
	coproc.Restarter
	coproc.Certifier
	coproc.MasterKeys
	coproc.Source
	coproc.Canceller
	coproc.Target
	coproc.JournalExporter
	coproc.AccessManager
	coproc.PassphraseChanger
}

type session struct {
	capabilities
	k *killer
	w watcher
}

// act is a call that may change what the coprocessor holds.
func (s session) act(what string, call func() error) error {
	return s.k.step(what, func() error {
		err := call()
		if info, failed := s.capabilities.Info(); failed == nil {
			s.w.sees(info)
		}
		return err
	})
}

func (s session) Close() error { return s.k.step("log off", s.capabilities.Close) }

func (s session) SignJournal(count uint64, head coproc.Digest) (j coproc.JournalSignatures, err error) {
	err = s.k.step("sign journal", func() error { j, err = s.capabilities.SignJournal(count, head); return err })
	return j, err
}

func (s session) CommitJournal(count uint64, head coproc.Digest) error {
	return s.k.step("keep journal", func() error { return s.capabilities.CommitJournal(count, head) })
}

func (s session) GenerateKey(node string, role coproc.NodeRole) (keys coproc.Keys, err error) {
	err = s.act("generate key", func() error { keys, err = s.capabilities.GenerateKey(node, role); return err })
	return keys, err
}

func (s session) SignBundle(node string, protected, payload []byte) (b []byte, err error) {
	err = s.k.step("sign bundle", func() error { b, err = s.capabilities.SignBundle(node, protected, payload); return err })
	return b, err
}

func (s session) SignReceipt(node string, protected, payload []byte) (b []byte, err error) {
	err = s.k.step("sign receipt", func() error { b, err = s.capabilities.SignReceipt(node, protected, payload); return err })
	return b, err
}

func (s session) SignExport(protected, payload []byte) (b []byte, err error) {
	err = s.k.step("sign export", func() error { b, err = s.capabilities.SignExport(protected, payload); return err })
	return b, err
}

func (s session) Identity(node string) (age.Identity, error) { return s.capabilities.Identity(node) }

func (s session) RegisterHash(t coproc.Thumbprint) error {
	return s.act("register hash", func() error { return s.capabilities.RegisterHash(t) })
}

func (s session) RegisterKey(p coproc.PublicKey) error {
	return s.act("register key", func() error { return s.capabilities.RegisterKey(p) })
}

func (s session) AskUnregister(t coproc.Thumbprint) error {
	return s.act("ask to unregister", func() error { return s.capabilities.AskUnregister(t) })
}

func (s session) WithdrawUnregister() error {
	return s.act("withdraw unregistering", s.capabilities.WithdrawUnregister)
}

func (s session) UnregisterHash(t coproc.Thumbprint) error {
	return s.act("unregister hash", func() error { return s.capabilities.UnregisterHash(t) })
}

func (s session) AskRestart(t coproc.Thumbprint) error {
	return s.act("ask to begin anew", func() error { return s.capabilities.AskRestart(t) })
}

func (s session) WithdrawRestart() error {
	return s.act("withdraw beginning anew", s.capabilities.WithdrawRestart)
}

func (s session) Restart(t coproc.Thumbprint) error {
	return s.act("begin anew", func() error { return s.capabilities.Restart(t) })
}

func (s session) Certify(sa string, claims coproc.Claims) (c coproc.Certificate, err error) {
	err = s.act("certify", func() error {
		c, err = s.capabilities.Certify(sa, claims)
		if err == nil {
			s.w.certified(claims.Keys)
		}
		return err
	})
	return c, err
}

func (s session) BeginShareSet(r coproc.ObtainRequest) (id coproc.ShareSetID, err error) {
	err = s.act("begin a share set", func() error { id, err = s.capabilities.BeginShareSet(r); return err })
	return id, err
}

func (s session) Obtain(r coproc.ObtainRequest) (b []byte, err error) {
	err = s.act("obtain", func() error { b, err = s.capabilities.Obtain(r); return err })
	return b, err
}

func (s session) MarkDistributed(target string, index int) error {
	return s.act("distributed", func() error { return s.capabilities.MarkDistributed(target, index) })
}

func (s session) GiveUp(target string, index int) error {
	return s.act("give up", func() error { return s.capabilities.GiveUp(target, index) })
}

func (s session) SignStatement(source, target string) (b []byte, err error) {
	err = s.act("state", func() error {
		b, err = s.capabilities.SignStatement(source, target)
		if err == nil {
			s.w.states(target)
		}
		return err
	})
	return b, err
}

func (s session) Cancel(target string) error {
	return s.act("cancel", func() error { return s.capabilities.Cancel(target) })
}

func (s session) Void(node string, set coproc.ShareSetID) error {
	return s.act("void", func() error { return s.capabilities.Void(node, set) })
}

func (s session) AcceptStatement(a coproc.StatementAccept) error {
	return s.act("accept statement", func() error { return s.capabilities.AcceptStatement(a) })
}

func (s session) Install(node string, i int, sealed []byte, context coproc.Digest) (done bool, err error) {
	err = s.act("install", func() error { done, err = s.capabilities.Install(node, i, sealed, context); return err })
	return done, err
}

func (s session) LoadPart(c coproc.Class, p coproc.Part, key []byte) (r coproc.Registers, err error) {
	err = s.act("load part", func() error {
		r, err = s.capabilities.LoadPart(c, p, key)
		if err == nil {
			s.w.loads(r.New)
		}
		return err
	})
	return r, err
}

func (s session) GenerateMasterKey(c coproc.Class) (r coproc.Registers, err error) {
	err = s.act("generate master key", func() error {
		r, err = s.capabilities.GenerateMasterKey(c)
		if err == nil {
			s.w.loads(r.New)
		}
		return err
	})
	return r, err
}

func (s session) ClearNew(c coproc.Class) (r coproc.Registers, err error) {
	err = s.act("clear", func() error { r, err = s.capabilities.ClearNew(c); return err })
	return r, err
}

func (s session) VerifyNew(c coproc.Class) (v coproc.Verification, err error) {
	err = s.act("verify", func() error { v, err = s.capabilities.VerifyNew(c); return err })
	return v, err
}

func (s session) SetMasterKey(c coproc.Class) (r coproc.Registers, err error) {
	err = s.act("set", func() error { r, err = s.capabilities.SetMasterKey(c); return err })
	return r, err
}

func (s session) Unlock(profile string) error {
	return s.k.step("unlock", func() error { return s.capabilities.Unlock(profile) })
}

func (s session) ChangePassphrase(before, after []byte) error {
	return s.k.step("change passphrase", func() error { return s.capabilities.ChangePassphrase(before, after) })
}
