package paper

import (
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// rehearsed is a journal of phase 2a and of 3c for two targets: at each time,
// in minutes and seconds, a task was done.
func rehearsed() []journal.Record {
	at := func(minute, second int) int64 { return 1763971200 + int64(minute*60+second) }
	task := func(t int64, phase string, id procedure.TaskID, profile string) journal.Record {
		return journal.Record{Time: t, Event: journal.EventTask, Phase: phase, Node: "css", Task: id, Profile: profile}
	}
	return []journal.Record{
		{Time: at(0, 0), Event: journal.EventInit},
		{Time: at(1, 0), Event: journal.EventAct, Node: "css", Profile: "KEYGEN"},
		{Time: at(3, 30), Event: journal.EventAct, Node: "css", Profile: "SETTER"},
		task(at(20, 0), "2a", procedure.TaskAudit, "AUDITOR"),
		{Time: at(21, 0), Event: journal.EventRefused, Phase: "2a", Node: "css", Profile: "HASH"},
		task(at(23, 40), "2a", procedure.TaskRegisterHash, "HASH"),
		{Time: at(24, 0), Event: journal.EventReceived, Phase: "2a", Node: "css", Profile: "KEYREG"},
		task(at(25, 0), "2a", procedure.TaskRegisterKey, "KEYREG"),
		task(at(26, 0), "2a", procedure.TaskGenerateKey, "KEYGEN"),
		task(at(99, 0), "2a", procedure.TaskObtainMasterKey, "VERIFIER"), // after lunch
		task(at(110, 0), "3c", procedure.TaskObtainShares, "SHARE1"),
		task(at(110, 2), "3c", procedure.TaskObtainShares, "SHARE1"),
		task(at(112, 0), "3c", procedure.TaskObtainShares, "SHARE2"),
		task(at(112, 4), "3c", procedure.TaskObtainShares, "SHARE2"),
	}
}

func sampleDurations() (m Durations) {
	m.Add(rehearsed())
	return m
}

func TestMinutes(t *testing.T) {
	m := sampleDurations()
	for _, c := range []struct {
		phase string
		task  procedure.TaskID
		same  bool
		want  string
	}{
		{"2a", procedure.TaskRegisterHash, false, "about 4 min (rehearsal: 3:40)"}, // with the refusal before it
		{"2a", procedure.TaskRegisterKey, false, "about 2 min (rehearsal: 1:20)"},
		{"3c", procedure.TaskObtainShares, false, "about 2 min (rehearsal: 1:58)"},
		{"3c", procedure.TaskObtainShares, true, "about 1 min (rehearsal: 0:03)"}, // between two and four seconds
		// Never measured: the first of a phase, after a pause, another phase. The
		// middle of all that had to log on.
		{"2a", procedure.TaskAudit, false, "about 2 min (rehearsal: 1:58)"},
		{"2a", procedure.TaskObtainMasterKey, false, "about 2 min (rehearsal: 1:58)"},
		{"3d", procedure.TaskSet, true, "about 1 min (rehearsal: 0:03)"},
	} {
		if got := m.of(stepKind{journal.EventTask, c.phase, c.task, c.same}).String(); got != c.want {
			t.Errorf("%s of phase %s, same officer %t: %q, want %q", c.task, c.phase, c.same, got, c.want)
		}
	}
	if got := (Durations{}).of(stepKind{journal.EventTask, "2a", procedure.TaskAudit, false}).String(); got != "" {
		t.Errorf("nothing was learned, and it says %q", got)
	}
	backward := rehearsed()
	for i := range backward {
		backward[i].Time = -backward[i].Time
	}
	var none Durations
	none.Add(backward)
	if len(none.gaps) > 0 {
		t.Errorf("learned from a clock that runs backward: %v", none.gaps)
	}
}

// A transcript tells the same as the journals in it; in one room with two nodes
// the order of the records is the journal's.
func TestMinutesOfTranscript(t *testing.T) {
	p := samplePlan(t, nil)
	r := &transcript.Result{Plan: p}
	for i, rec := range rehearsed() {
		if rec.Event != journal.EventTask {
			continue
		}
		row := transcript.Row{By: rec.Profile, Ref: transcript.RecordRef{Node: rec.Node, Record: uint64(i + 1), Time: rec.Time}}
		row.Task, row.Phase, row.Node = rec.Task, procedure.PhaseID(rec.Phase), rec.Node
		r.Rows = append([]transcript.Row{row}, r.Rows...) // Table 2 has another order
	}
	var m Durations
	m.AddTranscript(r)
	got := m.of(stepKind{journal.EventTask, "2a", procedure.TaskRegisterHash, false})
	if got != (estimate{220 * time.Second, true}) {
		t.Errorf("%v", got)
	}
}
