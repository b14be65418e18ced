package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// escape makes text from outside safe to print.
func escape(s string) string { return media.Escape(s) }

var planFlag = &cli.StringFlag{
	Name: "plan", Aliases: []string{"p"}, Value: "plan.toml", Usage: "the plan: a `FILE`",
}

func planCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "the worksheet of the ceremony, agreed before phase 1",
		Subcommands: []*cli.Command{planNewCommand(e), planCheckCommand(e), planPrintCommand(e)},
	}
}

func planNewCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "new", Usage: "write a new plan, with a fresh ceremony id and one officer for each task",
		Flags: []cli.Flag{
			planFlag,
			&cli.StringFlag{Name: "title", Value: "Master-key cloning", Usage: "what the ceremony is called"},
			&cli.StringFlag{Name: "class", Value: string(coproc.SymMK), Usage: "master-key class: SYM-MK or ASYM-MK"},
			&cli.StringFlag{Name: "shares", Value: "2/3", Usage: "shares needed and made: `M/N`"},
			&cli.IntFlag{Name: "targets", Value: 1, Usage: "how many targets: csr1, csr2, …"},
			&cli.StringFlag{Name: "sa-with", Usage: "the SA is in the coprocessor of `NODE`: css or csr1"},
			&cli.StringSliceFlag{Name: "person", Usage: "who a profile is: `PROFILE=NAME`; may be repeated"},
			&cli.StringSliceFlag{Name: "serial", Usage: "a coprocessor's serial number, 8 characters: `COPROCESSOR=SERIAL`; may be repeated"},
			&cli.StringSliceFlag{Name: "eid", Usage: "a coprocessor's environment id, up to 16 characters: `COPROCESSOR=EID`; may be repeated"},
			&cli.IntFlag{Name: "certificate-days", Value: 30, Usage: "how long certificates are good"},
			&cli.BoolFlag{Name: "allow-single-share", Usage: "allow m = 1, where each share is the whole key"},
			&cli.BoolFlag{Name: "allow-aes-cloning", Usage: "allow AES-MK and APKA-MK, which IBM's procedure does not clone"},
			&cli.StringFlag{Name: "carrier", Usage: "`usb`: phases use the one stick that is plugged in, without --from and --to"},
			&cli.BoolFlag{Name: "share-sticks", Usage: "with --carrier usb: each share on a stick of its own"},
			&cli.BoolFlag{Name: "rehearsal", Usage: "mark everything as a rehearsal: a live node refuses it"},
		},
		Action: func(ctx *cli.Context) error {
			p, err := newPlan(ctx)
			if err != nil {
				return err
			}
			path := ctx.String(planFlag.Name)
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return usagef("%s is there already: a plan is never overwritten", path)
			}
			if err := media.WriteFileNew(path, p.Canonical()); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "wrote %s: ceremony %s, plan %s\n", path, p.Ceremony, p.Digest().Short())
			if unnamed := p.Unnamed(); len(unnamed) > 0 {
				fmt.Fprintf(e.out, "name the persons of %s in it, then `gapferry plan check`\n", strings.Join(unnamed, ", "))
			}
			return nil
		},
	}
}

func newPlan(ctx *cli.Context) (*ceremony.Plan, error) {
	o := ceremony.NewPlanOptions{
		Title: ctx.String("title"), Targets: ctx.Int("targets"), SAWith: ctx.String("sa-with"),
		AllowSingle: ctx.Bool("allow-single-share"), AllowAES: ctx.Bool("allow-aes-cloning"),
		CertificateDays: ctx.Int("certificate-days"), Rehearsal: ctx.Bool("rehearsal"),
		Carrier: ctx.String("carrier"), ShareSticks: ctx.Bool("share-sticks"),
	}
	var err error
	if o.Class, err = coproc.ParseClass(ctx.String("class")); err != nil {
		return nil, usagef("--class: %v", err)
	}
	if o.M, o.N, err = parseShares(ctx.String("shares")); err != nil {
		return nil, err
	}
	if o.SAWith != "" && o.SAWith != "css" && o.SAWith != "csr1" {
		return nil, usagef("--sa-with takes css or csr1")
	}
	for _, f := range []struct {
		name string
		into *map[string]string
	}{{"person", &o.Persons}, {"serial", &o.Serials}, {"eid", &o.EIDs}} {
		if *f.into, err = pairs(f.name, ctx.StringSlice(f.name)); err != nil {
			return nil, err
		}
	}
	return ceremony.NewPlan(o)
}

func parseShares(s string) (m, n int, err error) {
	if k, err := fmt.Sscanf(s, "%d/%d", &m, &n); k != 2 || err != nil || fmt.Sprintf("%d/%d", m, n) != s {
		return 0, 0, usagef("--shares takes M/N, like 2/3")
	}
	return m, n, nil
}

func pairs(flag string, list []string) (map[string]string, error) {
	m := map[string]string{}
	for _, s := range list {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" || v == "" {
			return nil, usagef("--%s takes NAME=VALUE", flag)
		}
		m[k] = v
	}
	return m, nil
}

func readPlan(ctx *cli.Context) (*ceremony.Plan, error) {
	text, err := readBounded(ctx.String(planFlag.Name), ceremony.MaxPlanSize)
	if err != nil {
		return nil, usagef("the plan cannot be read: %v", err)
	}
	return ceremony.ParsePlan(text)
}

// readBounded reads a regular file of at most limit bytes, and one byte more
// of a larger one, so that whoever parses it sees that it is too large.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func planCheckCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "check a plan, line by line", Flags: []cli.Flag{planFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(map[string]any{"ceremony": p.Ceremony, "digest": p.Digest().String(), "unnamed": append([]string{}, p.Unnamed()...)})
			}
			fmt.Fprintf(e.out, "the plan is good: %s, %d of %d shares, %d target(s), digest %s\n", p.Class, p.M, p.N, len(p.Targets()), p.Digest().Short())
			for _, profile := range p.Unnamed() {
				fmt.Fprintf(e.out, "  ! nobody is named for profile %s yet\n", profile)
			}
			return nil
		},
	}
}

func planPrintCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "print", Usage: "print the forms: responsibilities and information worksheet", Flags: []cli.Flag{planFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(map[string]any{"phases": phaseRows(p), "responsibilities": p.Responsibilities(), "plan": json.RawMessage(planJSON(p))})
			}
			printPlan(e.out, p)
			return nil
		},
	}
}

func planJSON(p *ceremony.Plan) []byte {
	b, err := json.Marshal(p)
	if err != nil {
		return []byte("null")
	}
	return b
}

type phaseRow struct {
	Phase ceremony.PhaseID `json:"phase"`
	Node  string           `json:"node"`
	Task  string           `json:"task"`
}

func phaseRows(*ceremony.Plan) []phaseRow {
	var rows []phaseRow
	for _, r := range ceremony.Table1 {
		rows = append(rows, phaseRow{r.Phase, r.Node, r.Task})
	}
	return rows
}

// printPlan prints Table 1, Table 2 and the worksheet as text of at most 100
// columns where the names allow it.
func printPlan(out io.Writer, p *ceremony.Plan) {
	fmt.Fprintf(out, "%s\nceremony %s, plan %s\n", escape(p.Title), p.Ceremony, p.Digest().Short())
	if p.Rehearsal {
		fmt.Fprintln(out, "REHEARSAL: nothing of it is accepted by a live node")
	}
	fmt.Fprintln(out, "\nPhases")
	for _, r := range ceremony.Table1 {
		if r.Phase == "3a" {
			fmt.Fprintf(out, "  For each target node (%s), phases 3a to 3d:\n", targetNames(p))
		}
		fmt.Fprintf(out, "  %-3s %-7s %s\n", r.Phase, r.Node, r.Task)
	}
	fmt.Fprint(out, "\nCloning responsibilities, profiles, and roles\n\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "  Task\tNode\tPhase\tProfile\tRole\tResponsible individual")
	for _, r := range p.Responsibilities() {
		text := r.Text
		if r.Share > 0 {
			text = fmt.Sprintf("%s: share %d", text, r.Share)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", text, strings.ToUpper(r.Node), r.Phase, r.Profile, r.Role, escape(r.Person))
	}
	w.Flush()
	fmt.Fprint(out, "\nCloning information worksheet\n\n")
	fmt.Fprintf(w, "  Master-key class\t%s\n", p.Class)
	fmt.Fprintf(w, "  Shares needed (m) and made (n)\t%d of %d\n", p.M, p.N)
	fmt.Fprintf(w, "  SA-key hash\t%s\n", blank)
	fmt.Fprintf(w, "  Master-key verification pattern\t%s\n", blank)
	for _, n := range p.Nodes {
		c := p.Coprocessor(n.Coprocessor)
		fmt.Fprintf(w, "  %s (%s)\tcoprocessor %s, serial %s, EID %q, administrator %s\n", strings.ToUpper(n.Name), n.Role, c.Name, c.Serial, c.EID, c.Administrator)
		if f := n.Officers; f.FirstPart != "" || f.Random != "" {
			fmt.Fprintf(w, "  \tmaster key loaded by %s and %s, or made at random by %s\n", orNobody(f.FirstPart), orNobody(f.LastPart), orNobody(f.Random))
		}
		if n.Role == coproc.CSR {
			fmt.Fprintf(w, "  \tdatabase %s.db, pattern after set %s\n", n.Name, blank)
		}
	}
	w.Flush()
}

func orNobody(profile string) string {
	if profile == "" {
		return "nobody"
	}
	return profile
}

const blank = "________________"

func targetNames(p *ceremony.Plan) string {
	var names []string
	for i, t := range p.Targets() {
		if i == 5 && len(p.Targets()) > 6 {
			return fmt.Sprintf("%s, … %d in all", strings.Join(names, ", "), len(p.Targets()))
		}
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}
