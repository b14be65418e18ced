package ceremony

import (
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// witness is the desk of a run: it asks, and keeps by which means the officer
// who is logged on was answered for.
type witness struct {
	Desk
	means journal.Means
}

// Passphrase begins anew with an officer: what was answered for the one before
// is not said of them.
func (w *witness) Passphrase(q PassphraseQuestion) ([]byte, error) {
	given, means, err := w.Desk.Passphrase(q)
	if !q.New {
		w.means = 0
	}
	w.means |= means
	return given, err
}

func (w *witness) SAKeyHash(q HashQuestion) (coproc.Thumbprint, error) {
	hash, means, err := w.Desk.SAKeyHash(q)
	w.means |= means
	return hash, err
}

func (w *witness) CardWords(q CardQuestion) ([]string, error) {
	words, means, err := w.Desk.CardWords(q)
	w.means |= means
	return words, err
}

func (w *witness) Confirm(c Confirmation) error {
	means, err := w.Desk.Confirm(c)
	w.means |= means
	return err
}
