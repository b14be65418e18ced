package ceremonytest

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// operator is somebody who comes into a ceremony, and wants to bring it to its
// end: all clocks are right again, the sticks are fresh ones that each room
// fills by `gapferry resend`. They do the phases in their order, and what the
// program tells them to do. What they do beyond that they keep as unled.
type operator struct {
	w        *World
	hint     func(error) string
	obeyed   map[string]int // what they were told, and how often they did it
	unled    []string
	level    map[string]int  // how far they went with a target by themselves
	renewing map[string]bool // nodes that were set up anew, and have no certificate since
	headline string
	round    int
}

// maxRounds is how often the operator goes through all rooms.
const maxRounds = 8

// finish gives "" when everything is done and the transcript says so; else
// what is in the way.
func (o *operator) finish() string {
	w := o.w
	o.obeyed, o.level, o.renewing = map[string]int{}, map[string]int{}, map[string]bool{}
	w.say("--- the operator comes")
	for _, r := range w.rooms {
		r.skew, r.stopped = 0, nil
	}
	w.FreshSticks()
	w.damaged = false
	o.resendAll()
	var stuck string
	for o.round = 1; o.round <= maxRounds; o.round++ {
		before := w.written()
		stuck = o.throughAllRooms()
		if stuck == "" {
			stuck = o.whatIsTrue()
		}
		if stuck == "" {
			return o.settled()
		}
		w.say("    round %d: %s", o.round, stuck)
		if w.written() == before {
			break // the same would come again
		}
	}
	return stuck
}

// written counts what the journals tell of done things.
func (w *World) written() (n int) {
	for _, c := range w.coprocessors() {
		records, _ := w.Records(c)
		for _, r := range records {
			if r.Event != ceremony.EventRefused && r.Event != ceremony.EventCopied && r.Event != ceremony.EventExported {
				n++
			}
		}
		n += 1000 * w.rooms[c].set
	}
	return n
}

func (o *operator) resendAll() {
	for _, c := range o.w.coprocessors() {
		if o.w.ResendAll(c); errors.Is(o.w.last, ErrConflict) {
			o.w.say("    two files of one name")
		}
	}
}

// throughAllRooms does every phase, in order, and takes the receipts in. It
// gives the first thing that is in the way.
func (o *operator) throughAllRooms() (stuck string) {
	w := o.w
	keep := func(s string) {
		if stuck == "" {
			stuck = s
		}
	}
	if s := o.sourceKey(); s != "" {
		return s
	}
	waits := map[string]bool{} // targets whose next phase has to wait for another round
	for _, s := range w.route() {
		about := []string{""}
		switch s.Phase {
		case "3a", "3d":
			about = []string{s.Node}
		case "3b", "3c":
			about = w.targets()
		}
		for _, t := range about {
			if waits[t] || s.Phase > "3a" && o.isDone(t) {
				continue
			}
			if no := o.phase(s, t); no != "" {
				keep(no)
				waits[t] = t != ""
			}
		}
		if stuck != "" && s.Phase < "3b" && s.Phase != "3a" {
			return stuck // nothing goes on without it
		}
	}
	if stuck != "" {
		return stuck
	}
	for _, c := range o.receivers() {
		no := o.led(c, "receipts", "", func() error { return o.receipts(c) })
		if no != "" && o.allDone() {
			w.Odd = append(w.Odd, Same(no)) // the SA has them
			continue
		}
		keep(no)
	}
	return stuck
}

func (o *operator) allDone() bool {
	return !slices.ContainsFunc(o.w.targets(), func(t string) bool { return !o.isDone(t) })
}

// isDone says whether a target's own room and the SA's say that it has the
// master key, and that nothing was void since.
func (o *operator) isDone(target string) bool {
	w := o.w
	own, err := w.Status(w.at(target))
	sa, failed := w.Status(w.at(w.sa()))
	if err != nil || failed != nil {
		return false
	}
	done := func(s ceremony.Status) bool {
		i := slices.IndexFunc(s.Targets, func(t ceremony.TargetStatus) bool { return t.Target == target })
		return i >= 0 && s.Targets[i].Cancelled == "" && s.Targets[i].Revoked == "" && s.Targets[i].Replaced == nil
	}
	set := slices.ContainsFunc(own.Phases, func(p ceremony.PhaseStatus) bool { return p.Node == target && p.Phase == "3d" && p.Done })
	received := slices.ContainsFunc(sa.Receipts, func(r ceremony.Receipted) bool { return r.Target == target })
	return set && received && done(own) && done(sa)
}

// sourceKey puts the master key into the source, if there is none.
func (o *operator) sourceKey() string {
	w := o.w
	if w.Current(w.source()) != "" {
		return ""
	}
	if w.rooms[w.at(w.source())].holds.Register(w.class()).New.State != coproc.Empty {
		_ = o.trying(func() error { return w.MasterKey(w.source(), "clear", nil, Faults{}) })
	}
	if err := o.trying(w.LoadSource); err != nil {
		return fmt.Sprintf("load the source's key: [%s] %v", Code(err), err)
	}
	return ""
}

// receivers are the coprocessors where receipts are taken in.
func (o *operator) receivers() []string {
	w := o.w
	if w.at(w.sa()) == w.at(w.source()) {
		return []string{w.at(w.source())}
	}
	return []string{w.at(w.source()), w.at(w.sa())}
}

// receipts takes in what a room does not have yet.
func (o *operator) receipts(coprocessor string) error {
	s, err := o.w.Status(coprocessor)
	if err != nil {
		return err
	}
	if len(s.Receipts) == len(o.w.targets()) && o.round > 1 {
		return nil
	}
	return o.w.Receipts(coprocessor, Faults{})
}

// phase does one phase, which concerns one target where it is given.
func (o *operator) phase(s Step, target string) string {
	w := o.w
	return o.led(w.at(s.Node), string(s.Phase), target, func() error {
		opts := ceremony.Options{}
		if s.Phase == "3b" || s.Phase == "3c" {
			opts.Targets = []string{target}
		}
		subject := target
		if s.Phase == "2b" {
			subject = w.source()
		}
		if o.renewing[subject] && (s.Phase == "3b" || s.Phase == "2b") {
			opts.Renew = []string{subject}
		}
		r, err := w.Phase(s.Node, s.Phase, opts, Faults{})
		if err == nil && opts.Renew == nil && o.asksAnew(r, subject) {
			// What is set aside is told, too, and somebody goes and asks there.
			return &ceremony.Refusal{Code: ceremony.CodeCertified, Text: strings.Join(r.Refused, "; ")}
		}
		if opts.Renew != nil && Code(err) != string(ceremony.CodeTwoRequests) {
			delete(o.renewing, subject)
		}
		if err == nil && !r.Complete && len(r.Waiting) > 0 {
			return &ceremony.Refusal{Code: ceremony.CodeMissing, Text: strings.Join(r.Waiting, "; ")}
		}
		return err
	})
}

// asksAnew says whether a request was set aside because its node has a
// certificate, and the node's own room says that it has none for its keys.
func (o *operator) asksAnew(r *ceremony.Result, node string) bool {
	if !strings.Contains(strings.Join(r.Refused, "; "), "certified for another request") {
		return false
	}
	s, err := o.w.Status(o.w.at(node))
	if err != nil {
		return false
	}
	for _, t := range s.Targets {
		if t.Target == node {
			return t.Certificate == 0
		}
	}
	return false
}

// trying does something, and has profiles unlocked that are locked.
func (o *operator) trying(do func() error) error {
	for range 6 {
		err := do()
		if Code(err) != string(ceremony.CodeLocked) || !o.unlock(err) {
			return err
		}
	}
	return do()
}

var lockedAt = regexp.MustCompile(`profile ([A-Z0-9-]+) at ([-a-z0-9]+)`)

// unlock does what the refusal of a locked profile says, in the room that it
// names.
func (o *operator) unlock(err error) bool {
	m := lockedAt.FindStringSubmatch(err.Error())
	for _, c := range Commands(o.said(err)) {
		if m != nil && c.is("coprocessor", "unlock") && c.Flags["profile"] == m[1] {
			return o.w.Unlock(m[2], m[1], Faults{}) == nil
		}
	}
	return false
}

// led does something as long as the program leads on: it does what the refusal
// says, and the same again. about is the target concerned, if there is one.
func (o *operator) led(coprocessor, what, about string, do func() error) string {
	for range 7 {
		var why *ceremony.Refusal
		err := o.trying(do)
		if err == nil {
			return ""
		}
		if errors.Is(err, ErrConflict) {
			o.w.FreshSticks()
			o.resendAll()
			continue
		}
		if !errors.As(err, &why) {
			return fmt.Sprintf("%s: %v", what, err)
		}
		stuck := fmt.Sprintf("%s at %s [%s] %s", what, coprocessor, why.Code, why.Text)
		switch o.obey(situation{coprocessor, what, about, o.said(err)}) {
		case onceMore:
			continue
		case fromTheTop:
			return stuck
		}
		o.byThemselves(what, about, why)
		return stuck
	}
	return fmt.Sprintf("%s at %s goes round in circles", what, coprocessor)
}

// said is all that a person reads of an error.
func (o *operator) said(err error) string {
	var why *ceremony.Refusal
	switch {
	case o.hint != nil:
		return err.Error() + "\n" + o.hint(err)
	case errors.As(err, &why):
		return err.Error() + "\n" + why.Hint
	}
	return err.Error()
}

// situation is where the program said something.
type situation struct {
	coprocessor string
	what        string // the phase or the command
	about       string // the target, or ""
	said        string
}

var quotedFile = regexp.MustCompile(`"([a-z0-9-]+\.db/[^"]+)"`)

// next is how an operator goes on who did what they were told.
type next int

const (
	nowhere    next = iota // they were told nothing that is new
	onceMore               // the same again, here
	fromTheTop             // through all rooms: it was done elsewhere
)

// obey does, in its order, what a text says and what was not done for the same
// text before.
func (o *operator) obey(s situation) (n next) {
	for _, c := range Commands(s.said) {
		key := Same(s.coprocessor+s.what+s.said) + s.about + " → " + c.String()
		if o.obeyed[key] >= 2 {
			continue
		}
		if did := o.command(c, s); did > nowhere {
			o.obeyed[key]++
			o.w.say("      (as told: %s)", c)
			n = max(n, did)
		}
	}
	if n > nowhere {
		return n
	}
	if strings.Contains(s.said, "remove the other file") && s.about != "" && o.removeOtherRequests(s.about) {
		return onceMore
	}
	if strings.Contains(s.said, "take this file off the stick") || strings.Contains(s.said, "an old file came back") {
		if m := quotedFile.FindStringSubmatch(s.said); m != nil && o.remove(m[1]) {
			return onceMore
		}
	}
	return nowhere
}

func (o *operator) remove(path string) (some bool) {
	for _, s := range o.w.everything() {
		if _, there := s.Files[path]; there {
			delete(s.Files, path)
			o.w.say("    %s is taken off %s", path, s.Name)
			some = true
		}
	}
	return some
}

// removeOtherRequests takes off the stick what a target's own room does not
// hand out as its request.
func (o *operator) removeOtherRequests(target string) (some bool) {
	w := o.w
	own := &Stick{"the room's own", map[string]File{}}
	_ = w.Resend(w.at(target), ceremony.Resend{Kind: bundle.KindCSRKey}, Faults{To: own})
	for _, f := range inOrder(w.Stick.Files) {
		if _, is := own.Files[f.path()]; !is && strings.HasPrefix(f.Label, string(bundle.KindCSRKey)) && f.Folder == target+".db" {
			delete(w.Stick.Files, f.path())
			some = true
		}
	}
	return some
}

// command types a command that the program named.
func (o *operator) command(c Command, s situation) next {
	w := o.w
	target := c.Flags["target"]
	if target == "" {
		target = s.about
	}
	then := func(n next, err error) next {
		if err != nil {
			return nowhere
		}
		return n
	}
	switch {
	case c.is("cancel") && c.has("from"):
		return then(onceMore, o.trying(func() error { return w.TakeCancels(s.coprocessor, Faults{}) }))
	case c.is("cancel") && target != "":
		return then(fromTheTop, o.cancel(target))
	case c.is("coprocessor", "clear"), c.is("coprocessor", "set"):
		return then(onceMore, o.trying(func() error { return w.MasterKey(w.masterKeyNode(s.coprocessor), c.Words[1], nil, Faults{}) }))
	case c.is("init"):
		return then(fromTheTop, o.anew(s.coprocessor, target))
	case c.is("resend"):
		o.resendAll()
		return onceMore
	case c.is("receipts"):
		for _, at := range o.receivers() {
			_ = o.trying(func() error { return w.Receipts(at, Faults{}) })
		}
		return onceMore
	case c.is("journal", "export"):
		o.exportAll()
		return onceMore
	case c.is("revoke") && c.has("from"):
		return then(onceMore, o.trying(func() error { return w.TakeRevokes(s.coprocessor, Faults{}) }))
	case c.has("renew"):
		subject := c.Flags["renew"]
		switch {
		case subject != "":
		case s.what == "2b" || c.is("phase", "2b"):
			subject = w.source()
		default:
			subject = s.about
		}
		if subject == "" {
			return nowhere
		}
		o.renewing[subject] = true
		if s.what == "3b" || s.what == "2b" {
			return onceMore
		}
		return fromTheTop
	case c.is("journal", "note") && c.has("lost"):
		generation, _ := strconv.Atoi(c.Flags["certificate"])
		auditor := w.Plan.At(s.coprocessor)[0].Officers.Audit
		return then(onceMore, o.trying(func() error {
			return w.Note(s.coprocessor, ceremony.Remark{Profile: auditor, Text: "it burnt down", Lost: c.Flags["lost"], Certificate: generation}, Faults{})
		}))
	case c.is("journal", "clock"):
		first, _ := strconv.ParseUint(c.Flags["first"], 10, 64)
		last, _ := strconv.ParseUint(c.Flags["last"], 10, 64)
		return then(onceMore, o.trying(func() error { return w.AccountForClock(s.coprocessor, c.Flags["profile"], first, last, Faults{}) }))
	case c.is("journal", "note") && c.has("share"):
		share, _ := strconv.Atoi(c.Flags["share"])
		auditor := w.Plan.At(s.coprocessor)[0].Officers.Audit
		return then(onceMore, o.trying(func() error {
			return w.Note(s.coprocessor, ceremony.Remark{Profile: auditor, Text: "it was wiped", Target: target, Share: share}, Faults{})
		}))
	case c.is("coprocessor", "unregister-hash"):
		if h := w.rooms[s.coprocessor].holds.SAHash; h != nil && *h == w.hash {
			return nowhere // both cards say that it is the right one
		}
		return then(onceMore, o.trying(func() error { return w.Unregister(s.coprocessor, Faults{}) }))
	case c.is("coprocessor", "anew"):
		at := s.coprocessor
		if w.Plan.At(at)[0].Role == coproc.SA && len(w.Plan.At(at)) == 1 {
			at = w.at(w.source()) // the SA's room speaks of another one
			if s.about != "" {
				at = w.at(s.about)
			}
		}
		o.renewing[w.masterKeyNode(at)] = true
		return then(fromTheTop, o.trying(func() error { return w.BeginAnew(at, Faults{}) }))
	case c.is("coprocessor", "unlock"):
		return then(onceMore, w.Unlock(s.coprocessor, c.Flags["profile"], Faults{}))
	case c.is("phase", "1"), c.is("phase", "2a"), c.is("phase", "2b"), c.is("phase", "3a"):
		return then(onceMore, o.thePhase(ceremony.PhaseID(c.Words[1]), s.coprocessor))
	case len(c.Words) == 2 && c.Words[0] == "task" && target != "":
		_, err := w.Phase(target, "3d", ceremony.Options{Task: ceremony.TaskID(c.Words[1])}, Faults{})
		return then(onceMore, err)
	}
	return nowhere
}

// thePhase does a phase that comes first in a room.
func (o *operator) thePhase(id ceremony.PhaseID, coprocessor string) error {
	for _, p := range o.w.Plan.At(coprocessor) {
		if p.Role == ceremony.Phase(id).Role {
			_, err := o.w.Phase(p.Name, id, ceremony.Options{}, Faults{})
			return err
		}
	}
	return errors.New("it is not for this room")
}

// masterKeyNode is the node of a coprocessor that has a master key.
func (w *World) masterKeyNode(coprocessor string) string {
	for _, p := range w.Plan.At(coprocessor) {
		if p.Role != coproc.SA {
			return p.Name
		}
	}
	return w.source()
}

// cancel voids a share set, and does what the command then says: carry the
// cancel to the target and to the SA. The other set is begun by phase 3c.
func (o *operator) cancel(target string) error {
	w := o.w
	if err := o.trying(func() error { return w.Cancel(target, Faults{}) }); err != nil {
		return err
	}
	_ = o.trying(func() error { return w.TakeCancels(w.at(target), Faults{}) })
	if w.at(w.sa()) != w.at(target) {
		_ = o.trying(func() error { return w.TakeCancels(w.at(w.sa()), Faults{}) })
	}
	return nil
}

// anew sets a target up anew: that of a room, or else the one that a text is about.
func (o *operator) anew(coprocessor, target string) error {
	w := o.w
	if w.Plan.At(coprocessor)[0].Role != coproc.SA {
		target = w.Plan.At(coprocessor)[0].Name
	}
	if target == "" || len(w.Plan.At(w.at(target))) > 1 {
		return errors.New("it would be the source or the SA, too")
	}
	o.renewing[target] = true
	return w.Anew(w.at(target), false, Faults{})
}

// byThemselves is what the operator does where the program does not lead on:
// another share set, then a set-up anew. That it was needed is kept.
func (o *operator) byThemselves(what, about string, why *ceremony.Refusal) {
	if about == "" {
		return
	}
	o.level[about]++
	o.unled = append(o.unled, fmt.Sprintf("%d: %s [%s] %s", o.level[about], what, why.Code, Same(why.Text)))
	o.w.say("      (nothing leads on from here)")
	switch o.level[about] {
	case 1:
		_ = o.cancel(about)
	case 2:
		if o.cancel(about) == nil {
			_ = o.anew(o.w.at(about), about)
		}
	}
}

// exportAll has every journal handed out, and gives the rooms that did it.
func (o *operator) exportAll() map[string]bool {
	did := map[string]bool{}
	for _, c := range o.w.coprocessors() {
		did[c] = o.trying(func() error { return o.w.Export(c, Faults{}) }) == nil
	}
	return did
}

// whatIsTrue compares what the rooms say, what the transcript says, and what
// is in the registers.
func (o *operator) whatIsTrue() string {
	w := o.w
	for _, c := range w.coprocessors() {
		s, err := w.Status(c)
		if err != nil {
			return err.Error()
		}
		for _, t := range s.Targets {
			if t.Replaced != nil {
				why := &ceremony.Refusal{Code: ceremony.CodeReplaced, Text: "status: " + t.Target + " has another master key"}
				if o.obey(situation{w.at(t.Target), "status", t.Target, o.said(why)}) > nowhere {
					return why.Text
				}
			}
		}
	}
	exported := o.exportAll()
	r, err := w.Transcript()
	if err != nil {
		return fmt.Sprintf("transcript: %v", err)
	}
	o.headline = r.Headline()
	w.say("    transcript: %s", o.headline)
	w.judgeTranscript(r, exported)
	if r.Verdict() <= transcript.Excepted {
		return o.everyTargetHasIt()
	}
	var all []string
	for _, f := range r.Findings {
		if f.Weight != transcript.Fault && f.Weight != transcript.Open {
			continue
		}
		text := fmt.Sprintf("%s %s at %s: %s", f.Weight, f.Rule, f.Where(), f.Text)
		w.say("      %s", text)
		all = append(all, text)
		about := ""
		if n := w.Plan.Node(f.Ref.Node); n != nil && n.Role == coproc.CSR {
			about = f.Ref.Node
		}
		at := w.at(w.sa())
		if f.Ref.Node != "" && w.Plan.Node(f.Ref.Node) != nil {
			at = w.at(f.Ref.Node)
		}
		o.obey(situation{at, "transcript", about, f.Text})
	}
	return "the transcript: " + strings.Join(all, " | ")
}

// everyTargetHasIt looks into the registers.
func (o *operator) everyTargetHasIt() string {
	w := o.w
	for _, t := range w.targets() {
		if w.Current(t) != w.noted {
			return fmt.Sprintf("all is said to be done, and %s has %q, not %q", t, w.Current(t), w.noted)
		}
	}
	return ""
}

// settled looks for what must not be left where everything is done, and that
// the same again changes nothing.
func (o *operator) settled() string {
	w := o.w
	before := w.written()
	for _, s := range w.route() {
		if _, err := w.Phase(s.Node, s.Phase, ceremony.Options{}, Faults{}); err != nil {
			w.Odd = append(w.Odd, fmt.Sprintf("all done, and phase %s again: [%s] %s", s.Phase, Code(err), Same(err.Error())))
		}
	}
	if after := w.written(); after != before {
		w.Odd = append(w.Odd, fmt.Sprintf("all done, and the same again writes %d records", after-before))
	}
	for _, c := range w.coprocessors() {
		s, err := w.Status(c)
		if err != nil {
			return err.Error()
		}
		for _, p := range s.Phases {
			if !p.Done {
				w.Odd = append(w.Odd, fmt.Sprintf("all done, and status says that phase %s is open", p.Phase))
			}
		}
		for _, t := range s.Targets {
			if t.Cancelled != "" {
				w.Odd = append(w.Odd, fmt.Sprintf("all done, and status at %s says that the shares of a target were cancelled", Same(c)))
			}
		}
	}
	for _, t := range w.targets() {
		if g := w.rooms[w.at(t)].holds.Register(w.class()).New; g.State != coproc.Empty {
			w.Odd = append(w.Odd, fmt.Sprintf("all done, and the new register of a target is %s", g.State))
		}
	}
	return ""
}

// judgeTranscript holds what a transcript says against what is in the registers
// of the rooms that handed their journals out as they are now. A room that was
// set up and not certified since cannot yet, or nobody believes it: what is known
// of it is older.
func (w *World) judgeTranscript(r *transcript.Result, exported map[string]bool) {
	for _, t := range r.Targets {
		if at := w.at(t.Node); !exported[at] || !w.vouched[w.rooms[at].holds.AuditKey.Thumbprint()] {
			continue
		}
		has := w.Current(t.Node) == r.Pattern && r.Pattern != ""
		if r.Verdict() <= transcript.Excepted && t.State == transcript.HasKey && !has {
			w.wrong("the transcript says that %s has the master key %s, truly it is %q", t.Node, r.Pattern, w.Current(t.Node))
		}
	}
}

// auditorLooks exports every journal, of a World as it is, and verifies: what
// honest people did is never a fault.
func (w *World) auditorLooks() error {
	c, err := w.Clone()
	if err != nil {
		return err
	}
	defer c.Close()
	o := &operator{w: c, obeyed: map[string]int{}, level: map[string]int{}}
	exported := o.exportAll()
	r, err := c.Transcript()
	if err != nil {
		return nil // there is no sa-key yet
	}
	w.say("    (an auditor looks: %s)", r.Headline())
	before := len(c.Wrong)
	c.judgeTranscript(r, exported)
	w.Wrong = append(w.Wrong, c.Wrong[before:]...)
	if r.Verdict() != transcript.Bad {
		return nil
	}
	var faults []string
	for _, f := range r.Findings {
		if f.Weight == transcript.Fault {
			faults = append(faults, f.Rule+": "+f.Text)
		}
	}
	w.wrong("DOES NOT VERIFY, and everybody is honest: %s", strings.Join(faults, " | "))
	return nil
}
