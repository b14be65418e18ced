package paper

import "fmt"

// sticks are how commands name the sticks of a plan. Where the plan has a
// carrier, gapferry finds them by itself.
type sticks struct {
	carrier string // of the plan; empty where each command names it
	apart   bool   // each share goes on a stick of its own
}

// from and to name the stick of the databases, where the plan does not.
func (s sticks) from() []string { return s.flag("--from") }
func (s sticks) to() []string   { return s.flag("--to") }

func (s sticks) flag(name string) []string {
	if s.carrier != "" {
		return nil
	}
	return []string{name, s.spec()}
}

// spec names the stick where a command always wants a name for it.
func (s sticks) spec() string {
	if s.carrier != "" {
		return s.carrier + ":"
	}
	return "dir:STICK"
}

// shareStick names the stick of a share where a command wants a name for it.
func (s sticks) shareStick(i int) string {
	if s.carrier != "" || !s.apart {
		return s.spec()
	}
	return fmt.Sprintf("dir:SHARE%d", i)
}

// shareTo and shareFrom name the sticks of shares, where the plan does not.
func (s sticks) shareTo(shares ...int) (flags []string) {
	for _, i := range shares {
		if s.carrier == "" && s.apart {
			flags = append(flags, "--share-to", fmt.Sprintf("%d=%s", i, s.shareStick(i)))
		}
	}
	return flags
}

func (s sticks) shareFrom(shares ...int) (flags []string) {
	for _, i := range shares {
		if s.carrier == "" && s.apart {
			flags = append(flags, "--from", s.shareStick(i))
		}
	}
	return flags
}

// upTo are the shares 1 to n.
func upTo(n int) (shares []int) {
	for i := 1; i <= n; i++ {
		shares = append(shares, i)
	}
	return shares
}
