package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/procedure"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

func statusCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "where this node stands, as its journal says; nobody has to log on",
		Flags: []cli.Flag{storeFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			var s ceremony.Status
			err := e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) error {
				s = n.Status()
				return nil
			})
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(s)
			}
			statusPage{e.out, placeOf(ctx)}.print(s)
			return nil
		},
	}
}

// statusPage is what status prints, and the place for which commands are spelt out.
type statusPage struct {
	out  io.Writer
	here place
}

func (p statusPage) print(s ceremony.Status) {
	mark := ""
	if s.Rehearsal {
		mark = "  REHEARSAL"
	}
	fmt.Fprintf(p.out, "coprocessor %s, ceremony %s%s\n", s.Coprocessor, s.Ceremony, mark)
	if s.Family != coproc.Software.String() {
		terminal.PrintWrapped(p.out, "  "+s.Family+"  ", s.Assurance)
	}
	sayClock(p.out, s.Clock)
	printBoard(p.out, s, p.here)
	if s.Unregistering != nil {
		terminal.Print(p.out, "\n", unregisteringLine(s.Unregistering)+p.here.spell("{coprocessor unregister-hash}"))
	}
	if s.Anew != nil {
		terminal.Print(p.out, "\n", anewLine(s.Anew)+p.here.spell("{coprocessor anew}"))
	}
	cancelled, replaced := map[string]bool{}, map[string]bool{}
	for _, t := range s.Targets {
		cancelled[t.Target], replaced[t.Target] = t.Cancelled != "", t.Replaced != nil
	}
	for _, ph := range s.Phases {
		where := ph.Node
		if ph.Target != "" {
			where += " for " + ph.Target
		}
		state := "open"
		switch {
		case ph.Done && replaced[ph.Node] && ph.Phase == "3d":
			state = "done, and ANOTHER MASTER KEY WAS SET since"
		case ph.Done:
			state = "done"
		case ph.Phase == "3c" && cancelled[ph.Target], ph.Phase == "3d" && cancelled[ph.Node]:
			state = "open, its share set was cancelled"
		}
		fmt.Fprintf(p.out, "\nphase %s, %s: %s\n", ph.Phase, where, state)
		for _, t := range ph.Tasks {
			p.task(t)
		}
	}
	p.answered(s.Answered)
	if len(s.Outbox) > 0 {
		fmt.Fprintln(p.out, "\nbundles made here")
	}
	for _, o := range s.Outbox {
		fmt.Fprintf(p.out, "  %s/%s", o.Folder, o.Name)
		if len(o.Copies) == 0 {
			fmt.Fprint(p.out, ": on no carrier yet")
		}
		fmt.Fprintln(p.out)
		p.copies(o)
	}
	fmt.Fprintf(p.out, "\njournal: %d records, %d not yet signed\n", s.Records, s.Unsigned)
	fmt.Fprintln(p.out, ceremony.NotAuthenticated)
}

// copies says where a bundle went. The copies of a share are counted: each of
// them but one has to be accounted for.
func (p statusPage) copies(o ceremony.OutboxEntry) {
	count := o.Kind == bundle.KindShare && len(o.Copies) > 1
	for i, c := range o.Copies {
		what := "written to " + media.Escape(c) + " and read back"
		if c == carrier.ScreenName {
			what = "shown on the screen, where somebody said that it was read"
		}
		if count {
			what = fmt.Sprintf("copy %d: %s", i+1, what)
		}
		if slices.Contains(o.Accounted, i+1) {
			what += ", and a remark says what became of it"
		}
		fmt.Fprintf(p.out, "      %s\n", what)
	}
	if o.Loose() > 0 {
		target := carrier.TargetOf(o.Folder)
		terminal.Print(p.out, "    ! ", fmt.Sprintf("share %d for %s is out %d times: say what became of the copy that is not needed: %s", o.Share, target, len(o.Copies),
			p.here.spell(fmt.Sprintf("{journal note --profile PROFILE --target %s --share %d --copy N --text TEXT}", target, o.Share))))
	}
}

// answered says where scripts answered for officers.
func (p statusPage) answered(all []journal.Answered) {
	if len(all) > 0 {
		fmt.Fprintln(p.out, "\nanswered by scripts, not by officers at the terminal")
	}
	for _, a := range all {
		where := phaseOr(a.Phase)
		if a.Node != "" { // the store itself was made
			where += ", " + a.Node
		}
		terminal.Print(p.out, "  ", fmt.Sprintf("%s: %s: %s", where, strings.Join(a.Words, ", "), strings.Join(a.Profiles, ", ")))
	}
}

// phaseOr names a phase; what happens in none is before, between or after them.
func phaseOr(id procedure.PhaseID) string {
	if id == "" {
		return "outside of the phases"
	}
	return "phase " + string(id)
}

func (p statusPage) task(t ceremony.TaskStatus) {
	text := t.Text
	if t.Share > 0 {
		text = fmt.Sprintf("%s: share %d", text, t.Share)
	}
	switch {
	case t.Done:
		fmt.Fprintf(p.out, "  done     %s, by %s, %s\n", text, t.By, time.Unix(t.Time, 0).UTC().Format("2006-01-02 15:04:05Z"))
		terminal.Print(p.out, "           ", t.Result)
	case t.Needed:
		fmt.Fprintf(p.out, "  open     %s, for %s\n", text, t.Profile)
	default:
		fmt.Fprintf(p.out, "  unneeded %s\n", text)
	}
}

// resent is resend for programs.
type resent struct {
	Written       []ceremony.Carried `json:"written"`
	Authenticated bool               `json:"authenticated"` // false: nobody logged on
}

func resendCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "resend", Usage: "hand out again what this node made, or of a cancel, revoke or receipt what it took in (--kind): the same bytes, no act is done",
		Flags: []cli.Flag{
			storeFlag, toFlag, jsonFlag, waitFlag, keepFlag, replugFlag, typedFlag, cellsFlag, rateFlag,
			kindFlag, databaseFlag, oneShareFlag,
		},
		Action: func(ctx *cli.Context) error {
			which, err := whichFlags(ctx)
			if err != nil {
				return err
			}
			var carried []ceremony.Carried
			err = e.withStore(ctx, func(n *ceremony.Node) error {
				c, err := carrier.OpenSet(e.rack(ctx, n.Plan()), carrier.Named{To: ctx.String(toFlag.Name)}, false)
				if err != nil {
					return err
				}
				c.ResendShares(which.Kind, which.Share)
				sayClock(e.err, n.ClockDoubt()) // the journal keeps when it is handed out
				carried, err = n.Resend(which, c.Deliver(ctx.Context))
				return errors.Join(err, c.Finish(ctx.Context, err == nil && ctx.Bool(replugFlag.Name)))
			})
			if err != nil {
				return err
			}
			for _, b := range carried {
				terminal.Print(e.words(ctx), "", b.How)
				if b.Copy > 1 {
					terminal.Print(e.words(ctx), "  ! ", b.SecondCopy())
				}
			}
			terminal.Print(e.words(ctx), "", ceremony.NotAuthenticated+". The journal has these copies unsigned, until an officer logs on")
			if ctx.Bool(jsonFlag.Name) {
				return e.json(resent{append([]ceremony.Carried{}, carried...), false})
			}
			return nil
		},
	}
}
