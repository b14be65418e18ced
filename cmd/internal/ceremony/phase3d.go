package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// phase3d installs shares, verifies the new master key and sets it: three
// separate acts.
func (r *run) phase3d() error {
	if r.n.state.sent(r.node.Name, bundle.KindCSRKey, "", 0) == nil {
		return refuse(CodeOrder, "phase 3a comes first at %s", r.node.Name)
	}
	if err := r.install(); err != nil {
		return err
	}
	verified, err := r.verifyNew()
	if err != nil {
		return err
	}
	if err := r.set(verified); err != nil {
		return err
	}
	if err := r.receipt(verified); err != nil {
		return err
	}
	return r.deliver(bundle.KindReceipt, "", 0)
}

// verifyNew compares the new master key with the source's statement.
func (r *run) verifyNew() (Record, error) {
	d := duty{task: TaskVerify, group: coproc.CSR, profile: r.node.Officers.Verify}
	err := r.do(d, func() (Record, error) {
		keys, err := capability[coproc.MasterKeys](r.session, "verify master keys")
		if err != nil {
			return Record{}, err
		}
		class := r.n.plan.MasterKeyClass()
		v, err := keys.VerifyNew(class)
		if errors.Is(err, coproc.ErrPattern) {
			return Record{}, &Refusal{Code: CodePattern, Err: err, Text: fmt.Sprintf(
				"the new %s master key is not the source's: here %s, the source states %s", class, v.New, v.Expected)}
		}
		if err != nil {
			return Record{}, err
		}
		if !v.Shares {
			return Record{}, refuse(CodeNotVerified, "the new %s master key was not made from shares", class)
		}
		return Record{Text: fmt.Sprintf("new %s pattern %s equals the source's", class, v.New), Data: v.New[:]}, nil
	})
	if err != nil {
		return Record{}, err
	}
	rec, _ := r.n.state.done(r.key(d))
	return rec, nil
}

// set makes the new master key the current one.
func (r *run) set(verified Record) error {
	d := duty{task: TaskSet, group: coproc.CSR, profile: r.node.Officers.Set}
	return r.do(d, func() (Record, error) {
		keys, err := capability[coproc.MasterKeys](r.session, "set master keys")
		if err != nil {
			return Record{}, err
		}
		class := r.n.plan.MasterKeyClass()
		registers := r.info.Register(class)
		text := "new → current → old: current %s, old %s"
		if registers.New.State == coproc.Empty && string(registers.Current.Pattern[:]) == string(verified.Data) {
			return Record{Recovered: true, Text: fmt.Sprintf(text, registers.Current, registers.Old), Data: registers.Current.Pattern[:]}, nil
		}
		if registers.New.State == coproc.Full && string(registers.New.Pattern[:]) != string(verified.Data) {
			return Record{}, refuse(CodePattern, "the new %s register is %s, verified was %x: it was exchanged since", class, registers.New, verified.Data)
		}
		source, s, _, err := r.stated()
		if err != nil {
			return Record{}, err
		}
		err = r.desk.Confirm(Confirmation{
			Act: fmt.Sprintf("set the %s master key of %s", class, r.node.Name),
			Facts: [][2]string{
				sourceFact(source),
				{"source states", fmt.Sprintf("%x", verified.Data)},
				{"new register", registers.New.String()},
				{"current register", registers.Current.String()},
			},
			With: fromItsRoom + ", and the pattern that was noted there",
		})
		if err != nil {
			return Record{}, notConfirmed(err, "set the master key")
		}
		if err := r.recordCompared(source, s.ShareSet); err != nil {
			return Record{}, err
		}
		after, err := keys.SetMasterKey(class)
		if err != nil {
			return Record{}, err
		}
		return Record{Text: fmt.Sprintf(text, after.Current, after.Old), Data: after.Current.Pattern[:]}, r.refresh()
	})
}

// receipt tells source and SA what is in the registers now.
func (r *run) receipt(verified Record) error {
	class := r.n.plan.MasterKeyClass()
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
	if r.n.state.sent(r.node.Name, bundle.KindReceipt, "", 0) != nil {
		return nil
	}
	return r.makeReceipt(class)
}

// stated is the source's certificate and statement, as this node took them in
// and verified again.
func (r *run) stated() (source coproc.Certificate, s coproc.Statement, signed []byte, err error) {
	rec, ok := r.n.state.got(r.node.Name, bundle.KindStatement, r.n.plan.Source().Name)
	if !ok {
		return source, s, nil, refuse(CodeMissing, "no statement was taken in")
	}
	d, err := DataOf[StatedData](rec)
	if err != nil {
		return source, s, nil, err
	}
	if source, err = coproc.ParseCertificate(d.Certificate, r.info.SAKey); err != nil {
		return source, s, nil, err
	}
	s, err = coproc.ParseStatement(d.Statement, source)
	return source, s, d.Statement, err
}

func (r *run) makeReceipt(class coproc.Class) error {
	if err := r.logOnTo("make the receipt", duty{task: TaskSet, group: coproc.CSR, profile: r.node.Officers.Set}); err != nil {
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
	statement, _ := r.n.state.got(r.node.Name, bundle.KindStatement, r.n.plan.Source().Name)
	saKeys, _, err := r.saKeys()
	if err != nil {
		return err
	}
	to, err := recipients(saKeys.Box, source.Claims().Keys.Box)
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
			Kind: bundle.KindReceipt, To: []string{r.n.plan.SA().Name, r.n.plan.Source().Name},
			Answers: *statement.Bundle,
		},
		seal: to, body: body,
	})
}
