package engine

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/chip/chiptest"
	"github.com/gapferry/gapferry/coproc/coproctest"
)

// patient is a chip that waits for a touch before it makes a box or a master
// key. Nobody ever touches it.
type patient struct {
	*chiptest.Token
	waits   chan struct{}
	dropped *[]chip.Ref
}

func (p patient) wait(ctx context.Context) error {
	p.waits <- struct{}{}
	<-ctx.Done()
	return context.Cause(ctx)
}

func (p patient) NewBox(ctx context.Context, _ bool) (chip.Ref, string, error) {
	return nil, "", p.wait(ctx)
}

func (p patient) Generate(ctx context.Context, _ coproc.Class) (chip.Ref, error) {
	return nil, p.wait(ctx)
}

func (p patient) Drop(refs ...chip.Ref) {
	for _, r := range refs {
		*p.dropped = append(*p.dropped, append(chip.Ref(nil), r...))
	}
}

// TestWaitEnds ends the command's context while the chip waits: the act has the
// context's error and changed nothing, and what the chip made for it is dropped.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	stop := errors.New("the command was stopped")
	for name, act := range map[string]func(*session) error{
		"generate key":        func(s *session) error { return errorOf(s.GenerateKey("css", coproc.CSS)) },
		"generate master key": func(s *session) error { return errorOf(s.GenerateMasterKey(coproc.SymMK)) },
	} {
		dir := filepath.Join(t.TempDir(), "coprocessor")
		token := chiptest.New()
		noError(t, Create(t.Context(), dir, coproctest.Setup("ONE", 2, 2), token))
		ctx, cancel := context.WithCancelCause(t.Context())
		p := patient{Token: token, waits: make(chan struct{}, 1), dropped: new([]chip.Ref)}
		c, err := Open(ctx, dir, p)
		noError(t, err)
		d := testDevice{c, t}
		s := d.logOn(coproctest.Officer)
		before, err := s.Info()
		noError(t, err)
		go func() {
			<-p.waits
			cancel(stop)
		}()
		if err := act(s); !errors.Is(err, stop) {
			t.Errorf("%s: error is %v, want %v", name, err, stop)
		}
		if after, err := s.Info(); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s changed something: %+v, error %v", name, after, err)
		}
		// The node's signing key was made before its box was waited for.
		if want := map[string]int{"generate key": 1}[name]; len(*p.dropped) != want {
			t.Errorf("%s: %d keys were dropped, want %d", name, len(*p.dropped), want)
		}
		// What needs no waiting is done after all: the journal says how it ended.
		_, err = s.SignJournal(1, coproc.Digest{1})
		noError(t, err)
		noError(t, c.Close())
	}
}
