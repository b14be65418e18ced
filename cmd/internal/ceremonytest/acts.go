package ceremonytest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// SetUp makes the store of a room: `gapferry init`.
func (w *World) SetUp(coprocessor string, f Faults) error {
	r := w.rooms[coprocessor]
	r.passphrases, r.holds, r.own, r.before = map[string]string{}, coproc.Info{}, map[string]bool{}, map[string]string{}
	r.set++
	w.steps++
	k := &killer{Kill: f.Kill}
	err := ceremony.Init(w.store(coprocessor), w.Plan, coprocessor, backend(k, seen{w, r}), &people{w: w, room: r}, w.clock(coprocessor))
	if k.dead {
		err = ErrKilled
	}
	w.say("%3d %s init%s: %s", w.steps, coprocessor, f, outcome(err))
	w.judgeError("init", err)
	if err == nil {
		w.judgeStore(coprocessor, "init")
	}
	return err
}

// Lose takes a room's coprocessor and store away.
func (w *World) Lose(coprocessor string) error {
	for _, p := range w.Plan.At(coprocessor) {
		delete(w.cards, p.Name)
	}
	w.say("    %s: its coprocessor and its store are gone", coprocessor)
	return os.RemoveAll(w.store(coprocessor))
}

// Anew sets a room up anew. Its journal is handed out before, unless it is lost
// with the rest.
func (w *World) Anew(coprocessor string, lost bool, f Faults) error {
	if !lost {
		if err := w.Export(coprocessor, f); Code(err) == string(refusal.CodeLocked) {
			w.Unlock(coprocessor, w.Plan.At(coprocessor)[0].Officers.Audit, Faults{})
			w.Export(coprocessor, Faults{})
		}
	}
	if err := w.Lose(coprocessor); err != nil {
		return err
	}
	err := w.SetUp(coprocessor, Faults{})
	if Code(err) == string(refusal.CodeClock) {
		// Somebody looked at a watch and said no: the clock is set before anything else.
		r := w.rooms[coprocessor]
		r.skew, r.stopped = 0, nil
		w.say("    the clock of %s is set right", coprocessor)
		err = w.SetUp(coprocessor, Faults{})
	}
	return err
}

// Phase does a phase with the sticks that are carried around, or others.
func (w *World) Phase(node string, id procedure.PhaseID, o ceremony.Options, f Faults, sticks ...*Stick) (result *ceremony.Result, err error) {
	if sticks == nil {
		sticks = w.everything()
	}
	err = w.command(w.at(node), fmt.Sprintf("phase %s %s%s", id, node, optionsText(o)), f, func(n *ceremony.Node, p *people, d deliver) (err error) {
		o.Incoming, o.Deliver = read(n.Folders(id), sticks...), d
		wants := n.Wants(id, o)
		missing, needed := n.Missing(wants, o.Incoming), n.Missing(needed(wants), o.Incoming)
		result, err = n.RunPhase(id, o, p)
		w.judgeWants(id, o, missing, needed, result, err)
		return err
	})
	if result != nil && len(result.Waiting) > 0 {
		w.say("        waiting: %s", strings.Join(result.Waiting, " / "))
	}
	return result, err
}

// needed are the wants without which a phase does not go on.
func needed(wants []ceremony.Want) []ceremony.Want {
	return slices.DeleteFunc(wants, func(w ceremony.Want) bool { return w.Newer })
}

// judgeWants: a scan that goes on for what the phase does not need never ends,
// and one that ends too early makes a phase that fails.
func (w *World) judgeWants(id procedure.PhaseID, o ceremony.Options, missing, needed []string, result *ceremony.Result, err error) {
	whole := o.Task == "" && len(o.Shares) == 0 && len(o.GiveUp) == 0
	switch {
	case err == nil && whole && result.Complete && len(needed) > 0:
		w.Odd = append(w.Odd, fmt.Sprintf("phase %s is complete, and wants %s", id, strings.Join(needed, ", ")))
	case whole && Code(err) == string(refusal.CodeMissing) && len(missing) == 0:
		w.Odd = append(w.Odd, fmt.Sprintf("phase %s wants nothing, and says %v", id, err))
	}
}

func optionsText(o ceremony.Options) string {
	var s string
	if o.Task != "" {
		s += " --task " + string(o.Task)
	}
	if len(o.Targets) > 0 {
		s += fmt.Sprint(" --target ", o.Targets)
	}
	if len(o.Shares) > 0 {
		s += fmt.Sprint(" --share ", o.Shares)
	}
	if len(o.GiveUp) > 0 {
		s += fmt.Sprint(" --give-up ", o.GiveUp)
	}
	if len(o.Renew) > 0 {
		s += fmt.Sprint(" --renew ", o.Renew)
	}
	return s
}

// Cancel voids the share set for a target, at the source.
func (w *World) Cancel(target string, f Faults) error {
	return w.command(w.at(w.source()), "cancel --target "+target, f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Cancel(target, "its shares were lost", ceremony.Options{Deliver: d}, p)
		return err
	})
}

// TakeCancels takes cancels in.
func (w *World) TakeCancels(coprocessor string, f Faults) error {
	return w.command(coprocessor, "cancel --from", f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.TakeCancels(ceremony.Options{Incoming: read(n.Databases(), w.everything()...)}, p)
		return err
	})
}

// Revoke takes a node's certificates back, at the SA.
func (w *World) Revoke(node string, f Faults) error {
	return w.command(w.at(w.sa()), "revoke "+node, f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Revoke(node, "it was stolen", ceremony.Options{Deliver: d}, p)
		return err
	})
}

// TakeRevokes takes revokes in.
func (w *World) TakeRevokes(coprocessor string, f Faults) error {
	return w.command(coprocessor, "revoke --from", f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.TakeRevokes(ceremony.Options{Incoming: read([]string{"sa.db"}, w.everything()...)}, p)
		return err
	})
}

// Receipts takes receipts in.
func (w *World) Receipts(coprocessor string, f Faults) error {
	return w.command(coprocessor, "receipts", f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Receipts(ceremony.Options{Incoming: read(n.Databases(), w.everything()...)}, p)
		return err
	})
}

// Export hands a journal out.
func (w *World) Export(coprocessor string, f Faults) error {
	return w.command(coprocessor, "journal export", f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Export(ceremony.Options{Deliver: d}, p)
		return err
	})
}

// Unregister takes back a hash that is the wrong one: two officers do.
func (w *World) Unregister(coprocessor string, f Faults) error {
	return w.command(coprocessor, "coprocessor unregister-hash", f, func(n *ceremony.Node, p *people, d deliver) error {
		reason := "another ceremony's card was read"
		if n.Unregistering() != nil {
			reason = "" // it was given
		}
		_, err := n.UnregisterHash(reason, p)
		return err
	})
}

// BeginAnew has two officers give up the SA key and the node's own keys, and keep
// the master keys.
func (w *World) BeginAnew(coprocessor string, f Faults) error {
	err := w.command(coprocessor, "coprocessor anew", f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.BeginAnew("the SA is lost", p)
		return err
	})
	if err == nil {
		w.rooms[coprocessor].anew++
	}
	return err
}

// AccountForClock has an officer sign that a room's clock was wrong in records.
func (w *World) AccountForClock(coprocessor, profile string, first, last uint64, f Faults) error {
	return w.command(coprocessor, fmt.Sprintf("journal clock --profile %s --first %d --last %d", profile, first, last), f, func(n *ceremony.Node, p *people, d deliver) error {
		return n.AccountForClock(profile, first, last, p)
	})
}

// Note keeps an officer's remark.
func (w *World) Note(coprocessor string, m ceremony.Remark, f Faults) error {
	return w.command(coprocessor, fmt.Sprintf("journal note %+v", m), f, func(n *ceremony.Node, p *people, d deliver) error {
		return n.Note(m, p)
	})
}

// Resend hands bundles out again.
func (w *World) Resend(coprocessor string, which ceremony.Resend, f Faults) error {
	return w.command(coprocessor, fmt.Sprintf("resend %+v", which), f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Resend(which, d)
		return err
	})
}

// kinds are all that a room can be asked to hand out again, but for shares.
var kinds = []bundle.Kind{
	bundle.KindSAKey, bundle.KindCSSKey, bundle.KindCSSCert, bundle.KindCSRKey, bundle.KindCSRCert,
	bundle.KindStatement, bundle.KindReceipt, bundle.KindCancel, bundle.KindRevoke,
}

// ResendAll hands out everything that a room has made, each share on its stick.
func (w *World) ResendAll(coprocessor string) error {
	return w.command(coprocessor, "resend, each kind", Faults{}, func(n *ceremony.Node, p *people, d deliver) error {
		var errs []error
		try := func(which ceremony.Resend) {
			var why *refusal.Error
			if _, err := n.Resend(which, d); err != nil && !errors.As(err, &why) {
				errs = append(errs, err)
			}
		}
		for _, k := range kinds {
			try(ceremony.Resend{Kind: k})
		}
		for i := range w.Plan.N {
			try(ceremony.Resend{Kind: bundle.KindShare, Share: i + 1})
		}
		return errors.Join(errs...)
	})
}

// Unlock has the administrator unlock a profile.
func (w *World) Unlock(coprocessor, profile string, f Faults) error {
	return w.command(coprocessor, "coprocessor unlock --profile "+profile, f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.Unlock(profile, p)
		return err
	})
}

// ChangePassphrase has an officer choose a new passphrase. After a crash they
// find out which of the two it is.
func (w *World) ChangePassphrase(coprocessor, profile, next string, f Faults) error {
	f.pass = next
	r := w.rooms[coprocessor]
	before := r.passphrase(profile)
	err := w.command(coprocessor, "coprocessor passphrase --profile "+profile, f, func(n *ceremony.Node, p *people, d deliver) error {
		return n.ChangePassphrase(profile, p)
	})
	if err == nil || errors.Is(err, ErrKilled) {
		r.passphrases[profile] = next
	}
	if errors.Is(err, ErrKilled) {
		works := w.Note(coprocessor, ceremony.Remark{Profile: profile, Text: "which passphrase is it now"}, Faults{})
		if c := Code(works); c == string(refusal.CodePassphrase) || c == string(refusal.CodeLocked) {
			r.passphrases[profile] = before
		}
	}
	return err
}

// MasterKey does one of the acts of `gapferry coprocessor` on the registers of
// the plan's class: "first", "last", "generate", "clear" or "set".
func (w *World) MasterKey(node, what string, part []byte, f Faults) error {
	class := w.class()
	set := func(p *plan.Node) string { return p.Officers.Set }
	a := ceremony.Act{Class: class}
	var do func(coproc.MasterKeys) (coproc.Registers, error)
	switch what {
	case "first", "last":
		a.Text, a.Task, a.Typed = "load the "+what+" part of the master key", procedure.TaskID(what+"-part"), true
		a.Officer = func(p *plan.Node) string {
			if what == "first" {
				return p.Officers.FirstPart
			}
			return p.Officers.LastPart
		}
		do = func(k coproc.MasterKeys) (coproc.Registers, error) {
			return k.LoadPart(class, coproc.Part(strings.ToUpper(what)), part)
		}
	case "generate":
		a.Text, a.Task = "fill the new register at random", "random"
		a.Officer = func(p *plan.Node) string { return p.Officers.Random }
		do = func(k coproc.MasterKeys) (coproc.Registers, error) { return k.GenerateMasterKey(class) }
	case "clear":
		a.Text, a.Task, a.Clears, a.Officer = "empty the new register", "set", true, set
		do = func(k coproc.MasterKeys) (coproc.Registers, error) { return k.ClearNew(class) }
	default:
		a.Text, a.Task, a.Sets, a.Officer = "make the new master key current", "set", true, set
		do = func(k coproc.MasterKeys) (coproc.Registers, error) { return k.SetMasterKey(class) }
	}
	a.Do = func(s ceremony.ActSession) (string, error) {
		_, err := do(s.Keys)
		return "done", err
	}
	return w.command(w.at(node), "coprocessor "+what+" at "+node, f, func(n *ceremony.Node, p *people, d deliver) error {
		_, err := n.RunAct(a, p)
		return err
	})
}

// LoadSource gives the source its master key, from the parts in the safe.
func (w *World) LoadSource() error {
	for i, what := range []string{"first", "last"} {
		if err := w.MasterKey(w.source(), what, w.parts[i], Faults{}); err != nil {
			return err
		}
	}
	return w.MasterKey(w.source(), "set", nil, Faults{})
}

// Transcript merges every file that ever was on a stick, and verifies that.
func (w *World) Transcript() (*transcript.Result, error) {
	var files []bundle.Incoming
	for _, f := range w.Shelf {
		files = append(files, bundle.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
	}
	c, err := transcript.Collect(files, nil, w.hash)
	if err != nil {
		return nil, err
	}
	return transcript.Verify(c.File, w.hash), nil
}
