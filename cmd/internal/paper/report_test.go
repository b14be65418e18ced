package paper

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// The verdict is the first thing that a report says, in words that cannot be
// read wrongly.
func TestVerdictWords(t *testing.T) {
	p := samplePlan(t, nil)
	exception := transcript.Finding{Severity: transcript.Exception}
	for _, c := range []struct {
		findings []transcript.Finding
		word     string
	}{
		{nil, "VERIFIED"},
		{[]transcript.Finding{exception}, "VERIFIED with 1 exception"},
		{[]transcript.Finding{exception, exception}, "VERIFIED with 2 exceptions"},
		{[]transcript.Finding{{Severity: transcript.Open}, exception}, "INCOMPLETE"},
		{[]transcript.Finding{{Severity: transcript.Fault}, {Severity: transcript.Open}}, "DOES NOT VERIFY"},
	} {
		r := sampleResult(t, p, "a remark")
		r.Findings = c.findings
		if got := verdictOf(r).Word; got != c.word {
			t.Errorf("%q, want %q", got, c.word)
		}
		d := Report(r)
		if s, ok := d.parts[0].blocks[1].(verdictBox); !ok || s.Word != c.word {
			t.Errorf("the report does not begin with %q", c.word)
		}
	}
}

// A transcript of which nothing could be verified has a report too.
func TestReportWithoutPlan(t *testing.T) {
	r := &transcript.Result{
		Hash: coproc.Thumbprint{1}, Digest: coproc.Digest{2},
		Findings: []transcript.Finding{{Severity: transcript.Fault, Text: "the sa-key is of another SA key"}},
	}
	d := Report(r)
	text := d.Text()
	for _, want := range []string{"DOES NOT VERIFY", "Nothing could be verified", "the sa-key is of another SA key"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	page(t, d)
}

// A coprocessor that was set up anew has two journals and is still one; the
// forms say when it was set up last.
func TestSetUpAnew(t *testing.T) {
	r := sampleResult(t, samplePlan(t, nil), "a remark")
	former := r.Journals[2]
	former.Nodes, former.From = []string{"csr1 (old)"}, former.From-86400
	r.Journals = slices.Insert(r.Journals, 2, former)
	text := strings.Join(strings.Fields(Report(r).Text()), " ")
	for _, want := range []string{"of 4 of 4 coprocessors.", "csr1 csr1 (old)", "Coprocessor csr1, administrator ADMIN (Ada Admiraal), set up with this serial number and EID 2025-11-24"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

// What was not done as planned is told from what was.
func TestNotAsPlanned(t *testing.T) {
	r := sampleResult(t, samplePlan(t, nil), "a remark")
	r.Rows[0].By = "KEYGEN"
	if html := string(page(t, Report(r))); strings.Count(html, "NOT AS PLANNED: KEYGEN (Carla Conti)") != 1 {
		t.Error("the report does not say who did what another should have done")
	}
}
