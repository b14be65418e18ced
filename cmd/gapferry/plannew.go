package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

func planNewCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "new", Usage: "write a new plan, with a fresh ceremony id and one officer for each task",
		Flags: []cli.Flag{
			planFlag,
			&cli.StringFlag{Name: "title", Value: "Master-key cloning", Usage: "what the ceremony is called"},
			&cli.StringFlag{Name: "family", Value: "soft", Usage: "what the coprocessors are: soft, tpm or pkcs11"},
			&cli.StringFlag{Name: "class", Usage: "master-key class; left out, SYM-MK, or HMAC-MK of family tpm"},
			&cli.StringFlag{Name: "shares", Value: "2/3", Usage: "shares needed and made: `M/N`"},
			&cli.IntFlag{Name: "targets", Value: 1, Usage: "how many targets: csr1, csr2, …"},
			&cli.StringFlag{Name: "sa-with", Usage: "the SA is in the coprocessor of `NODE`: css or csr1"},
			&cli.StringSliceFlag{Name: "person", Usage: "who a profile is: `PROFILE=NAME`; may be repeated"},
			&cli.StringSliceFlag{Name: "serial", Usage: "a coprocessor's serial number, 8 characters: `COPROCESSOR=SERIAL`; may be repeated"},
			&cli.StringSliceFlag{Name: "eid", Usage: "a coprocessor's environment id, up to 16 characters: `COPROCESSOR=EID`; may be repeated"},
			&cli.IntFlag{Name: "certificate-days", Value: 30, Usage: "how long certificates are good"},
			&cli.IntFlag{Name: "lock-after", Value: draft.DefaultLockAfter, Usage: "how many wrong passphrases lock a profile; 0 is never"},
			&cli.StringFlag{Name: "active", Usage: "the days, in UTC, on which officers can log on: `FROM..UNTIL`, like 2026-11-24..2026-12-01"},
			&cli.BoolFlag{Name: "allow-single-share", Usage: "allow m = 1, where each share is the whole key"},
			&cli.BoolFlag{Name: "allow-aes-cloning", Usage: "allow AES-MK and APKA-MK, which IBM's procedure does not clone"},
			&cli.StringFlag{Name: "carrier", Usage: "`usb`: phases use the one stick that is plugged in, without --from and --to"},
			&cli.BoolFlag{Name: "shares-together", Usage: "allow two shares for one target on one medium; left out, each needs one of its own"},
			&cli.BoolFlag{Name: "ask", Usage: "ask for everything at the terminal, with what the flags say as the answer that Enter gives; without any flag but --plan, a terminal is asked anyway"},
			&cli.BoolFlag{Name: "rehearsal", Usage: "mark everything as a rehearsal: a live node refuses it"},
		},
		Action: func(ctx *cli.Context) error {
			path := ctx.String(planFlag.Name)
			if err := noFile(path, "a plan"); err != nil {
				return err
			}
			o, err := planOptions(ctx)
			if err != nil {
				return err
			}
			if e.asks(ctx) {
				err = e.askPlan(e.terminal(ctx), &o)
			}
			if err != nil {
				return err
			}
			p, err := draft.New(o)
			if err != nil {
				return err
			}
			if err := media.WriteFileNew(path, p.Canonical()); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "wrote %s: ceremony %s, plan %s\n", path, p.Ceremony, p.Digest().Short())
			fmt.Fprint(e.out, atLeast(draft.SmallestTeam(p)))
			if unnamed := draft.Unnamed(p); len(unnamed) > 0 {
				fmt.Fprintf(e.out, "name the persons of %s in it, then `gapferry plan check`\n", strings.Join(unnamed, ", "))
			}
			return nil
		},
	}
}

// planOptions are what the flags say of a new plan.
func planOptions(ctx *cli.Context) (o draft.Options, err error) {
	o = draft.Options{
		Title: ctx.String("title"), Targets: ctx.Int("targets"), SAWith: ctx.String("sa-with"),
		AllowSingle: ctx.Bool("allow-single-share"), AllowAES: ctx.Bool("allow-aes-cloning"),
		CertificateDays: ctx.Int("certificate-days"), Rehearsal: ctx.Bool("rehearsal"),
		Carrier: ctx.String("carrier"), SharesTogether: ctx.Bool("shares-together"), LockAfter: ctx.Int("lock-after"),
	}
	if o.From, o.Until, err = parseActive(ctx.String("active")); err != nil {
		return o, err
	}
	if o.Family, err = coproc.ParseFamily(ctx.String("family")); err != nil {
		return o, terminal.Usagef("--family: %v", err)
	}
	o.Class = o.Family.Classes()[0]
	if class := ctx.String("class"); class != "" {
		if o.Class, err = coproc.ParseClass(class); err != nil {
			return o, terminal.Usagef("--class: %v", err)
		}
	}
	if o.M, o.N, err = parseShares(ctx.String("shares")); err != nil {
		return o, err
	}
	if o.SAWith != "" && o.SAWith != "css" && o.SAWith != "csr1" {
		return o, terminal.Usagef("--sa-with takes css or csr1")
	}
	for _, f := range []struct {
		name string
		into *map[string]string
	}{{"person", &o.Persons}, {"serial", &o.Serials}, {"eid", &o.EIDs}} {
		if *f.into, err = pairs(f.name, ctx.StringSlice(f.name)); err != nil {
			return o, err
		}
	}
	return o, nil
}

func parseShares(s string) (m, n int, err error) {
	if k, err := fmt.Sscanf(s, "%d/%d", &m, &n); k != 2 || err != nil || fmt.Sprintf("%d/%d", m, n) != s {
		return 0, 0, terminal.Usagef("--shares takes M/N, like 2/3")
	}
	return m, n, nil
}

func pairs(flag string, list []string) (map[string]string, error) {
	m := map[string]string{}
	for _, s := range list {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" || v == "" {
			return nil, terminal.Usagef("--%s takes NAME=VALUE", flag)
		}
		m[k] = v
	}
	return m, nil
}

// noFile refuses a name that is taken, before anything is done.
func noFile(path, what string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return &terminal.UsageError{Text: fmt.Sprintf("%s is there already: %s is never overwritten", media.Escape(path), what), Hint: "name another file, or move that one away"}
	}
	return nil
}
