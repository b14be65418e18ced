package outside

import "testing"

func TestOneSlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"vacant", "vacent", true}, {"status", "statsu", true}, {"phase", "phas", true}, {"phase", "phasee", true}, {"status", "tsatus", true},
		{"a", "", true}, {"a", "b", true}, {"ab", "ba", true}, {"", "", false}, {"same", "same", false},
		{"status", "stauts", true}, {"phase", "phsea", false}, {"plan", "plant pot", false}, {"abcd", "badc", false},
	} {
		if got := OneSlip(c.a, c.b); got != c.want || OneSlip(c.b, c.a) != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
	}
}
