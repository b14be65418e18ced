package engine

import "testing"

// reference multiplies polynomials and divides by x^8+x^4+x^3+x+1, as on paper.
func reference(a, b byte) byte {
	product := 0
	for i := range 8 {
		if b>>i&1 == 1 {
			product ^= int(a) << i
		}
	}
	for i := 15; i >= 8; i-- {
		if product>>i&1 == 1 {
			product ^= 0x11b << (i - 8)
		}
	}
	return byte(product)
}

func TestEveryProduct(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			if got, want := gfMul(byte(a), byte(b)), reference(byte(a), byte(b)); got != want {
				t.Fatalf("%02x·%02x = %02x, want %02x", a, b, got, want)
			}
		}
	}
}

// The examples of FIPS 197 §4.2 and §4.2.1.
func TestFIPS197(t *testing.T) {
	for _, v := range [][3]byte{{0x57, 0x83, 0xc1}, {0x57, 0x13, 0xfe}, {0x57, 0x02, 0xae}, {0x57, 0x10, 0x07}} {
		if got := gfMul(v[0], v[1]); got != v[2] {
			t.Errorf("%02x·%02x = %02x, want %02x", v[0], v[1], got, v[2])
		}
	}
}

func TestEveryInverse(t *testing.T) {
	if got := gfInv(0); got != 0 {
		t.Errorf("inverse of 0 is %02x", got)
	}
	for a := 1; a < 256; a++ {
		if got := gfMul(byte(a), gfInv(byte(a))); got != 1 {
			t.Errorf("%02x times its inverse is %02x", a, got)
		}
	}
}
