package plan

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"golang.org/x/text/unicode/norm"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// MaxSize bounds a plan file, in bytes: 1,000 targets fit.
const MaxSize = 1 << 20

// Error is what is wrong with a plan, and where.
type Error struct {
	Line int // from 1; 0 where the plan as a whole is meant
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return "plan: " + e.Text
	}
	return fmt.Sprintf("plan, line %d: %s", e.Line, e.Text)
}

// Parse reads a plan strictly: TOML, no unknown key, none in another
// spelling, no duplicate name, nothing that Check refuses. Every error is an *Error and names a line.
func Parse(text []byte) (*Plan, error) {
	p, err := decode(text)
	if wrong, ok := errors.AsType[*Error](err); ok {
		// A plan comes with an sa-key, too: what it says is not repeated at length.
		return nil, &Error{wrong.Line, outside.Line(wrong.Text)}
	}
	return p, err
}

func decode(text []byte) (*Plan, error) {
	if len(text) > MaxSize {
		return nil, &Error{Text: fmt.Sprintf("it has more than %d bytes", MaxSize)}
	}
	text, err := outside.Plain(text)
	if err != nil {
		return nil, &Error{Text: err.Error()}
	}
	// First: for each key that it does not know, the decoder counts lines from
	// the start of the text. Of 32 KiB of them it would tell after five seconds.
	if err := checkKeys(text); err != nil {
		return nil, err
	}
	var p Plan
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&p); err != nil {
		return nil, decodeError(err, text)
	}
	p.normalize()
	lines, err := findLines(text)
	if err != nil {
		return nil, err
	}
	if err := p.check(lines); err != nil {
		return nil, err
	}
	return &p, nil
}

// normalize writes what can be written in several ways in one: names in one form
// of Unicode (NFC): keyboards of different
// systems write one letter with an accent in two ways, which look the same and
// would be two plans.
func (p *Plan) normalize() {
	p.Title = norm.NFC.String(p.Title)
	if f, err := coproc.ParseFamily(p.FamilyName); err == nil {
		p.FamilyName = string(f) // soft is what a plan means that says nothing
	}
	for i := range p.Officers {
		p.Officers[i].Person = norm.NFC.String(p.Officers[i].Person)
	}
}

func decodeError(err error, text []byte) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		first := strict.Errors[0]
		row, _ := first.Position()
		return &Error{row, fmt.Sprintf("unknown key %q", strings.Join(first.Key(), "."))}
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		row, _ := decode.Position()
		if kind := wrongKind(text, row); kind != "" {
			return &Error{row, kind}
		}
		return &Error{row, strings.TrimPrefix(decode.Error(), "toml: ")}
	}
	return &Error{Text: err.Error()}
}

// lines tells on which line a key stands: "m", "node[2].role", and for a
// table "node[2]".
type lines map[string]int

// findLines finds the line of every key. The values were decoded before; this
// is only for the messages.
func findLines(text []byte) (lines, error) {
	found := lines{}
	count := map[string]int{}
	var p unstable.Parser
	p.Reset(text)
	table := ""
	at := lineStarts(text)
	for p.NextExpression() {
		e := p.Expression()
		key, line := keyOf(at, e)
		switch e.Kind {
		case unstable.ArrayTable:
			table = fmt.Sprintf("%s[%d]", key, count[key])
			count[key]++
			found[table] = line
		case unstable.Table:
			if top, rest, nested := strings.Cut(key, "."); nested && count[top] > 0 {
				table = fmt.Sprintf("%s[%d].%s", top, count[top]-1, rest)
			} else {
				table = key
			}
			found[table] = line
		case unstable.KeyValue:
			if table != "" {
				key = table + "." + key
			}
			found[key] = line
		}
	}
	if err := p.Error(); err != nil {
		return nil, &Error{Text: err.Error()}
	}
	return found, nil
}

// lineStarts are the offsets at which lines begin. The parser's own Shape
// counts from the start of the text each time, which takes seconds for a plan of
// a thousand targets.
func lineStarts(text []byte) []uint32 {
	starts := []uint32{0}
	for i, b := range text {
		if b == '\n' {
			starts = append(starts, uint32(i+1))
		}
	}
	return starts
}

func keyOf(starts []uint32, e *unstable.Node) (key string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		n := it.Node()
		if line == 0 {
			line = sort.Search(len(starts), func(i int) bool { return starts[i] > n.Raw.Offset })
		}
		parts = append(parts, string(n.Data))
	}
	return strings.Join(parts, "."), line
}
