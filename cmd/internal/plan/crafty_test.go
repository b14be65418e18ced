package plan

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
	"golang.org/x/text/unicode/norm"
)

// Ways to give one person what needs two, by writing the plan with craft. All
// but the last table are one person's name in two spellings: the officers of
// the two master-key parts, on lines 138 and 143.
func TestPlanOnePersonTwoSpellings(t *testing.T) {
	good := plantest.Text
	const says = `under more than one profile at coprocessor "css", could do both halves of a dual act: load first master-key part, and combine master-key part; who knows every part knows the key`
	for _, c := range []struct{ name, first, second string }{
		{"the same", "Ida Innes", "Ida Innes"},
		{"case", "Ida Innes", "IDA innes"},
		{"two blanks", "Ida Innes", "Ida  Innes"},
		{"blanks around", "Ida Innes", " Ida Innes "},
		{"no blank", "Ida Innes", "IdaInnes"},
		{"no blank, other order", "Ida Innes", "InnesIda"},
		{"a dot", "Ida Innes", "Ida Innes."},
		{"dots", "Ida Innes", "Ida Innes…"},
		{"a hyphen", "Ida Innes", "Ida-Innes"},
		{"an apostrophe", "Ida O'Innes", "Ida O’Innes"},
		{"quotes", "Ida Innes", `\"Ida\" Innes`},
		{"other order", "Ida Innes", "Innes Ida"},
		{"comma", "Ida Innes", "Innes, Ida"},
		{"composed and decomposed", "Zo\u00eb \u00c5ngstr\u00f6m", "Zoe\u0308 A\u030angstro\u0308m"},
		{"without accents", "Zoë Ångström", "Zoe Angstrom"},
		{"a mark that is not seen", "Ida Innes", "Ida\u034f Innes\ufe0f"},
		{"a letter that is not seen", "Ida Innes", "Ida\u3164 Innes"},
		{"wide", "Ida Innes", "Ｉｄａ Ｉｎｎｅｓ"},
		{"mathematical", "Ida Innes", "𝐈𝐝𝐚 𝕴𝖓𝖓𝖊𝖘"},
		{"circled", "Ida Innes", "Ⓘⓓⓐ Innes"},
		{"ligature", "Effi Falk", "Eﬀi Falk"},
		{"Cyrillic a", "Ida Innes", "Id\u0430 Innes"},
		{"Cyrillic capitals", "HEKTOP BAXOB", "НЕКТОР ВАХОВ"},
		{"Greek capitals", "Ida Innes", "\u0399da \u0399nnes"},
		{"digit one", "Ida Innes", "1da Innes"},
		{"small L", "Ida Innes", "lda lnnes"},
		{"digit zero", "Otto Olm", "0tt0 0lm"},
		{"r and n", "Emma Baum", "Emrna Baurn"},
		{"two v", "Wanda Wolf", "VVanda VVolf"},
		{"a small capital", "Eve East", "Evᴇ East"},
		{"a Greek nu", "Eve East", "Eνe East"},
		{"a v with a hook", "Eve East", "Eʋe East"},
		{"Cherokee capitals", "Eve Bob", "Ꭼve Ᏼob"},
		{"Cherokee small letters", "Sam East", "ꮪam East"},
		{"a small capital S", "Sam Smith", "Sam ꜱmith"},
		{"a Coptic o", "Ole Olm", "ⲟle ⲟlm"},
		{"Armenian n", "Anna Berg", "Aոոa Berg"},
		{"a Komi G", "G Olm", "Ԍ Olm"},
		{"an Armenian O", "Oue Olm", "Օue Olm"},
		{"a prime", "Sam Smith", "Sam Smithʹ"},
		{"a bar that divides", "Hall Berg", "Hal∣ Berg"},
		{"Lisu and Canadian letters", "Tom Lisa", "ꓔom ᒪisa"},
		{"Cherokee and Cyrillic, accents, the other way round", "Eve Östberg", "Оstberg, Ꭼvé"},
		{"all small capitals", "Ann Berg", "ᴀɴɴ ʙᴇʀɢ"},
		{"sharp s", "Max Weiß", "Max WEISS"},
		{"stroke", "Bjørn Łoś", "Bjorn Los"},
	} {
		t.Run(c.name, func(t *testing.T) {
			names := fmt.Sprintf("%q, %q", unescaped(c.first), unescaped(c.second))
			if norm.NFC.String(c.first) == norm.NFC.String(c.second) {
				names = fmt.Sprintf("%q", c.first)
			}
			refusePlan(t, plantest.With(good, plantest.Lines{138: `person = "` + c.first + `"`, 143: `person = "` + c.second + `"`}),
				"plan, line 143: "+names+", "+says)
		})
	}
	for _, c := range [][2]string{
		{"Ida Innes", "Ida Innes 2"}, {"Ida Innes", "Ida B. Innes"}, {"山田 太郎", "山田 次郎"}, {"Ιωάννης", "Ιωάννα"},
		{"Innes", "Ines"}, {"PART1 (to be named)", "PART2 (to be named)"},
	} {
		if _, err := Parse([]byte(plantest.With(good, plantest.Lines{138: `person = "` + c[0] + `"`, 143: `person = "` + c[1] + `"`}))); err != nil {
			t.Errorf("%q and %q: %v", c[0], c[1], err)
		}
	}
}

func unescaped(s string) string {
	if s == `\"Ida\" Innes` {
		return `"Ida" Innes`
	}
	return s
}

// TestPlanCrafty gives one person too much by where the profiles are put.
func TestPlanCrafty(t *testing.T) {
	good := plantest.Text
	more := func(officers ...string) string { // profile, role and person of each
		text := ""
		for i := 0; i < len(officers); i += 3 {
			text += fmt.Sprintf("\n[[officer]]\nprofile = %q\nrole = %q\nperson = %q\n", officers[i], officers[i+1], officers[i+2])
		}
		return text
	}
	// The SA in the source's coprocessor: both nodes count.
	saInCSS := func(c plantest.Lines) plantest.Lines {
		return cut(18, 23, merged(c, plantest.Lines{50: `coprocessor = "sa"`}))
	}
	for _, c := range []struct {
		name   string
		change plantest.Lines
		want   string
	}{
		{"two spellings, linked by a third", plantest.Lines{148: `person = "Lane Lea"`, 153: `person = "LeaLane"`, 158: `person = "Lea Lane"`},
			`plan, line 153: "Lane Lea", "LeaLane", under more than one profile at coprocessor "css", could do both halves of a dual act: obtain share 1, and obtain share 2; one person has to do with one share only`},
		{"poses as not named", plantest.Lines{148: `person = "Lea Lane (to be named)"`},
			`plan, line 148: person "Lea Lane (to be named)" is not named, and not the "SHARE1 (to be named)" of this profile: name the person`},
		{"another profile's placeholder", plantest.Lines{148: `person = "SHARE2 (to be named)"`},
			`plan, line 148: person "SHARE2 (to be named)" is not named, and not the "SHARE1 (to be named)" of this profile: name the person`},
		{"bare placeholder", plantest.Lines{148: `person = "(to be named)"`},
			`plan, line 148: person "(to be named)" is not named, and not the "SHARE1 (to be named)" of this profile: name the person`},
		{"no letter", plantest.Lines{148: `person = "—"`}, `plan, line 148: person "—" has no letter in it`},
		{"only letters that are not seen", plantest.Lines{148: `person = "` + "\u3164" + `"`}, "plan, line 148: person \"\u3164\" has no letter in it"},

		{"obtains one share, installs another", plantest.Lines{72: `install-shares = ["SHARE2", "SHARE1", "SHARE3"]`},
			`plan, line 148: "Kim King" could do both halves of a dual act: obtain share 1 at "css", and install share 2 at "csr1"; one person has to do with one share only`},
		{"the same at the last target only", plantest.Lines{88: `install-shares = ["SHARE3", "SHARE2", "SHARE1"]`},
			`plan, line 148: "Kim King" could do both halves of a dual act: obtain share 1 at "css", and install share 3 at "csr2"; one person has to do with one share only`},
		{"installs another under another profile", plantest.Lines{72: `install-shares = ["SHARE1", "GUEST", "SHARE3"]`, 159: more("GUEST", "GUEST", "king, kim")},
			`plan, line 163: "Kim King", "king, kim", under more than one profile at coprocessor "csr1", could do both halves of a dual act: install share 1, and install share 2; one person has to do with one share only`},
		{"the same, with nothing else at that target", plantest.Lines{72: `install-shares = ["OTHER", "GUEST", "SHARE3"]`, 159: more("OTHER", "OTHER", "Ann Other", "GUEST", "GUEST", "king, kim")},
			`plan, line 168: "Kim King", "king, kim" could do both halves of a dual act: obtain share 1 at "css", and install share 2 at "csr1"; one person has to do with one share only`},
		{"m shares at m targets", plantest.Lines{72: `install-shares = ["A", "SHARE2", "SHARE3"]`, 88: `install-shares = ["SHARE1", "B", "SHARE3"]`, 159: more("A", "A", "Eve East", "B", "B", "eve.east")},
			`plan, line 168: "Eve East", "eve.east" could do both halves of a dual act: install share 1 at "csr1", and install share 2 at "csr2"; one person has to do with one share only`},

		{"one role for hash and key, two profiles", plantest.Lines{112: `role = "REGISTRAR"`, 117: `role = "REGISTRAR"`},
			`plan, line 112: role REGISTRAR at coprocessor "sa": profile HASH could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`},
		{"SA and source in one: certifies, and registers the hash as another", saInCSS(plantest.Lines{123: `person = "DAVIS Di"`}),
			`plan, line 123: "Di Davis", "DAVIS Di", under more than one profile at coprocessor "sa", could do both halves of a dual act: register SA-key hash, and certify a node's key; who certifies with a key does not say that it is the right one`},
		{"SA and source in one: hash for the one, key for the other", saInCSS(plantest.Lines{54: `register-hash = "GUEST"`, 159: more("GUEST", "GUEST", "Ed Evans")}),
			`plan, line 163: "Ed Evans", under more than one profile at coprocessor "sa", could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`},
		{"administrator and share officer as another", plantest.Lines{158: `person = "ADAMS, Ada"`},
			`plan, line 158: "Ada Adams", "ADAMS, Ada", under more than one profile at coprocessor "css", could do both halves of a dual act: manage roles and profiles, and obtain share 3; who gives out rights has no use for them`},
	} {
		t.Run(c.name, func(t *testing.T) { refusePlan(t, plantest.With(good, c.change), c.want) })
	}
	for name, fine := range map[string]plantest.Lines{
		"SA and source in one":               saInCSS(nil),
		"certifier, and hash of another one": {123: `person = "Di Davis"`, 43: `register-hash = "GUEST"`, 159: more("GUEST", "GUEST", "Gus Gold")},
		"administrator of other rooms":       {16: `administrator = "CHIEF"`, 159: more("CHIEF", "ADMINISTRATOR", "Kim King")},
	} {
		if _, err := Parse([]byte(plantest.With(good, fine))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// merged is b where a says nothing.
func merged(a, b plantest.Lines) plantest.Lines {
	m := plantest.Lines{}
	for _, c := range []plantest.Lines{b, a} {
		for n, line := range c {
			m[n] = line
		}
	}
	return m
}

func TestPersons(t *testing.T) {
	var officers []Officer
	for _, name := range []string{"B C", "A", "c b", "a.", "D", "CB", "BC"} {
		officers = append(officers, Officer{Profile: fmt.Sprint(len(officers)), Person: name})
	}
	var got []string
	for _, p := range Persons(officers) {
		got = append(got, p.Names())
	}
	if want := []string{`"B C", "c b", "CB", "BC"`, `"A", "a."`, `"D"`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSamePerson(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Eve East", "Ꭼast, Eνe", true}, {"Eve East", "Eve East", true}, {"Eve East", "Eve West", false},
		{"Eve East", "", false}, {"", "", false}, {"Eva East", "Eve East", false},
	} {
		if got := SamePerson(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
