package transcript

// livesRule tells of coprocessors that were set up anew.
type livesRule struct{ *replay }

// check tells of coprocessors that were set up anew. What one was before
// can still be somewhere, with the master key in it.
func (c livesRule) check() {
	const rule = "lives"
	for _, d := range c.plan.Coprocessors {
		all := c.history[d.Name]
		if len(all) < 2 {
			continue
		}
		c.find(Exception, rule, c.current[d.Name].entries[0], "there are %d journals of coprocessor %s: it was set up anew", len(all), d.Name)
		for _, n := range c.nodesAt[d.Name] {
			for _, t := range c.instancesOf(n.Name) {
				if t != c.targets[n.Name] && t.key != nil {
					c.supersededKey(rule, t)
				}
			}
		}
	}
}

// supersededKey tells of a coprocessor that has the master key, or had it, and that no
// other journal speaks of any more.
func (c livesRule) supersededKey(rule string, t *target) {
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
