package ceremony

import (
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Desk is how a ceremony speaks with the people in the room. It knows nothing
// of terminals: the command gives one, the rehearsal another. With each answer
// it says by which Means it came, also beside an error; the journal keeps that.
type Desk interface {
	// Passphrase asks an officer to log on. The ceremony clears what it gets.
	// ErrNoAnswer ends the attempt.
	Passphrase(PassphraseQuestion) ([]byte, journal.Means, error)
	// SAKeyHash asks the hash officer for the SA-key hash as their card has
	// it. ErrNoAnswer says that it is not there.
	SAKeyHash(HashQuestion) (coproc.Thumbprint, journal.Means, error)
	// CardWords asks the officer who registers the SA key for some words of
	// the hash, from their own copy of the card.
	CardWords(CardQuestion) ([]string, journal.Means, error)
	// ShowSAKeyHash shows the hash for the card to be written.
	ShowSAKeyHash(coproc.Thumbprint) error
	// Confirm asks for a yes. ErrNoAnswer is a no.
	Confirm(Confirmation) (journal.Means, error)
	// Progress tells what is being done. It must not fail.
	Progress(Progress)
}

// PassphraseQuestion says who is asked to log on, and for what.
type PassphraseQuestion struct {
	Profile string
	Person  string
	Node    string
	Why     string // the task
	Attempt int    // from 1
	New     bool   // a new passphrase of the officer who is logged on is asked for
}

// HashQuestion says where the SA-key hash is to be registered.
type HashQuestion struct {
	Node    string
	Profile string
	Problem string // what was wrong with the last answer, or empty
}

// Confirmation is something an officer says yes to.
type Confirmation struct {
	Act   string      // "certify csr1", "set the master key of csr1"
	Facts [][2]string // name and value, to be compared
	With  string      // what they are to be compared with
	// Officer says that only an officer at the terminal can say yes to it: for a
	// script the answer is ErrNoAnswer.
	Officer bool
}

// Progress is one line about what happens.
type Progress struct {
	Phase procedure.PhaseID
	Node  string
	Task  procedure.TaskID
	Share int
	State ProgressState
	Text  string
	Hint  string // what to do about it, as in a Refusal; or ""
}

// ProgressState says what a progress line is about.
type ProgressState int

// The states of a progress line.
const (
	Doing   ProgressState = iota // an officer begins a task
	Done                         // the task is done
	Already                      // it was done before
	Note                         // something worth knowing
	Warning                      // something wrong that did not stop the phase
)
