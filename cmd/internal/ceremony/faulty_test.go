package ceremony

import (
	"errors"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

var errKilled = errors.New("the process was killed here")

// killer kills a node right after its at-th call of the coprocessor: the call
// did what it does, nobody hears of it, and nothing works from then on. What
// is on the disk then is what SIGKILL leaves.
type killer struct {
	at, calls int
	dead      bool
	last      string // the call that was killed
	each      func() // after each call, if it is set
}

func (k *killer) backend() store.Backend {
	b := softBackend
	b.Open = func(dir string, on chip.Selection) (coproc.Coprocessor, error) {
		c, err := softBackend.Open(dir, on)
		if err != nil {
			return nil, err
		}
		return killedCoprocessor{c, k}, nil
	}
	return b
}

// after lets a call be made, unless the node is dead.
func (k *killer) after(what string, call func() error) error {
	if k.dead {
		return errKilled
	}
	k.calls++
	if k.calls == k.at {
		k.dead, k.last = true, what
	}
	err := call()
	if k.each != nil {
		k.each()
	}
	if err != nil || !k.dead {
		return err
	}
	return errKilled
}

type killedCoprocessor struct {
	coproc.Coprocessor
	k *killer
}

func (c killedCoprocessor) LogOn(profile string, passphrase []byte, now time.Time) (s coproc.Session, err error) {
	err = c.k.after("log on", func() error {
		inner, err := c.Coprocessor.LogOn(profile, passphrase, now)
		if err == nil {
			s = killedSession{inside(inner), c.k}
		}
		return err
	})
	return s, err
}

// Close does nothing in a dead process: what was only remembered is lost.
func (c killedCoprocessor) Close() error {
	if c.k.dead {
		return nil
	}
	return c.Coprocessor.Close()
}

type killedSession struct {
	insider
	k *killer
}

func (s killedSession) Close() error {
	return s.k.after("log off", s.insider.Session.Close)
}

func (s killedSession) SignJournal(count uint64, head coproc.Digest) (j coproc.JournalSignatures, err error) {
	err = s.k.after("sign journal", func() error { j, err = s.insider.SignJournal(count, head); return err })
	return j, err
}

func (s killedSession) CommitJournal(count uint64, head coproc.Digest) error {
	return s.k.after("keep journal", func() error { return s.insider.CommitJournal(count, head) })
}

func (s killedSession) GenerateKey(node string, role coproc.NodeRole) (k coproc.Keys, err error) {
	err = s.k.after("generate key", func() error { k, err = s.insider.GenerateKey(node, role); return err })
	return k, err
}

func (s killedSession) SignBundle(node string, protected, payload []byte) (b []byte, err error) {
	err = s.k.after("sign bundle", func() error { b, err = s.insider.SignBundle(node, protected, payload); return err })
	return b, err
}

func (s killedSession) SignReceipt(node string, protected, payload []byte) (b []byte, err error) {
	err = s.k.after("sign receipt", func() error { b, err = s.insider.SignReceipt(node, protected, payload); return err })
	return b, err
}

func (s killedSession) Identity(node string) (age.Identity, error) { return s.insider.Identity(node) }

func (s killedSession) RegisterHash(t coproc.Thumbprint) error {
	return s.k.after("register hash", func() error { return s.insider.RegisterHash(t) })
}

func (s killedSession) RegisterKey(p coproc.PublicKey) error {
	return s.k.after("register key", func() error { return s.insider.RegisterKey(p) })
}

func (s killedSession) AskUnregister(t coproc.Thumbprint) error {
	return s.k.after("ask to unregister", func() error { return s.insider.AskUnregister(t) })
}

func (s killedSession) WithdrawUnregister() error {
	return s.k.after("withdraw unregistering", s.insider.WithdrawUnregister)
}

func (s killedSession) UnregisterHash(t coproc.Thumbprint) error {
	return s.k.after("unregister hash", func() error { return s.insider.UnregisterHash(t) })
}

func (s killedSession) AskRestart(t coproc.Thumbprint) error {
	return s.k.after("ask to restart", func() error { return s.insider.AskRestart(t) })
}

func (s killedSession) WithdrawRestart() error {
	return s.k.after("withdraw restarting", s.insider.WithdrawRestart)
}

func (s killedSession) Restart(t coproc.Thumbprint) error {
	return s.k.after("restart", func() error { return s.insider.Restart(t) })
}

func (s killedSession) Certify(sa string, claims coproc.Claims) (c coproc.Certificate, err error) {
	err = s.k.after("certify", func() error { c, err = s.insider.Certify(sa, claims); return err })
	return c, err
}

func (s killedSession) BeginShareSet(r coproc.ObtainRequest) (id coproc.ShareSetID, err error) {
	err = s.k.after("begin", func() error { id, err = s.insider.BeginShareSet(r); return err })
	return id, err
}

func (s killedSession) Obtain(r coproc.ObtainRequest) (b []byte, err error) {
	err = s.k.after("obtain", func() error { b, err = s.insider.Obtain(r); return err })
	return b, err
}

func (s killedSession) MarkDistributed(target string, index int) error {
	return s.k.after("distributed", func() error { return s.insider.MarkDistributed(target, index) })
}

func (s killedSession) GiveUp(target string, index int) error {
	return s.k.after("give up", func() error { return s.insider.GiveUp(target, index) })
}

func (s killedSession) SignStatement(source, target string) (b []byte, err error) {
	err = s.k.after("state", func() error { b, err = s.insider.SignStatement(source, target); return err })
	return b, err
}

func (s killedSession) AcceptStatement(a coproc.StatementAccept) error {
	return s.k.after("accept statement", func() error { return s.insider.AcceptStatement(a) })
}

func (s killedSession) Install(node string, i int, sealed []byte, context coproc.Digest) (done bool, err error) {
	err = s.k.after("install", func() error { done, err = s.insider.Install(node, i, sealed, context); return err })
	return done, err
}

func (s killedSession) VerifyNew(c coproc.Class) (v coproc.Verification, err error) {
	err = s.k.after("verify new", func() error { v, err = s.insider.VerifyNew(c); return err })
	return v, err
}

func (s killedSession) SetMasterKey(c coproc.Class) (r coproc.Registers, err error) {
	err = s.k.after("set master key", func() error { r, err = s.insider.SetMasterKey(c); return err })
	return r, err
}

func (s killedSession) Cancel(target string) error {
	return s.k.after("cancel", func() error { return s.insider.Cancel(target) })
}

func (s killedSession) Void(node string, set coproc.ShareSetID) error {
	return s.k.after("void", func() error { return s.insider.Void(node, set) })
}

func (s killedSession) ClearNew(c coproc.Class) (r coproc.Registers, err error) {
	err = s.k.after("clear new", func() error { r, err = s.insider.ClearNew(c); return err })
	return r, err
}

func (s killedSession) GenerateMasterKey(c coproc.Class) (r coproc.Registers, err error) {
	err = s.k.after("generate master key", func() error { r, err = s.insider.GenerateMasterKey(c); return err })
	return r, err
}
