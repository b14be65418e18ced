package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/access"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Act is what an officer does at a coprocessor outside of the phases.
type Act struct {
	Text    string                           // "load the first part of the SYM-MK master key"
	Task    procedure.TaskID                 // the entry of the plan's officers: "first-part"
	Officer func(*plan.Node) string          // the profile that may, or "" where the plan names none
	Do      func(ActSession) (string, error) // returns what was done, for the journal and the screen
	Class   coproc.Class                     // whose registers it works on: the journal keeps what they are afterwards; "" for none
	Clears  bool                             // it clears the new register
	Sets    bool                             // it sets the master key
	// Typed says that the officer types what the act is about at a prompt of
	// their own, which says what it is for. Else they say yes to Text first.
	Typed bool
}

// OfficerOf gives the profile that does an act at a node, as procedure.Acts and the
// plan have it.
func OfficerOf(act procedure.TaskID) func(*plan.Node) string {
	return func(n *plan.Node) string { return n.Officers.Of(procedure.ActOf(act).Officer)[0] }
}

// ActSession is what an act works with.
type ActSession struct {
	Session coproc.Session
	Keys    coproc.MasterKeys
	Info    coproc.Info
	Node    string
	By      func(journal.Means) // keeps by which means something else came
}

// asked has the officer of an act say yes to it, with the registers as they are.
func (r *run) asked(a Act) error {
	if a.Sets {
		if err := r.settable(a.Class); err != nil {
			return err
		}
	}
	if a.Typed {
		return nil
	}
	c := Confirmation{Act: a.Text + ", at " + r.node.Name}
	if a.Class != "" {
		now := r.info.Register(a.Class)
		c.Facts = [][2]string{{"new register", now.New.String()}, {"current register", now.Current.String()}}
	}
	return r.confirm(c)
}

// settable refuses to set, outside of phase 3d, a master key that was made from
// shares: there its officer compares it, and the source's keys, with what comes
// from the source's own room.
func (r *run) settable(class coproc.Class) error {
	if class == r.n.Plan().MasterKeyClass() && len(r.info.Receiving) > 0 && r.info.Register(class).New.State != coproc.Empty {
		return refusal.New(refusal.CodeOrder, "the new %s register of %s was made from shares: its officer compares it, and sets it in phase 3d", class, r.node.Name).
			Hinted("{phase 3d} verifies it, has it compared, and sets it")
	}
	return nil
}

// RunAct does an act at the node of this store that can have a master key, after
// its officer said yes to it.
func (n *Node) RunAct(a Act, desk Desk) (text string, err error) {
	node, err := n.MasterKeyNode()
	if err != nil {
		return "", err
	}
	profile := a.Officer(node)
	if profile == "" {
		return "", refusal.New(refusal.CodeAccess, "the plan names nobody at %s to %s", node.Name, a.Text)
	}
	err = n.withOfficer(node, profile, a.Text, desk, func(r *run) error {
		keys, err := capability[coproc.MasterKeys](r.session, "work on master keys")
		if err != nil {
			return err
		}
		if err := r.asked(a); err != nil {
			return err
		}
		text, err = a.Do(ActSession{Session: r.session, Keys: keys, Info: r.info, Node: node.Name, By: r.by})
		if err != nil {
			return refusal.Wrap(err, "%s at %s", a.Text, node.Name)
		}
		event := journal.EventAct
		if a.Clears {
			event = journal.EventCleared
		}
		data, err := r.registersNow(a.Class)
		if err != nil {
			return err
		}
		return r.record(journal.Record{Event: event, Node: node.Name, Task: a.Task, Text: a.Text + ": " + text, Data: data})
	})
	return text, err
}

// by keeps by which means something came that the officer had to give.
func (r *officerSession) by(m journal.Means) { r.desk.means |= m }

// withOfficer logs an officer on for something outside of the phases.
func (n *Node) withOfficer(node *plan.Node, profile, why string, desk Desk, do func(*run) error) (err error) {
	r := n.newRun(&procedure.PhaseInfo{}, node, Options{}, desk)
	defer func() {
		if closing := r.logOff(); err == nil && closing != nil {
			err = refusal.Wrap(closing, "log off")
		}
	}()
	r.progress(Doing, "", 0, "%s: %s", why, r.who(profile))
	if err := r.logOn(duty{task: procedure.TaskID(why), profile: profile}); err != nil {
		return r.refused(err)
	}
	if err := do(r); err != nil {
		return r.refused(err)
	}
	return nil
}

// Audit reads back the access controls of this store's coprocessor, as its
// auditor, and compares them with the plan. It changes nothing and is in the
// journal.
func (n *Node) Audit(desk Desk) (report *access.Report, err error) {
	node := n.Plan().At(n.Device().Name)[0]
	err = n.withOfficer(node, node.Officers.Audit, "audit access controls", desk, func(r *run) error {
		if report, err = n.auditWith(r.session); err != nil {
			return refusal.Wrap(err, "audit access controls")
		}
		return r.record(journal.Record{Event: journal.EventAct, Node: node.Name, Task: procedure.TaskAudit,
			Text: fmt.Sprintf("audit access controls: %d differences from the plan, %d dangers", len(report.Differences), len(report.Dangers))})
	})
	return report, err
}

// auditWith reads back the access controls and compares them with the plan.
func (n *Node) auditWith(s coproc.Session) (*access.Report, error) {
	stated, err := s.Access()
	if err != nil {
		return nil, err
	}
	info, err := s.Info()
	if err != nil {
		return nil, err
	}
	return access.Audit(n.Plan(), n.Device(), stated, info, n.Now()), nil
}

// AuditJournal has the auditor log on, so that the journal is compared with
// what the coprocessor remembers of it: signed records that were cut off at its
// end are found. Of a journal, everything else is found whenever it is opened,
// but for what is written while nobody is logged on: until an officer signs,
// whoever owns the disk can add and cut such records.
func (n *Node) AuditJournal(desk Desk) error {
	node := n.Plan().At(n.Device().Name)[0]
	return n.withOfficer(node, node.Officers.Audit, "audit the journal", desk, func(r *run) error {
		return r.record(journal.Record{Event: journal.EventAct, Node: node.Name, Task: procedure.TaskAudit,
			Text: fmt.Sprintf("audit journal: %d records, none that was signed is missing; %d were written while nobody was logged on",
				len(n.Journal().Records()), n.Journal().Unattended())})
	})
}

// Certificates are the certificates of source and targets that this store
// gave out or took in, verified against the SA key that it registered.
func (n standing) Certificates() (sources, targets []coproc.Certificate, err error) {
	sa, err := n.RegisteredSAKey()
	if err != nil {
		return nil, nil, err
	}
	for _, rec := range n.Journal().Records() {
		given := rec.Event == journal.EventTask && (rec.Task == procedure.TaskCertifyCSS || rec.Task == procedure.TaskCertifyCSR)
		taken := rec.Event == journal.EventReceived && (rec.Kind == bundle.KindCSSCert || rec.Kind == bundle.KindCSRCert)
		if !given && !taken {
			continue
		}
		c, err := coproc.ParseCertificate(rec.Data, sa)
		if err != nil && rec.Seq < n.History().Since[rec.Node] {
			continue // of a former SA
		}
		if err != nil {
			return nil, nil, refusal.Wrap(err, "record %d", rec.Seq)
		}
		if c.Claims().Role == coproc.CSS {
			sources = append(sources, c)
		} else {
			targets = append(targets, c)
		}
	}
	return sources, targets, nil
}
