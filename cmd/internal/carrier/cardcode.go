package carrier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/qr/detect"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// CardInPicture reads the code on a picture of a card.
func CardInPicture(path string) (string, error) {
	gray, err := capture.Load(path)
	if err != nil {
		return "", err
	}
	report := detect.Decode(gray, detect.Options{Budget: FileBudget})
	if len(report.Codes) == 0 {
		return "", &capture.PictureError{Name: path, Why: "no SA-key hash card was read: " + report.Hint.String()}
	}
	text, err := oneCard(Texts(report))
	if err != nil {
		return "", &capture.PictureError{Name: path, Why: err.Error()}
	}
	return text, nil
}

// oneCard finds the one hash card among codes. Two different ones are refused:
// nobody could say which one was meant.
func oneCard(texts []string) (string, error) {
	card := ""
	for _, text := range texts {
		if _, err := frame.ParseHashText(text); err != nil || text == card {
			continue
		}
		if card != "" {
			return "", errors.New("there are two different SA-key hash cards: show one alone")
		}
		card = text
	}
	if card == "" {
		return "", errors.New("that is not an SA-key hash card")
	}
	return card, nil
}

// Card has an officer hold a card before the camera, or scan it.
func (s *scanner) Card(ctx context.Context, profile string) (string, error) {
	reading := s.scan(Request{})
	look, err := s.source()
	if err != nil {
		return "", err
	}
	defer look.Close()
	if reading.attended() {
		if err := reading.opener.Terminal.Quiet(); err != nil {
			return "", err
		}
	}
	reading.print("    ", fmt.Sprintf("%s: show your own SA-key hash card; Enter to stop", profile))
	defer reading.line.clear()
	for start := time.Now(); time.Since(start) <= reading.opener.Wait; {
		got, err := reading.look(ctx, look)
		switch {
		case errors.Is(err, errIdle):
			continue
		case errors.Is(err, io.EOF):
			return "", terminal.ErrNoAnswer
		case err != nil:
			return "", err
		}
		text, err := oneCard(got.texts)
		if err == nil {
			return text, nil
		}
		if len(got.texts) > 0 {
			reading.printOnce("  ! ", err.Error())
		}
		if len(got.texts) == 0 {
			reading.line.set(got.hint)
		}
	}
	return "", terminal.ErrNoAnswer
}
