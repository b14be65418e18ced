package ceremonytest

import "regexp"

// What differs from run to run, or from target to target.
var differs = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?s)\ngoroutine .*`), ""},
	{regexp.MustCompile(`/[-\w./]*gapferry-test-\w*`), "DIR"},
	{regexp.MustCompile(`(?:[a-z]+ ){8}\([0-9a-f]{8}(?: [0-9a-f]{8})*\)`), "CARD"},
	{regexp.MustCompile(`"?\w+\.db/[-\w.]*"?`), "FILE"},
	{regexp.MustCompile(`[-\w]*\.gfb`), "FILE"},
	{regexp.MustCompile(`\b[0-9a-f]{8,}\b`), "HEX"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d[T ]?[\d:]*Z?`), "DATE"},
	{regexp.MustCompile(`\bcsr\d+`), "csrN"},
	{regexp.MustCompile(`\bSHARE\d+`), "SHAREn"},
	{regexp.MustCompile(`\d+`), "#"},
}

// Same makes texts alike that say the same of different keys, targets and times.
func Same(text string) string {
	for _, d := range differs {
		text = d.re.ReplaceAllString(text, d.with)
	}
	return text
}
