package transcript

import "fmt"

// Headline is the verdict in one line, in capitals where it counts.
func (r *Result) Headline() string {
	text := "VERIFIED"
	switch v := r.Verdict(); v {
	case VerifiedWithExceptions:
		text = "VERIFIED, with " + counted(r.Count(Exception), "exception") + r.lostJournals()
	case Incomplete:
		text = "INCOMPLETE: nothing is wrong, " + counted(r.Count(Open), "point") + " open"
	case NotVerified:
		text = "DOES NOT VERIFY: " + counted(r.Count(Fault), "fault")
	}
	if r.Plan != nil && r.Plan.Rehearsal {
		text = "REHEARSAL, " + text
	}
	return text
}

// lostJournals says how many journals are lost, by a remark alone: what they had
// nobody could check.
func (r *Result) lostJournals() string {
	n := 0
	for _, j := range r.Journals {
		if j.Lost != "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "; " + counted(n, "journal") + " LOST"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Where says at which record of which node a finding is; empty where it is at
// none.
func (f Finding) Where() string {
	switch {
	case f.Ref.Node == "":
		return ""
	case f.Ref.Record == 0:
		return f.Ref.Node
	}
	return fmt.Sprintf("%s record %d", f.Ref.Node, f.Ref.Record)
}

func (w Severity) String() string {
	return [...]string{Note: "note", Exception: "exception", Open: "open", Fault: "FAULT"}[w]
}
