package journal

import (
	"fmt"
	"time"
)

// InWords is a time as people say it.
func InWords(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format("Monday 2 January 2006, 15:04 UTC")
}

// HowLong is a span of time as people say it.
func HowLong(seconds int64) string {
	const day = 24 * 60 * 60
	count := func(n int64, what string) string {
		if n == 1 {
			return "1 " + what
		}
		return fmt.Sprintf("%d %ss", n, what)
	}
	switch s := max(seconds, -seconds); {
	case s < 2*60*60:
		return count(s/60, "minute")
	case s < 2*day:
		return count(s/3600, "hour")
	case s < 2*365*day:
		return count(s/day, "day")
	default:
		return count(s/(365*day), "year")
	}
}

// OffInWords says how wrong a clock was.
func OffInWords(off int64) string {
	if off > 0 {
		return "ahead by at least " + HowLong(off)
	}
	return "behind by at most " + HowLong(off)
}
