package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/media/usb"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var stickFlag = &cli.StringFlag{
	Name: "stick", Value: "usb:", Usage: "the stick: `CARRIER` usb:[LABEL] or dir:PATH",
}

// mediaWork is what the commands do with a stick as such.
type mediaWork struct{ bundleWork }

func mediaCommand(e mediaWork) *cli.Command {
	return &cli.Command{
		Name: "media", Usage: "sticks: which are there, what they are for, what is on them",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "every mounted volume, and why it is or is not a stick that may be used",
				Flags: []cli.Flag{jsonFlag}, Action: e.mediaList,
			},
			{
				Name: "prepare", Usage: "write onto a stick what it is for, so that a wrong one is noticed",
				Description: "--label is all (one stick for every database), sa or the name of a target (its\ndatabase), or share-1, share-2, … (a share officer's own stick). The mark is a help\nfor people; nothing is ever trusted because of it.",
				Flags: []cli.Flag{
					stickFlag, planFlag, waitFlag, keepFlag,
					&cli.StringFlag{Name: "label", Usage: "what the stick is for: all, sa, csr1, share-2, …"},
				},
				Action: e.mediaPrepare,
			},
			{
				Name: "check", Usage: "verify every bundle of a stick: what is there, what is missing for which phase, what does not belong",
				Flags:  []cli.Flag{stickFlag, planFlag, hashFlag, waitFlag, jsonFlag, checkStoreFlag},
				Action: e.mediaCheck,
			},
			{
				Name: "eject", Usage: "unmount a stick and say when it may be removed",
				Flags: []cli.Flag{stickFlag, waitFlag}, Action: e.mediaEject,
			},
			{
				Name: "wipe", Usage: "overwrite and remove the bundles of a stick, as far as flash memory lets anybody do that",
				Flags: []cli.Flag{
					stickFlag, wipeFlag, waitFlag, keepFlag,
					&cli.StringSliceFlag{Name: "folder", Usage: "only `DATABASE`, like csr1.db; may be repeated"},
				},
				Action: e.mediaWipe,
			},
		},
	}
}

// volumesListed is media list for programs.
type volumesListed struct {
	Volumes []volumeRow `json:"volumes"`
}

// volumeRow is a mounted volume.
type volumeRow struct {
	Usable   bool     `json:"usable"`
	Why      string   `json:"why"`
	Label    string   `json:"label"`
	Mount    string   `json:"mount"`
	Device   string   `json:"device"`
	Disk     string   `json:"disk"`
	FS       string   `json:"fs"`
	Bytes    uint64   `json:"bytes"`
	Vendor   string   `json:"vendor"`
	Model    string   `json:"model"`
	Serial   string   `json:"serial"`
	UUID     string   `json:"uuid"`
	USB      bool     `json:"usb"`
	ReadOnly bool     `json:"read_only"`
	Lacks    []string `json:"lacks"` // mount options that keep a stick from harm
	Remarks  []string `json:"remarks"`
}

func volumeRows(volumes []usb.Volume) []volumeRow {
	rows := []volumeRow{}
	for _, v := range volumes {
		rows = append(rows, volumeRow{
			Usable: v.Usable, Why: v.Why, Label: v.Label, Mount: v.Mount, Device: v.Device, Disk: v.Disk,
			FS: v.FS, Bytes: v.Size, Vendor: v.Vendor, Model: v.Model, Serial: v.Serial, UUID: v.UUID,
			USB: v.USB, ReadOnly: v.ReadOnly, Lacks: append([]string{}, v.MissingOptions...), Remarks: append([]string{}, v.Notes...),
		})
	}
	return rows
}

func (e mediaWork) mediaList(ctx *cli.Context) error {
	volumes, err := e.system(ctx).Volumes()
	if err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(volumesListed{volumeRows(volumes)})
	}
	usable := 0
	for _, v := range volumes {
		word := "no    "
		if v.Usable {
			word = "usable"
			usable++
		}
		fmt.Fprintf(e.out, "%s  %s\n        it %s\n", word, v, v.Why)
		for _, n := range v.Notes {
			fmt.Fprintf(e.out, "      ! %s\n", n)
		}
	}
	fmt.Fprintf(e.out, "%d of %d mounted volumes may be used as a stick\n", usable, len(volumes))
	return nil
}

// purposeOf turns a --label into what the marker says.
func purposeOf(label string, p *plan.Plan) (string, error) {
	var index int
	switch {
	case label == "":
		return "", terminal.Usagef("prepare needs --label: all, sa, a target, or share-1 to share-%d", p.N)
	case label == "all":
		return carrier.PurposeDatabases, nil
	case label == "sa":
		return carrier.PurposeDatabase("sa"), nil
	case strings.HasPrefix(label, "share-"):
		if k, err := fmt.Sscanf(label, "share-%d", &index); k == 1 && err == nil && index >= 1 && index <= p.N && label == fmt.Sprintf("share-%d", index) {
			return carrier.PurposeShare(index), nil
		}
		return "", terminal.Usagef("--label %s: the plan has share-1 to share-%d", label, p.N)
	}
	for _, t := range p.Targets() {
		if t.Name == label {
			return carrier.PurposeDatabase(label), nil
		}
	}
	return "", terminal.Usagef("--label %q is not all, sa, a target of the plan, or share-1 to share-%d", label, p.N)
}

func (e mediaWork) mediaPrepare(ctx *cli.Context) error {
	p, err := readPlan(ctx)
	if err != nil {
		return err
	}
	purpose, err := purposeOf(ctx.String("label"), p)
	if err != nil {
		return err
	}
	r := e.rack(ctx, p)
	s, d, err := e.stick(ctx, r)
	if err != nil {
		return err
	}
	if m, err := d.ReadMarker(); err == nil && (m.Ceremony != p.Ceremony || m.Purpose != purpose) {
		return &carrier.WrongStickError{Stick: d.Name(), Found: fmt.Sprintf("%s of ceremony %s", media.Escape(m.Purpose), media.Escape(m.Ceremony)), Wanted: purpose}
	}
	if _, err := d.Prepare(media.Marker{Ceremony: p.Ceremony, Purpose: purpose}); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s is the stick for %s\n", s.Name(), purpose)
	return r.Release()
}

// stick opens the stick that --stick names.
func (e mediaWork) stick(ctx *cli.Context, r *carrier.Opener) (*carrier.Stick, *media.Dir, error) {
	s, err := r.Slot(ctx.String(stickFlag.Name))
	if err != nil {
		return nil, nil, err
	}
	d, err := s.Open(ctx.Context)
	return s, d, err
}

func (e mediaWork) mediaEject(ctx *cli.Context) error {
	r := e.rack(ctx, nil)
	s, err := r.Slot(ctx.String(stickFlag.Name))
	if err != nil {
		return err
	}
	if !s.USB() {
		return terminal.Usagef("only usb: sticks are ejected; unmount %s yourself", ctx.String(stickFlag.Name))
	}
	if _, err := s.Open(ctx.Context); err != nil {
		return err
	}
	ejected, err := r.System.Eject(s.Volume())
	for _, n := range ejected.Notes {
		fmt.Fprintf(e.out, "%s\n", n)
	}
	if err != nil {
		return err
	}
	if !ejected.MayRemove() {
		return fmt.Errorf("%s cannot be said to be safe to remove", media.Escape(s.Volume().Label))
	}
	fmt.Fprintf(e.out, "you may remove %s now\n", media.Escape(s.Volume().Label))
	return nil
}

// wipeWords is the promise of a wipe, and no more.
const wipeWords = `The bundles are overwritten and removed. The stick's memory can still hold copies:
flash memory writes elsewhere than it is told to. The bundles are sealed to the node
that they were for; that is what protects them, not this. Destroy the stick if your
policy asks for it.`

// wipeFlag is for whoever holds the stick: nobody logs on.
var wipeFlag = &cli.BoolFlag{Name: "yes", Usage: "do not ask"}

func (e mediaWork) mediaWipe(ctx *cli.Context) error {
	r := e.rack(ctx, nil)
	s, d, err := e.stick(ctx, r)
	if err != nil {
		return err
	}
	folders := ctx.StringSlice("folder")
	if len(folders) == 0 {
		report, err := d.Check()
		if err != nil {
			return err
		}
		for _, f := range report.Folders {
			folders = append(folders, f.Name)
		}
	}
	if len(folders) == 0 {
		return errors.Join(carrier.NothingOn(d), r.Release())
	}
	if !ctx.Bool(wipeFlag.Name) {
		if err := r.Terminal.YesNo(fmt.Sprintf("wipe %s of %s? Type yes or no: ", strings.Join(folders, ", "), s.Name())); err != nil {
			return &refusal.Error{Code: refusal.CodeNotConfirmed, Text: "nobody said yes, nothing was wiped"}
		}
	}
	for _, f := range folders {
		w, err := d.Wipe(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s: %d bundles wiped\n", f, len(w.Files))
		for _, k := range w.Skipped {
			fmt.Fprintf(e.out, "  ! left alone: %s: %s\n", media.Escape(k.Name), media.Escape(k.Reason))
		}
	}
	fmt.Fprintln(e.out, wipeWords)
	return r.Release()
}

// expected is what a database holds at the end, in the order in which it
// comes, and the phase that needs it.
type expected struct {
	folder string
	kind   bundle.Kind
	share  int
	needed string // the phase that reads it; "" for receipts
}

// expectedOn is what the databases hold at the end, as far as a phase reads it.
func expectedOn(p *plan.Plan) (all []expected) {
	needed := map[bundle.Kind][]string{}
	for _, phase := range procedure.Table1 {
		for _, kind := range procedure.Reads(phase.Phase) {
			needed[kind] = append(needed[kind], string(phase.Phase))
		}
	}
	add := func(folder string, perTarget bool) {
		for _, kind := range procedure.Kinds {
			phases := strings.Join(needed[kind.Kind], " and ")
			switch {
			case phases == "" || kind.PerTarget != perTarget:
			case !kind.PerShare:
				all = append(all, expected{folder, kind.Kind, 0, phases})
			default:
				for i := 1; i <= p.N; i++ {
					all = append(all, expected{folder, kind.Kind, i, phases})
				}
			}
		}
	}
	add(procedure.SADatabase, false)
	for _, t := range p.Targets() {
		add(t.Name+procedure.DatabaseSuffix, true)
	}
	return all
}

func (x expected) String() string {
	if x.share > 0 {
		return fmt.Sprintf("%s %d", x.kind, x.share)
	}
	return string(x.kind)
}
