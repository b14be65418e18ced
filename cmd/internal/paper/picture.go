package paper

import "slices"

// picture draws lanes, one for each node, with time running downward.
type picture struct {
	names  []string
	arrows []arrow
}

// Sizes of the picture, in millimetres.
const (
	pictureWide = 176.0
	laneTop     = 7.0 // of the first arrow's row, below the names
	rowHigh     = 5.6
	headLong    = 2.2
	headHalf    = 0.9
)

func (p picture) x(lane int) float64 {
	return pictureWide * (float64(lane) + 0.5) / float64(len(p.names))
}

func (p picture) html(m *markup) {
	high := laneTop + rowHigh*float64(len(p.arrows)) + 3
	m.raw("<svg class=\"picture\" viewBox=\"0 0 %.0f %.1f\" width=\"%.0fmm\" height=\"%.1fmm\" role=\"img\">\n", pictureWide, high, pictureWide, high)
	for i, name := range p.names {
		m.raw("<line x1=\"%.1f\" y1=\"4.5\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#999\" stroke-width=\"0.2\"/>\n", p.x(i), p.x(i), high)
		m.raw("<text class=\"lane\" x=\"%.1f\" y=\"3.2\" text-anchor=\"middle\">", p.x(i))
		m.text(name)
		m.raw("</text>\n")
	}
	for i, a := range p.arrows {
		p.arrow(m, a, laneTop+rowHigh*(float64(i)+0.75))
	}
	m.raw("</svg>\n")
}

// arrow draws one row: its line, a head at every node that took it in, and the
// label above where the line begins.
func (p picture) arrow(m *markup, a arrow, y float64) {
	from := p.x(a.from)
	m.raw("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"0.8\"/>\n", from, y)
	right := a.from < len(p.names)-1
	if len(a.to) == 0 {
		to := from + 12
		if !right {
			to = from - 12
		}
		m.raw("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" stroke-width=\"0.3\" stroke-dasharray=\"1 0.8\"/>\n", from, y, to, y)
		m.raw("<path d=\"M%.1f %.1fl1.4 1.4m0 -1.4l-1.4 1.4\" stroke=\"#000\" stroke-width=\"0.35\" fill=\"none\"/>\n", to-0.7, y-0.7)
	} else {
		left, far := min(a.from, slices.Min(a.to)), max(a.from, slices.Max(a.to))
		right = far > a.from
		m.raw("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" stroke-width=\"0.3\"/>\n", p.x(left), y, p.x(far), y)
	}
	for _, to := range a.to {
		back := -headLong
		if to < a.from {
			back = headLong
		}
		m.raw("<path d=\"M%.1f %.1fl%.1f %.1fv%.1fz\"/>\n", p.x(to), y, back, -headHalf, 2*headHalf)
	}
	anchor, at := "start", from+1.6
	if !right {
		anchor, at = "end", from-1.6
	}
	m.raw("<text class=\"way\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", at, y-0.9, anchor)
	m.text(a.label())
	m.raw("</text>\n")
}

// text tells the same in words, a line for each arrow.
func (p picture) text(s *screen) {
	for _, a := range p.arrows {
		to := ""
		for _, lane := range a.to {
			if to != "" {
				to += ", "
			}
			to += p.names[lane]
		}
		s.say("  "+pad(p.names[a.from], 12)+" > "+pad(plainOr(to, "(nobody)"), 16)+"  ", a.label())
	}
}
