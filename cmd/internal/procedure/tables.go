package procedure

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
	Officer Officer // who does it
}

// Table2 is the list of responsibilities of the procedure, in its order. The
// rows of group CSR come once for each target.
var Table2 = []TaskInfo{
	{coproc.SA, TaskAudit, "Audit access controls", coproc.SA, "1", Auditor},
	{coproc.SA, TaskGenerateKey, "Generate SA key", coproc.SA, "1", KeyOfficer},
	{coproc.SA, TaskRegisterHash, "Register SA-key hash", coproc.SA, "1", HashOfficer},
	{coproc.SA, TaskRegisterKey, "Register SA key", coproc.SA, "1", KeyRegistrar},

	{coproc.CSS, TaskAudit, "Audit access controls", coproc.CSS, "2a", Auditor},
	{coproc.CSS, TaskGenerateKey, "Generate CSS key", coproc.CSS, "2a", KeyOfficer},
	{coproc.CSS, TaskObtainMasterKey, "Obtain CSS master key", coproc.CSS, "2a", MasterKeyOfficer},
	{coproc.CSS, TaskRegisterHash, "Register SA-key hash", coproc.CSS, "2a", HashOfficer},
	{coproc.CSS, TaskRegisterKey, "Register SA key", coproc.CSS, "2a", KeyRegistrar},
	{coproc.CSS, TaskCertifyCSS, "Certify CSS key", coproc.SA, "2b", Certifier},

	{coproc.CSR, TaskAudit, "Audit access controls", coproc.CSR, "3a", Auditor},
	{coproc.CSR, TaskGenerateKey, "Generate CSR key", coproc.CSR, "3a", KeyOfficer},
	{coproc.CSR, TaskRegisterHash, "Register SA-key hash", coproc.CSR, "3a", HashOfficer},
	{coproc.CSR, TaskRegisterKey, "Register SA key", coproc.CSR, "3a", KeyRegistrar},
	{coproc.CSR, TaskCertifyCSR, "Certify %s key", coproc.SA, "3b", Certifier},
	{coproc.CSR, TaskObtainShares, "Obtain shares", coproc.CSS, "3c", ShareObtainer},
	{coproc.CSR, TaskInstallShares, "Install shares", coproc.CSR, "3d", ShareInstaller},
	{coproc.CSR, TaskVerify, "Verify CSR new", coproc.CSR, "3d", Verifier},
	{coproc.CSR, TaskSet, "Set CSR master key", coproc.CSR, "3d", Setter},
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

// TaskAt is the row of a task in a phase, or nil.
func TaskAt(id PhaseID, task TaskID) *TaskInfo {
	for i := range Table2 {
		if Table2[i].Phase == id && Table2[i].Task == task {
			return &Table2[i]
		}
	}
	return nil
}

// TaskText is the text of a task as it stands in Table 2, for a node.
func TaskText(task TaskID, group coproc.NodeRole, subject string) string {
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
