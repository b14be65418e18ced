package ceremonytest

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

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
		var why *refusal.Error
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
	var why *refusal.Error
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
		if c.Flags["kind"] == "cancel" && c.Flags["target"] != "" {
			// It is for the room of that target, where somebody takes it in.
			if o.trying(func() error { return w.TakeCancels(w.at(target), Faults{}) }) == nil {
				return fromTheTop
			}
		}
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
		return then(onceMore, o.thePhase(procedure.PhaseID(c.Words[1]), s.coprocessor))
	case len(c.Words) == 2 && c.Words[0] == "task" && target != "":
		_, err := w.Phase(target, "3d", ceremony.Options{Task: procedure.TaskID(c.Words[1])}, Faults{})
		return then(onceMore, err)
	}
	return nowhere
}

// thePhase does a phase that comes first in a room.
func (o *operator) thePhase(id procedure.PhaseID, coprocessor string) error {
	for _, p := range o.w.Plan.At(coprocessor) {
		if p.Role == procedure.Phase(id).Role {
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
func (o *operator) byThemselves(what, about string, why *refusal.Error) {
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
