package frame

import (
	"bytes"
	"fmt"
	"testing"
)

// The example of FORMAT.md. These texts are the format: they never change.
const goldenPayload = "Carried by hand, read by camera."

const goldenID = "34b9f028260471ba81f44683"

var golden = []struct {
	form  Form
	index int
	nonce byte
	text  string
}{
	{Base45, 0, 0, "GF1A710ZMNI35CP00QNT*UBPGW003H0EN83LEQEDRTC9KC434- V72"},
	{Base45, 1, 0, "GF1A710ZMNI35CP00QNT*UBPGW004H0 8D0/D1Q5ZKE2ECO242Y4G1"},
	{Base45, 2, 0, "GF1A710ZMNI35CP00QNT*UBPGW005H09KCB44BEC5$C%CCJ003R2X0"},
	{Base45, 3, 0, "GF1A710ZMNI35CP00QNT*UBPGW006H0:C9.S7VP4KPETIC.000RPZ2"},
	{Base45, 4, 0, "GF1A710ZMNI35CP00QNT*UBPGW007H0GDO%QCBN90TQ/9E9HS7AM15"},
	{Base45, 254, 0, "GF1A710ZMNI35CP00QNT*UBPGW00WM0KG9E8O6HP-209JSMBI4F2O0"},
	{Base45, 255, 0, "GF1A710ZMNI35CP00QNT*UBPGW00XM0DCCBTK0+HP*2UZSDBI/$PN1"},
	{Base45, 0, 7, "GF1A:+0ZMNI35CP00QNT*UBPGW003H0CNU5A13IRN0C+DE-K2D12O1"},
	{Base32, 0, 0, "GF1BAA2LT4BIEYCHDOUB6RDIGAAAEABQAQ3BOJZGSZLEEBRHSIBP7O2GC"},
	{Base32, 2, 0, "GF1BAA2LT4BIEYCHDOUB6RDIGAAAEABQEYTZEBRWC3LFOJQS4AATCSKCC"},
	{Base32, 3, 0, "GF1BAA2LT4BIEYCHDOUB6RDIGAAAEABQGSLZHR2SIKDTG5RDGABKZKAH2"},
	{Base32, 255, 0, "GF1BAA2LT4BIEYCHDOUB6RDIGAAAEAB76YIVUNMI3AIWY3R4DEC6ZRWUI"},
}

const goldenHashText = "GFHASH000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F91267E8A"

func goldenSet(t testing.TB, form Form) *Set {
	room := map[Form]int{Base45: 54, Base32: 57}[form]
	s, err := Split([]byte(goldenPayload), form, room)
	if err != nil {
		t.Fatal(err)
	}
	if s.Need() != 3 || s.TextLen() != room || s.ID().String() != goldenID {
		t.Fatalf("need %d, %d characters, %s", s.Need(), s.TextLen(), s.ID())
	}
	return s
}

func TestGoldenWrite(t *testing.T) {
	for _, g := range golden {
		if got := goldenSet(t, g.form).Text(g.index, g.nonce); got != g.text {
			t.Errorf("%v, index %d, nonce %d: %q, want %q", g.form, g.index, g.nonce, got, g.text)
		}
	}
	one, err := Split([]byte("A"), Base45, MinRoom(Base45))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := one.Text(255, 0), "GF1A+10DQJ8GQSXCJFFL97%CE100GB02B8AOM40"; got != want {
		t.Errorf("one byte: %q, want %q", got, want)
	}
}

// Any three different codes rebuild the payload, in whichever form each is.
func TestGoldenRead(t *testing.T) {
	for i, a := range golden {
		for j, b := range golden {
			for k, d := range golden {
				if a.index == b.index || b.index == d.index || a.index == d.index {
					continue
				}
				c := NewCollector()
				c.Add(a.text)
				c.Add(b.text)
				e := c.Add(d.text)
				if e.State != Complete || string(e.Data) != goldenPayload {
					t.Fatalf("texts %d, %d, %d: %+v", i, j, k, e)
				}
			}
		}
	}
}

func TestGoldenHash(t *testing.T) {
	var hash [32]byte
	for i := range hash {
		hash[i] = byte(i)
	}
	if got := HashText(hash); got != goldenHashText {
		t.Errorf("%q", got)
	}
	if got, err := ParseHashText(goldenHashText); err != nil || !bytes.Equal(got[:], hash[:]) {
		t.Errorf("%x, %v", got, err)
	}
}

func ExampleCollector() {
	c := NewCollector()
	for _, text := range []string{
		"https://example.com/",
		golden[6].text,
		golden[6].text,
		golden[0].text,
		golden[3].text,
		golden[1].text,
	} {
		e := c.Add(text)
		fmt.Printf("%v: %d of %d", e.State, e.Got, e.Need)
		if e.Why != "" {
			fmt.Printf(": %s", e.Why)
		}
		if e.Data != nil {
			fmt.Printf(": %q", e.Data)
		}
		fmt.Println()
	}
	// Output:
	// foreign: 0 of 0: a QR code that is not gapferry's: "https://example.com/"
	// new: 1 of 3
	// duplicate: 1 of 3
	// new: 2 of 3
	// complete: 3 of 3: "Carried by hand, read by camera."
	// already complete: 3 of 3: a code of set 34b9f028, which was completed before
}
