package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

func (r *run) installDuty(i int) duty {
	return duty{
		task: procedure.TaskInstallShares, group: coproc.CSR, share: i,
		profile: r.node.Officers.InstallShares[i-1],
	}
}

// installed lists the shares that are installed, ascending.
func (r *run) installed() []int {
	var shares []int
	for i := 1; i <= r.n.Plan().N; i++ {
		if _, done := r.n.History().Done(r.key(r.installDuty(i))); done {
			shares = append(shares, i)
		}
	}
	return shares
}

// installShare installs a share, unless the new master key is whole without it. A bad
// share does no harm as long as enough good ones come.
func (r *installing) installShare(a at) error {
	_, done := r.n.History().Done(r.key(a.duty))
	if done || len(r.installed()) >= r.n.Plan().M || !r.wantedShare(a.share) || slices.Contains(r.opts.GiveUp, a.share) || !r.shareHere(a.share) {
		return nil
	}
	if err := r.prepared(); err != nil {
		return err
	}
	if err := r.emptyForShares(); err != nil {
		return err
	}
	err := r.do(a.duty, func() (journal.Record, error) {
		if r.source.IsZero() {
			var err error
			if r.source, r.statement, err = r.takeStatement(); err != nil {
				return journal.Record{}, err
			}
		}
		return r.takeShare(a.share)
	})
	var why *refusal.Error
	if err == nil || !errors.As(err, &why) || why.Code.Group() != refusal.Refused || r.source.IsZero() {
		return err
	}
	if r.bad != nil {
		r.setAside(why)
		return nil
	}
	r.bad = err
	return nil
}

// enoughShares refuses to go on until the new master key is whole.
func (r *installing) enoughShares() error {
	have, need := len(r.installed()), r.n.Plan().M
	switch {
	case have >= need && r.bad != nil:
		var why *refusal.Error
		errors.As(r.bad, &why)
		r.setAside(why)
		return nil
	case have >= need:
		return nil
	case r.bad != nil:
		return r.bad
	}
	return r.missingShares(have, need)
}

// missingShares says which shares are still to be brought.
func (r *installing) missingShares(have, need int) error {
	if r.opts.Task != "" && r.opts.Task != procedure.TaskInstallShares {
		return refusal.New(refusal.CodeOrder, "the shares come first: %d of %d needed are installed", have, need)
	}
	if r.opts.Task != "" && have > 0 && len(r.opts.Shares) > 0 {
		return errStop
	}
	var open []string
	for i := 1; i <= r.n.Plan().N; i++ {
		if !slices.Contains(r.installed(), i) {
			open = append(open, fmt.Sprint(i))
		}
	}
	for _, it := range r.items {
		// A file that is no good bundle may be the very share that is missed.
		var why *refusal.Error
		if it.in.Folder == database(r.node) && errors.As(it.err, &why) {
			return &refusal.Error{Code: why.Code, Bundle: why.Bundle, Err: why, Text: fmt.Sprintf(
				"%d of %d needed shares are installed, and a file cannot be used: %s", have, need, why.Text)}
		}
	}
	only := ""
	if len(r.opts.Shares) > 0 {
		only = fmt.Sprintf(" (this run was for share %s only)", strings.Trim(fmt.Sprint(r.opts.Shares), "[]"))
	}
	return refusal.New(refusal.CodeMissing, "%d of %d needed shares are installed; bring %d more of share %s", have, need, need-have, strings.Join(open, ", ")+only)
}

// shareHere reports whether a share is on the carrier.
func (r *intake) shareHere(i int) bool {
	return slices.ContainsFunc(r.items, func(it item) bool {
		return it.err == nil && it.header.Kind == bundle.KindShare && it.in.Folder == database(r.node) && int(it.header.Share.Index) == i
	})
}

// prepared refuses, before anybody logs on, carriers that bring shares without
// the certificate and the statement that they need.
func (r *installing) prepared() error {
	folder := database(r.node)
	for _, it := range r.items {
		if it.in.Folder == folder && it.err != nil {
			return nil // it may be one of them: what is wrong with it is said later
		}
	}
	switch {
	case !r.present(bundle.KindCSRCert, folder) && !r.receivedBefore(r.node):
		return refusal.New(refusal.CodeMissing, "there is no csr-cert in %s", folder)
	case !r.present(bundle.KindStatement, folder) && !r.statedBefore():
		return refusal.New(refusal.CodeMissing, "there is no statement in %s", folder)
	}
	return nil
}

// takeShare takes the one share with an index in, and gives it to the coprocessor.
func (r *installing) takeShare(i int) (journal.Record, error) {
	source, body := r.source, r.statement
	s, err := coproc.ParseStatement(body.Statement, source)
	if err != nil {
		return journal.Record{}, err
	}
	found, err := r.take(bundle.KindShare, database(r.node), r.anchors(source), func(h bundle.Header) error {
		switch {
		case int(h.Share.Index) != i:
			return errPass
		case r.n.notCancelled(h.Share.Set) != nil:
			return r.n.notCancelled(h.Share.Set)
		case h.Share.Set != s.ShareSet:
			return refusal.New(refusal.CodeShareSet, "share %d is of share set %s, the statement is of set %s", i, h.Share.Set.String()[:8], s.ShareSet.String()[:8])
		}
		return nil
	})
	if err != nil {
		return journal.Record{}, err
	}
	if len(found) > 1 {
		return journal.Record{}, refusal.New(refusal.CodeShareRepeat, "share %d is there twice, with different contents", i)
	}
	return r.give(i, s, found[0])
}

// give hands a share to the coprocessor, which checks it once more for itself.
func (r *installing) give(i int, s coproc.Statement, v *bundle.Verified) (journal.Record, error) {
	target, err := capability[coproc.Target](r.session, "install shares")
	if err != nil {
		return journal.Record{}, err
	}
	digest := v.Digest()
	rec := journal.Record{Bundle: &digest, Text: fmt.Sprintf("share %d of set %s", i, s.ShareSet.String()[:8])}
	if by := r.receivedShare(s.ShareSet, i); by != "" {
		rec.Recovered = true
		rec.Text += ", installed by " + by + " before an interruption"
		return rec, nil
	}
	done, err := target.Install(r.node.Name, i, v.Payload(), v.Context())
	if err != nil {
		return journal.Record{}, err
	}
	if done {
		rec.Text += fmt.Sprintf("; %d shares make the new master key", s.M)
	}
	return rec, r.refresh()
}

// emptyForShares refuses, before anybody logs on, to install the first share
// where the journal says that somebody filled the new register by hand.
func (r *installing) emptyForShares() error {
	rec, known := r.n.History().LastRegisters(r.node.Name, r.n.Plan().MasterKeyClass())
	if !known || len(r.installed()) > 0 {
		return nil
	}
	d, err := journal.DataOf[journal.ActData](rec)
	if err != nil || d.New.State == coproc.Empty {
		return err
	}
	return r.notEmpty(d.New)
}

// notEmpty says what to do with a new register that has something else in it
// than shares.
func (r *installing) notEmpty(now coproc.Register) *refusal.Error {
	return refusal.New(refusal.CodeRegister, "no share is installed: the new %s register of %s is %s, and a master key is made from shares in an empty one",
		r.n.Plan().MasterKeyClass(), r.node.Name, now).
		Hinted("it was filled by hand. Where nobody needs what is in it, %s empties it: {coprocessor clear}; then this phase again", r.who(r.node.Officers.Set))
}

// receivedShare is the profile that installed a share, if the coprocessor has it.
func (r *officerSession) receivedShare(set coproc.ShareSetID, i int) string {
	for _, t := range r.info.Receiving {
		if t.ShareSet == set && i <= len(t.States) && t.States[i-1] >= coproc.ShareDone {
			return t.By[i-1]
		}
	}
	return ""
}
