package plan

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// keys are those that a table of a plan can have, each with those below it.
type keys map[string]keys

// allKeys are the keys of a plan, as the tags of Plan spell them.
var allKeys = keysOf(reflect.TypeFor[Plan]())

func keysOf(t reflect.Type) keys {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	k := keys{}
	for f := range t.Fields() {
		k[f.Tag.Get("toml")] = keysOf(f.Type)
	}
	return k
}

// speller refuses a key that is not spelled as a plan spells it. The decoder
// takes M for m, whichever comes last, and so a plan could say two things: one
// to its reader, and one to the program.
type speller struct {
	starts []uint32
	// seen has the line of each key of the table that is read, in small letters.
	seen map[string]int
}

// checkKeys refuses, with its line, the first key that is spelled in another
// way, or is unknown. A second one that is spelled like the first is left to the
// decoder, and so is what is no TOML.
func checkKeys(text []byte) error {
	s := speller{starts: lineStarts(text), seen: map[string]int{}}
	var p unstable.Parser
	p.Reset(text)
	table, path := allKeys, ""
	for p.NextExpression() {
		e := p.Expression()
		var err error
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			s.seen = map[string]int{}
			table, path, err = s.key(e, allKeys, "")
		case unstable.KeyValue:
			err = s.keyValue(e, table, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *speller) keyValue(e *unstable.Node, table keys, path string) error {
	below, path, err := s.key(e, table, path)
	if err != nil {
		return err
	}
	return s.value(e.Value(), below, path)
}

// value looks into tables that stand on one line.
func (s *speller) value(v *unstable.Node, table keys, path string) error {
	for it := v.Children(); it.Next(); {
		n := it.Node()
		var err error
		switch n.Kind {
		case unstable.KeyValue:
			err = s.keyValue(n, table, path)
		case unstable.InlineTable, unstable.Array:
			err = s.value(n, table, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// key follows the words of a key from a table downwards, and gives the table
// that it names.
func (s *speller) key(e *unstable.Node, table keys, path string) (keys, string, error) {
	_, line := keyOf(s.starts, e)
	for it := e.Key(); it.Next(); {
		word := string(it.Node().Data)
		below, known := table[word]
		if !known {
			return nil, "", s.wrong(table, path, word, line)
		}
		table, path = below, strings.TrimPrefix(path+"."+word, ".")
	}
	if _, twice := s.seen[path]; !twice {
		s.seen[path] = line
	}
	return table, path, nil
}

func (s *speller) wrong(table keys, path, word string, line int) error {
	for right := range table {
		if !strings.EqualFold(right, word) {
			continue
		}
		full := strings.TrimPrefix(path+"."+right, ".")
		if first, twice := s.seen[full]; twice {
			return &Error{line, fmt.Sprintf("key %q is %s once more, which stands on line %d", word, right, first)}
		}
		return &Error{line, fmt.Sprintf("unknown key %q: it is written %s", word, right)}
	}
	full := strings.TrimPrefix(path+"."+word, ".")
	if full == "share_sticks" { // of plans before this one
		return &Error{line, fmt.Sprintf("unknown key %q: shares are apart unless the plan says shares_together = true", full)}
	}
	return &Error{line, fmt.Sprintf("unknown key %q", full)}
}
