package coproctest

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// KnownKey returns bytes 1, 2, 3, …: the master key of the test vectors.
func KnownKey(c coproc.Class) []byte {
	key := make([]byte, c.Size())
	for i := range key {
		key[i] = byte(i + 1)
	}
	return key
}

// knownPattern is the pattern of KnownKey, computed apart from this code.
func (f Family) knownPattern(c coproc.Class) coproc.Pattern {
	if f.Pattern != nil {
		return f.Pattern(c)
	}
	if c.Size() == 24 {
		return coproc.Pattern{0x08, 0x3b, 0xf1, 0x02, 0x5b, 0xe3, 0x4c, 0x44}
	}
	return coproc.Pattern{0x35, 0xfe, 0x7f, 0x6e, 0x49, 0x99, 0x7e, 0x67}
}

func empty(c coproc.Class) coproc.Registers { return coproc.Registers{Class: c} }

func full(p coproc.Pattern) coproc.Register {
	return coproc.Register{State: coproc.Full, Pattern: p}
}

// load fills the new register with a key, in two parts of two officers.
func (d *device) load(c coproc.Class, key []byte) coproc.Registers {
	d.t.Helper()
	first := make([]byte, len(key))
	last := make([]byte, len(key))
	for i := range key {
		first[i] = byte(0xa5 + 7*i)
		last[i] = first[i] ^ key[i]
	}
	try(as[coproc.MasterKeys](d, Part1).LoadPart(c, coproc.First, first)).must(d.t)
	return try(as[coproc.MasterKeys](d, Part2).LoadPart(c, coproc.Last, last)).must(d.t)
}

// loadAndSet makes a key the current one.
func (d *device) loadAndSet(c coproc.Class, key []byte) coproc.Registers {
	d.t.Helper()
	d.load(c, key)
	return try(masterKeys(d).SetMasterKey(c)).must(d.t)
}

func testParts(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	for _, c := range f.Name.Classes() {
		key := KnownKey(c)
		equal(t, "two parts", d.load(c, key), coproc.Registers{Class: c, New: full(f.knownPattern(c))})
		try(masterKeys(d).ClearNew(c)).must(t)

		// Three parts, of which the officers see what CCA says of the register.
		partial := coproc.Registers{Class: c, New: coproc.Register{State: coproc.Partial}}
		loaded := make([]byte, c.Size())
		first := try(as[coproc.MasterKeys](d, Part1).LoadPart(c, coproc.First, loaded)).must(t)
		equal(t, "first part", first, partial)
		clear(loaded)
		k := as[coproc.MasterKeys](d, Part2)
		equal(t, "middle part", try(k.LoadPart(c, coproc.Middle, key)).must(t), partial)
		d.close()
		d.openAgain()
		equal(t, "registers of "+string(c), d.info().Register(c), partial)
		k = as[coproc.MasterKeys](d, Part2)
		equal(t, "last part", try(k.LoadPart(c, coproc.Last, loaded)).must(t), coproc.Registers{Class: c, New: full(f.knownPattern(c))})
		for _, p := range []coproc.Part{coproc.Middle, coproc.Last} {
			d.refused(coproc.ErrRegister, func() error { return try(k.LoadPart(c, p, loaded)).err })
		}
		k = as[coproc.MasterKeys](d, Part1)
		d.refused(coproc.ErrRegister, func() error { return try(k.LoadPart(c, coproc.First, loaded)).err })
	}

	c := coproc.SymMK
	k := masterKeys(d)
	try(k.ClearNew(c)).must(t)
	for _, p := range []coproc.Part{coproc.Middle, coproc.Last} {
		k := as[coproc.MasterKeys](d, Part2)
		d.refused(coproc.ErrRegister, func() error { return try(k.LoadPart(c, p, KnownKey(c))).err })
	}
	for _, size := range []int{0, 8, 16, 23, 25, 32} {
		k := as[coproc.MasterKeys](d, Part1)
		d.refused(coproc.ErrPart, func() error { return try(k.LoadPart(c, coproc.First, make([]byte, size))).err })
	}
	try(as[coproc.MasterKeys](d, Part1).LoadPart(c, coproc.First, KnownKey(c))).must(t)
	k = as[coproc.MasterKeys](d, Part1)
	d.refused(coproc.ErrRegister, func() error { return try(k.LoadPart(c, coproc.First, KnownKey(c))).err })
	k = as[coproc.MasterKeys](d, Part2)
	d.refused(coproc.ErrPart, func() error { return try(k.LoadPart(c, coproc.Last, make([]byte, 16))).err })
	d.refused(coproc.ErrPart, func() error { return try(k.LoadPart(c, "first", KnownKey(c))).err })
	d.refused(coproc.ErrClass, func() error { return try(k.LoadPart("DES-MK", coproc.Last, KnownKey(c))).err })
	k = masterKeys(d)
	d.refused(coproc.ErrRegister, func() error { return try(k.VerifyNew(c)).err })
	d.refused(coproc.ErrRegister, func() error { return try(k.SetMasterKey(c)).err })
	equal(t, "cleared", try(k.ClearNew(c)).must(t), empty(c))
	equal(t, "cleared again", try(k.ClearNew(c)).must(t), empty(c))
}

func testGenerate(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	k := masterKeys(d)
	for _, c := range f.Name.Classes() {
		one := try(k.GenerateMasterKey(c)).must(t)
		equal(t, "new register of "+string(c), one.New.State, coproc.Full)
		d.refused(coproc.ErrRegister, func() error { return try(k.GenerateMasterKey(c)).err })
		v := try(k.VerifyNew(c)).must(t)
		equal(t, "verified", v, coproc.Verification{New: one.New.Pattern})
		equal(t, "cleared", try(k.ClearNew(c)).must(t), empty(c))
		two := try(k.GenerateMasterKey(c)).must(t)
		if one.New.Pattern == two.New.Pattern {
			t.Errorf("the same random %s twice", c)
		}
	}
	d.refused(coproc.ErrClass, func() error { return try(k.GenerateMasterKey("")).err })
}

func testSet(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	for _, c := range f.Name.Classes() {
		k := masterKeys(d)
		d.refused(coproc.ErrRegister, func() error { return try(k.SetMasterKey(c)).err })
		d.refused(coproc.ErrRegister, func() error { return try(k.VerifyNew(c)).err })

		a := f.knownPattern(c)
		equal(t, "set", d.loadAndSet(c, KnownKey(c)), coproc.Registers{Class: c, Current: full(a)})
		refuse := func(want error, key []byte) {
			t.Helper()
			d.load(c, key)
			k := masterKeys(d)
			d.refused(want, func() error { return try(k.SetMasterKey(c)).err })
			try(k.ClearNew(c)).must(t)
		}
		refuse(coproc.ErrSameKey, KnownKey(c)) // as the current one
		k = masterKeys(d)
		b := try(k.GenerateMasterKey(c)).must(t).New
		equal(t, "set again", try(k.SetMasterKey(c)).must(t), coproc.Registers{Class: c, Current: b, Old: full(a)})
		refuse(coproc.ErrSameKey, KnownKey(c)) // as the old one
		if !f.Blind {
			refuse(coproc.ErrWeakKey, make([]byte, c.Size()))
		}

		d.close()
		d.openAgain()
		equal(t, "registers of "+string(c), d.info().Register(c), coproc.Registers{Class: c, Current: b, Old: full(a)})
		k = masterKeys(d)
		third := try(k.GenerateMasterKey(c)).must(t).New
		equal(t, "set a third time", try(k.SetMasterKey(c)).must(t), coproc.Registers{Class: c, Current: third, Old: b})
		d.loadAndSet(c, KnownKey(c)) // neither current nor old any more
	}

	if f.Blind {
		return
	}
	// A weak DES key in each third, its parity bits other than the list's.
	weak := []byte{0x1f ^ 1, 0x1f, 0x1f, 0x1f, 0x0e, 0x0e ^ 1, 0x0e, 0x0e}
	for _, c := range []coproc.Class{coproc.SymMK, coproc.AsymMK} {
		for third := range 3 {
			key := KnownKey(c)
			for i := range key {
				key[i] ^= 0x80
			}
			copy(key[8*third:], weak)
			d.load(c, key)
			k := masterKeys(d)
			d.refused(coproc.ErrWeakKey, func() error { return try(k.SetMasterKey(c)).err })
			try(k.ClearNew(c)).must(t)
		}
	}
}
