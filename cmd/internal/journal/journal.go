package journal

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// maxSize bounds what is read, in bytes: some 500,000 records.
const maxSize = 256 << 20

// Entry is a record as the file holds it: a CBOR sequence (RFC 8742) of
// [body, acts, signature, officer]. Acts is the coprocessor's count with these
// signatures (coproc.Info): that of the coprocessor, and that of the officer who
// is logged on. It is 0 and both are empty while nobody was; the next signed
// record covers those before it.
type Entry struct {
	_         struct{} `cbor:",toarray"`
	Body      []byte
	Acts      uint64
	Signature []byte
	Officer   []byte
}

// Journal is a node's append-only, hash-chained, signed list of every act.
type Journal struct {
	File     *os.File
	size     int64
	init     InitData
	list     []Record
	heads    []coproc.Digest    // after each record
	signed   []bool             // whether each record has a signature of its own
	unsigned int                // records behind the last signed one
	acts     uint64             // the coprocessor's count with the last signature
	officers coproc.OfficerKeys // that sign what comes next
	Torn     []byte             // of an incomplete last record, still in the file
}

// Signer signs a journal head while an officer is logged on.
type Signer interface {
	Profile() string
	SignJournal(count uint64, head coproc.Digest) (coproc.JournalSignatures, error)
	CommitJournal(count uint64, head coproc.Digest) error
}

// TornSuffix names the file beside a journal that keeps what was cut off.
const TornSuffix = ".torn"

// Open reads a journal and checks all of it. The file stays as it is,
// an incomplete last record too, until the first record is appended.
// flag is os.O_RDWR, or os.O_RDONLY to look at it.
func Open(path string, flag int) (j *Journal, err error) {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	b, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, err
	}
	j, rest, err := ParseTorn(b)
	if err != nil {
		return nil, err
	}
	j.File = f
	j.size = int64(len(b) - rest)
	j.Torn = b[j.size:]
	return j, nil
}

// Repair moves the bytes of an incomplete last record to a file beside the
// journal.
func (j *Journal) Repair() error {
	if err := atomicfile.Replace(j.File.Name()+TornSuffix, j.Torn); err != nil {
		return err
	}
	if err := j.File.Truncate(j.size); err != nil {
		return err
	}
	j.Torn = nil
	return j.File.Sync()
}

// Create makes an empty journal.
func Create(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &Journal{File: f}, nil
}

// Add takes over a record that was checked, or made here.
func (j *Journal) Add(r Record, e Entry) {
	j.heads = append(j.heads, headAfter(j.Head(), e.Body))
	j.list = append(j.list, r)
	j.signed = append(j.signed, len(e.Signature) > 0)
	j.unsigned++
	if len(e.Signature) > 0 {
		j.unsigned, j.acts = 0, e.Acts
	}
}

// Head is the hash that covers every record so far; zero for none.
func (j *Journal) Head() coproc.Digest {
	if len(j.heads) == 0 {
		return coproc.Digest{}
	}
	return j.heads[len(j.heads)-1]
}

// Records are all records, oldest first.
func (j *Journal) Records() []Record { return j.list }

// Init is what the first record says: whose journal it is.
func (j *Journal) Init() InitData { return j.init }

// Signed reports whether record seq, from 1, has a signature of its own. One
// that has none is covered by the next that has.
func (j *Journal) Signed(seq uint64) bool { return j.signed[seq-1] }

// Unsigned is the number of records behind the last signed one.
func (j *Journal) Unsigned() int { return j.unsigned }

// Unattended counts the records that have no signature of their own: they were
// written while nobody was logged on. Whoever owned the disk then could add and
// cut such records, until the next officer's signature covered them.
func (j *Journal) Unattended() (n int) {
	for _, signed := range j.signed {
		if !signed {
			n++
		}
	}
	return n
}

// Append writes one record and forces it to the disk. s may be nil. On an
// error the journal is as it was before.
func (j *Journal) Append(r Record, s Signer) error {
	r.Seq = uint64(len(j.list) + 1)
	r.Previous = j.Head()
	if s != nil {
		r.Profile = s.Profile() // the coprocessor signs this name
	}
	body, err := detcbor.Marshal(r)
	if err != nil {
		return err
	}
	officers, err := j.keysAfter(r)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	e := Entry{Body: body}
	head := headAfter(r.Previous, body)
	if s != nil {
		signed, err := s.SignJournal(r.Seq, head)
		if err != nil {
			return fmt.Errorf("sign journal: %w", err)
		}
		e.Acts, e.Signature, e.Officer = signed.Acts, signed.Coprocessor, signed.Officer
		// What nobody could read again is not written.
		if err := officers.Verify(j.seal(r, head, e.Acts), e.Officer); err != nil {
			return fmt.Errorf("sign journal: %w", err)
		}
	}
	b, err := detcbor.Marshal(e)
	if err != nil {
		return err
	}
	if err := j.write(b); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.Add(r, e)
	j.officers = officers
	if s != nil {
		return s.CommitJournal(r.Seq, head)
	}
	return nil
}

func (j *Journal) write(b []byte) error {
	_, err := j.File.WriteAt(b, j.size)
	if err == nil {
		err = j.File.Sync()
	}
	if err != nil {
		return errors.Join(err, j.File.Truncate(j.size))
	}
	j.size += int64(len(b))
	return nil
}

// Officers has the keys that sign what comes next.
func (j *Journal) Officers() coproc.OfficerKeys { return j.officers }

// HeadAt is the head after record n, from 1.
func (j *Journal) HeadAt(n uint64) coproc.Digest { return j.heads[n-1] }

// Acts is the coprocessor's count with the last signature.
func (j *Journal) Acts() uint64 { return j.acts }

func (j *Journal) Close() error { return j.File.Close() }

// Bytes is the journal as its file has it, without what a kill left behind.
func (j *Journal) Bytes() ([]byte, error) {
	b := make([]byte, j.size)
	_, err := j.File.ReadAt(b, 0)
	if err == io.EOF {
		err = nil
	}
	return b, err
}
