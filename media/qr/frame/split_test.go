package frame

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestSplitRefusals(t *testing.T) {
	for _, test := range []struct {
		length int
		form   Form
		room   int
		want   string
	}{
		{0, Base45, 600, "nothing to show: there are no bytes"},
		{MaxPayload + 1, Base45, 600, "1048577 bytes are too many for QR codes: at most 1048576"},
		{1, Base45, 38, "codes of 38 characters are too small: at least 39 are needed"},
		{1, Base32, 40, "codes of 40 characters are too small: at least 41 are needed"},
		{1, Base45, -1, "codes of -1 characters are too small: at least 39 are needed"},
		{1, Base45, 4297, "no QR code holds 4297 characters: at most 4296"},
		{1, 'C', 600, "unknown form 'C' of a code's text: base45 or base32"},
		{256, Base45, 39, "256 bytes need 256 codes of 39 characters and at most 255 work: use larger codes, or a stick"},
		{MaxPayload, Base45, 4296, "1048576 bytes need 370 codes of 4296 characters and at most 255 work: use larger codes, or a stick"},
	} {
		_, err := Split(make([]byte, test.length), test.form, test.room)
		if err == nil || err.Error() != test.want {
			t.Errorf("%d bytes, %v, %d characters: %v, want %s", test.length, test.form, test.room, err, test.want)
		}
	}
}

// Codes are as few as the room allows, are as short as their number allows, and
// every length reads back.
func TestSplitSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, form := range []Form{Base45, Base32} {
		for _, room := range []int{MinRoom(form), 42, 77, 134, 600, MaxText} {
			most := form.holds(room) - headerLen - crcLen
			for _, length := range []int{1, 2, 3, 10, most - 1, most, most + 1, 5*most - 1, 5 * most, 5*most + 1, 255 * most} {
				if length < 1 || length == 255*most && room != 77 && room != MaxText {
					continue
				}
				data := randomBytes(rng, length)
				s := mustSplit(t, data, form, room)
				if want := (length + most - 1) / most; s.Need() != want {
					t.Errorf("%v %d %d: need %d, want %d", form, room, length, s.Need(), want)
				}
				if n, err := Need(length, form, room); err != nil || n != s.Need() {
					t.Errorf("Need gives %d, %v, and Split %d", n, err, s.Need())
				}
				last := s.Text(255, 255)
				if len(last) != s.TextLen() || s.TextLen() > room {
					t.Errorf("%v %d %d: %d characters, TextLen %d", form, room, length, len(last), s.TextLen())
				}
				if s.padding() >= s.shardLen() {
					t.Errorf("%v %d %d: %d bytes of padding in shards of %d", form, room, length, s.padding(), s.shardLen())
				}
				c := NewCollector()
				var e Event
				for i := range s.Need() {
					e = c.Add(s.Text(255-i, 1))
				}
				if e.State != Complete || !bytes.Equal(e.Data, data) || e.Set != s.ID() {
					t.Errorf("%v %d %d: %v %s", form, room, length, e.State, e.Why)
				}
			}
		}
	}
}

// The smallest codes: base45 fits version 2-L (47 characters), base32 too.
func TestMinRoom(t *testing.T) {
	if a, b := MinRoom(Base45), MinRoom(Base32); a != 39 || b != 41 {
		t.Errorf("%d and %d", a, b)
	}
}
