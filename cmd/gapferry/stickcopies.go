package main

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// What media check says of the shares on a stick: whether they may lie there, and
// how often each is out.

// misplaced is a bundle that is good and lies on the wrong stick.
type misplaced struct {
	what string // which one, and why
	todo string
}

// astray are the bundles that must not lie on a stick with this marker, or beside
// what else is on it: shares stay apart, unless the plan has them together.
func astray(p *plan.Plan, all []found, m *media.Marker) []misplaced {
	if p.SharesTogether {
		return nil
	}
	var list []misplaced
	own, databases := 0, m != nil
	for i := 1; i <= p.N; i++ {
		if m != nil && m.Purpose == carrier.PurposeShare(i) {
			own, databases = i, false
		}
	}
	shares := map[string]map[uint8]bool{} // by database: which are here
	for _, f := range ours(p, all) {
		h := f.sealed.UnverifiedHeader()
		databases = databases || own == 0 && carrier.DatabaseKinds[h.Kind]
		if h.Share != nil {
			if shares[h.Database()] == nil {
				shares[h.Database()] = map[uint8]bool{}
			}
			shares[h.Database()][h.Share.Index] = true
		}
	}
	for _, f := range ours(p, all) {
		h := f.sealed.UnverifiedHeader()
		why := ""
		switch {
		case h.Share == nil && own > 0 && carrier.DatabaseKinds[h.Kind]:
			list = append(list, misplaced{
				fmt.Sprintf("%s: this stick is share officer %d's, and a %s goes on the stick with the databases", f.where, own, h.Kind),
				"see that it is on that stick, and delete it here",
			})
			continue
		case h.Share == nil || int(h.Share.Index) == own:
			continue
		case own > 0:
			why = fmt.Sprintf("this stick is share officer %d's", own)
		case databases:
			why = "this stick is for databases, and shares stay apart from them"
		case len(shares[h.Database()]) > 1:
			why = "another share for the same target is on this stick, and whoever has it has both"
		default:
			continue
		}
		list = append(list, misplaced{fmt.Sprintf("%s: share %d: %s", f.where, h.Share.Index, why), moveShare(carrier.TargetOf(h.Database()), int(h.Share.Index))})
	}
	return list
}

// moveShare says how a share gets to a stick of its own.
func moveShare(target string, share int) string {
	return fmt.Sprintf("tell the auditor. Share officer %d needs a stick with it of their own: if they have none, at the source `gapferry resend --kind share --target %s --share %[1]d --to dir:PATH`; then delete it here. At the source `gapferry status` says whether a remark has to account for this copy", share, target)
}

// ours are the bundles that can be read and are of this ceremony, of a node of it.
func ours(p *plan.Plan, all []found) (list []found) {
	for _, f := range all {
		if f.err != nil {
			continue
		}
		if h := f.sealed.UnverifiedHeader(); h.Ceremony == p.CeremonyID() && p.Node(h.From.Name) != nil {
			list = append(list, f)
		}
	}
	return list
}

// shareCopy is a share on a stick, and how often the source handed it out.
type shareCopy struct {
	File      string   `json:"file"`
	Target    string   `json:"target"`
	Share     int      `json:"share"`
	Here      []int    `json:"here"`      // the copies, from 1, that went to this stick
	Copies    []string `json:"copies"`    // where each went
	Accounted []int    `json:"accounted"` // the copies of which a remark says what became of them
}

// tellCopies says which copies of shares a stick has. Only the source knows how
// many there are.
func (e bundleWork) tellCopies(ctx *cli.Context, d *media.Dir, all []found) ([]shareCopy, error) {
	known := []shareCopy{}
	var outbox []ceremony.OutboxEntry
	if ctx.IsSet("store") {
		err := e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) error {
			outbox = n.Status().Outbox
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	unknown := 0
	for _, f := range all {
		if f.err != nil || f.sealed.UnverifiedHeader().Kind != bundle.KindShare {
			continue
		}
		digest := f.sealed.Digest().String()
		i := slices.IndexFunc(outbox, func(o ceremony.OutboxEntry) bool { return o.Digest == digest })
		if i < 0 {
			unknown++
			continue
		}
		c := copyOn(f, outbox[i], d.Name())
		known = append(known, c)
		e.printCopy(ctx, c, outbox[i])
	}
	if unknown > 0 {
		terminal.Print(e.words(ctx), "copies           ", "how often the shares here are out, the source's room alone can tell, if it made them: `gapferry media check --store DIRECTORY --stick dir:PATH` there, with the source's store")
	}
	return known, nil
}

func copyOn(f found, o ceremony.OutboxEntry, stick string) shareCopy {
	c := shareCopy{
		File: f.where, Target: carrier.TargetOf(o.Folder), Share: o.Share, Here: []int{},
		Copies: o.Copies, Accounted: append([]int{}, o.Accounted...),
	}
	for i, to := range o.Copies {
		if to == stick {
			c.Here = append(c.Here, i+1)
		}
	}
	return c
}

// printCopy tells which copy of how many this one is, and where the others are.
func (e bundleWork) printCopy(ctx *cli.Context, c shareCopy, o ceremony.OutboxEntry) {
	remark := func(i int) string {
		if slices.Contains(c.Accounted, i) {
			return ", and a remark says what became of it"
		}
		return ""
	}
	out := fmt.Sprintf("%s: share %d for %s is out %d times; ", c.File, c.Share, c.Target, len(c.Copies))
	if len(c.Copies) == 1 {
		out = fmt.Sprintf("%s: share %d for %s is out once; ", c.File, c.Share, c.Target)
	}
	switch {
	case len(c.Here) == 0:
		out += "none was written to a stick of this name: it is one of those under another name, or a copy that the source does not know"
	case len(c.Here) == 1:
		out += fmt.Sprintf("copy %d of %d went to this stick%s", c.Here[0], len(c.Copies), remark(c.Here[0]))
	default:
		out += fmt.Sprintf("copies %s went to sticks of this name, or to this one after it was wiped", terminal.List(c.Here))
	}
	terminal.Print(e.words(ctx), "copies           ", out)
	for i, to := range c.Copies {
		if len(c.Here) != 1 || c.Here[0] != i+1 {
			terminal.Print(e.words(ctx), "                 ", fmt.Sprintf("copy %d: %s%s", i+1, to, remark(i+1)))
		}
	}
	if o.Loose() > 0 {
		terminal.Print(e.words(ctx), "               ! ", "no remark says what became of each copy that is not needed: "+
			placeOf(ctx).spell(fmt.Sprintf("{journal note --profile PROFILE --target %s --share %d --copy N --text TEXT}", c.Target, c.Share)))
	}
}
