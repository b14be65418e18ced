package frame

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// A capture that was stopped is as far as it was when its texts are added again.
func TestResume(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	a := mustSplit(t, randomBytes(rng, 1000), Base32, 300)
	b := goldenSet(t, Base45)
	c := newTestCollector()
	for _, text := range []string{
		a.Text(4, 0), b.Text(7, 1), "http://example.com", a.Text(2, 0), forge(a, 2, flip(0, 1)),
		a.Text(250, 9), a.Text(4, 3), numbered(t, 1).Text(0, 0), numbered(t, 1).Text(1, 0),
		forge(b, 0, flip(0, 1)), b.Text(0, 0),
	} {
		c.Add(text)
	}
	texts := c.Texts()
	if len(texts) != 4+3 {
		t.Errorf("%d texts: %q", len(texts), texts)
	}
	if strings.ContainsAny(strings.Join(texts, ""), "\r\n") {
		t.Error("a text has a line end")
	}

	again := newTestCollector()
	for _, text := range texts {
		if e := again.Add(text); e.State != New && e.State != Conflict {
			t.Errorf("%v %s", e.State, e.Why)
		}
	}
	unfinished := c.Progress()[:2]
	if got := again.Progress(); !reflect.DeepEqual(got, unfinished) {
		t.Errorf("got %+v\nwant %+v", got, unfinished)
	}
	if got := again.Texts(); !reflect.DeepEqual(got, texts) {
		t.Errorf("the texts of the second are %q\nwant %q", got, texts)
	}
	if e := again.Add(b.Text(1, 0)); e.State != Complete || string(e.Data) != goldenPayload {
		t.Errorf("%v %s", e.State, e.Why)
	}
}

func TestNothingToResume(t *testing.T) {
	if got := NewCollector().Texts(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
