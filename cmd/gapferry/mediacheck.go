package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var checkStoreFlag = &cli.StringFlag{
	Name: "store", Aliases: []string{"s"}, Usage: "take plan and SA key from this `DIRECTORY` instead of --plan and the hash",
}

// mediaCheck verifies a stick and compares what is on it with the plan.
func (e mediaWork) mediaCheck(ctx *cli.Context) error {
	p, err := e.planOf(ctx)
	if err != nil {
		return err
	}
	r := e.looking(ctx)
	s, d, err := e.stick(ctx, r)
	if err != nil {
		return err
	}
	report, err := d.Check()
	if err != nil {
		return err
	}
	words := e.words(ctx)
	if report.Marker != nil {
		fmt.Fprintf(words, "%s says it is for %s of ceremony %s\n", s.Name(), media.Escape(report.Marker.Purpose), media.Escape(report.Marker.Ceremony))
	}
	judge, err := e.judge(ctx, p)
	if err != nil {
		return err
	}
	all, stray, err := stickBundles(d, judge)
	if err != nil {
		return err
	}
	hint := "" // of what was moved, the code alone says it
	for _, k := range report.Skipped {
		fmt.Fprintf(words, "does not belong  %s: %s\n", media.Escape(k.Name), media.Escape(k.Reason))
	}
	for _, l := range report.Leftovers {
		fmt.Fprintf(words, "leftover         %s: an interrupted write; the next one removes it\n", media.Escape(l))
	}
	for _, f := range stray {
		fmt.Fprintf(words, "does not belong  %s\n", media.Escape(f))
	}
	for _, a := range astray(p, all, report.Marker) {
		hint = whatToDo
		stray = append(stray, a.what)
		fmt.Fprintf(words, "does not belong  %s\n", media.Escape(a.what))
		terminal.Print(words, "                 ", a.todo)
	}
	if len(all) == 0 && len(report.Skipped) == 0 {
		return carrier.NothingOn(d)
	}
	for _, k := range carrier.LooseOn(d) {
		hint = whatToDo
		stray = append(stray, k.Name+": it "+k.Reason)
		fmt.Fprintf(words, "does not belong  %s: it %s\n", media.Escape(k.Name), k.Reason)
	}
	missing := missingOn(p, all, report.Marker)
	for _, line := range missing {
		fmt.Fprintf(words, "missing          %s\n", line)
	}
	copies, err := e.tellCopies(ctx, d, all)
	if err != nil {
		return err
	}
	a, err := e.anchors(ctx, all, r)
	if err != nil {
		return err
	}
	err = e.verifyAll(ctx, all, a, judge, &StickShape{labelOf(report.Marker, p), append([]string{}, missing...), copies})
	if refused, ok := errors.AsType[*refusal.Error](err); len(stray) > 0 && (err == nil || ok && (refused.Code == refusal.CodeUnjudged || slices.Contains(strayCodes, refused.Code))) {
		return &refusal.Error{Code: refusal.CodeWrongPlace, Text: fmt.Sprintf("%d bundles or folders on %s do not belong there", len(stray), s.Name()), Hint: hint}
	}
	return err
}

// whatToDo is the hint where what does not belong is of several kinds.
const whatToDo = "do what stands behind each of them, above"

// planOf is the plan of --store, or the file of --plan.
func (e mediaWork) planOf(ctx *cli.Context) (*plan.Plan, error) {
	if !ctx.IsSet("store") {
		return readPlan(ctx)
	}
	var p *plan.Plan
	err := e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) error {
		p = n.Plan()
		return nil
	})
	return p, err
}

// strayCodes are those by which a bundle does not belong on a stick of the plan,
// whoever looks at it.
var strayCodes = []refusal.Code{
	refusal.CodeRehearsal, refusal.CodeWrongCeremony, refusal.CodeWrongTarget, refusal.CodeWrongPlace, refusal.CodeWrongSender,
}

// stickBundles reads every bundle of a stick, and names those that do not belong
// on it.
func stickBundles(d *media.Dir, judge ceremony.Judge) (all []found, stray []string, err error) {
	files, _, err := d.Read("")
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		f := foundIn(file.Folder+"/"+file.Name, bundle.Incoming{Folder: file.Folder, Name: file.Name, Data: file.Data})
		all = append(all, f)
		if f.err != nil {
			continue
		}
		if why := judge.Judge(f.in).Err; why != nil && slices.Contains(strayCodes, codeFor(why)) {
			stray = append(stray, fmt.Sprintf("%s: %v", f.where, why))
		}
	}
	return all, stray, nil
}

// missingOn says, for each database that the stick has, what it does not hold and
// which phase would need it. A stick is judged by what it is for: a share officer's
// misses nothing but their share, and one with databases no share, unless the plan
// has them together.
func missingOn(p *plan.Plan, all []found, m *media.Marker) []string {
	there, folders := map[expected]bool{}, map[string]bool{}
	databases := false
	for _, f := range all {
		if f.err != nil {
			continue
		}
		h := f.sealed.UnverifiedHeader()
		x := expected{folder: h.Database(), kind: h.Kind}
		if h.Share != nil {
			x.share = int(h.Share.Index)
		}
		there[x], folders[x.folder] = true, true
		databases = databases || carrier.DatabaseKinds[h.Kind]
	}
	missing := []string{}
	for _, x := range expectedOn(p) {
		needed := x.needed
		x.needed = ""
		if folders[x.folder] && !there[x] && x.belongs(p, m, databases) {
			missing = append(missing, fmt.Sprintf("%s: %s, which phase %s reads", x.folder, x, needed))
		}
	}
	return missing
}

// belongs reports whether something has to be on a stick that was prepared for
// what m says, or is told by what lies on it.
func (x expected) belongs(p *plan.Plan, m *media.Marker, databases bool) bool {
	for i := 1; i <= p.N; i++ {
		if m != nil && m.Purpose == carrier.PurposeShare(i) {
			return x.share == i
		}
	}
	if p.SharesTogether {
		return true
	}
	return x.share == 0 && (databases || m != nil)
}

// StickShape is what media check says of a stick beside its bundles.
type StickShape struct {
	Label   string      `json:"label"` // as media prepare takes it; empty where it has none of this plan
	Missing []string    `json:"missing_bundles"`
	Copies  []shareCopy `json:"share_copies"`
}

// labelOf is the --label that a stick was prepared with.
func labelOf(m *media.Marker, p *plan.Plan) string {
	labels := []string{"all", "sa"}
	for _, t := range p.Targets() {
		labels = append(labels, t.Name)
	}
	for i := 1; i <= p.N; i++ {
		labels = append(labels, fmt.Sprintf("share-%d", i))
	}
	for _, l := range labels {
		if purpose, err := purposeOf(l, p); m != nil && err == nil && purpose == m.Purpose {
			return l
		}
	}
	return ""
}
