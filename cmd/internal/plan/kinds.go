package plan

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// allKinds says, for each key of a plan, what stands behind it. A key is of
// one kind in whatever table it is.
var allKinds = kindsOf(reflect.TypeFor[Plan](), map[string]valueKind{})

// valueKind is what a value of a plan is, with an example, and how it looks.
type valueKind struct {
	words string
	form  *regexp.Regexp
}

var (
	aNumber = valueKind{"a number, without quotes: %s = 2", regexp.MustCompile(`^[0-9]+$`)}
	aBool   = valueKind{"true or false, without quotes: %s = true", regexp.MustCompile(`^(true|false)$`)}
	aText   = valueKind{"text in quotes: %s = \"…\"", regexp.MustCompile(`^("[^"]*"|'[^']*')$`)}
	aList   = valueKind{"a list of texts in quotes: %s = [\"…\", \"…\"]", regexp.MustCompile(`^\[`)}
)

func kindsOf(t reflect.Type, kinds map[string]valueKind) map[string]valueKind {
	for f := range t.Fields() {
		key := f.Tag.Get("toml")
		switch f.Type.Kind() {
		case reflect.Int:
			kinds[key] = aNumber
		case reflect.Bool:
			kinds[key] = aBool
		case reflect.String:
			kinds[key] = aText
		case reflect.Struct:
			kindsOf(f.Type, kinds)
		case reflect.Slice:
			if f.Type.Elem().Kind() == reflect.Struct {
				kindsOf(f.Type.Elem(), kinds)
			} else {
				kinds[key] = aList
			}
		}
	}
	return kinds
}

// wrongKind says of a line that cannot be read what its key wants; empty where
// the value looks like that, so that something else is wrong.
func wrongKind(text []byte, row int) string {
	all := strings.Split(string(text), "\n")
	if row < 1 || row > len(all) {
		return ""
	}
	key, value, ok := strings.Cut(all[row-1], "=")
	key = strings.TrimSpace(key)
	kind, known := allKinds[key]
	if !ok || !known {
		return ""
	}
	value, _, _ = strings.Cut(value, " #")
	if kind.form.MatchString(strings.TrimSpace(value)) {
		return ""
	}
	return fmt.Sprintf("%s is "+kind.words, key, key)
}
