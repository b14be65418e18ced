package plan

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Responsibility is a row of Table 2 filled in for a plan's nodes.
type Responsibility struct {
	Task    procedure.TaskID  `json:"task"`
	Text    string            `json:"text"`
	Phase   procedure.PhaseID `json:"phase"`
	Node    string            `json:"node"`            // where it is done
	Subject string            `json:"subject"`         // the node it is about
	Share   int               `json:"share,omitempty"` // 0 where the task has none
	Profile string            `json:"profile"`
	Role    string            `json:"role"`
	Person  string            `json:"person"`
}

// Responsibilities fills in Table 2.
func (p *Plan) Responsibilities() []Responsibility {
	var rows []Responsibility
	for _, role := range []coproc.NodeRole{coproc.SA, coproc.CSS, coproc.CSR} {
		for _, subject := range p.WithRole(role) {
			for _, t := range procedure.Table2 {
				if t.Group == role {
					rows = append(rows, p.responsible(t, subject)...)
				}
			}
		}
	}
	return rows
}

func (p *Plan) responsible(t procedure.TaskInfo, subject *Node) []Responsibility {
	at := subject
	if t.At != subject.Role {
		at = p.WithRole(t.At)[0]
	}
	text := t.Text
	if strings.Contains(text, "%s") {
		text = fmt.Sprintf(text, strings.ToUpper(subject.Name))
	}
	var rows []Responsibility
	profiles := at.Officers.Of(t.Officer)
	for i, profile := range profiles {
		o := p.Officer(profile)
		r := Responsibility{
			Task: t.Task, Text: text, Phase: t.Phase, Node: at.Name, Subject: subject.Name,
			Profile: profile, Role: o.Role, Person: o.Person,
		}
		if t.Task == procedure.TaskObtainShares || t.Task == procedure.TaskInstallShares {
			r.Share = i + 1
		}
		rows = append(rows, r)
	}
	return rows
}
