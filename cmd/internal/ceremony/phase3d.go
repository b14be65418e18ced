package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// installing is phase 3d: a target gets the master key, by three separate acts:
// shares are installed, the new master key is verified, and it is set.
type installing struct {
	*run
	solo
	source    coproc.Certificate   // that the shares are from; zero until somebody took the statement in
	statement bundle.StatementBody // about them
	bad       error                // the first share that is none
	verified  journal.Record       // of the new master key
}

func install(r *run) *installing { return &installing{run: r} }

// sharesWereGone has the shares installed again that the first officer who logged
// on found gone, and that the journal had.
func (r *installing) sharesWereGone() bool {
	again := r.cleared
	*r = installing{run: r.run}
	r.cleared = false
	return again
}

// newIsEmpty warns of what was left in the new register.
func (r *installing) newIsEmpty() error {
	if left := r.n.inNew(r.node); left.State != coproc.Empty {
		r.led(Warning, "{coprocessor clear} empties it", "the new register of %s is %s: set, it would take the place of the master key", r.node.Name, left)
	}
	return nil
}

// anotherSetFirst refuses to go on, before anybody logs on, where a target has
// set the key of a share set that was cancelled after that, and no other set is
// here.
func (r *installing) anotherSetFirst() error {
	if !r.n.confirming(r.node) || r.statedBefore() {
		return nil
	}
	for _, it := range r.items {
		switch {
		case it.in.Folder != database(r.node):
		case it.err != nil:
			return nil // it may be the statement: what is wrong with it is said later
		case it.header.Kind == bundle.KindStatement && r.n.Void(it.sealed) == nil:
			return nil
		}
	}
	return refusal.New(refusal.CodeMissing, "%s has set its master key, %s, and the share set of it was cancelled after that: the key stays as it is, and another share set confirms it", r.node.Name, r.n.current(r.node)).
		Hinted("%s", confirmHint(r.node.Name))
}

// confirmHint leads a target on whose share set was cancelled when it had set
// the key.
func confirmHint(target string) string {
	return fmt.Sprintf("if the key is to stay at %s: at the source `gapferry phase 3c --target %s` gives out another share set, with which phase 3d there confirms the key and makes another receipt. If not, or if that coprocessor is not to be trusted: set it up anew in a new store (`gapferry init`), and go on with phase 3a", target, target)
}

// confirming reports whether a target has set a master key of a share set that
// was cancelled after that, and is to confirm it with another set.
func (n sets) confirming(target *plan.Node) bool {
	_, set := n.History().LastSet[target.Name]
	return set && !n.History().WasSet(target.Name)
}

// verifyNew compares the new master key with the source's statement.
func (r *installing) verifyNew(a at) error {
	if err := r.enoughShares(); err != nil {
		return err
	}
	err := r.do(a.duty, func() (journal.Record, error) {
		keys, err := capability[coproc.MasterKeys](r.session, "verify master keys")
		if err != nil {
			return journal.Record{}, err
		}
		class := r.n.Plan().MasterKeyClass()
		v, err := keys.VerifyNew(class)
		if errors.Is(err, coproc.ErrPattern) {
			return journal.Record{}, &refusal.Error{Code: refusal.CodePattern, Err: err, Text: fmt.Sprintf(
				"the new %s master key is not the source's: here %s, the source states %s", class, v.New, v.Expected)}
		}
		if err != nil {
			return journal.Record{}, err
		}
		if !v.Shares {
			return journal.Record{}, refusal.New(refusal.CodeNotVerified, "the new %s master key was not made from shares", class)
		}
		return journal.Record{Text: fmt.Sprintf("new %s pattern %s equals the source's", class, v.New), Data: v.New[:]}, nil
	})
	r.verified, _ = r.n.History().Done(r.key(a.duty))
	return err
}

// set makes the new master key the current one.
func (r *installing) set(a at) error {
	verified := r.verified
	return r.do(a.duty, func() (journal.Record, error) {
		keys, err := capability[coproc.MasterKeys](r.session, "set master keys")
		if err != nil {
			return journal.Record{}, err
		}
		class := r.n.Plan().MasterKeyClass()
		registers := r.info.Register(class)
		text := "new → current → old: current %s, old %s"
		if registers.New.State == coproc.Empty && string(registers.Current.Pattern[:]) == string(verified.Data) {
			return journal.Record{Recovered: true, Text: fmt.Sprintf(text, registers.Current, registers.Old), Data: registers.Current.Pattern[:]}, nil
		}
		if registers.New.State == coproc.Full && string(registers.New.Pattern[:]) != string(verified.Data) {
			return journal.Record{}, refusal.New(refusal.CodePattern, "the new %s register is %s, verified was %x: it was exchanged since", class, registers.New, verified.Data)
		}
		if registers.New.State != coproc.Full {
			return journal.Record{}, refusal.New(refusal.CodeRegister, "the new %s register is %s: there is nothing to set", class, registers.New)
		}
		if registers.Old.State == coproc.Full && string(registers.Old.Pattern[:]) == string(verified.Data) {
			return journal.Record{}, r.inOld(class, registers)
		}
		source, s, _, err := r.stated()
		if err != nil {
			return journal.Record{}, err
		}
		act := fmt.Sprintf("set the %s master key of %s", class, r.node.Name)
		has := registers.Current.State == coproc.Full && string(registers.Current.Pattern[:]) == string(verified.Data)
		if has {
			act = fmt.Sprintf("confirm that %s has the %s master key already, and clear the new register", r.node.Name, class)
		}
		err = r.desk.Confirm(Confirmation{
			Act: act,
			Facts: [][2]string{
				sourceFact(source),
				{"source states", fmt.Sprintf("%x", verified.Data)},
				{"new register", registers.New.String()},
				{"current register", registers.Current.String()},
			},
			With: fromItsRoom + ", and the pattern that was noted there",
		})
		if err != nil {
			return journal.Record{}, notConfirmed(err, act)
		}
		if err := r.recordCompared(source, s.ShareSet); err != nil {
			return journal.Record{}, err
		}
		set := keys.SetMasterKey
		if has { // a coprocessor does not set the key that is current
			set, text = keys.ClearNew, "it was the current one already, the new register was cleared: current %s, old %s"
		}
		after, err := set(class)
		if err != nil {
			return journal.Record{}, err
		}
		return journal.Record{Text: fmt.Sprintf(text, after.Current, after.Old), Data: after.Current.Pattern[:]}, r.refresh()
	})
}

// inOld refuses a key that is in the old register: a coprocessor does not set it,
// and officers replaced it here by another one.
func (r *installing) inOld(class coproc.Class, is coproc.Registers) error {
	return refusal.New(refusal.CodeSameKey, "the %s master key that %s is to set is in its OLD register, %s: the current one, %s, took its place there", class, r.node.Name, is.Old, is.Current).
		Hinted("find out why it was replaced, and tell the auditor. If it is to be the current one again, another key has to push it out of the old register: {coprocessor clear}, {coprocessor generate}, {coprocessor set}, then {phase 3d} with the same shares. Or set this coprocessor up anew in a new store (`gapferry init`), and go on with phase 3a")
}

// receipt tells source and SA what is in the registers now.
func (r *installing) receipt(at) error {
	if err := r.confirmSet(); err != nil {
		return err
	}
	return r.deliver(bundle.KindReceipt, "", 0)
}

// confirmSet compares what is current with what was verified, and makes the receipt
// unless that was done.
func (r *installing) confirmSet() error {
	verified := r.verified
	class := r.n.Plan().MasterKeyClass()
	current := r.n.current(r.node)
	if r.session != nil {
		current = r.info.Register(class).Current
	}
	r.result.Targets = []Equality{{
		Name: r.node.Name, Pattern: current.Pattern.String(), Expected: fmt.Sprintf("%x", verified.Data),
		Equal:    current.State == coproc.Full && string(current.Pattern[:]) == string(verified.Data),
		LoggedOn: r.session != nil,
	}}
	if err := r.n.refuseReplaced(r.node); err != nil {
		return err
	}
	statement, ok := r.n.History().LastReceived(r.node.Name, bundle.KindStatement, r.n.Plan().Source().Name)
	if w := r.n.History().LastWritten(r.node.Name, bundle.KindReceipt, "", 0); w != nil && ok && w.Answers == *statement.Bundle {
		return nil
	}
	return r.makeReceipt(class)
}

// stated is the source's certificate and statement, as this node took them in
// and verified again.
func (r *certificates) stated() (source coproc.Certificate, s coproc.Statement, signed []byte, err error) {
	rec, ok := r.n.History().LastReceived(r.node.Name, bundle.KindStatement, r.n.Plan().Source().Name)
	if !ok {
		return source, s, nil, refusal.New(refusal.CodeMissing, "no statement was taken in")
	}
	d, err := journal.DataOf[journal.StatedData](rec)
	if err != nil {
		return source, s, nil, err
	}
	if source, err = coproc.ParseCertificate(d.Certificate, r.info.SAKey); err != nil {
		return source, s, nil, err
	}
	s, err = coproc.ParseStatement(d.Statement, source)
	return source, s, d.Statement, err
}

func (r *installing) makeReceipt(class coproc.Class) error {
	if err := r.logOnTo("make the receipt", duty{task: procedure.TaskSet, group: coproc.CSR, profile: r.node.Officers.Set}); err != nil {
		return err
	}
	// Logging on may have found that another key was set.
	if err := r.n.refuseReplaced(r.node); err != nil {
		return err
	}
	source, s, signed, err := r.stated()
	if err != nil {
		return err
	}
	statement, _ := r.n.History().LastReceived(r.node.Name, bundle.KindStatement, r.n.Plan().Source().Name)
	saKeys, _, err := r.saKeys()
	if err != nil {
		return err
	}
	to, err := recipients(saKeys.Family, saKeys.Intake, source.Claims().Keys.Intake)
	if err != nil {
		return err
	}
	signer, err := r.receiptSigner()
	if err != nil {
		return err
	}
	registers := r.info.Register(class)
	body := bundle.ReceiptBody{
		Statement: coproc.DigestOf(signed), ShareSet: s.ShareSet, Class: class, Pattern: registers.Current.Pattern,
		New: registers.New, Current: registers.Current, Old: registers.Old, By: r.session.Profile(),
	}
	for _, i := range r.installed() {
		body.Installed = append(body.Installed, uint8(i))
	}
	return r.emit(emission{
		header: bundle.Header{
			Kind: bundle.KindReceipt, To: []string{r.n.Plan().SA().Name, r.n.Plan().Source().Name},
			Answers: *statement.Bundle,
		},
		seal: to, body: body, signer: signer,
	})
}
