package frame

// State is what a text turned out to be.
type State int

const (
	New             State = iota // a code that was missing
	Duplicate                    // a code that is there already
	Complete                     // the last code that was missing: Data holds the payload
	AlreadyComplete              // a code of a set that was completed before
	HashCard                     // an SA-key hash card: ParseHashText reads it
	Foreign                      // not gapferry's
	OtherVersion                 // of another version of this format
	Damaged                      // gapferry's, but misread, cut off or not made by its rules
	Conflict                     // gapferry's, but it contradicts a code that was read before
)

var stateNames = [...]string{"new", "duplicate", "complete", "already complete", "hash card",
	"foreign", "other version", "damaged", "conflict"}

func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

// Event is what Add says of one text.
type Event struct {
	State State
	Set   ID // of a frame; zero for what is none
	Index int
	Got   int // different codes of this set that are there; more than Need while they contradict each other
	Need  int

	// Data is the payload, with Complete only. Its SHA-256 begins with Set; who
	// made it is not known until its signature was checked.
	Data []byte

	// Why is one line for people, safe to print: what the text is when it is none
	// of New, Duplicate and Complete, and with those what else happened, such as
	// a set that was forgotten. Empty when there is nothing to say.
	Why string
}

// Progress is how far one set is.
type Progress struct {
	Set       ID
	Length    int // bytes of the payload
	Got, Need int // different codes
	Complete  bool

	// Contradiction: enough codes are there, but they do not fit together,
	// because at least one of them is forged. More codes help.
	Contradiction bool

	Have []int // indices that are there, in order; nil when complete
}

// note adds a line to what there is to say.
func (e *Event) note(line string) {
	if e.Why != "" {
		e.Why += "; "
	}
	e.Why += line
}
