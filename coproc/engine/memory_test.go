package engine

import (
	"testing"
)

// What a log-on will take is in the file: a rehearsal asks for little.
func TestWorkFactorOf(t *testing.T) {
	for _, logN := range []int{rehearsalWorkFactor, 12} {
		sealed, err := sealProfile(profileKey{Identity: []byte("i"), MAC: make([]byte, macKeySize)}, []byte("correct horse"), logN)
		if err != nil {
			t.Fatal(err)
		}
		if got := workFactorOf(sealed); got != logN {
			t.Errorf("%d, want %d", got, logN)
		}
	}
	for _, other := range []string{"", "-> scrypt", "-> scrypt salt x\n", "-> scrypt salt 99\n", "-> scrypt salt -1\n", "-> X25519 salt 10\n"} {
		if got := workFactorOf([]byte(other)); got != workFactor {
			t.Errorf("%q: %d", other, got)
		}
	}
}
