package procedure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// tables are all tables of the procedure, for a test to add to.
type tables struct {
	phases  []PhaseInfo
	steps   map[PhaseID][]Step
	outside map[coproc.NodeRole][]Step
	tasks   []TaskInfo
	acts    []ActInfo
	kinds   []KindInfo
	bundles []bundle.Kind
}

func ours() tables {
	steps := map[PhaseID][]Step{}
	for id, all := range PhaseSteps {
		steps[id] = slices.Clone(all)
	}
	return tables{slices.Clone(Table1), steps, Outside, slices.Clone(Table2), slices.Clone(Acts), slices.Clone(Kinds), slices.Clone(bundle.Kinds)}
}

// unphased are the kinds that no phase makes.
var unphased = []bundle.Kind{bundle.KindCancel, bundle.KindRevoke, bundle.KindJournal}

// gaps names whatever one table has and another, that must know of it, has not.
func (t tables) gaps() (all []string) {
	missing := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	made, taken, done := map[bundle.Kind]bool{}, map[bundle.Kind]bool{}, map[string]bool{}
	for _, p := range t.phases {
		if len(t.steps[p.Phase]) == 0 {
			missing("phase %s has no steps", p.Phase)
		}
		for _, s := range t.steps[p.Phase] {
			made[s.Makes], taken[s.Takes] = true, true
			done[string(p.Phase)+" "+string(s.Task)] = s.Do == DoTask
			if s.Do == DoTask && !slices.ContainsFunc(t.tasks, func(i TaskInfo) bool {
				return i.Task == s.Task && i.Phase == p.Phase && i.At == p.Role
			}) {
				missing("task %s of phase %s has no row in Table 2", s.Task, p.Phase)
			}
		}
	}
	for _, steps := range t.outside {
		for _, s := range steps {
			taken[s.Takes] = true
		}
	}
	for _, i := range t.tasks {
		if !done[string(i.Phase)+" "+string(i.Task)] {
			missing("task %s is no step of phase %s", i.Task, i.Phase)
		}
		if i.Officer == "" {
			missing("task %s has no officer", i.Task)
		}
	}
	for _, k := range t.kinds {
		if !slices.Contains(t.bundles, k.Kind) {
			missing("kind %s has no format", k.Kind)
		}
		if !made[k.Kind] && !slices.Contains(unphased, k.Kind) {
			missing("kind %s is made by no phase", k.Kind)
		}
		if !taken[k.Kind] && !slices.Contains(unphased, k.Kind) {
			missing("kind %s is taken in by nobody", k.Kind)
		}
		if len(k.MadeBy) == 0 {
			missing("kind %s is signed by nobody", k.Kind)
		}
	}
	for _, k := range t.bundles {
		if !slices.ContainsFunc(t.kinds, func(i KindInfo) bool { return i.Kind == k }) {
			missing("kind %s has no row in the table of kinds", k)
		}
	}
	for kind := range made {
		if kind != "" && !slices.ContainsFunc(t.kinds, func(i KindInfo) bool { return i.Kind == kind }) {
			missing("kind %s is made and has no row in the table of kinds", kind)
		}
	}
	return all
}

func TestTablesAgree(t *testing.T) {
	for _, gap := range ours().gaps() {
		t.Error(gap)
	}
}

// A kind or a task that is in one table alone is named.
func TestMadeUp(t *testing.T) {
	for _, c := range []struct {
		name string
		add  func(*tables)
		want []string
	}{
		{"a kind", func(t *tables) { t.kinds = append(t.kinds, KindInfo{Kind: "voucher"}) },
			[]string{"kind voucher has no format", "kind voucher is made by no phase", "kind voucher is taken in by nobody", "kind voucher is signed by nobody"}},
		{"a format", func(t *tables) { t.bundles = append(t.bundles, "voucher") },
			[]string{"kind voucher has no row in the table of kinds"}},
		{"a task", func(t *tables) { t.tasks = append(t.tasks, TaskInfo{Task: "count", Phase: "3c", At: coproc.CSS}) },
			[]string{"task count is no step of phase 3c", "task count has no officer"}},
		{"a step", func(t *tables) { t.steps["3c"] = append(t.steps["3c"], task("count"), makes("voucher")) },
			[]string{"task count of phase 3c has no row in Table 2", "kind voucher is made and has no row in the table of kinds"}},
		{"a phase", func(t *tables) { t.phases = append(t.phases, PhaseInfo{Phase: "4"}) },
			[]string{"phase 4 has no steps"}},
	} {
		made := ours()
		c.add(&made)
		if got := made.gaps(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// Each kind lies where the format says.
func TestDatabases(t *testing.T) {
	for _, k := range Kinds {
		h := bundle.Header{Kind: k.Kind, From: coproc.NodeID{Name: "from"}, About: "about", To: []string{"to"}}
		if own := h.Database() != SADatabase; own != k.PerTarget {
			t.Errorf("%s lies in %s", k.Kind, h.Database())
		}
	}
}

func (s Step) text() string {
	return strings.TrimSpace(fmt.Sprintf("%s%s", map[Do]string{DoTask: "", DoTake: "take in ", DoMake: "make "}[s.Do]+string(s.Task)+map[bool]string{true: string(s.Takes)}[s.Do == DoTake]+string(s.Makes), ""))
}

// What must be done before what, at each node: a change of the steps that is not
// meant is seen here.
func TestNeeds(t *testing.T) {
	want := map[coproc.NodeRole]string{
		coproc.SA: `generate-key after audit
make sa-key after generate-key
register-hash after make sa-key
register-key after register-hash
certify-css after register-key
make css-cert after certify-css for the same
certify-csr after certify-css
make csr-cert after certify-csr for the same
take in receipt after make csr-cert for the same`,
		coproc.CSS: `register-hash after audit
take in sa-key after register-hash
register-key after take in sa-key
generate-key after register-key
obtain-master-key after generate-key
make css-key after obtain-master-key
take in css-cert after make css-key
take in csr-cert after take in css-cert
obtain-shares after take in csr-cert for the same
make share after take in csr-cert for the same
take in receipt after make statement for the same`,
		coproc.CSR: `register-hash after audit
take in sa-key after register-hash
register-key after take in sa-key
generate-key after register-key
make csr-key after generate-key
take in csr-cert after make csr-key
take in statement after take in csr-cert
install-shares after take in statement
set-master-key after verify-new
make receipt after set-master-key`,
	}
	for role, text := range want {
		var got []string
		for _, n := range Needs(role) {
			line := n.Step.text() + " after " + n.Before.text()
			if n.SamePeer {
				line += " for the same"
			}
			got = append(got, line)
		}
		if strings.Join(got, "\n") != text {
			t.Errorf("%s:\n%s", role, strings.Join(got, "\n"))
		}
	}
}
