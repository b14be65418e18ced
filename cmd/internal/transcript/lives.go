package transcript

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// sortLives puts the journals of each coprocessor into the order in which it
// was set up: by the certificates that vouch for them, never by clocks, which a
// room sets as it likes.
func (c *checker) sortLives() {
	byDevice := map[string][]*life{}
	for _, l := range c.lives {
		byDevice[l.device] = append(byDevice[l.device], l)
	}
	for device, all := range byDevice {
		slices.SortStableFunc(all, func(a, b *life) int {
			return cmp.Or(compareBool(a.vouched, b.vouched), cmp.Compare(a.generation, b.generation))
		})
		last := all[len(all)-1]
		c.primary[device] = last
		for i, l := range all {
			l.former = l != last
			if i > 0 {
				l.before = all[i-1]
			}
		}
		c.history[device] = all
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// when says which life of its coprocessor a record is of; empty for the one
// that counts.
func (l *life) when() string {
	switch {
	case !l.former:
		return ""
	case l.generation == 0:
		return "before it was set up anew: "
	}
	return fmt.Sprintf("before it was set up anew (certificate %d): ", l.generation)
}

// targetAt is what became of a target in one life of its coprocessor; nil where
// the node is no target.
func (c *checker) targetAt(l *life, name string) *target {
	t := c.targets[name]
	if t == nil || !l.former || t.node.Coprocessor != l.device {
		return t
	}
	k := lifeNode{l, name}
	if c.former[k] == nil {
		c.former[k] = &target{node: t.node}
	}
	return c.former[k]
}

// makerOf is the target that made a receipt, in the life that did.
func (c *checker) makerOf(e *entry) *target {
	t := c.targets[e.Peer]
	if t == nil || e.Bundle == nil {
		return t
	}
	if w := c.written[*e.Bundle]; w != nil && w.name() == e.Peer {
		return c.targetAt(w.life, e.Peer)
	}
	return t
}

// holder is the target that set the master key from a share set, in whatever
// life; nil for none.
func (c *checker) holder(s *shareSet) *target {
	for _, t := range c.livesOf(s.peer) {
		if t.key != nil && t.keySet == s {
			return t
		}
	}
	return nil
}

// livesOf are all lives of a target, the one that counts last.
func (c *checker) livesOf(name string) []*target {
	t := c.targets[name]
	if t == nil {
		return nil
	}
	var all []*target
	for _, l := range c.history[t.node.Coprocessor] {
		if f := c.former[lifeNode{l, name}]; f != nil {
			all = append(all, f)
		}
	}
	return append(all, t)
}

// formerLives tells of coprocessors that were set up anew. What one was before
// can still be somewhere, with the master key in it.
func (c *checker) formerLives() {
	const rule = "lives"
	for _, d := range c.plan.Coprocessors {
		all := c.history[d.Name]
		if len(all) < 2 {
			continue
		}
		c.find(Exception, rule, c.primary[d.Name].entries[0], "there are %d journals of coprocessor %s: it was set up anew", len(all), d.Name)
		for _, n := range c.at[d.Name] {
			for _, t := range c.livesOf(n.Name) {
				if t != c.targets[n.Name] && t.key != nil {
					c.formerKey(rule, t)
				}
			}
		}
	}
}

// formerKey tells of a coprocessor that has the master key, or had it, and that no
// other journal speaks of any more.
func (c *checker) formerKey(rule string, t *target) {
	name := t.node.Name
	if t.changed == nil {
		c.find(Exception, rule, t.key, "the coprocessor that %s was before HAS THE MASTER KEY: make sure that it is destroyed, or that its master key is cleared", name)
	} else {
		c.find(Exception, rule, t.key, "the coprocessor that %s was before HAD THE MASTER KEY, and CAN STILL HAVE IT, though record %d has another one: make sure that it is destroyed, or that none of its registers has it", name, t.changed.Seq)
	}
	switch {
	case t.receipt == nil:
		c.find(Exception, rule, t.key, "it made no receipt of that master key")
	case len(t.receiptAt) == 0:
		c.find(Exception, rule, t.receipt, "the receipt of that master key was taken in nowhere")
	}
}

// journalsOf are the journals of a coprocessor for the result.
func (c *checker) journalsOf(d *plan.Coprocessor) []Journal {
	j := Journal{Coprocessor: d.Name, Missing: true}
	for _, n := range c.at[d.Name] {
		j.Nodes = append(j.Nodes, n.Name)
	}
	var list []Journal
	for _, g := range c.gone[d.Name] {
		missing := j
		if c.primary[d.Name] != nil {
			missing.Nodes = []string{g.node.Name + " (old)"}
			if g.generation > c.primary[d.Name].generation {
				missing.Nodes[0] = g.node.Name + " (new)"
			}
		}
		if e := c.lost[g.audit]; e != nil {
			missing.Lost = c.saidBy(e)
		}
		list = append(list, missing)
	}
	if len(list) == 0 && len(c.history[d.Name]) == 0 {
		if e := c.leftOutAt(d.Name); e != nil {
			j.LeftOut = c.saidBy(e)
		}
		return []Journal{j}
	}
	for _, l := range c.history[d.Name] {
		whole := j.filled(l)
		if e := c.lost[l.auditor]; e != nil {
			whole.Lost = c.saidBy(e)
		}
		list = append(list, whole)
	}
	return list
}

// saidBy says who made a remark, and where.
func (c *checker) saidBy(e *entry) string {
	return fmt.Sprintf("%s, record %d of %s", c.who(e.Profile), e.Seq, e.name())
}
