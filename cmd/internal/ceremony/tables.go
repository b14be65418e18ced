package ceremony

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// PhaseID is the name of a phase: "1", "2a", "2b", "3a", "3b", "3c", "3d".
type PhaseID string

// PhaseInfo is a row of Table 1 of IBM's procedure.
type PhaseInfo struct {
	Phase   PhaseID
	Role    coproc.NodeRole // the node it is done at
	Node    string          // IBM's name for it
	Task    string
	Repeats bool // once for each target
}

// Table1 is the phase overview of the procedure.
var Table1 = []PhaseInfo{
	{"1", coproc.SA, "SA", "Establish the share administration node: create the SA database, generate the SA key, show its hash.", false},
	{"2a", coproc.CSS, "Source", "Establish the source node: install the SA public key, generate the CSS key and add it to the SA database.", false},
	{"2b", coproc.SA, "SA", "Certify the CSS key and store the certificate into the SA database.", false},
	{"3a", coproc.CSR, "Target", "Establish the target node: create a CSR database, install the SA public key, generate the CSR key and add it to the CSR database.", true},
	{"3b", coproc.SA, "SA", "Certify the CSR key and store the certificate into the CSR database.", true},
	{"3c", coproc.CSS, "Source", "Obtain shares and the current master-key verification information.", true},
	{"3d", coproc.CSR, "Target", "Install shares and confirm the new master key. Set the master key.", true},
}

// Phase returns the row of Table1, or nil.
func Phase(id PhaseID) *PhaseInfo {
	for i := range Table1 {
		if Table1[i].Phase == id {
			return &Table1[i]
		}
	}
	return nil
}

// TaskID names a task of Table 2.
type TaskID string

// The tasks of Table 2 of the procedure.
const (
	TaskAudit           TaskID = "audit"
	TaskGenerateKey     TaskID = "generate-key"
	TaskRegisterHash    TaskID = "register-hash"
	TaskRegisterKey     TaskID = "register-key"
	TaskObtainMasterKey TaskID = "obtain-master-key"
	TaskCertifyCSS      TaskID = "certify-css"
	TaskCertifyCSR      TaskID = "certify-csr"
	TaskObtainShares    TaskID = "obtain-shares"
	TaskInstallShares   TaskID = "install-shares"
	TaskVerify          TaskID = "verify-new"
	TaskSet             TaskID = "set-master-key"
)

// TaskInfo is a row of Table 2. %s in Text stands for the node's name as IBM
// writes it.
type TaskInfo struct {
	Group   coproc.NodeRole // the node that the row is about
	Task    TaskID
	Text    string
	At      coproc.NodeRole // the node where it is done
	Phase   PhaseID
	officer func(*Assignments) []string // the profiles that do it
}

func one(s string) []string { return []string{s} }

// Table2 is the list of responsibilities of the procedure, in its order. The
// rows of group CSR come once for each target.
var Table2 = []TaskInfo{
	{coproc.SA, TaskAudit, "Audit access controls", coproc.SA, "1", func(a *Assignments) []string { return one(a.Audit) }},
	{coproc.SA, TaskGenerateKey, "Generate SA key", coproc.SA, "1", func(a *Assignments) []string { return one(a.GenerateKey) }},
	{coproc.SA, TaskRegisterHash, "Register SA-key hash", coproc.SA, "1", func(a *Assignments) []string { return one(a.RegisterHash) }},
	{coproc.SA, TaskRegisterKey, "Register SA key", coproc.SA, "1", func(a *Assignments) []string { return one(a.RegisterKey) }},

	{coproc.CSS, TaskAudit, "Audit access controls", coproc.CSS, "2a", func(a *Assignments) []string { return one(a.Audit) }},
	{coproc.CSS, TaskGenerateKey, "Generate CSS key", coproc.CSS, "2a", func(a *Assignments) []string { return one(a.GenerateKey) }},
	{coproc.CSS, TaskObtainMasterKey, "Obtain CSS master key", coproc.CSS, "2a", func(a *Assignments) []string { return one(a.ObtainMasterKey) }},
	{coproc.CSS, TaskRegisterHash, "Register SA-key hash", coproc.CSS, "2a", func(a *Assignments) []string { return one(a.RegisterHash) }},
	{coproc.CSS, TaskRegisterKey, "Register SA key", coproc.CSS, "2a", func(a *Assignments) []string { return one(a.RegisterKey) }},
	{coproc.CSS, TaskCertifyCSS, "Certify CSS key", coproc.SA, "2b", func(a *Assignments) []string { return one(a.Certify) }},

	{coproc.CSR, TaskAudit, "Audit access controls", coproc.CSR, "3a", func(a *Assignments) []string { return one(a.Audit) }},
	{coproc.CSR, TaskGenerateKey, "Generate CSR key", coproc.CSR, "3a", func(a *Assignments) []string { return one(a.GenerateKey) }},
	{coproc.CSR, TaskRegisterHash, "Register SA-key hash", coproc.CSR, "3a", func(a *Assignments) []string { return one(a.RegisterHash) }},
	{coproc.CSR, TaskRegisterKey, "Register SA key", coproc.CSR, "3a", func(a *Assignments) []string { return one(a.RegisterKey) }},
	{coproc.CSR, TaskCertifyCSR, "Certify %s key", coproc.SA, "3b", func(a *Assignments) []string { return one(a.Certify) }},
	{coproc.CSR, TaskObtainShares, "Obtain shares", coproc.CSS, "3c", func(a *Assignments) []string { return a.ObtainShares }},
	{coproc.CSR, TaskInstallShares, "Install shares", coproc.CSR, "3d", func(a *Assignments) []string { return a.InstallShares }},
	{coproc.CSR, TaskVerify, "Verify CSR new", coproc.CSR, "3d", func(a *Assignments) []string { return one(a.Verify) }},
	{coproc.CSR, TaskSet, "Set CSR master key", coproc.CSR, "3d", func(a *Assignments) []string { return one(a.Set) }},
}

// Tasks lists the task names, each once, in the order of Table 2.
func Tasks() []TaskID {
	var ids []TaskID
	seen := map[TaskID]bool{}
	for _, t := range Table2 {
		if !seen[t.Task] {
			seen[t.Task] = true
			ids = append(ids, t.Task)
		}
	}
	return ids
}

// Responsibility is a row of Table 2 filled in for a plan's nodes.
type Responsibility struct {
	Task    TaskID  `json:"task"`
	Text    string  `json:"text"`
	Phase   PhaseID `json:"phase"`
	Node    string  `json:"node"`            // where it is done
	Subject string  `json:"subject"`         // the node it is about
	Share   int     `json:"share,omitempty"` // 0 where the task has none
	Profile string  `json:"profile"`
	Role    string  `json:"role"`
	Person  string  `json:"person"`
}

// Responsibilities fills in Table 2.
func (p *Plan) Responsibilities() []Responsibility {
	var rows []Responsibility
	for _, role := range []coproc.NodeRole{coproc.SA, coproc.CSS, coproc.CSR} {
		for _, subject := range p.WithRole(role) {
			for _, t := range Table2 {
				if t.Group == role {
					rows = append(rows, p.responsible(t, subject)...)
				}
			}
		}
	}
	return rows
}

func (p *Plan) responsible(t TaskInfo, subject *PlanNode) []Responsibility {
	at := subject
	if t.At != subject.Role {
		at = p.WithRole(t.At)[0]
	}
	text := t.Text
	if strings.Contains(text, "%s") {
		text = fmt.Sprintf(text, strings.ToUpper(subject.Name))
	}
	var rows []Responsibility
	profiles := t.officer(&at.Officers)
	for i, profile := range profiles {
		o := p.Officer(profile)
		r := Responsibility{
			Task: t.Task, Text: text, Phase: t.Phase, Node: at.Name, Subject: subject.Name,
			Profile: profile, Role: o.Role, Person: o.Person,
		}
		if t.Task == TaskObtainShares || t.Task == TaskInstallShares {
			r.Share = i + 1
		}
		rows = append(rows, r)
	}
	return rows
}

// text of a task as it stands in Table 2, for a node.
func taskText(task TaskID, group coproc.NodeRole, subject string) string {
	for _, t := range Table2 {
		if t.Task == task && t.Group == group {
			if strings.Contains(t.Text, "%s") {
				return fmt.Sprintf(t.Text, strings.ToUpper(subject))
			}
			return t.Text
		}
	}
	return string(task)
}
