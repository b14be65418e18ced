package ceremony

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// Each phase first, in fresh rooms; then each too early in the ceremony.
func TestPhaseOutOfOrder(t *testing.T) {
	for _, c := range []struct {
		after procedure.PhaseID
		node  string
		phase procedure.PhaseID
		code  refusal.Code
		want  string
	}{
		{"", "css", "2a", refusal.CodeMissing, "there is no sa-key in sa.db"},
		{"", "sa", "2b", refusal.CodeOrder, "phase 1 comes first: Generate SA key is not done"},
		{"", "csr1", "3a", refusal.CodeMissing, "there is no sa-key in sa.db"},
		{"", "sa", "3b", refusal.CodeOrder, "phase 1 comes first: Generate SA key is not done"},
		{"", "css", "3c", refusal.CodeOrder, "phase 2a comes first at css"},
		{"", "csr1", "3d", refusal.CodeOrder, "phase 3a comes first at csr1"},
		{"1", "sa", "2b", refusal.CodeMissing, "there is no css-key in sa.db"},
		{"1", "sa", "3b", refusal.CodeOrder, "phase 2b comes first: the certificate of a target is sealed to the source, whose key is not certified yet"},
		{"1", "css", "3c", refusal.CodeOrder, "phase 2a comes first at css"},
		{"2a", "css", "3c", refusal.CodeMissing, "there is no csr-cert of any target"},
		{"2b", "sa", "3b", refusal.CodeMissing, "there is no csr-key of any target that is not certified yet"},
		{"2b", "css", "3c", refusal.CodeMissing, "there is no csr-cert of any target"},
		{"3a", "css", "3c", refusal.CodeMissing, "there is no csr-cert in csr1.db"},
		{"3a", "csr1", "3d", refusal.CodeMissing, "0 of 2 needed shares are installed; bring 2 more of share 1, 2, 3"},
		{"3b", "csr1", "3d", refusal.CodeMissing, "0 of 2 needed shares are installed; bring 2 more of share 1, 2, 3"},
	} {
		t.Run(string(c.phase)+" after "+string(c.after), func(t *testing.T) {
			w := after(t, standard, c.after)
			before := len(w.stick)
			_, err := w.try(c.node, c.phase, Options{})
			mustRefuse(t, err, c.code, c.want)
			if c.code.Group() != refusal.NotYet {
				t.Errorf("%s is not of the group not-yet", c.code)
			}
			if len(w.stick) != before {
				t.Error("a refused phase put something on the stick")
			}
			n := w.open(c.node)
			defer n.Close()
			last := n.Records()[len(n.Records())-1]
			if last.Event != journal.EventRefused || last.Code != c.code || last.Phase != string(c.phase) {
				t.Errorf("the journal ends with %+v", last)
			}
		})
	}
}

func TestPhaseOnWrongNode(t *testing.T) {
	w := after(t, standard, "")
	for _, c := range []struct {
		node  string
		phase procedure.PhaseID
		want  string
	}{
		{"css", "1", `this is coprocessor "css", which holds css: there is no SA node here`},
		{"sa", "2a", `this is coprocessor "sa", which holds sa: there is no CSS node here`},
		{"csr2", "2b", `this is coprocessor "csr2", which holds csr2: there is no SA node here`},
		{"css", "3a", `this is coprocessor "css", which holds css: there is no CSR node here`},
		{"csr1", "3b", `there is no SA node here`},
		{"sa", "3c", `there is no CSS node here`},
		{"css", "3d", `there is no CSR node here`},
		{"css", "4", `there is no phase "4"`},
	} {
		_, err := w.try(c.node, c.phase, Options{})
		mustRefuse(t, err, refusal.CodeNotHere, c.want)
	}
}

// A source without a master key has nothing to clone.
func TestSourceWithoutMasterKey(t *testing.T) {
	w := newWorld(t, small.change)
	w.phase("sa", "1")
	_, err := w.try("css", "2a", Options{})
	mustRefuse(t, err, refusal.CodeRegister, "the current SYM-MK register of css is empty: load or generate the master key and set it first")
	w.masterKey("css")
	w.phase("css", "2a")
}

// Tasks alone, each in a run of its own, in the order of Table 2.
func TestTasksAlone(t *testing.T) {
	w := after(t, small, "")
	for _, phase := range procedure.Table1 {
		node := w.plan.WithRole(phase.Role)[0].Name
		var order []procedure.TaskID
		switch phase.Phase {
		case "1":
			order = []procedure.TaskID{procedure.TaskAudit, procedure.TaskGenerateKey, procedure.TaskRegisterHash, procedure.TaskRegisterKey}
		case "2a":
			order = []procedure.TaskID{procedure.TaskAudit, procedure.TaskRegisterHash, procedure.TaskRegisterKey, procedure.TaskGenerateKey, procedure.TaskObtainMasterKey}
		case "2b":
			order = []procedure.TaskID{procedure.TaskCertifyCSS}
		case "3a":
			order = []procedure.TaskID{procedure.TaskAudit, procedure.TaskRegisterHash, procedure.TaskRegisterKey, procedure.TaskGenerateKey}
		case "3b":
			order = []procedure.TaskID{procedure.TaskCertifyCSR}
		case "3c":
			order = []procedure.TaskID{procedure.TaskObtainShares}
		case "3d":
			order = []procedure.TaskID{procedure.TaskInstallShares, procedure.TaskVerify, procedure.TaskSet}
		}
		for i, task := range order {
			for _, early := range order[i+1:] {
				_, err := w.try(node, phase.Phase, Options{Task: early})
				mustRefuse(t, err, refusal.CodeOrder, "come")
			}
			before := w.tasks(node)
			r, err := w.try(node, phase.Phase, Options{Task: task})
			if err != nil {
				t.Fatalf("%s at %s: %v", task, node, err)
			}
			if r.Complete {
				t.Errorf("%s alone says that phase %s is complete", task, phase.Phase)
			}
			done := w.tasks(node)
			for k, n := range done {
				if n != before[k] && k.Task != task {
					t.Errorf("%s at %s also did %s", task, node, k.Task)
				}
			}
			if len(done) == len(before) {
				t.Errorf("%s at %s was not done", task, node)
			}
		}
		if r, err := w.try(node, phase.Phase, Options{}); err != nil || !r.Complete {
			t.Errorf("phase %s after all of its tasks: %+v, %v", phase.Phase, r, err)
		}
	}
	if got := w.info("csr1").Register(w.plan.MasterKeyClass()).Current.Pattern; got != w.pattern {
		t.Errorf("csr1 has %s, want %s", got, w.pattern)
	}
}

// tasks counts the records of each task at a node.
func (w *world) tasks(node string) map[history.TaskKey]int {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	done := map[history.TaskKey]int{}
	for _, r := range n.Records() {
		if r.Event == journal.EventTask && r.Node == node {
			done[history.TaskKey{Node: r.Node, Task: r.Task, Peer: r.Peer, Share: r.Share}]++
		}
	}
	return done
}

// Out of order within a phase: each says what comes first.
func TestTaskOutOfOrder(t *testing.T) {
	for _, c := range []struct {
		after procedure.PhaseID
		node  string
		phase procedure.PhaseID
		task  procedure.TaskID
		want  string
	}{
		{"", "sa", "1", procedure.TaskRegisterKey, "Audit access controls comes first"},
		{"1", "css", "2a", procedure.TaskRegisterKey, "Audit access controls comes first"},
		{"1", "css", "2a", procedure.TaskGenerateKey, "Audit access controls comes first"},
		{"3c", "csr1", "3d", procedure.TaskSet, "Install shares: share 1 comes first"},
		{"3c", "csr1", "3d", procedure.TaskVerify, "Install shares: share 1 comes first"},
	} {
		w := after(t, standard, c.after)
		_, err := w.try(c.node, c.phase, Options{Task: c.task})
		mustRefuse(t, err, refusal.CodeOrder, c.want)
	}
	w := after(t, standard, "1")
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskAudit}); err != nil {
		t.Fatal(err)
	}
	_, err := w.try("css", "2a", Options{Task: procedure.TaskRegisterKey})
	mustRefuse(t, err, refusal.CodeOrder, "Register SA-key hash comes first")
	w = after(t, standard, "3c")
	if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
		t.Fatal(err)
	}
	_, err = w.try("csr1", "3d", Options{Task: procedure.TaskSet})
	mustRefuse(t, err, refusal.CodeOrder, "Verify CSR new comes first")
	// A task that the phase does not have.
	_, err = w.try("csr1", "3d", Options{Task: procedure.TaskCertifyCSR})
	mustRefuse(t, err, refusal.CodeOrder, "Verify CSR new comes first")
}
