package ceremony

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Unlock has the administrator of this store's coprocessor begin the count of
// a profile's wrong passphrases anew, and says what it was.
func (n *Node) Unlock(profile string, desk Desk) (was coproc.Profile, err error) {
	if err := n.HasProfile(profile); err != nil {
		return was, err
	}
	node := n.Plan().At(n.Device().Name)[0]
	err = n.withOfficer(node, n.Device().Administrator, "unlock "+profile, desk, func(r *run) error {
		manager, err := capability[coproc.AccessManager](r.session, "unlock profiles")
		if err != nil {
			return err
		}
		access, err := r.session.Access()
		if err != nil {
			return refusal.Wrap(err, "unlock %s", profile)
		}
		i := slices.IndexFunc(access.Profiles, func(p coproc.Profile) bool { return p.Name == profile })
		if i < 0 {
			return refusal.New(refusal.CodeAccessDiffers, "the coprocessor has no profile %s, the plan has", profile)
		}
		was = access.Profiles[i]
		err = r.confirm(Confirmation{Act: "unlock " + profile + ", who can log on again then", Facts: [][2]string{
			{"officer", n.Plan().Officer(profile).String()}, {"wrong passphrases", fmt.Sprint(was.Failures)}, {"is locked", yesOrNo(was.Locked)},
		}})
		if err != nil {
			return err
		}
		if err := manager.Unlock(profile); err != nil {
			return refusal.Wrap(err, "unlock %s", profile)
		}
		return r.record(journal.Record{Event: journal.EventAct, Node: node.Name, Task: procedure.TaskUnlock,
			Text: unlocked(was)})
	})
	return was, err
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func unlocked(was coproc.Profile) string {
	if was.Locked {
		return fmt.Sprintf("profile %s, locked after %d wrong passphrases, can log on again", was.Name, was.Failures)
	}
	return fmt.Sprintf("profile %s was not locked; the count of its wrong passphrases, %d, begins anew", was.Name, was.Failures)
}

// ChangePassphrase has an officer change their passphrase at this store's
// coprocessor: they log on with the old one, and desk is asked for the new one.
func (n *Node) ChangePassphrase(profile string, desk Desk) error {
	if err := n.HasProfile(profile); err != nil {
		return err
	}
	node := n.Plan().At(n.Device().Name)[0]
	keeper := &passphraseKeeper{Desk: desk}
	defer func() { clear(keeper.last) }()
	return n.withOfficer(node, profile, "change the passphrase of "+profile, keeper, func(r *run) error {
		changer, err := capability[coproc.PassphraseChanger](r.session, "change passphrases")
		if err != nil {
			return err
		}
		chosen, err := r.desk.Passphrase(PassphraseQuestion{
			Profile: profile, Person: n.Plan().Officer(profile).Person, Node: node.Name, Why: "choose a new passphrase", Attempt: 1, New: true,
		})
		if err != nil {
			return err
		}
		defer clear(chosen)
		if err := changer.ChangePassphrase(keeper.last, chosen); err != nil {
			return refusal.Wrap(err, "change the passphrase of %s", profile)
		}
		if err := r.refresh(); err != nil {
			return err
		}
		return r.officerKeys(r.record)
	})
}

// passphraseKeeper keeps the passphrase that an officer logged on with, for
// the coprocessor to check once more when it is changed.
type passphraseKeeper struct {
	Desk
	last []byte
}

func (k *passphraseKeeper) Passphrase(q PassphraseQuestion) ([]byte, journal.Means, error) {
	given, means, err := k.Desk.Passphrase(q)
	if !q.New {
		clear(k.last)
		k.last = bytes.Clone(given)
	}
	return given, means, err
}
