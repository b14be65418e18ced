package transcript

import (
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// officerRule checks that each record is of the profile that the plan has for it.
type officerRule struct{ *replay }

// check checks that each signed record is of the profile that the plan has
// for it, at that node and for that share. The record's profile is what the
// coprocessor signed.
func (c officerRule) check() {
	const rule = "officer"
	for _, e := range c.entries {
		if !e.instance.journal.Signed(e.Seq) {
			if e.Profile != "" && e.Event != journal.EventRefused {
				c.fault(rule, e, "the record names profile %s", e.Profile)
			}
			continue
		}
		switch want, bound := c.expected(e); {
		case e.node == nil:
			c.fault(rule, e, "the record is of node %q, which coprocessor %s does not hold", e.Record.Node, e.instance.device)
		case !c.profilesAt[e.instance.device][e.Profile]:
			c.fault(rule, e, "profile %s is not in the plan at coprocessor %s", e.Profile, e.instance.device)
		case bound && !contains(want, e.Profile):
			c.fault(rule, e, "it was done by %s, the plan has %s for %s", c.who(e.Profile), c.whom(want), c.what(e))
		}
	}
}

// allowed gives the profiles that may do something with a share.
type allowed func(a *plan.Assignments, share int) []string

func one(p func(*plan.Assignments) string) allowed {
	return func(a *plan.Assignments, _ int) []string { return []string{p(a)} }
}

func indexed(profiles []string, share int) []string {
	if share < 1 || share > len(profiles) {
		return nil
	}
	return profiles[share-1 : share]
}

var (
	auditor    = one(func(a *plan.Assignments) string { return a.Audit })
	keyOfficer = one(func(a *plan.Assignments) string { return a.GenerateKey })
	hasher     = one(func(a *plan.Assignments) string { return a.RegisterHash })
	registrar  = one(func(a *plan.Assignments) string { return a.RegisterKey })
	certifier  = one(func(a *plan.Assignments) string { return a.Certify })
	obtainer   = one(func(a *plan.Assignments) string { return a.ObtainMasterKey })
	verifier   = one(func(a *plan.Assignments) string { return a.Verify })
	setter     = one(func(a *plan.Assignments) string { return a.Set })
	canceller  = one(func(a *plan.Assignments) string { return a.Cancel })
	firstPart  = one(func(a *plan.Assignments) string { return a.FirstPart })
	lastPart   = one(func(a *plan.Assignments) string { return a.LastPart })
	randomizer = one(func(a *plan.Assignments) string { return a.Random })

	obtains  allowed = func(a *plan.Assignments, i int) []string { return indexed(a.ObtainShares, i) }
	installs allowed = func(a *plan.Assignments, i int) []string { return indexed(a.InstallShares, i) }
	anyShare allowed = func(a *plan.Assignments, _ int) []string {
		return append(a.ObtainShares[:len(a.ObtainShares):len(a.ObtainShares)], a.InstallShares...)
	}
)

// taskOfficers say who does each task of Table 2.
var taskOfficers = map[procedure.TaskID]allowed{
	procedure.TaskAudit: auditor, procedure.TaskGenerateKey: keyOfficer,
	procedure.TaskRegisterHash: hasher, procedure.TaskRegisterKey: registrar,
	procedure.TaskObtainMasterKey: obtainer, procedure.TaskCertifyCSS: certifier, procedure.TaskCertifyCSR: certifier,
	procedure.TaskObtainShares: obtains, procedure.TaskInstallShares: installs,
	procedure.TaskVerify: verifier, procedure.TaskSet: setter,
}

// actOfficers say who does each act outside of Table 2, by the entry of the
// plan's officers that its record names.
var actOfficers = map[procedure.TaskID]allowed{
	"audit": auditor, "set": setter, "first-part": firstPart, "last-part": lastPart, "random": randomizer,
	"cancel": canceller, "certify": certifier,
	procedure.TaskAskUnregister: hasher, procedure.TaskWithdrawUnregister: hasher, procedure.TaskUnregister: registrar,
	procedure.TaskAskAnew: hasher, procedure.TaskWithdrawAnew: hasher, procedure.TaskAnew: registrar,
}

// writers say with whose session each kind of bundle is made.
var writers = map[bundle.Kind]allowed{
	bundle.KindSAKey: keyOfficer, bundle.KindCSSKey: keyOfficer, bundle.KindCSRKey: keyOfficer,
	bundle.KindCSSCert: certifier, bundle.KindCSRCert: certifier,
	bundle.KindShare: obtains, bundle.KindStatement: anyShare, bundle.KindReceipt: setter,
	bundle.KindCancel: canceller, bundle.KindRevoke: certifier, bundle.KindJournal: auditor,
}

// receivers say with whose session each kind of bundle is taken in.
var receivers = map[bundle.Kind]allowed{
	bundle.KindSAKey: registrar, bundle.KindCSSCert: anyShare, bundle.KindCSRCert: anyShare,
	bundle.KindStatement: anyShare, bundle.KindReceipt: auditor, bundle.KindCancel: auditor, bundle.KindRevoke: auditorOrSetter,
}

// auditorOrSetter take in what comes outside of the phases: receipts, cancels.
func auditorOrSetter(a *plan.Assignments, i int) []string {
	return append(auditor(a, i), setter(a, i)...)
}

// installerOrSetter compare the source's keys in the room of a target.
func installerOrSetter(a *plan.Assignments, i int) []string {
	return append(setter(a, i), a.InstallShares...)
}

// expected gives the profiles that the plan has for what a record tells. Where
// it leaves that open, any of the coprocessor may have done it.
func (c officerRule) expected(e *entry) (profiles []string, bound bool) {
	if e.node == nil {
		return nil, false
	}
	who, ok := allowed(nil), false
	switch e.Event {
	case journal.EventInit:
		return []string{c.devices[e.instance.device].Administrator}, true
	case journal.EventNote:
		if s := subjectOf(e); s != "" && s != journal.SubjectCopy { // that a journal is lost, or a target left out
			return []string{e.instance.nodes[0].Officers.Audit}, true
		}
	case journal.EventExported:
		return []string{e.instance.nodes[0].Officers.Audit}, true
	case journal.EventTask:
		if !taskAt(e.Task, e.node.Role) {
			return nil, true
		}
		who, ok = taskOfficers[e.Task]
		if !ok {
			return nil, true
		}
	case journal.EventAct:
		if e.Task == "unlock" {
			return []string{c.devices[e.instance.device].Administrator}, true
		}
		who, ok = actOfficers[e.Task]
	case journal.EventCleared:
		// Whoever logs on first after an interruption finds what was cleared.
		who, ok = setter, !e.Recovered
	case journal.EventCanceled:
		if who, ok = canceller, true; e.node != c.source {
			who = setter
		}
	case journal.EventRevoked:
		who, ok = certifier, true
	case journal.EventCompared:
		if e.node.Role != coproc.CSR {
			return nil, true
		}
		who, ok = installerOrSetter, true
	case journal.EventWritten:
		who, ok = writers[e.Kind]
	case journal.EventReceived:
		// A revoke is taken in by whoever logs on first after the stick came.
		if who, ok = receivers[e.Kind]; e.Kind == bundle.KindRevoke && e.Phase != "" {
			ok = false
		}
	}
	if !ok {
		return nil, false
	}
	return who(&e.node.Officers, e.Share), true
}

// taskAt reports whether Table 2 has a task at nodes of a role.
func taskAt(task procedure.TaskID, role coproc.NodeRole) bool {
	for _, t := range procedure.Table2 {
		if t.Task == task && t.At == role {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x != "" && x == s {
			return true
		}
	}
	return false
}

func (c *root) whom(profiles []string) string {
	var all []string
	for _, p := range profiles {
		if p != "" && !contains(all, p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return "nobody"
	}
	return strings.Join(all, " or ")
}
