package rehearsal

import (
	"fmt"
	"path/filepath"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/media"
)

// TranscriptOutcome is what the merged journals of a rehearsal come to.
type TranscriptOutcome struct {
	Verdict    string `json:"verdict"`
	Faults     int    `json:"faults"`
	Open       int    `json:"open"`
	Exceptions int    `json:"exceptions"`
}

// afterwards does what follows the phases: source and SA take in the receipts,
// every room hands out its journal, and the auditor verifies the transcript
// with the card alone.
func (r *Rehearsal) afterwards() error {
	fmt.Fprintln(r.Out, "Afterwards: receipts, journals and transcript")
	seen := map[string]bool{}
	for _, node := range []*plan.Node{r.Plan.Source(), r.Plan.SA()} {
		if seen[node.Coprocessor] {
			continue
		}
		seen[node.Coprocessor] = true
		err := r.inRoom(node.Coprocessor, func(n *ceremony.Node, d *cardDesk) error {
			in, err := r.brought(n.Databases()...)
			if err == nil {
				_, err = n.Receipts(ceremony.Options{Incoming: in}, d)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, c := range r.Plan.Coprocessors {
		err := r.inRoom(c.Name, func(n *ceremony.Node, d *cardDesk) error {
			to, err := carrier.OpenSet(&carrier.Opener{Out: r.Out, Rules: console.Rules(r.Plan)}, carrier.Named{To: r.stick("database")}, false)
			if err == nil {
				_, err = n.Export(ceremony.Options{Deliver: to.Deliver(r.ctx)}, d)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	in, err := r.brought()
	if err != nil {
		return err
	}
	merged, err := transcript.Collect(in, nil, r.hash)
	if err != nil {
		return err
	}
	if err := media.WriteFileNew(filepath.Join(r.Dir, "transcript"+transcript.Extension), merged.File.Bytes()); err != nil {
		return err
	}
	result := transcript.Verify(merged.File, r.hash)
	r.done.Transcript = TranscriptOutcome{
		result.Verdict().String(), result.Count(transcript.Fault), result.Count(transcript.Open), result.Count(transcript.Exception),
	}
	fmt.Fprintln(r.Out)
	return r.Verdict(result)
}

// inRoom does something at an open store.
func (r *Rehearsal) inRoom(coprocessor string, do func(*ceremony.Node, *cardDesk) error) error {
	n, err := ceremony.Open(r.store(coprocessor), r.Backend, r.Now)
	if err != nil {
		return err
	}
	err = do(n, r.desk(coprocessor))
	if closed := n.Close(); err == nil {
		return closed
	}
	return err
}

// brought reads databases on the stick that has them; all, if none is named.
func (r *Rehearsal) brought(folders ...string) ([]bundle.Incoming, error) {
	m, err := (&carrier.Opener{Out: r.Out}).Open(r.stick("database"))
	if err != nil {
		return nil, err
	}
	return m.Read(r.ctx, carrier.Request{Folders: folders})
}
