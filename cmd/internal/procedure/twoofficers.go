package procedure

// TwoOfficers are the acts that two persons must do: who did the first half may
// not do the second, at the same coprocessor. coproc.Pairs has more of them,
// which a plan is checked for.
var TwoOfficers = []struct {
	Second TaskID
	First  []TaskID
}{
	// The SA-key hash comes with one officer, on a card of their own; the key
	// with another, who types from a card of theirs.
	{TaskRegisterKey, []TaskID{TaskRegisterHash}},
	{ActLastPart, []TaskID{ActFirstPart}},
	{TaskUnregister, []TaskID{TaskAskUnregister, TaskRegisterHash}},
	{TaskAnew, []TaskID{TaskAskAnew, TaskRegisterHash}},
}

// FirstHalves are what the person who does a task or an act may not have done.
func FirstHalves(second TaskID) []TaskID {
	for _, t := range TwoOfficers {
		if t.Second == second {
			return t.First
		}
	}
	return nil
}
