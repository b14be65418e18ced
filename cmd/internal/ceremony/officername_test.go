package ceremony

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// An officer whom the plan does not name yet is not named twice.
func TestOfficerName(t *testing.T) {
	for _, c := range []struct {
		o    plan.Officer
		want string
	}{
		{plan.Officer{Profile: "SHARE2", Person: "Greta"}, "SHARE2 (Greta)"},
		{plan.Officer{Profile: "ADMIN", Person: "ADMIN (to be named)"}, "ADMIN (to be named)"},
		{plan.Officer{Profile: "ADMIN", Person: "the deputy (to be named)"}, "ADMIN (the deputy (to be named))"},
		{plan.Officer{Profile: "ADMIN"}, "ADMIN"},
	} {
		if got := c.o.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
