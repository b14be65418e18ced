package ceremony

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// What takes something back, or says that something was done, is made once. Its maker
// can be lost, and who has not heard of it yet must hear of it all the same: so whoever
// takes such a bundle in keeps it, signed as it came, and can hand it out again. Which
// kinds these are stands in procedure.Kinds.

// handedOn reports whether a kind is kept by whoever takes it in.
func handedOn(k bundle.Kind) bool {
	row := procedure.KindOf(k)
	return row != nil && row.HandedOn
}

// keepTaken keeps a bundle that is to be taken in, where its kind is kept.
func (r *intake) keepTaken(b *bundle.Bundle) error {
	if !handedOn(b.Header().Kind) {
		return nil
	}
	return r.n.KeepTaken(b)
}

// taken are the bundles that were taken in here and are kept, oldest first. Those
// that this store made itself are in its outbox.
func (n sets) taken() (all []history.Written) {
	at := map[coproc.Digest]int{}
	for _, w := range slices.Concat(n.History().Outbox, n.History().FormerOutbox) {
		at[w.Digest] = -1
	}
	for _, rec := range n.Records() {
		if rec.Bundle == nil {
			continue
		}
		i, known := at[*rec.Bundle]
		tookIn := rec.Event == journal.EventReceived || rec.Event == journal.EventCanceled
		switch {
		case known && i >= 0 && rec.Event == journal.EventCopied:
			all[i].Copies = append(all[i].Copies, rec.Text)
		case !known && tookIn && handedOn(rec.Kind):
			at[*rec.Bundle] = len(all)
			all = append(all, asTaken(rec))
		}
	}
	return all
}

// asTaken is what a record tells of a bundle that was taken in.
func asTaken(rec journal.Record) history.Written {
	w := history.Written{Digest: *rec.Bundle, Kind: rec.Kind, From: rec.Node, Peer: rec.Peer, Folder: procedure.SADatabase, Seq: rec.Seq}
	if rec.Event == journal.EventCanceled {
		w.Peer = rec.Node // at the target itself
	}
	if procedure.KindOf(rec.Kind).PerTarget {
		w.Folder = w.Peer + procedure.DatabaseSuffix
	}
	switch d, err := journal.DataOf[journal.CancelData](rec); {
	case rec.Kind != bundle.KindCancel:
		w.Set, _ = history.SetOf(rec)
	case err == nil:
		w.Set = d.ShareSet
	}
	return w
}

// formerly are the bundles that this store made itself before its node began anew and
// that nobody can make again: who heard nothing of a cancel before that can still hear
// of it.
func (n sets) formerly() (all []history.Written) {
	for _, w := range n.History().FormerOutbox {
		if handedOn(w.Kind) {
			all = append(all, w)
		}
	}
	return all
}

// handOn hands out again what was taken in from another node, and what this one made
// before it began anew. It is said which kind: without that only what was made here
// since is meant.
func (n outbox) handOn(which Resend, deliver func(bundle.Outgoing) (bundle.Delivery, error)) (carried []Carried, err error) {
	if !handedOn(which.Kind) {
		return nil, nil
	}
	former := n.formerly()
	all := append(former, n.taken()...)
	for i := range all {
		w := &all[i]
		if !which.matches(w) || w.Kind == bundle.KindReceipt && n.notCancelled(w.Set) != nil {
			continue
		}
		load := n.LoadTaken
		if i < len(former) {
			load = n.Load
		}
		out, err := load(w)
		if err != nil {
			return carried, err
		}
		w.Name = out.Name
		c, err := n.give(w, out, deliver, "", nil)
		if err != nil {
			return carried, err
		}
		carried = append(carried, c)
	}
	return carried, nil
}

// cancelKept reports whether a signed cancel of a share set for a target is in this
// store, made here or taken in, so that it can be handed out again. A zero set is any.
func (n sets) cancelKept(target string, set coproc.ShareSetID) bool {
	return slices.ContainsFunc(slices.Concat(n.formerly(), n.taken(), n.History().Outbox), func(w history.Written) bool {
		return w.Kind == bundle.KindCancel && w.Folder == target+procedure.DatabaseSuffix && (set == coproc.ShareSetID{} || w.Set == set)
	})
}
