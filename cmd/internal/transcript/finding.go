package transcript

import (
	"cmp"
	"fmt"
	"slices"
)

// maxFindings is how many findings of one weight a rule keeps: a transcript
// that is wrong everywhere must still be readable.
const maxFindings = 100

// found is a finding and where in the timeline it stands.
type found struct {
	Finding
	at int // 0 where no record is meant
}

// ruleSeverity counts findings.
type ruleSeverity struct {
	rule     string
	severity Severity
}

// findings collects what the rules find.
type findings struct {
	list  []found
	count map[ruleSeverity]int
}

func newFindings() *findings { return &findings{count: map[ruleSeverity]int{}} }

func (f *findings) add(x found) {
	k := ruleSeverity{x.Rule, x.Severity}
	f.count[k]++
	if f.count[k] <= maxFindings {
		f.list = append(f.list, x)
	}
}

// sorted gives the findings, faults first, each weight in the order of the
// timeline, and says of each rule how many more there were.
func (f *findings) sorted() []Finding {
	slices.SortStableFunc(f.list, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.at, b.at), cmp.Compare(a.Ref.Node, b.Ref.Node))
	})
	var all []Finding
	for w := Fault; w >= Note; w-- {
		var more []Finding
		for _, x := range f.list {
			if x.Severity == w {
				all = append(all, x.Finding)
			}
		}
		for k, n := range f.count {
			if k.severity == w && n > maxFindings {
				more = append(more, Finding{Severity: w, Rule: k.rule, Text: fmt.Sprintf("and %d more", n-maxFindings)})
			}
		}
		slices.SortFunc(more, func(a, b Finding) int { return cmp.Compare(a.Rule, b.Rule) })
		all = append(all, more...)
	}
	return all
}

// dropped counts the findings of each weight that were not kept.
func (f *findings) dropped() map[Severity]int {
	more := map[Severity]int{}
	for k, n := range f.count {
		// In place of those stands one that says how many they are.
		more[k.severity] += max(n-maxFindings-1, 0)
	}
	return more
}

// Verdict is what the findings come to.
func (r *Result) Verdict() Verdict {
	v := Verified
	for _, f := range r.Findings {
		v = max(v, [...]Verdict{Note: Verified, Exception: VerifiedWithExceptions, Open: Incomplete, Fault: NotVerified}[f.Severity])
	}
	return v
}

// Count is how many findings there are of a weight, those that a rule did not
// keep included.
func (r *Result) Count(w Severity) int {
	n := r.dropped[w]
	for _, f := range r.Findings {
		if f.Severity == w {
			n++
		}
	}
	return n
}

// find notes a finding at a record.
func (f *findings) find(w Severity, rule string, e *entry, format string, a ...any) {
	f.add(found{Finding{w, rule, e.ref(), e.instance.when() + fmt.Sprintf(format, a...)}, e.at})
	e.marked = max(e.marked, w+1)
}

// fault is find of a Fault. A record that nobody signed is none: it was written
// while nobody was logged on, perhaps by whoever owns that disk, who must not
// make a good ceremony a bad one. What is wrong with it is told.
func (f *findings) fault(rule string, e *entry, format string, a ...any) {
	if e.attended() {
		f.find(Fault, rule, e, format, a...)
		return
	}
	f.find(Exception, rule, e, "%s; nobody signed this record: whoever owns the disk of %s can have written it", fmt.Sprintf(format, a...), e.instance.device)
}

// findAt notes a finding about a node, or about none, where there is no record.
func (f *findings) findAt(w Severity, rule string, ref RecordRef, format string, a ...any) {
	f.add(found{Finding{w, rule, ref, fmt.Sprintf(format, a...)}, 0})
}
