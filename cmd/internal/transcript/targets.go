package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// rowKey is a row of Table 2: a task at a node, about a node, with a share.
type rowKey struct {
	node    string
	task    procedure.TaskID
	subject string
	share   int
}

// shareSet is one splitting of the master key for one target.
type shareSet struct {
	id        coproc.ShareSetID
	peer      string
	shares    map[int]*share
	givenUp   map[int]*entry
	written   *entry // the statement, at the source
	received  *entry // the statement, at the target
	statement *coproc.Statement
	canceled  *entry   // at the source
	known     []*entry // where the cancel is known besides
	atTarget  *entry   // where the target came to know of it
	void      *entry   // at the source: the act by which it began anew
}

// share is one share of a set.
type share struct {
	set       *shareSet
	index     int
	written   *entry
	payload   coproc.Digest
	obtained  *entry
	installed *entry
	remarks   []*entry // about it, of those who can say
	copies    []int    // of it, from 1, that remarks account for
	loose     bool     // a copy of it was handed out after the last of them
}

// target is what became of a target, by its journal and the others'.
type target struct {
	node      *plan.Node
	set       *shareSet    // of the statement that it took in last
	installs  map[int]bool // shares that are installed
	verified  *entry
	key       *entry    // the master key was set
	keySet    *shareSet // with that set's shares
	keyShares []uint8   // the shares that were installed then, ascending
	late      []*entry  // sets of it before that, whose cancel came when the key was set
	compared  []string  // profiles that had compared the source's keys then
	receipt   *entry    // written
	receiptAt []*entry  // taken in
	revoked   *entry    // at the SA: of the latest certificate that was taken back
	upTo      uint32    // the generation of that

	after   *journal.ActData // what officers' acts left in the registers after that
	changed *entry           // the act after which the master key is not the current one any more
}

// installed are the shares that a target installed, ascending.
func (t *target) installed() []uint8 {
	var list []uint8
	for i := range t.installs {
		list = append(list, uint8(i))
	}
	slices.Sort(list)
	return list
}

// out are the shares that the source obtained of a set, ascending.
func (s *shareSet) out() []uint8 {
	var list []uint8
	for i := range s.shares {
		list = append(list, uint8(i))
	}
	slices.Sort(list)
	return list
}
