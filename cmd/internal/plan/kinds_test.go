package plan

import "testing"

// A value of another kind is refused with what its key wants.
func TestPlanValueKinds(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"m = two", "plan, line 1: m is a number, without quotes: m = 2"},
		{`m = "2"`, "plan, line 1: m is a number, without quotes: m = 2"},
		{"m =", "plan, line 1: m is a number, without quotes: m = 2"},
		{"m = 2.5 # of 3", "plan, line 1: m is a number, without quotes: m = 2"},
		{"rehearsal = yes", "plan, line 1: rehearsal is true or false, without quotes: rehearsal = true"},
		{"title = Payments", `plan, line 1: title is text in quotes: title = "…"`},
		{"class = 3", `plan, line 1: class is text in quotes: class = "…"`},
		{"[[node]]\n[node.officers]\nobtain-shares = \"SHARE1\"", `plan, line 3: obtain-shares is a list of texts in quotes: obtain-shares = ["…", "…"]`},
	} {
		if _, err := Parse([]byte(c.line + "\n")); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.line, err, c.want)
		}
	}
	for key := range allKeys {
		if _, known := allKinds[key]; !known && allKeys[key] == nil {
			t.Errorf("nobody says what %s is", key)
		}
	}
}
