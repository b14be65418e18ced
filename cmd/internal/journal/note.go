package journal

import "fmt"

// Subject is what the Data of a remark says that it accounts for, where peer
// and share of its record do not say it all.
type Subject string

// SubjectJournal says that the journal that the peer's coprocessor had under a
// certificate cannot be had any more, or nothing more of it than was handed out.
const SubjectJournal Subject = "journal"

// SubjectLeftOut says that the peer, a target that was never certified, takes no part in the
// ceremony. A journal of it is not waited for.
const SubjectLeftOut Subject = "left-out"

// SubjectCopy says that it is about one of several copies of a share.
const SubjectCopy Subject = "copy"

// NoteData is the Data of EventNote, where it has some.
type NoteData struct {
	Subject     Subject `cbor:"1,keyasint"`
	Certificate uint32  `cbor:"2,keyasint,omitempty"` // of SubjectJournal: the number of a certificate that the peer had then
	Copy        uint32  `cbor:"3,keyasint,omitempty"` // of SubjectCopy: the how manyth that was handed out, from 1
}

// SubjectWords says what a remark accounts for, as people read it; empty where
// it accounts for nothing.
func SubjectWords(r Record) string {
	if r.Event != EventNote {
		return ""
	}
	d, err := DataOf[NoteData](r)
	switch {
	case err == nil && d.Subject == SubjectLeftOut:
		return r.Peer + ", which is left out of the ceremony"
	case err == nil && d.Subject == SubjectJournal:
		return fmt.Sprintf("the journal that %s had under certificate %d, which is lost", r.Peer, d.Certificate)
	}
	if n := CopyOf(r); n > 0 {
		return fmt.Sprintf("copy %d of share %d for %s", n, r.Share, r.Peer)
	}
	if r.Share > 0 {
		return fmt.Sprintf("share %d for %s", r.Share, r.Peer)
	}
	return ""
}

// CopyOf is which copy of a share a remark accounts for, from 1; 0 for none.
func CopyOf(r Record) int {
	d, err := DataOf[NoteData](r)
	if r.Event != EventNote || err != nil || d.Subject != SubjectCopy || r.Share == 0 || r.Peer == "" {
		return 0
	}
	return int(d.Copy)
}

// MaxCopies bounds the number of a copy that a remark accounts for.
const MaxCopies = 1000
