package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
	"github.com/gapferry/gapferry/media/usb"
)

// env is what a command works with. Sessions in tests bring their own.
type env struct {
	in  io.Reader
	out io.Writer // results
	err io.Writer // questions, warnings and errors
	now func() time.Time
	sys usb.System // where this computer describes its disks

	stop *interrupt // nil where nothing interrupts
	tty  struct {
		once sync.Once
		it   *terminal.Terminal
	}
}

// terminal is the one of this process, or nil.
func (e *env) terminal(ctx *cli.Context) *terminal.Terminal {
	e.tty.once.Do(func() {
		if e.tty.it = terminal.Open(ctx.Context); e.tty.it != nil {
			e.stop.atEnd(e.tty.it.Restore)
			e.stop.watch()
		}
	})
	return e.tty.it
}

// wallClock is this machine's clock. Tests have others.
var wallClock = time.Now

// newApp makes the command, for one run. Without stop nothing interrupts it.
func newApp(in io.Reader, out, err io.Writer, stop *interrupt) *cli.App {
	return (&env{in: in, out: out, err: err, now: wallClock, stop: stop}).app()
}

func (e *env) app() *cli.App {
	app := &cli.App{
		Name:            "gapferry",
		Usage:           "clone a master key between coprocessors that share no network",
		HideHelpCommand: true,
		HideVersion:     true,
		Reader:          e.in,
		Writer:          e.out,
		ErrWriter:       e.err,
		ExitErrHandler:  func(*cli.Context, error) {},
		OnUsageError:    usage,
		Action:          e.root,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "the same as the command version", DisableDefaultText: true},
		},
		Commands: []*cli.Command{
			planCommand(planWork{e}),
			initCommand(e),
			phaseCommand(e),
			taskCommand(e),
			statusCommand(e),
			verifyCommand(bundleWork{e}),
			inspectCommand(bundleWork{e}),
			resendCommand(e),
			cancelCommand(e),
			revokeCommand(e),
			receiptsCommand(e),
			mediaCommand(mediaWork{bundleWork{e}}),
			qrCommand(codeWork{bundleWork{e}}),
			coprocessorCommand(e),
			auditCommand(e),
			journalCommand(e),
			transcriptCommand(transcriptWork{e}),
			rehearseCommand(e),
			versionCommand(e),
		},
	}
	for _, c := range app.Commands {
		strict(c)
	}
	return app
}

// strict makes wrong flags and stray words usage errors, for a command and
// those below it.
func strict(c *cli.Command) {
	c.OnUsageError = usage
	c.HideHelpCommand = true
	if c.Action == nil {
		c.Action = group
	} else if action := c.Action; len(c.Subcommands) == 0 {
		c.Action = func(ctx *cli.Context) error {
			if ctx.NArg() > 0 {
				return advise(ctx, terminal.Usagef("%s takes flags only: what is %q?", strings.TrimPrefix(ctx.Command.HelpName, "gapferry "), ctx.Args().First()))
			}
			if err := atHome(ctx); err != nil {
				return advise(ctx, err)
			}
			return advise(ctx, action(ctx))
		}
	}
	for _, s := range c.Subcommands {
		strict(s)
	}
}

// chipOf opens the chip of a selection.
func chipOf(on chip.Selection) (chip.Chip, error) {
	if on != (chip.Selection{}) {
		return nil, refusal.New(refusal.CodeCoprocessor, "this gapferry is built without what a %s needs (%s)", on.Words(), on)
	}
	return soft.Chip{}, nil
}

// backend makes coprocessors of a device and opens those of any. Where a chip waits for somebody, it waits
// as long as the command's context does.
func backend(ctx context.Context, new chip.Selection) store.Backend {
	return store.Backend{
		Chip: new,
		Create: func(dir string, s coproc.Setup) error {
			c, err := chipOf(new)
			if err != nil {
				return err
			}
			return engine.Create(ctx, dir, s, c)
		},
		Open: func(dir string, on chip.Selection) (coproc.Coprocessor, error) {
			device, err := chipOf(on)
			if err != nil {
				return nil, err
			}
			c, err := engine.Open(ctx, dir, device)
			if err != nil {
				return nil, err // not a typed nil
			}
			return c, nil
		},
	}
}

// Flags that several commands have.
var (
	storeFlag = &cli.StringFlag{
		Name: "store", Aliases: []string{"s"}, Value: "gapferry-store", EnvVars: []string{"GAPFERRY_STORE"},
		Usage: "the store of this room's coprocessor: a `DIRECTORY`",
	}
	jsonFlag = &cli.BoolFlag{
		Name: "json", Usage: "print the result as JSON on standard output, all else on standard error",
	}
	passphraseFlag = &cli.IntFlag{
		Name: "passphrase-fd", Value: -1,
		Usage: "for scripts: read passphrases from file descriptor `N`, a line PROFILE:PASSPHRASE each, instead of asking",
	}
	yesFlag = &cli.BoolFlag{
		Name: "yes", Usage: "for scripts, with --passphrase-fd: say yes to every confirmation; the journal says that no officer did",
	}
	hashFlag = &cli.StringFlag{
		Name:  "sa-hash",
		Usage: "read the SA-key hash from `CARD` instead of asking for its words: camera:[DEVICE] or wedge:; where nobody logs on, and for scripts with --passphrase-fd, also a picture of the card (.png, .jpg), a text file, or - for standard input",
	}
	fromFlag = &cli.StringSliceFlag{
		Name: "from", Usage: "`CARRIER` to read from: dir:PATH, usb:[LABEL], qr:DIR, camera:[DEVICE] or wedge:; may be repeated",
	}
	toFlag = &cli.StringFlag{
		Name: "to", Usage: "`CARRIER` to write to: dir:PATH, usb:[LABEL], qr:DIR or screen:; left out, the first one of --from, or the plan's",
	}
)

// Flags of every command that uses sticks.
var (
	waitFlag = &cli.DurationFlag{
		Name: "wait", Value: 10 * time.Minute, Usage: "how long to wait for a stick to be plugged in, or for the next code",
	}
	keepFlag = &cli.BoolFlag{
		Name: "keep-mounted", Usage: "do not eject usb: sticks at the end",
	}
	replugFlag = &cli.BoolFlag{
		Name: "check-after-replug", Usage: "have each usb: stick that was written unplugged and plugged in again, and read it once more",
	}
)

// rack makes the place where the sticks of a command are plugged in.
func (e *env) rack(ctx *cli.Context, p *plan.Plan) *carrier.Opener {
	r := &carrier.Opener{
		System: e.system(ctx), Out: e.words(ctx), Terminal: e.terminal(ctx), Wait: ctx.Duration(waitFlag.Name),
		KeepMounted: ctx.Bool(keepFlag.Name), In: e.in, Codes: qrOptionsOf(ctx),
		Store: ctx.String(storeFlag.Name),
	}
	if p != nil {
		r.Rules = console.Rules(p)
	}
	return r
}

// system is this computer, whose store is on no stick.
func (e *env) system(ctx *cli.Context) usb.System {
	sys := e.sys
	if store := cmp.Or(ctx.String(storeFlag.Name), os.Getenv("GAPFERRY_STORE"), storeFlag.Value); store != "" {
		if _, err := os.Stat(store); err == nil {
			sys.Store = store
		}
	}
	return sys
}

// words is where text for people goes: beside JSON on standard error.
func (e *env) words(ctx *cli.Context) io.Writer {
	if ctx.Bool(jsonFlag.Name) {
		return e.err
	}
	return e.out
}

func versionCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print version and level; every node must have the same level",
		Flags: []cli.Flag{jsonFlag},
		Action: func(ctx *cli.Context) error {
			v := version()
			if ctx.Bool(jsonFlag.Name) {
				return e.json(v)
			}
			return e.printVersion()
		},
	}
}

func (e *env) printVersion() error {
	v := version()
	memory := "locked: nothing of it is swapped out"
	if !v.Locked {
		memory = "can be swapped out (see SECURITY.md)"
	}
	_, err := fmt.Fprintf(e.out, "gapferry %s, level %d, %s\nmemory: %s\n", v.Version, v.Level, v.Go, memory)
	return err
}
