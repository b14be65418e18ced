package store

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
)

// Repair cuts off a record that was never finished, and says so in a record
// before the one that is to be written.
func (s *Store) Repair(next journal.Record, by journal.Signer) error {
	text := fmt.Sprintf("%d bytes of a record that was never finished were cut off and kept in %s", len(s.journal.Torn), JournalFile+journal.TornSuffix)
	if err := s.journal.Repair(); err != nil {
		return err
	}
	return s.Append(journal.Record{Event: journal.EventRepaired, Phase: next.Phase, Node: next.Node, Text: text}, by)
}

// Append writes a record with the time of now, signed by whoever is logged on; by is
// nil where nobody is.
func (s *Store) Append(rec journal.Record, by journal.Signer) error {
	if len(s.journal.Torn) > 0 {
		if err := s.Repair(rec, by); err != nil {
			return err
		}
	}
	if rec.Event != journal.EventClock { // which is about one moment
		rec.Time = s.now().Unix()
	}
	if err := s.journal.Append(rec, by); err != nil {
		return err
	}
	records := s.journal.Records()
	return s.history.Apply(records[len(records)-1])
}
