package refusal

import "errors"

// ErrJournal is wrapped when a journal is not what its node wrote.
var ErrJournal = errors.New("the journal was changed or is damaged")
