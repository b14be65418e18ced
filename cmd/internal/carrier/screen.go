package carrier

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// screen is the terminal as a carrier (screen:): each bundle is shown as codes
// until somebody says that the other side has read it. It cannot be read.
type screen struct {
	opener *Opener
}

func (r *Opener) Screen() (*screen, error) {
	if !r.Terminal.CanPress() {
		return nil, terminal.Usagef("screen: needs a terminal to show codes on, and somebody who says when they were read: use qr:DIR instead")
	}
	return &screen{r}, nil
}

// ScreenName is the screen in journals.
const ScreenName = bundle.ScreenCarrier

func (s *screen) Name() string { return ScreenName }

// Read implements carrier.
func (s *screen) Read(context.Context, Request) ([]bundle.Incoming, error) {
	return nil, terminal.Usagef("screen: shows codes and reads none")
}

// errNotRead is the answer that a bundle on the screen was not read.
var errNotRead = errors.New("nobody said that the other side has read it")

// errPassedOver is the answer that a bundle was read when it was shown before.
var errPassedOver = errors.New("it was read before")

// NotReadError is a bundle that was shown in vain.
type NotReadError struct{ file string }

func (e *NotReadError) Error() string { return e.file + ": " + errNotRead.Error() }

// Advice says what to do about it.
func (*NotReadError) Advice() string {
	return "the same command again shows it again; or hand it over with another carrier"
}

// AboutMedium marks a problem of a medium.
func (*NotReadError) AboutMedium() {}

func (e *NotReadError) Unwrap() error { return errNotRead }

// Write implements carrier.
func (s *screen) Write(ctx context.Context, out bundle.Outgoing) (bundle.Delivery, error) {
	sealed, err := bundle.Parse(out.Data)
	if err != nil {
		return bundle.Delivery{}, err
	}
	file := out.Folder + "/" + out.Name
	before := slices.Contains(out.Copies, s.Name())
	switch err := s.opener.play(ctx, bundleShow(sealed, before)); {
	case errors.Is(err, errPassedOver):
		return bundle.Delivery{Carrier: s.Name(), How: "passed over " + file + ": it was read from the screen before"}, nil
	case errors.Is(err, errNotRead):
		return bundle.Delivery{}, &NotReadError{file}
	case err != nil:
		return bundle.Delivery{}, err
	}
	how := fmt.Sprintf("showed %s on the screen; somebody said that it was read. Digest words: %s", file, DigestWords(sealed.Digest()))
	return bundle.Delivery{Carrier: s.Name(), How: how}, nil
}
