package store

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// journalFits checks a journal against what the coprocessor remembers of it, which
// whoever edits the file cannot change. A kill, or any number of them, leaves
// the coprocessor with a higher count than the journal, never with a lower one:
// it counts an act before it lets a record of it be signed.
func journalFits(j *journal.Journal, info coproc.Info) error {
	n, have := info.JournalCount, uint64(len(j.Records()))
	switch {
	case j.Init().AuditKey != info.AuditKey:
		return fmt.Errorf("%w: it is signed by another coprocessor's key", refusal.ErrJournal)
	case n > have:
		return fmt.Errorf("%w: it has %d records, the coprocessor remembers %d: records were cut off", refusal.ErrJournal, have, n)
	case n > 0 && j.HeadAt(n) != info.JournalHead:
		return fmt.Errorf("%w: record %d or one before it is not the one that the coprocessor signed", refusal.ErrJournal, n)
	case info.Acts < j.Acts():
		return fmt.Errorf("%w: its last signed record was made with act %d of the coprocessor, which counts %d now: an old state of the coprocessor was put back", refusal.ErrJournal, j.Acts(), info.Acts)
	}
	return officersFit(j, info)
}

// officersFit checks the officers' keys in the journal against those that the
// coprocessor reports, and against what its nodes' certificates vouch for.
func officersFit(j *journal.Journal, info coproc.Info) error {
	digest, err := j.Init().Officers.Digest()
	if err != nil {
		return err
	}
	for _, k := range info.Retained {
		if k.Keys.Officers != digest {
			return fmt.Errorf("%w: the officers' keys in its first record are not those of node %s", refusal.ErrJournal, k.Node)
		}
	}
	if have := len(j.Officers()); len(info.Officers) != have {
		return fmt.Errorf("%w: it has keys of %d officers, the coprocessor of %d", refusal.ErrJournal, have, len(info.Officers))
	}
	for _, o := range info.Officers {
		if err := officerFits(j, o); err != nil {
			return fmt.Errorf("%w: %v", refusal.ErrJournal, err)
		}
	}
	return nil
}

// officerFits checks one of them. The coprocessor may have one key more, which
// the last one of the journal vouches for.
func officerFits(j *journal.Journal, o coproc.OfficerKey) error {
	name, signs := outside.Text(o.Profile), j.Officers()[o.Profile]
	if len(o.Keys) == 0 || o.Keys[0] != j.Init().Officers.Key(o.Profile) {
		return fmt.Errorf("the first key of %s is not the one that the coprocessor says", name)
	}
	if o.Current() == signs {
		return nil
	}
	if n := len(o.Keys); n < 2 || o.Keys[n-2] != signs {
		return fmt.Errorf("%s signs with another key than the coprocessor says: one of the two was put back to an earlier copy of it, or somebody else wrote it", name)
	}
	_, err := j.Officers().With(j.Init().Ceremony, j.Init().Serial, o.Profile, o.Current(), o.Proof)
	return err
}

// Ahead is how many acts and signatures the coprocessor counts of which the
// journal has nothing. There are none unless the program was stopped between an
// act and its record, or the last records were cut off after that.
func (s *Store) Ahead(info coproc.Info) uint64 {
	return info.Acts - min(s.journal.Acts(), info.Acts)
}

// NewKeys are the records of the keys that the coprocessor has of its officers and
// the journal has not: the program was stopped between the change and its record.
func (s *Store) NewKeys(info coproc.Info) (records []journal.Record, err error) {
	for _, o := range info.Officers {
		if o.Current() == s.journal.Officers()[o.Profile] {
			continue
		}
		r := journal.Record{Event: journal.EventOfficerKey, Text: fmt.Sprintf("%s has a new passphrase, and signs with a new key", o.Profile)}
		if r.Data, err = detcbor.Marshal(journal.OfficerKeyData{Profile: o.Profile, Key: o.Current(), Proof: o.Proof}); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}
