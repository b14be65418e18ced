package plan

import (
	"time"

	"github.com/gapferry/gapferry/coproc"
)

// DayFormat is how a plan writes a day, in UTC.
const DayFormat = "2006-01-02"

// firstYear is the earliest year that a plan may name: before it, a date is a
// slip of the pen.
const firstYear = 2020

// bounds are the first and the last second of an officer's days, in Unix
// seconds; 0 where there is no bound.
func (o Officer) bounds() (notBefore, notAfter int64) {
	if from, err := time.Parse(DayFormat, o.From); err == nil {
		notBefore = from.Unix()
	}
	if until, err := time.Parse(DayFormat, o.Until); err == nil {
		notAfter = until.AddDate(0, 0, 1).Unix() - 1
	}
	return notBefore, notAfter
}

// Window says in words when the officer can log on: "always active", or "active
// from 2026-11-24 until 2026-12-01".
func (o Officer) Window() string {
	notBefore, notAfter := o.bounds()
	return coproc.Profile{NotBefore: notBefore, NotAfter: notAfter}.Window()
}

// window refuses days that are none, or that end before they begin.
func (c *checker) window(at string, o Officer) {
	for _, day := range []struct{ key, text string }{{"from", o.From}, {"until", o.Until}} {
		if day.text == "" {
			continue
		}
		t, err := time.Parse(DayFormat, day.text)
		if err != nil || t.Year() < firstYear {
			c.fail(at+day.key, "%s %q is not a day like \"2026-11-24\"", day.key, day.text)
			return
		}
	}
	if o.From != "" && o.Until != "" && o.Until < o.From {
		c.fail(at+"until", "until %s is before from %s: profile %q would never be active", o.Until, o.From, o.Profile)
	}
}

// CheckDay refuses, with coproc.ErrInactive, a profile on a day that is not one
// of its plan.
func (p *Plan) CheckDay(profile string, now time.Time) error {
	notBefore, notAfter := p.Officer(profile).bounds()
	return coproc.Profile{NotBefore: notBefore, NotAfter: notAfter}.CheckTime(now)
}
