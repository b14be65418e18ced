package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// remarkKey is what a remark is about.
type remarkKey struct {
	peer  string
	share int
	copy  int // of the share, from 1; 0 for the share
}

// subjectOf is what the data of a remark says that it accounts for; empty where
// there is none, or none that can be read.
func subjectOf(e *entry) journal.Subject {
	d, err := journal.DataOf[journal.NoteData](*e.Record)
	if err != nil {
		return ""
	}
	return d.Subject
}

// mayAccount reports whether an officer can say what became of a share: those
// who had it, who set the key, and auditors.
func (c *checker) mayAccount(e *entry) bool {
	for _, n := range e.life.nodes {
		o := &n.Officers
		switch {
		case contains([]string{o.Audit, o.Set}, e.Profile),
			n == c.source && (o.Cancel == e.Profile || contains(indexed(o.ObtainShares, e.Share), e.Profile)),
			n.Name == e.Peer && contains(indexed(o.InstallShares, e.Share), e.Profile):
			return true
		}
	}
	return false
}

// account gives each share the remarks about it. A remark names no set, so it
// is about every set that there was.
func (c *checker) account(remarks map[remarkKey][]*entry) {
	for k, all := range remarks {
		for _, s := range c.byPeer[k.peer] {
			sh := s.shares[k.share]
			if sh == nil {
				continue
			}
			if k.copy > 0 {
				c.accountCopy(sh, k.copy, all)
				continue
			}
			for _, e := range all {
				if c.mayAccount(e) && !c.happenedBefore(e, sh.written) {
					sh.remarks = append(sh.remarks, e)
				}
			}
			for _, copied := range c.copied[*sh.written.Bundle] {
				after := func(e *entry) bool { return !c.happenedBefore(e, copied) }
				sh.loose = sh.loose || !slices.ContainsFunc(sh.remarks, after)
			}
		}
	}
}

// accountCopy keeps that a copy of a share is accounted for, by a remark that
// does not come before it was handed out. Copies are counted as the source's
// journal has them.
func (c *checker) accountCopy(sh *share, n int, remarks []*entry) {
	copied := c.copied[*sh.written.Bundle]
	if n > len(copied) {
		return
	}
	for _, e := range remarks {
		if c.mayAccount(e) && !c.happenedBefore(e, copied[n-1]) {
			sh.copies = append(sh.copies, n)
			return
		}
	}
}

// looseCopies are the copies of a share that no remark accounts for, from 1,
// where they are more than what became of the share tells: one that was
// installed, or that a remark about the share is about.
func (c *checker) looseCopies(sh *share) (loose []int) {
	for n := range c.copied[*sh.written.Bundle] {
		if !slices.Contains(sh.copies, n+1) {
			loose = append(loose, n+1)
		}
	}
	told := 0
	if sh.installed != nil || len(sh.remarks) > 0 {
		told = 1
	}
	if len(loose) <= told {
		return nil
	}
	return loose
}

// accounted reports whether remarks say what became of a share: each copy of it
// was handed out before one of them, or each has one of its own.
func (c *checker) accounted(sh *share) bool {
	copied := len(c.copied[*sh.written.Bundle])
	return len(sh.remarks) > 0 && !sh.loose || copied > 0 && len(sh.copies) == copied
}

// happenedBefore reports whether one record provably came before another: in
// one journal, or by bundles that were taken in.
func (c *checker) happenedBefore(a, b *entry) bool {
	if a.life == b.life {
		return a.Seq < b.Seq
	}
	// Most remarks are known nowhere else, and that is known at once.
	return c.covers(b.life, a) && a.Seq <= c.pastOf(b.life, b.Seq)[a.life]
}

// revokedNow reports whether the latest certificate of a target was taken back.
func (c *checker) revokedNow(t *target) bool {
	if t.revoked == nil {
		return false
	}
	d, err := journal.DataOf[journal.RevokeData](*t.revoked.Record)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(c.grants[t.node.Name], func(g *grant) bool {
		return g.certificate.Claims().Generation > d.Generation
	})
}

// voidStatement is the set of a statement, if it was cancelled.
func (c *checker) voidStatement(digest coproc.Digest, peer string) *shareSet {
	for _, s := range c.byPeer[peer] {
		if s.written != nil && s.written.Bundle != nil && *s.written.Bundle == digest && s.canceled != nil {
			return s
		}
	}
	return nil
}
