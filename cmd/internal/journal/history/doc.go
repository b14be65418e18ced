// Package history is what the records of one journal come to: which tasks are
// done, what was made and taken in, and what of it is void. The room that goes on
// from there asks it; an auditor's verifier works from the records themselves and
// does without.
//
//	s, err := history.Replay(j.Records())
//	_, done := s.Done(history.TaskKey{Node: "csr1", Task: procedure.TaskSet})
package history
