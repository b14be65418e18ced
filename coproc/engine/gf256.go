package engine

// Arithmetic in GF(2^8) with the AES polynomial x^8+x^4+x^3+x+1 (FIPS 197
// §4.2). No table is looked up and no branch is taken by a secret value, so
// that the time a split or a combination takes says nothing of the key.

// reduction is the AES polynomial 0x11b without its x^8.
const reduction = 0x1b

// gfMul returns a·b.
func gfMul(a, b byte) byte {
	var product byte
	for range 8 {
		product ^= a & -(b & 1) // -1 is a mask of ones
		a = a<<1 ^ reduction&-(a>>7)
		b >>= 1
	}
	return product
}

// gfInv returns the inverse of a as a^254; the inverse of 0 is 0.
func gfInv(a byte) byte {
	// 254 = 2+4+8+16+32+64+128.
	inverse, power := byte(1), a
	for range 7 {
		power = gfMul(power, power)
		inverse = gfMul(inverse, power)
	}
	return inverse
}
