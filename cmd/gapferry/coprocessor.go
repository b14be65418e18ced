package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/procedure"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

var classFlag = &cli.StringFlag{
	Name: "class", Usage: "master-key `CLASS`: SYM-MK, ASYM-MK, AES-MK or APKA-MK; left out, the plan's",
}

func coprocessorCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "coprocessor", Usage: "this room's coprocessor: master-key registers, roles and profiles",
		Subcommands: []*cli.Command{
			registersCommand(e),
			profilesCommand(e),
			unlockCommand(e),
			passphraseCommand(e),
			unregisterCommand(e), anewCommand(e),
			loadCommand(e),
			e.masterKeyCommand("generate", procedure.ActRandom, "fill the new register at random",
				func(s ceremony.ActSession, c coproc.Class, _ *console.Desk) (coproc.Registers, error) {
					return s.Keys.GenerateMasterKey(c)
				}),
			e.masterKeyCommand("set", procedure.ActSet, "make the new master key current, and the current one old", setMasterKey),
			e.masterKeyCommand("clear", procedure.ActSet, "empty the new register", clearNew),
		},
	}
}

type masterKeyAct func(ceremony.ActSession, coproc.Class, *console.Desk) (coproc.Registers, error)

func (e *env) masterKeyCommand(name string, task procedure.TaskID, text string, act masterKeyAct) *cli.Command {
	return &cli.Command{
		Name: name, Usage: text,
		Flags: []cli.Flag{storeFlag, classFlag, passphraseFlag, yesFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			d, err := e.newDesk(ctx)
			if err != nil {
				return err
			}
			return e.masterKey(ctx, d, task, text, act)
		},
	}
}

// masterKey does an act on the registers of one class, by the officer whom the
// table of acts has for it.
func (e *env) masterKey(ctx *cli.Context, d *console.Desk, task procedure.TaskID, text string, act masterKeyAct) error {
	var class coproc.Class
	var after coproc.Registers
	err := e.withStore(ctx, func(n *ceremony.Node) (err error) {
		if class, err = classOf(ctx, n); err != nil {
			return err
		}
		_, err = n.RunAct(ceremony.Act{
			Text: fmt.Sprintf("%s (%s)", text, class), Task: task, Officer: ceremony.OfficerOf(task), Class: class, Clears: ctx.Command.Name == "clear" && class == n.Plan().MasterKeyClass(),
			Sets: ctx.Command.Name == "set", Typed: ctx.Command.Name == "load",
			Do: func(s ceremony.ActSession) (string, error) {
				after, err = act(s, class, d)
				return after.String(), err
			},
		}, d)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.words(ctx), "%s: %s\n", class, after)
	if ctx.Bool(jsonFlag.Name) {
		return e.json(ceremony.RegistersOf(after))
	}
	return nil
}

func classOf(ctx *cli.Context, n *ceremony.Node) (coproc.Class, error) {
	if s := ctx.String(classFlag.Name); s != "" {
		c, err := coproc.ParseClass(s)
		if err != nil {
			return "", terminal.Usagef("--class: %v", err)
		}
		return c, nil
	}
	return n.Plan().MasterKeyClass(), nil
}

func clearNew(s ceremony.ActSession, c coproc.Class, _ *console.Desk) (coproc.Registers, error) {
	return s.Keys.ClearNew(c)
}

func setMasterKey(s ceremony.ActSession, c coproc.Class, _ *console.Desk) (coproc.Registers, error) {
	return s.Keys.SetMasterKey(c)
}

// keyPartName is the name of the line that holds a key part in --key-part-fd.
const keyPartName = "PART"

var keyPartFlag = &cli.IntFlag{
	Name: "key-part-fd", Value: -1,
	Usage: "for scripts, with --passphrase-fd: read the part from file descriptor `N`, one line: the word PART, a colon, hex digits",
}

func loadCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "load", Usage: "load a part of the master key into the new register; the first and the other parts by two officers",
		Flags: []cli.Flag{
			storeFlag, classFlag, passphraseFlag, jsonFlag,
			&cli.StringFlag{Name: "part", Usage: "`PART`: first, middle or last"},
			keyPartFlag,
		},
		Action: func(ctx *cli.Context) error {
			part := coproc.Part(strings.ToUpper(ctx.String("part")))
			task := procedure.ActLastPart
			switch part {
			case coproc.First:
				task = procedure.ActFirstPart
			case coproc.Middle, coproc.Last:
			default:
				return terminal.Usagef("--part takes first, middle or last")
			}
			d, err := e.newDesk(ctx)
			if err != nil {
				return err
			}
			parts, err := terminal.ReadSecrets(ctx.Int(keyPartFlag.Name))
			if err != nil {
				return err
			}
			text := fmt.Sprintf("load the %s part of the master key", strings.ToLower(string(part)))
			return e.masterKey(ctx, d, task, text, func(s ceremony.ActSession, c coproc.Class, d *console.Desk) (coproc.Registers, error) {
				if parts != nil {
					s.By(journal.KeyPartByDescriptor)
				}
				key, err := keyPart(d, parts, c, strings.ToLower(string(part)), s.Node)
				if err != nil {
					return coproc.Registers{}, err
				}
				defer clear(key)
				return s.Keys.LoadPart(c, part, key)
			})
		},
	}
}

// asGiven is the form of a key part, which has none of its own yet.
func asGiven(text []byte) ([]byte, error) { return bytes.Clone(text), nil }

// keyPart reads a key part in hex. No error of it repeats what was typed.
func keyPart(d *console.Desk, parts terminal.Secrets, c coproc.Class, part, node string) ([]byte, error) {
	text, ok := parts[keyPartName]
	if parts != nil && !ok {
		return nil, terminal.Usagef("the key-part descriptor has no line %s:HEX", keyPartName)
	}
	if parts == nil {
		var err error
		text, err = d.Terminal.SecretTwice(fmt.Sprintf("    the %s part of the %s of %s, %d hex digits, not shown: ", part, c, node, 2*c.Size()), asGiven)
		if err != nil {
			return nil, terminal.Usagef("no key part: type it twice at a terminal, or give it with --key-part-fd beside --passphrase-fd")
		}
	}
	defer clear(text)
	compact := make([]byte, 0, len(text))
	for _, b := range text {
		if b != ' ' && b != '-' {
			compact = append(compact, b)
		}
	}
	defer clear(compact)
	if len(compact) != 2*c.Size() {
		return nil, terminal.Usagef("a %s key part has %d hex digits, %d were given", c, 2*c.Size(), len(compact))
	}
	key := make([]byte, c.Size())
	if _, err := hex.Decode(key, compact); err != nil {
		clear(key)
		return nil, terminal.Usagef("the key part is not hex")
	}
	return key, nil
}
