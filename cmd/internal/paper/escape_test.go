package paper

import (
	"html/template"
	"regexp"
	"strings"
	"testing"
)

const hostile = "</style><script>alert(\"1\")</script>'&\u202e\\\x1b[2J{}"

var (
	tag  = regexp.MustCompile(`<[/!]?([A-Za-z0-9]+)`)
	tags = "DOCTYPE html head meta title style body section p h1 h2 ul li ol i b div span table colgroup col thead tbody tr th td pre svg line circle path text "
)

// What comes from outside opens no tag, ends no style and turns no text around,
// wherever it stands.
func TestHostileTexts(t *testing.T) {
	p := samplePlan(t, nil)
	r := sampleResult(t, p, hostile)
	p.Title = hostile
	for i := range p.Officers {
		p.Officers[i].Person = hostile
	}
	for i := range p.Coprocessors {
		p.Coprocessors[i].EID = hostile
	}
	for i := range r.Timeline {
		r.Timeline[i].Profile, r.Timeline[i].Text = hostile, hostile
	}
	r.Bundles[0].Copies, r.Findings[0].Text, r.Targets[0].Pattern = []string{hostile}, hostile, hostile
	r.Journals[0].Head, r.Journals[0].By = hostile, hostile
	r.Rows[0].Result, r.Rows[0].By = hostile, hostile
	known := samplePrefill(p)
	known.Keys["css"] = hostile
	for name, d := range map[string]*Doc{
		"forms": Forms(p, known), "report": Report(r), "script": Script(p, Durations{}), "route": NewRoute(p, Durations{}).Doc(),
	} {
		html := string(page(t, d))
		for _, m := range tag.FindAllStringSubmatch(html, -1) {
			if !strings.Contains(tags, m[1]+" ") {
				t.Errorf("%s has the tag %q", name, m[0])
			}
		}
		for what, text := range map[string]string{"page": html, "text": d.Text()} {
			if strings.ContainsAny(text, "\u202e\x1b") {
				t.Errorf("%s: the %s has a character that is not printed", name, what)
			}
			if !strings.Contains(text, `\u202e\\\x1b[2J`) {
				t.Errorf("%s: the %s does not show what was there", name, what)
			}
		}
		if n := strings.Count(html, "</style"); n != 1 {
			t.Errorf("%s ends %d styles", name, n)
		}
		if !strings.Contains(html, "&lt;script&gt;alert(&#34;1&#34;)") {
			t.Errorf("%s does not show the tag as text", name)
		}
		if strings.Contains(html, "src=") || strings.Contains(html, "href=") || strings.Contains(html, "url(") {
			t.Errorf("%s loads something", name)
		}
	}
	if got, want := quote("a\"</style>\n"), template.CSS(`"a\000022 \00003c \00002f style\00003e \00005c n"`); got != want {
		t.Errorf("in CSS %s, want %s", got, want)
	}
}
