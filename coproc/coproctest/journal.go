package coproctest

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// signJournal signs a record and returns the error alone.
func signJournal(s coproc.Session, count uint64, head coproc.Digest) error {
	_, err := s.SignJournal(count, head)
	return err
}

// officerOf is what a coprocessor reports of a profile's keys.
func officerOf(i coproc.Info, profile string) coproc.OfficerKey {
	for _, o := range i.Officers {
		if o.Profile == profile {
			return o
		}
	}
	return coproc.OfficerKey{}
}

func testJournal(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	sign := func(count uint64, head coproc.Digest) {
		t.Helper()
		before := d.info().Acts
		signed := try(as[coproc.Session](d, Auditor).SignJournal(count, head)).must(t)
		i := d.info()
		equal(t, "acts that were signed", signed.Acts, before+1)
		equal(t, "acts", i.Acts, signed.Acts)
		seal := coproc.JournalSeal{
			Ceremony: i.Ceremony, Serial: i.Serial, Count: count, Head: head, Profile: Auditor, Acts: signed.Acts,
		}
		ok(t, coproc.VerifyValue(cosesig.DomainJournal, seal, i.AuditKey, signed.Coprocessor))
		ok(t, coproc.VerifyValue(cosesig.DomainJournalOfficer, seal, officerOf(i, Auditor).Current(), signed.Officer))
	}
	refuse := func(count uint64, head coproc.Digest) {
		t.Helper()
		s := as[coproc.Session](d, Auditor)
		d.refused(coproc.ErrJournal, func() error { return s.CommitJournal(count, head) })
	}
	refuseSign := func(count uint64) {
		t.Helper()
		s := as[coproc.Session](d, Auditor)
		d.refused(coproc.ErrJournal, func() error { return signJournal(s, count, coproc.Digest{9}) })
	}
	keep := func(count uint64, head coproc.Digest) {
		t.Helper()
		ok(t, as[coproc.Session](d, Auditor).CommitJournal(count, head))
		equal(t, "count", d.info().JournalCount, count)
		equal(t, "head", d.info().JournalHead, head)
	}
	refuseSign(0)
	refuse(1, coproc.Digest{1}) // nobody signed it
	sign(1, coproc.Digest{1})
	sign(1, coproc.Digest{2}) // signing remembers no record, only that there was an act
	refuse(1, coproc.Digest{1})
	refuse(2, coproc.Digest{2})
	keep(1, coproc.Digest{2})
	keep(1, coproc.Digest{2})
	refuse(0, coproc.Digest{})
	refuseSign(1)

	sign(7, coproc.Digest{7})
	refuse(1<<40, coproc.Digest{7})
	keep(7, coproc.Digest{7})
	d.logOff() // writes it
	d.close()
	d.openAgain()
	equal(t, "count", d.info().JournalCount, 7)
	refuse(8, coproc.Digest{8}) // signed by nobody in this session
	refuseSign(7)

	sign(8, coproc.Digest{8})
	keep(8, coproc.Digest{8})
	d.load(coproc.SymMK, KnownKey(coproc.SymMK)) // a change writes it too
	d.close()
	d.openAgain()
	equal(t, "count", d.info().JournalCount, 8)
	sign(9, coproc.Digest{9})
	keep(9, coproc.Digest{9}) // so does closing the coprocessor
	d.close()
	d.openAgain()
	equal(t, "count", d.info().JournalCount, 9)
}
