package ceremony

import (
	"errors"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

func randomAct(do func(coproc.MasterKeys) error) Act {
	return Act{
		Text: "generate", Task: "random", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Random },
		Do: func(s ActSession) (string, error) { return "", do(s.Keys) },
	}
}

// Something was put into a target's new register by hand: its shares wait, the
// refusal says what to do, and that helps. Where the journal knows of it, nobody
// logs on for nothing.
func TestFilledRegisterIsLedOn(t *testing.T) {
	for _, killed := range []bool{false, true} {
		w := after(t, small, "3c")
		k := &killer{}
		n, err := Open(w.store("csr1"), k.backend(), w.clock)
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.RunAct(randomAct(func(keys coproc.MasterKeys) error {
			_, err := keys.GenerateMasterKey(coproc.SymMK)
			k.dead = killed // before the journal has it
			return err
		}), w.people)
		if killed != (err != nil) {
			t.Fatal(err)
		}
		n.Close()

		w.people.asked = nil
		_, err = w.try("csr1", "3d", Options{})
		mustRefuse(t, err, refusal.CodeRegister, "the new SYM-MK register of csr1 is full")
		if why := new(refusal.Error); !errors.As(err, &why) || !strings.Contains(why.Hint, " empties it: {coprocessor clear}; then this phase again") {
			t.Errorf("the hint is %q", why.Hint)
		}
		if !killed && len(w.people.asked) > 0 {
			t.Errorf("%q logged on for nothing", w.people.asked)
		}
		n = w.open("csr1")
		if _, err := n.RunAct(clearAct(), w.people); err != nil {
			t.Fatal(err)
		}
		n.Close()
		if r := w.phase("csr1", "3d"); !r.Complete {
			t.Errorf("%+v", r)
		}
	}
}
