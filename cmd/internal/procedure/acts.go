package procedure

// Acts are done outside of the phases, whenever they are needed. Records name
// them as they name tasks; no table of IBM's procedure has them.
const (
	// The audit of access controls, and the signing of a journal.
	ActAudit TaskID = "audit"

	// The master-key registers.
	ActFirstPart TaskID = "first-part"
	ActLastPart  TaskID = "last-part"
	ActRandom    TaskID = "random"
	ActSet       TaskID = "set"

	// Taking back: a share set, certificates.
	ActCancel  TaskID = "cancel"
	ActCertify TaskID = "certify"

	// Access controls.
	TaskUnlock TaskID = "unlock"

	// Beginning anew.
	TaskAskAnew      TaskID = "ask-anew"
	TaskAnew         TaskID = "anew"
	TaskWithdrawAnew TaskID = "withdraw-anew"

	// Taking back an SA-key hash, which IBM's procedure registers for good.
	TaskAskUnregister      TaskID = "ask-unregister"
	TaskUnregister         TaskID = "unregister-hash"
	TaskWithdrawUnregister TaskID = "withdraw-unregister"
)

// ActInfo is a row of the table of acts.
type ActInfo struct {
	Act TaskID
	// Officer does it; empty where it is the coprocessor's administrator.
	Officer       Officer
	Administrator bool
	Registers     bool // it leaves something in the master-key registers
}

// Acts are all acts outside of the phases.
var Acts = []ActInfo{
	{Act: ActAudit, Officer: Auditor},
	{Act: ActFirstPart, Officer: FirstPartOfficer, Registers: true},
	{Act: ActLastPart, Officer: LastPartOfficer, Registers: true},
	{Act: ActRandom, Officer: Randomizer, Registers: true},
	{Act: ActSet, Officer: Setter, Registers: true},
	{Act: ActCancel, Officer: Canceller},
	{Act: ActCertify, Officer: Certifier},
	{Act: TaskUnlock, Administrator: true},
	{Act: TaskAskAnew, Officer: HashOfficer},
	{Act: TaskWithdrawAnew, Officer: HashOfficer},
	{Act: TaskAnew, Officer: KeyRegistrar},
	{Act: TaskAskUnregister, Officer: HashOfficer},
	{Act: TaskWithdrawUnregister, Officer: HashOfficer},
	{Act: TaskUnregister, Officer: KeyRegistrar},
}

// ActOf is the row of an act, or nil.
func ActOf(act TaskID) *ActInfo {
	for i := range Acts {
		if Acts[i].Act == act {
			return &Acts[i]
		}
	}
	return nil
}

// ChangesRegisters reports whether an act leaves something in the master-key
// registers.
func ChangesRegisters(act TaskID) bool {
	a := ActOf(act)
	return a != nil && a.Registers
}
