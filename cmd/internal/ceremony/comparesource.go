package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// The source's keys in the rooms of the targets. Statement and shares are
// believed because the SA certified the source's keys: one bad certifier could
// certify keys of their own, and a target would set a master key that they
// know. So two officers of the target compare the keys with a card from the
// source's own room: who installs the first share, before the coprocessor
// accepts anything from there, and who sets the master key.

// fromItsRoom is what a node's keys are compared with.
const fromItsRoom = "the key card that was written in the source's own room"

// sourceFact is the source's keys as an officer compares them.
func sourceFact(source coproc.Certificate) [2]string {
	claims := source.Claims()
	return [2]string{"keys of " + claims.Node.Name, keyCard(claims.Keys)}
}

// compareSource has the share officer who is logged on compare the source's
// keys, unless one of this target did for the same certificate and share set.
func (r *installing) compareSource(source coproc.Certificate, set coproc.ShareSetID) error {
	if r.comparedBy(source, set, r.node.Officers.InstallShares) {
		return nil
	}
	act := "install shares from " + source.Claims().Node.Name
	if err := r.desk.Confirm(Confirmation{Act: act, Facts: [][2]string{sourceFact(source)}, With: fromItsRoom}); err != nil {
		return notConfirmed(err, act)
	}
	return r.recordCompared(source, set)
}

// comparedBy reports whether the journal has that one of some officers of this
// node compared the source's keys.
func (r *installing) comparedBy(source coproc.Certificate, set coproc.ShareSetID, profiles []string) bool {
	return r.n.History().ComparedBy(r.node.Name, source.Digest(), set, profiles)
}

// recordCompared keeps, under the signature of the officer who is logged on,
// that they compared the source's keys.
func (r *installing) recordCompared(source coproc.Certificate, set coproc.ShareSetID) error {
	if r.comparedBy(source, set, []string{r.session.Profile()}) {
		return nil
	}
	data, err := detcbor.Marshal(journal.ComparedData{Certificate: source.Digest(), ShareSet: set})
	if err != nil {
		return err
	}
	claims := source.Claims()
	return r.record(journal.Record{
		Event: journal.EventCompared, Node: r.node.Name, Peer: claims.Node.Name, Data: data,
		Text: fmt.Sprintf("certificate %d of %s, keys %s, with the key card from its room: the same", claims.Generation, claims.Node.Name, keyCard(claims.Keys)),
	})
}
