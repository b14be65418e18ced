package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Forms are the two forms of the procedure for a plan: Table 2, the
// responsibilities, and Figure 1, the worksheet. What is known is filled in. What
// must not travel beside the stick stands on a third sheet, which does not travel.
func Forms(p *plan.Plan, k Prefill) *Doc {
	d := newDoc(p, "Cloning forms")
	d.add("Form 1 of 3: responsibilities", true, responsibilities(p, k)...)
	d.add("Form 2 of 3: information worksheet", false, append(worksheet(p, k), heading("Witnessed"), signatures{"Administrator", "Auditor", "Witness"})...)
	d.add("Form 3 of 3: hash and keys", false, hashAndKeys(p, k)...)
	return d
}

// hashAndKeys is what people compare with what comes on the stick: it must come
// another way, so this sheet does not travel.
func hashAndKeys(p *plan.Plan, k Prefill) []block {
	t := table{Class: "devices", Cols: []column{{Head: "Node", Width: "34mm", Class: "mono"}, {Head: "Key card: first words and digits"}}}
	var rows [][]string
	for i := range p.Nodes {
		rows = append(rows, []string{p.Nodes[i].Name, orElse(k.Keys[p.Nodes[i].Name], blankText)})
	}
	t.groups = []group{{rows: rows}}
	return []block{
		title("SA-key hash and keys"),
		notes{"This sheet stays in the room where it was filled in, and goes to the archive. It never lies beside the stick or form 2, and nobody types from it: officers use their own cards."},
		heading("SA-key hash"), hashGrid{k.Hash},
		heading("Keys of the nodes"), t,
	}
}

// responsibilities is Table 2, a group for each node that it is about.
func responsibilities(p *plan.Plan, k Prefill) []block {
	t := table{Class: "duties", Cols: []column{
		{Head: "Task", Width: "44mm"}, {Head: "At", Width: "20mm", Class: "mono"}, {Head: "Ph.", Width: "13mm"}, {Head: "Profile", Width: "34mm", Class: "mono"},
		{Head: "Role", Width: "36mm", Class: "mono"}, {Head: "Responsible individual"},
		{Head: "Signature", Width: "42mm", Class: "fill", paper: true}, {Head: "Date, time", Width: "38mm", Class: "fill", paper: true},
	}}
	filled := false
	subject := ""
	for _, r := range p.Responsibilities() {
		if r.Subject != subject {
			subject = r.Subject
			t.groups = append(t.groups, group{Title: nodeTitle(p, p.Node(subject))})
		}
		g := &t.groups[len(t.groups)-1]
		did := k.Done[keyOf(r)]
		filled = filled || did.By != ""
		g.rows = append(g.rows, []string{
			taskText(r), r.Node, string(r.Phase), r.Profile, r.Role, person(r.Profile, r.Person), did.String(), "",
		})
	}
	intro := notes{
		"Each person signs beside the tasks that they have done, when they have done them. Of the shares of a target, " +
			fmt.Sprintf("any %d of %d are installed.", p.M, p.N),
	}
	if filled {
		// What a journal says is shown on a screen too.
		t.Cols = append(t.Cols[:6], column{Head: "Done by, date and time", Width: "52mm", below: true}, column{Head: "Signature", Width: "30mm", Class: "fill", paper: true})
		intro = append(intro, "Who did what and when is as the journals of the rooms have it, UTC.")
	}
	return []block{title("Cloning responsibilities, profiles, and roles"), phases(p), intro, t, heading("Agreed before phase 1"), signatures{"Security officer", "Auditor"}}
}

// phases is Table 1.
func phases(p *plan.Plan) table {
	t := table{Class: "phases", Cols: []column{{Head: "Phase", Width: "16mm"}, {Head: "At", Width: "52mm"}, {Head: "What is done"}}}
	at := map[coproc.NodeRole]string{
		coproc.SA: p.SA().Name, coproc.CSS: p.Source().Name, coproc.CSR: joinNames(targetNames(p)),
	}
	var rows [][]string
	for _, r := range procedure.Table1 {
		text := r.Task
		if r.Repeats {
			text += " For each target."
		}
		rows = append(rows, []string{string(r.Phase), at[r.Role], text})
	}
	t.groups = []group{{rows: rows}}
	return t
}

// person is who a profile is, beside the profile's name.
func person(profile, name string) string { return strings.TrimPrefix(name, profile+" ") }

func taskText(r plan.Responsibility) string {
	if r.Share > 0 {
		return fmt.Sprintf("%s: share %d", r.Text, r.Share)
	}
	return r.Text
}

// roleWords are the roles of nodes in IBM's words.
var roleWords = map[coproc.NodeRole]string{
	coproc.SA:  "share administration (SA)",
	coproc.CSS: "coprocessor share signing (CSS), source",
	coproc.CSR: "coprocessor share receiving (CSR), target",
}

func nodeTitle(p *plan.Plan, n *plan.Node) string {
	return fmt.Sprintf("%s: %s, coprocessor %s", strings.ToUpper(n.Name), roleWords[n.Role], n.Coprocessor)
}

// worksheet is Figure 1.
func worksheet(p *plan.Plan, k Prefill) []block {
	return []block{
		title("Cloning information worksheet"),
		facts{
			{"Ceremony", groupHex(p.Ceremony)},
			{"Plan", groupHex(p.Digest().String())},
			{"Plan, in words", strings.Join(p.Words(), " ")},
			{"Master-key class", p.Class},
			{"Shares", fmt.Sprintf("m = %d needed of n = %d made, for each target", p.M, p.N)},
			{"Shares on their way", apartWords(p)},
			{"Certificates are good for", plural(p.CertificateDays, "day", "days")},
			{"Carrier", carrierWords(p)},
			{"A profile locks after", lockWords(p)},
			{"Begun, date and time", moment(k.From)},
			{"Ended, date and time", moment(k.To)},
		},
		heading("Master key"), masterKeys(p, k),
		heading("Coprocessors and nodes"), devices(p, k),
		heading("Officers"), officers(p),
	}
}

func carrierWords(p *plan.Plan) string {
	if p.Carrier == "usb" {
		return "USB stick"
	}
	return "named on the command line"
}

// apartWords say whether shares for one target may meet before they are there.
func apartWords(p *plan.Plan) string {
	if p.SharesTogether {
		return "TOGETHER: all of one target may lie on one stick (shares_together)"
	}
	return "apart: each on a stick of its own, which its officer keeps; never two for one target on one"
}

func lockWords(p *plan.Plan) string {
	if p.LockAfter == 0 {
		return "no number of wrong passphrases"
	}
	return plural(p.LockAfter, "wrong passphrase", "wrong passphrases")
}

// masterKeys has the pattern of the source and that of each target after set.
func masterKeys(p *plan.Plan, k Prefill) table {
	t := table{Class: "patterns", Cols: []column{
		{Head: "Node", Width: "34mm", Class: "mono"}, {Head: "Register"}, {Head: "Verification pattern", Width: "62mm", Class: "mono"},
		{Head: "Compared by", Width: "44mm", Class: "fill", paper: true},
	}}
	source := p.Source().Name
	rows := [][]string{{source, "current, phase 2a", orElse(k.Pattern, blankText), ""}}
	for _, n := range p.Targets() {
		rows = append(rows, []string{n.Name, "current, after set, phase 3d", orElse(k.After[n.Name], blankText), ""})
	}
	t.groups = []group{{rows: rows}}
	return t
}

// devices has what identifies each coprocessor and its nodes.
func devices(p *plan.Plan, k Prefill) table {
	t := table{Class: "devices", Cols: []column{
		{Head: "Node, key label", Width: "26mm", Class: "mono"}, {Head: "Serial number", Width: "26mm", Class: "mono"}, {Head: "EID", Class: "mono"},
		{Head: "Database", Width: "24mm", Class: "mono"},
	}}
	for i := range p.Coprocessors {
		c := &p.Coprocessors[i]
		g := group{Title: fmt.Sprintf("Coprocessor %s, administrator %s", c.Name, p.Officer(c.Administrator))}
		if made := k.Made[c.Name]; made != 0 {
			g.Title += ", set up with this serial number and EID " + minute(made)
		}
		for _, n := range p.At(c.Name) {
			database := n.Name + ".db"
			if n.Role != coproc.CSR {
				database = "sa.db"
			}
			g.rows = append(g.rows, []string{n.Name, c.Serial, c.EID, database})
		}
		t.groups = append(t.groups, g)
	}
	return t
}

// officers has every profile with its person and when it is good.
func officers(p *plan.Plan) table {
	t := table{Class: "officers", Cols: []column{
		{Head: "Profile", Width: "36mm", Class: "mono"}, {Head: "Role", Width: "38mm", Class: "mono"}, {Head: "Person"}, {Head: "Days (UTC)", Width: "54mm"},
	}}
	var rows [][]string
	for _, o := range p.Officers {
		rows = append(rows, []string{o.Profile, o.Role, person(o.Profile, o.Person), windowWords(o)})
	}
	t.groups = []group{{rows: rows}}
	return t
}

func windowWords(o plan.Officer) string {
	switch {
	case o.From != "" && o.Until != "":
		return o.From + " to " + o.Until
	case o.From != "":
		return "from " + o.From
	case o.Until != "":
		return "until " + o.Until
	}
	return "always"
}
