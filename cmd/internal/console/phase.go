package console

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// RunPhase does a phase at an open store with the carriers of its room: what they
// bring, the phase, and what there is to say of it.
func RunPhase(ctx context.Context, out io.Writer, n *ceremony.Node, id procedure.PhaseID, c *carrier.Set, d ceremony.Desk, o ceremony.Options) (*ceremony.Result, error) {
	printPhase(out, n, id)
	wants := n.Wants(id, o)
	in, err := c.Read(ctx, carrier.Request{
		Folders: n.Folders(id), Unusable: n.Unfit,
		Missing: func(have []bundle.Incoming) []string { return n.Missing(wants, have) },
	})
	if err != nil {
		return nil, err
	}
	if id == "3d" {
		more, err := c.ReadShareSticks(ctx, n.SharesNeeded(), n.Folders(id))
		if err != nil {
			return nil, err
		}
		in = append(in, more...)
	}
	o.Incoming, o.Deliver = in, c.Deliver(ctx)
	if id == "3c" {
		if err := c.CheckApart(ctx, n.SharesToHandOut(o), o.Targets); err != nil {
			return nil, err
		}
	}
	result, err := n.RunPhase(id, o, d)
	if result != nil {
		PrintResult(out, result, err, c.Noun())
	}
	return result, err
}

func printPhase(w io.Writer, n *ceremony.Node, id procedure.PhaseID) {
	row := procedure.Phase(id)
	mark := ""
	if n.Plan().Rehearsal {
		mark = "  REHEARSAL"
	}
	fmt.Fprintf(w, "Phase %s, %s%s\n", id, nodeAt(n, row.Role), mark)
}

func nodeAt(n *ceremony.Node, role coproc.NodeRole) string {
	nodes := n.Plan().At(n.Device().Name)
	if i := slices.IndexFunc(nodes, func(p *plan.Node) bool { return p.Role == role }); i >= 0 {
		return fmt.Sprintf("node %s, coprocessor %s", nodes[i].Name, n.Device().Name)
	}
	return fmt.Sprintf("coprocessor %s", n.Device().Name)
}

// notFinished says where a phase stands that ended with an error.
func notFinished(r *ceremony.Result) string {
	switch {
	case r.Did:
		return fmt.Sprintf("Phase %s is NOT finished. What was done stays done.", r.Phase)
	case r.Before:
		return fmt.Sprintf("Phase %s is NOT finished. Nothing was done this time; what was done before stays done.", r.Phase)
	}
	return fmt.Sprintf("Phase %s was not begun: nothing was done.", r.Phase)
}

// PrintResult says what a phase came to. with is what people carry on.
func PrintResult(w io.Writer, r *ceremony.Result, err error, with string) {
	for _, t := range r.Targets {
		verdict := "EQUAL to the source's"
		if !t.Equal {
			verdict = "NOT EQUAL to the source's " + t.Expected
		}
		if !t.LoggedOn {
			verdict += "\n    (as the journal says: nobody had to log on to read the register)"
		}
		fmt.Fprintf(w, "  master key of %s: pattern %s, %s\n", t.Name, t.Pattern, verdict)
	}
	for _, open := range r.Waiting {
		terminal.Print(w, "  still open: ", open)
	}
	switch {
	case err != nil:
		terminal.Print(w, "", notFinished(r))
	case r.Complete:
		fmt.Fprintf(w, "Phase %s is done.\n", r.Phase)
		if next := nextStep(r.Phase, with); next != "" {
			terminal.Print(w, "Next: ", next)
		}
	case len(r.Waiting) > 0:
		fmt.Fprintf(w, "Phase %s is done as far as it can be now.\n", r.Phase)
	}
}

// Rules are what a plan says of media.
func Rules(p *plan.Plan) carrier.Rules {
	r := carrier.Rules{Ceremony: p.Ceremony, Carrier: p.Carrier, Shares: p.N, Together: p.SharesTogether}
	for _, t := range p.Targets() {
		r.Targets = append(r.Targets, t.Name)
	}
	for _, profile := range p.Source().Officers.ObtainShares {
		r.Officers = append(r.Officers, p.Officer(profile).String())
	}
	return r
}
