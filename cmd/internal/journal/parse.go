package journal

import (
	"bytes"
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// ParseTorn checks the chain and every signature. rest counts the bytes of
// an incomplete last record. Beside an error it gives what came before it.
func ParseTorn(b []byte) (j *Journal, rest int, err error) {
	if len(b) > maxSize {
		return nil, 0, fmt.Errorf("%w: more than %d bytes", refusal.ErrJournal, maxSize)
	}
	j = &Journal{}
	for len(b) > 0 {
		var e Entry
		after, err := detcbor.UnmarshalFirst(b, &e)
		if err != nil {
			if len(j.list) == 0 && (b[0] == 0x82 || b[0] == 0x83) { // an array of two or of three; now it is one of four
				return j, 0, fmt.Errorf("%w: the journal is of an older build of this program, whose records their officers did not sign", coproc.ErrBuild)
			}
			if len(j.list) > 0 && tornTail(b) {
				return j, len(b), nil
			}
			return j, 0, j.damaged("%v", err)
		}
		var r Record
		if err := detcbor.Unmarshal(e.Body, &r); err != nil {
			return j, 0, j.damaged("%v", err)
		}
		if err := j.follows(r); err != nil {
			return j, 0, err
		}
		switch {
		case len(e.Signature) == 0 && !r.Event.unattended():
			return j, 0, j.damaged("event %q is not signed", r.Event)
		case (len(e.Signature) == 0) != (len(e.Officer) == 0):
			return j, 0, j.damaged("it has one signature, of two")
		}
		if err := j.counts(e); err != nil {
			return j, 0, err
		}
		officers, err := j.keysAfter(r)
		if err != nil {
			return j, 0, j.damaged("%v", err)
		}
		j.Add(r, e)
		j.officers = officers
		if len(e.Signature) > 0 {
			if err := j.verify(r, e); err != nil {
				return j, 0, fmt.Errorf("%w: record %d: %v", refusal.ErrJournal, r.Seq, err)
			}
		}
		b = after
	}
	if len(j.list) == 0 {
		return j, 0, fmt.Errorf("%w: it is empty", refusal.ErrJournal)
	}
	return j, 0, nil
}

// Parse reads a journal as a node handed it out, and checks what can be
// checked of it alone: that each record follows the one before it, and every
// signature, against the audit key that the first record names. Whose key that
// is, a certificate says. Errors wrap ErrJournal and name the record. The
// journal that it read up to there is returned beside an error.
func Parse(b []byte) (*Journal, error) {
	j, rest, err := ParseTorn(b)
	if err == nil && rest > 0 {
		err = j.damaged("it is cut short")
	}
	return j, err
}

// tornTail reports whether b is what a write leaves behind that was cut short:
// the beginning of an entry, or the zeros of blocks that were never written.
func tornTail(b []byte) bool {
	if len(bytes.Trim(b, "\x00")) == 0 {
		return true
	}
	return detcbor.Cut(b)
}

func (j *Journal) damaged(format string, a ...any) error {
	return fmt.Errorf("%w: record %d: %s", refusal.ErrJournal, len(j.list)+1, fmt.Sprintf(format, a...))
}

func (j *Journal) follows(r Record) error {
	switch {
	case r.Seq != uint64(len(j.list)+1):
		return j.damaged("it is numbered %d: records were removed or exchanged", r.Seq)
	case r.Previous != j.Head():
		return j.damaged("it does not continue the record before it")
	case (r.Event == EventInit) != (len(j.list) == 0):
		return j.damaged("event %q is out of place", r.Event)
	}
	return nil
}

// counts checks that the coprocessor's count advances with every signature.
func (j *Journal) counts(e Entry) error {
	switch {
	case len(e.Signature) == 0 && e.Acts != 0:
		return j.damaged("it is counted and not signed")
	case len(e.Signature) > 0 && e.Acts <= j.acts:
		return j.damaged("it was made with act %d of the coprocessor, a record before it with act %d", e.Acts, j.acts)
	}
	return nil
}

// seal is what is signed of a record.
func (j *Journal) seal(r Record, head coproc.Digest, acts uint64) coproc.JournalSeal {
	return coproc.JournalSeal{
		Ceremony: j.init.Ceremony, Serial: j.init.Serial, Count: r.Seq, Head: head, Profile: r.Profile, Acts: acts,
	}
}

// verify checks both signatures of the record that was added last.
func (j *Journal) verify(r Record, e Entry) error {
	seal := j.seal(r, j.Head(), e.Acts)
	if err := coproc.VerifyValue(cosesig.DomainJournal, seal, j.init.AuditKey, e.Signature); err != nil {
		return err
	}
	return j.officers.Verify(seal, e.Officer)
}
