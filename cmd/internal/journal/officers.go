package journal

import (
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// OfficerKeyData is the Data of EventOfficerKey: an officer changed their
// passphrase, and signs with another key from this record on. The one before it
// says so, which is why anybody may write the record.
type OfficerKeyData struct {
	Profile string           `cbor:"1,keyasint"`
	Key     coproc.PublicKey `cbor:"2,keyasint"`
	Proof   []byte           `cbor:"3,keyasint"` // by the key before, of a coproc.OfficerChange
}

// keysAfter are the keys that sign the next record, which it may change.
func (j *Journal) keysAfter(r Record) (coproc.OfficerKeys, error) {
	switch r.Event {
	case EventInit: // which says whose journal it is
		if err := detcbor.Unmarshal(r.Data, &j.init); err != nil {
			return nil, err
		}
		return j.init.Officers.Keys()
	case EventOfficerKey:
		d, err := DataOf[OfficerKeyData](r)
		if err != nil {
			return nil, err
		}
		return j.officers.With(j.init.Ceremony, j.init.Serial, d.Profile, d.Key, d.Proof)
	}
	return j.officers, nil
}
