package paper

import "slices"

// sequence is a sequence diagram: a lane for each node, with time running downward.
type sequence struct {
	participants []string
	messages     []message
}

// Sizes of the diagram, in millimetres.
const (
	pictureWide = 176.0
	laneTop     = 7.0 // of the first message's row, below the names
	rowHigh     = 5.6
	headLong    = 2.2
	headHalf    = 0.9
)

func (p sequence) x(lane int) float64 {
	return pictureWide * (float64(lane) + 0.5) / float64(len(p.participants))
}

func (p sequence) html() (string, any) { return "sequence", p.drawn() }

// drawing is the diagram with every length in millimetres from its upper left
// corner.
type drawing struct {
	Wide, High float64
	Lanes      []drawnLane
	Rows       []drawnRow
}

type drawnLane struct {
	X    float64
	Name string
}

// drawnRow is one arrow: its line, a head at every node that took it in or a
// cross where nobody did, and the text above where the line begins.
type drawnRow struct {
	From, Y     float64
	Left, Right float64 // of the line; at a cross it goes from where the arrow begins
	Nobody      *spot   // of the cross
	Heads       []drawnHead
	Label       spot
	Anchor      string
	Text        string
}

type spot struct{ X, Y float64 }

// drawnHead begins at its point, and has the lengths of its sides.
type drawnHead struct{ X, Y, Back, Up, Down float64 }

func (p sequence) drawn() drawing {
	d := drawing{Wide: pictureWide, High: laneTop + rowHigh*float64(len(p.messages)) + 3}
	for i, name := range p.participants {
		d.Lanes = append(d.Lanes, drawnLane{p.x(i), name})
	}
	for i, a := range p.messages {
		d.Rows = append(d.Rows, p.row(a, laneTop+rowHigh*(float64(i)+0.75)))
	}
	return d
}

func (p sequence) row(a message, y float64) drawnRow {
	from := p.x(a.from)
	row := drawnRow{From: from, Y: y, Text: a.label()}
	right := a.from < len(p.participants)-1
	if len(a.to) == 0 {
		to := from + 12
		if !right {
			to = from - 12
		}
		row.Left, row.Right, row.Nobody = from, to, &spot{to - 0.7, y - 0.7}
	} else {
		left, far := min(a.from, slices.Min(a.to)), max(a.from, slices.Max(a.to))
		right = far > a.from
		row.Left, row.Right = p.x(left), p.x(far)
	}
	for _, to := range a.to {
		back := -headLong
		if to < a.from {
			back = headLong
		}
		row.Heads = append(row.Heads, drawnHead{p.x(to), y, back, -headHalf, 2 * headHalf})
	}
	row.Anchor, row.Label = "start", spot{from + 1.6, y - 0.9}
	if !right {
		row.Anchor, row.Label.X = "end", from-1.6
	}
	return row
}

// text tells the same in words, a line for each arrow.
func (p sequence) text(s *screen) {
	for _, a := range p.messages {
		to := ""
		for _, lane := range a.to {
			if to != "" {
				to += ", "
			}
			to += p.participants[lane]
		}
		s.say("  "+pad(p.participants[a.from], 12)+" > "+pad(orElse(to, "(nobody)"), 16)+"  ", a.label())
	}
}
