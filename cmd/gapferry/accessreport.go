package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/access"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// printAccess prints an audit of access controls as the auditor reads it.
func printAccess(w io.Writer, r *access.Report) {
	i := r.Info
	fmt.Fprintf(w, "coprocessor %s (%s), %s\n", r.Coprocessor, i.Backend, r.Time.UTC().Format("2006-01-02 15:04:05Z"))
	fmt.Fprintf(w, "  serial %s, EID %q, m = %d, n = %d\n", i.Serial, i.EID, i.M, i.N)
	if i.Device != "" {
		terminal.Print(w, "  device ", i.Device)
	}
	fmt.Fprintf(w, "  a profile is locked %s, but for one that manages access\n", access.LockAfter(r.MaxFailures))

	fmt.Fprintln(w)
	printProfiles(w, r)
	fmt.Fprint(w, "\nroles: what each may do\n")
	for _, role := range r.Roles {
		terminal.PrintWrapped(w, fmt.Sprintf("  %-16s  ", role.Name), mayLine(role))
	}
	fmt.Fprint(w, "\nwho could do what\n")
	for _, c := range r.Could {
		terminal.PrintWrapped(w, fmt.Sprintf("  %-30s  ", c.Act), couldLine(c))
	}
	printGuards(w, i.Guards)
	fmt.Fprint(w, "\nmaster-key registers\n")
	for _, regs := range i.Registers {
		terminal.PrintWrapped(w, fmt.Sprintf("  %-8s  ", regs.Class), regs.String())
	}
	printKeys(w, i)
	for _, t := range i.Shares {
		printShares(w, "to", t)
	}
	for _, t := range i.Receiving {
		printShares(w, "from", t)
	}
	printFindings(w, r)
}

// printGuards says what the chip sees to, and what is left to the host.
func printGuards(w io.Writer, guards []coproc.Guard) {
	fmt.Fprint(w, "\nwho sees to what\n")
	for by := coproc.GuardChip; by >= coproc.GuardHost; by-- {
		var acts []string
		for _, g := range guards {
			if g.By == by {
				acts = append(acts, string(g.Act))
			}
		}
		if len(acts) == 0 {
			continue
		}
		text := strings.Join(acts, "; ")
		if len(acts) == len(guards) {
			text = "everything"
		}
		terminal.PrintWrapped(w, fmt.Sprintf("  %-19s  ", by), text)
	}
}

// printProfiles prints the profiles, and in the heading what is so of most of
// them; what is not is under the profile.
func printProfiles(w io.Writer, r *access.Report) {
	usual := usualWindow(r.Profiles)
	terminal.PrintWrapped(w, "profiles: ", usual+"; no failed log-on, unless it is said")
	name, role := 0, 0
	for _, p := range r.Profiles {
		name, role = max(name, len(p.Name)), max(role, len(p.Role))
	}
	for _, p := range r.Profiles {
		fmt.Fprintf(w, "  %-*s  %-*s  %s\n", name, p.Name, role, p.Role, media.Escape(p.Person))
		if remarks := profileRemarks(r, p, usual); len(remarks) > 0 {
			terminal.PrintWrapped(w, fmt.Sprintf("  %-*s    ", name, ""), strings.Join(remarks, ", "))
		}
	}
}

// usualWindow is when most profiles are active, in words.
func usualWindow(profiles []coproc.Profile) string {
	count, usual := map[string]int{}, coproc.Profile{}.Window()
	for _, p := range profiles {
		if w := p.Window(); count[w]+1 > count[usual] {
			usual = w
		}
		count[p.Window()]++
	}
	return usual
}

// profileRemarks is what is worth saying of a profile besides its role.
func profileRemarks(r *access.Report, p coproc.Profile, usual string) []string {
	var remarks []string
	if p.Window() != usual {
		remarks = append(remarks, p.Window())
	}
	if p.Failures > 0 {
		remarks = append(remarks, fmt.Sprintf("%d failed log-ons", p.Failures))
	}
	if absent := r.Absent(p); absent != "" {
		remarks = append(remarks, absent)
	}
	return remarks
}

func mayLine(role coproc.Role) string {
	var may []string
	for _, p := range role.Permissions {
		may = append(may, p.String())
	}
	switch {
	case len(may) > 0:
		return strings.Join(may, ", ")
	case role.Name == coproc.DefaultRole:
		return "nothing; it is the role of nobody, without a log-on"
	}
	return "nothing"
}

func couldLine(c access.Could) string {
	var who []string
	for _, p := range c.Profiles {
		who = append(who, media.Escape(plan.Officer{Profile: p.Name, Person: p.Person}.String()))
	}
	if len(who) == 0 {
		return "nobody"
	}
	return strings.Join(who, ", ")
}

func printKeys(w io.Writer, i coproc.Info) {
	fmt.Fprint(w, "\nkeys: who generated or registered them, and how their hash begins\n")
	line := func(what string, t coproc.Thumbprint, by string) {
		fmt.Fprintf(w, "  %-18s  %s  by %s\n", what, coproc.HexStart(t), by)
	}
	for _, k := range i.Retained {
		line(fmt.Sprintf("%s (%s)", k.Node, k.Role), k.Keys.Sign.Thumbprint(), k.By)
	}
	if i.SAHash != nil {
		line("SA-key hash", *i.SAHash, i.SAHashBy)
	}
	if !i.SAKey.IsZero() {
		line("SA key", i.SAKey.Thumbprint(), i.SAKeyBy)
	}
	if len(i.Retained) == 0 && i.SAHash == nil && i.SAKey.IsZero() {
		fmt.Fprintln(w, "  none yet")
	}
}

func printShares(w io.Writer, direction string, t coproc.ShareTable) {
	fmt.Fprintf(w, "\nshares %s %s: set %s, %d of %d, pattern %s\n", direction, media.Escape(t.Peer), t.ShareSet.String()[:8], t.M, t.N, t.Pattern)
	for k, state := range t.States {
		by := ""
		if t.By[k] != "" {
			by = " by " + t.By[k]
		}
		fmt.Fprintf(w, "  %2d  %s%s\n", k+1, shareWords(direction, state), by)
	}
}

// shareWords are CCA's states of a share, in words.
func shareWords(direction string, s coproc.ShareState) string {
	given := direction == "to"
	switch {
	case s == coproc.ShareNone && given:
		return "given up"
	case s == coproc.ShareNone:
		return "never given out"
	case s == coproc.SharePossible && given:
		return "not obtained yet"
	case s == coproc.SharePossible:
		return "not installed"
	case s == coproc.ShareGenerated:
		return "obtained, not given out"
	case given:
		return "obtained and given out"
	}
	return "installed"
}

func printFindings(w io.Writer, r *access.Report) {
	fmt.Fprintln(w)
	for _, list := range []struct {
		word  string
		lines []string
	}{{"DIFFERS: ", r.Differences}, {"DANGER: ", r.Dangers}, {"ATTENTION: ", r.Attention}} {
		for _, line := range list.lines {
			terminal.Print(w, list.word, line)
		}
	}
	if len(r.Differences)+len(r.Dangers) == 0 {
		fmt.Fprintln(w, "the access controls are as planned")
	}
}

func profilesCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "profiles", Usage: "the profiles, their roles, days and failed log-ons; the auditor logs on",
		Flags: []cli.Flag{storeFlag, passphraseFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			report, err := e.report(ctx)
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(profilesListed{report.MaxFailures, profilesJSON(report)})
			}
			printProfiles(e.out, report)
			return nil
		},
	}
}

// profilesListed is coprocessor profiles for programs.
type profilesListed struct {
	LockAfter int           `json:"lock_after"` // wrong passphrases; 0: never
	Profiles  []profileJSON `json:"profiles"`
}

type profileJSON struct {
	Name     string `json:"profile"`
	Role     string `json:"role"`
	Person   string `json:"person"`
	From     string `json:"active_from,omitempty"`  // the first second, RFC 3339
	Until    string `json:"active_until,omitempty"` // the last second
	Failures int    `json:"failures"`
	Locked   bool   `json:"locked"`
	Active   bool   `json:"active"` // at the time of the audit
}

func profilesJSON(r *access.Report) []profileJSON {
	bound := func(second int64) string {
		if second == 0 {
			return ""
		}
		return time.Unix(second, 0).UTC().Format(time.RFC3339)
	}
	all := []profileJSON{}
	for _, p := range r.Profiles {
		all = append(all, profileJSON{
			Name: p.Name, Role: p.Role, Person: p.Person, From: bound(p.NotBefore), Until: bound(p.NotAfter),
			Failures: p.Failures, Locked: p.Locked, Active: p.CheckTime(r.Time) == nil,
		})
	}
	return all
}

// accessShape is audit access-controls for programs.
type accessShape struct {
	Coprocessor string                        `json:"coprocessor"`
	Time        int64                         `json:"time"`
	Family      string                        `json:"family"`
	Device      string                        `json:"device,omitempty"`
	Guards      []guardShape                  `json:"guards"`
	Serial      string                        `json:"serial"`
	EID         string                        `json:"eid"`
	M           int                           `json:"m"`
	N           int                           `json:"n"`
	LockAfter   int                           `json:"lock_after"`
	Roles       map[string][]string           `json:"roles"` // what each may do
	Profiles    []profileJSON                 `json:"profiles"`
	Could       []couldShape                  `json:"could"`
	Registers   []ceremony.MasterKeyRegisters `json:"registers"`
	Retained    []retainedShape               `json:"retained"`
	Hash        *saKeyShape                   `json:"registered_hash,omitempty"`
	Key         *saKeyShape                   `json:"registered_key,omitempty"`
	GivenOut    []shareTableShape             `json:"given_out"`
	Received    []shareTableShape             `json:"received"`
	Differences []string                      `json:"differences"`
	Dangers     []string                      `json:"dangers"`
	Attention   []string                      `json:"attention"`
}

// guardShape is a thing and who sees to it: chip, wrapped or host.
type guardShape struct {
	What string `json:"what"`
	By   string `json:"by"`
}

func guardsJSON(guards []coproc.Guard) []guardShape {
	all := []guardShape{}
	for _, g := range guards {
		by := map[coproc.GuardBy]string{coproc.GuardHost: "host", coproc.GuardWrapped: "wrapped", coproc.GuardChip: "chip"}[g.By]
		all = append(all, guardShape{string(g.Act), by})
	}
	return all
}

// couldShape is an act and who could do it.
type couldShape struct {
	Act     string   `json:"act"`
	Planned bool     `json:"planned"`
	Who     []string `json:"who"` // profiles
}

// retainedShape is a key of this coprocessor.
type retainedShape struct {
	Node    string          `json:"node"`
	Role    coproc.NodeRole `json:"node_role"`
	KeyHash string          `json:"key_hash"`
	By      string          `json:"by"`
}

// saKeyShape is an SA key, or the hash of one, that is registered.
type saKeyShape struct {
	Hash string `json:"sa_key_hash"`
	By   string `json:"by"`
}

// shareTableShape is the shares of one set.
type shareTableShape struct {
	Peer     string       `json:"peer"`
	ShareSet string       `json:"share_set"`
	M        int          `json:"m"`
	N        int          `json:"n"`
	Pattern  string       `json:"pattern"`
	Shares   []shareShape `json:"shares"`
}

type shareShape struct {
	Share int    `json:"share"`
	State string `json:"state"`
	By    string `json:"by"`
}

func accessJSON(r *access.Report) accessShape {
	s := accessShape{
		Family: r.Info.Backend, Device: r.Info.Device, Guards: guardsJSON(r.Info.Guards),
		Coprocessor: r.Coprocessor, Time: r.Time.Unix(), Serial: r.Info.Serial.String(), EID: r.Info.EID.String(), M: r.Info.M, N: r.Info.N,
		LockAfter: r.MaxFailures, Roles: map[string][]string{}, Profiles: profilesJSON(r), Could: []couldShape{}, Registers: []ceremony.MasterKeyRegisters{},
		Retained: retainedJSON(r.Info), GivenOut: sharesJSON("to", r.Info.Shares), Received: sharesJSON("from", r.Info.Receiving),
		Differences: append([]string{}, r.Differences...), Dangers: append([]string{}, r.Dangers...), Attention: append([]string{}, r.Attention...),
	}
	for _, role := range r.Roles {
		s.Roles[role.Name] = []string{}
		for _, p := range role.Permissions {
			s.Roles[role.Name] = append(s.Roles[role.Name], p.String())
		}
	}
	for _, c := range r.Could {
		who := []string{}
		for _, p := range c.Profiles {
			who = append(who, p.Name)
		}
		s.Could = append(s.Could, couldShape{c.Act.String(), c.Planned, who})
	}
	for _, regs := range r.Info.Registers {
		s.Registers = append(s.Registers, ceremony.RegistersOf(regs))
	}
	if r.Info.SAHash != nil {
		s.Hash = &saKeyShape{hex.EncodeToString(r.Info.SAHash[:]), r.Info.SAHashBy}
	}
	if !r.Info.SAKey.IsZero() {
		s.Key = &saKeyShape{thumbprintHex(r.Info.SAKey), r.Info.SAKeyBy}
	}
	return s
}

func retainedJSON(i coproc.Info) []retainedShape {
	all := []retainedShape{}
	for _, k := range i.Retained {
		all = append(all, retainedShape{k.Node, k.Role, thumbprintHex(k.Keys.Sign), k.By})
	}
	return all
}

func sharesJSON(direction string, tables []coproc.ShareTable) []shareTableShape {
	all := []shareTableShape{}
	for _, t := range tables {
		shares := []shareShape{}
		for k, state := range t.States {
			shares = append(shares, shareShape{k + 1, shareWords(direction, state), t.By[k]})
		}
		all = append(all, shareTableShape{t.Peer, t.ShareSet.String(), t.M, t.N, t.Pattern.String(), shares})
	}
	return all
}

func thumbprintHex(k coproc.PublicKey) string {
	t := k.Thumbprint()
	return hex.EncodeToString(t[:])
}
