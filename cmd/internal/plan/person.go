package plan

import (
	"slices"
	"strings"
	"unicode"

	"go.mau.fi/util/confusable"
	"golang.org/x/text/unicode/norm"
)

// spellings are what is left of a person's name after everything by which one
// name can be written in two ways: case, blanks, marks and accents,
// punctuation, compatibility forms (wide, circled, ligatures) and letters that
// look like other ones; with the words as they come, in the order of the
// alphabet, and in the reverse one. What looks alike is judged by a table of our
// own, and once more by that of Unicode (the skeletons of UTS #39), for the name
// as it is and for its small letters: a Greek ν is an n to the one, as its
// capital is an N, and a v to the other. Two persons with a spelling in common count as one: whoever really
// has a colleague of that name tells them apart in the plan by a letter or a
// number.
//
// It cannot find out a name that is made up, one with a title in one place and
// without it in another, one that is transcribed in another way, or letters
// that look alike and that neither table has.
func spellings(name string) []string {
	plain := norm.NFKD.String(name)
	all := foldings(plain)
	if len(all) == 0 {
		return nil // to Unicode, a dash looks like a Japanese letter
	}
	for _, seen := range []string{confusable.Skeleton(plain), confusable.Skeleton(strings.ToLower(plain))} {
		all = append(all, foldings(seen)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// SamePerson reports whether two names may be of one person.
func SamePerson(a, b string) bool {
	second := spellings(b)
	return slices.ContainsFunc(spellings(a), func(s string) bool { return slices.Contains(second, s) })
}

// foldings are the spellings of one way to see a name: three, or none where no
// letter is left.
func foldings(name string) []string {
	var words []string
	for _, field := range strings.FieldsFunc(norm.NFKD.String(name), func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
		var word strings.Builder
		for _, r := range field {
			r = unicode.ToLower(r)
			if l, ok := lookAlikes[r]; ok {
				word.WriteString(l)
			} else if (unicode.IsLetter(r) || unicode.IsDigit(r)) && !blankLetter(r) {
				word.WriteRune(r)
			}
		}
		if word.Len() > 0 {
			words = append(words, word.String())
		}
	}
	if len(words) == 0 {
		return nil
	}
	all := []string{strings.Join(words, "")}
	slices.Sort(words)
	all = append(all, strings.Join(words, ""))
	slices.Reverse(words)
	all = append(all, strings.Join(words, ""))
	for i := range all {
		all[i] = pairAlikes.Replace(all[i])
	}
	return all
}

// blankLetter reports letters that are printed as nothing.
func blankLetter(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0':
		return true
	}
	return false
}

// lookAlikes maps letters and digits, in lower case and decomposed, to the
// Latin letters that they are printed or written as: those of Latin, Greek and
// Cyrillic for which this says something else than UTS #39, or more. Capitals
// decide where they look like more than the small letters do: the capital of the
// Greek eta is an H. Small capitals are the letters that they are the small ones of.
var lookAlikes = func() map[rune]string {
	m := map[rune]string{}
	for to, from := range map[string]string{
		"a": "аαɑᴀ", "b": "вβʙ", "c": "сϲᴄ", "d": "ԁđðᴅ", "e": "еεҽɛᴇ", "f": "ꜰ", "g": "ɡɢ", "h": "нηһʜ",
		"j": "јϳᴊ", "k": "кκᴋĸ", "l": "1iıɩιіӏ|łɪʟ", "m": "мμᴍʍ", "n": "νɴ", "o": "0οоօøᴏ", "p": "рρᴘ", "q": "ԛ",
		"r": "ʀ", "s": "ѕꜱ", "t": "тτᴛ", "u": "ᴜ", "v": "ѵʋᴠ", "w": "ѡԝωᴡ", "x": "хχ", "y": "уүυγʏ",
		"z": "ζᴢ", "σ": "ς",
		"ae": "æ", "oe": "œ", "ss": "ß", "th": "þ",
	} {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()

// pairAlikes are two letters that are printed like one.
var pairAlikes = strings.NewReplacer("rn", "m", "vv", "w")

// person refuses a name of which nothing is left to compare, and one that only
// poses as not yet named.
func (c *checker) person(key string, o Officer) {
	switch {
	case len(spellings(o.Person)) == 0:
		c.fail(key, "person %q has no letter in it", o.Person)
	case strings.HasSuffix(o.Person, strings.TrimSpace(toBeNamed)) && !o.Placeholder():
		c.fail(key, "person %q is not named, and not the %q of this profile: name the person", o.Person, ToBeNamed(o.Profile))
	}
}
