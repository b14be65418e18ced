package procedure

// The acts on access controls, as records name them. No table of the procedure
// has them.
const (
	TaskUnlock     TaskID = "unlock"
	TaskPassphrase TaskID = "passphrase"
)

// The acts of beginning anew, as records name them.
const (
	TaskAskAnew      TaskID = "ask-anew"
	TaskAnew         TaskID = "anew"
	TaskWithdrawAnew TaskID = "withdraw-anew"
)

// The acts that take back an SA-key hash, as records name them. No table of
// the procedure has them: there a hash is registered once and for good.
const (
	TaskAskUnregister      TaskID = "ask-unregister"
	TaskUnregister         TaskID = "unregister-hash"
	TaskWithdrawUnregister TaskID = "withdraw-unregister"
)
